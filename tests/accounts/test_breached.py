"""The list of stolen passwords that a site provides, in each of its three forms."""

import hashlib
import random

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.urls import reverse

from accounts.signing_in.breached import BreachedPasswordValidator

STOLEN = ["liver-liver-liver", "correct horse", "pässwörter", "a", "zzzzzzzzzzzz", "quiet-river-stone"]
GOOD = ["not in any list", "liver-liver", "", "A"]


def digest(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()


def in_order(folder, passwords, end="\r\n", form="{}:{}"):
    path = folder / "hashes.txt"
    lines = sorted(digest(one) for one in passwords)
    path.write_bytes("".join(form.format(line, 7) + end for line in lines).encode())
    return path


def ranges(folder, passwords, name="{}.txt"):
    for one in passwords:
        path = folder / name.format(digest(one)[:5])
        with path.open("a") as file:
            file.write(f"{'0' * 35}:1\n{digest(one)[5:]}:3\n")
    return folder


def plain(folder, passwords, end="\n"):
    path = folder / "plain.txt"
    path.write_bytes(end.join(passwords).encode())
    return path


FORMS = {
    "hashes": in_order,
    "hashes of other systems": lambda folder, all: in_order(folder, all, "\n", "{}"),
    "ranges": ranges,
    "ranges without an ending": lambda folder, all: ranges(folder, all, "{}"),
    "plain": plain,
    "plain of other systems": lambda folder, all: plain(folder, all, "\r\n"),
}


def is_refused(validator, password: str) -> bool:
    try:
        validator.validate(password)
    except ValidationError as error:
        return "list of stolen ones" in error.message
    return False


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_list_refuses_what_is_in_it(tmp_path, form):
    validator = BreachedPasswordValidator(str(FORMS[form](tmp_path, STOLEN)))
    assert [one for one in STOLEN + GOOD if is_refused(validator, one)] == STOLEN


@pytest.mark.parametrize("count", [1, 2, 3, 50, 999])
def test_halving_finds_every_line_and_no_other(tmp_path, count):
    words = [f"word {number}" for number in range(2 * count)]
    random.Random(count).shuffle(words)
    validator = BreachedPasswordValidator(str(in_order(tmp_path, words[:count])))
    assert [one for one in words if is_refused(validator, one)] == words[:count]


@pytest.mark.parametrize("what", ["missing", "an empty folder"])
def test_a_list_that_is_not_there_stops_the_start(tmp_path, what):
    path = tmp_path if what == "an empty folder" else tmp_path / "missing"
    with pytest.raises(ImproperlyConfigured, match="BREACHED_PASSWORDS: .* cannot be read"):
        BreachedPasswordValidator(str(path))


def test_a_person_cannot_choose_one(client, viewer, settings, tmp_path):
    name = "accounts.signing_in.breached.BreachedPasswordValidator"
    options = {"path": str(in_order(tmp_path, STOLEN))}
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": name, "OPTIONS": options}]
    client.force_login(viewer)
    address = reverse("account_change_password")
    for new, kept in (("quiet-river-stone", True), ("quieter-river-stone", False)):
        data = {"oldpassword": "liver-test", "password1": new, "password2": new}
        page = client.post(address, data).content.decode()
        viewer.refresh_from_db()
        assert viewer.check_password("liver-test") is kept
        assert ("list of stolen ones" in page) is kept
