"""The printed code of an administrator: what it resets, once, in time, for one person."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OneTimeCode, SignInEvent

LOGIN, USE = reverse("account_login"), reverse("accounts:code")
NEW_PASSWORD = reverse("accounts:new-password")
ISSUE = reverse("accounts:staff-code", args=["north", "viewer"])
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def issue(administrator, viewer):
    """issue("factor"): the code as it stands on the sheet."""
    client = Client()
    client.force_login(administrator)

    def issue(resets: str) -> str:
        page = client.post(ISSUE, {"resets": resets}).content.decode()
        return re.search(r'<code class="secret">([a-z0-9-]+)</code>', page)[1]

    return issue


def use(client, code: str, name: str = "viewer"):
    return client.post(USE, {"login": name, "code": code})


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_only_a_digest_is_kept(issue):
    code = issue("both")
    (row,) = OneTimeCode.objects.values()
    assert code not in str(row) and code.replace("-", "") not in str(row)
    assert timezone.now() + timedelta(hours=23) < row["expires_at"] < timezone.now() + timedelta(hours=25)


def test_a_code_for_the_password_leads_to_a_new_one(client, viewer, issue):
    assert use(client, issue("password")).url == NEW_PASSWORD
    assert not is_in(client)
    new = {"password1": "quiet-river-stone", "password2": "quiet-river-stone"}
    assert client.post(NEW_PASSWORD, new).url == "/"
    viewer.refresh_from_db()
    assert is_in(client) and viewer.check_password("quiet-river-stone")


def test_the_old_password_is_over_once_the_code_is_used(client, issue):
    use(client, issue("password"))
    other = Client()
    other.post(LOGIN, {"login": "viewer", "password": "liver-test"})
    assert not is_in(other)


def test_a_code_for_the_password_does_not_pass_the_second_factor(client, viewer, issue):
    TOTP.activate(viewer, SECRET)
    assert use(client, issue("password")).url == reverse("mfa_authenticate")
    assert client.get(NEW_PASSWORD).url == LOGIN


def test_a_code_for_the_second_factor_does_not_pass_the_password(client, viewer, issue):
    TOTP.activate(viewer, SECRET)
    assert use(client, issue("factor")).url == LOGIN
    assert not is_in(client) and not Authenticator.objects.exists()
    assert client.post(LOGIN, {"login": "viewer", "password": "liver-test"}).url == "/"


def test_a_code_for_both_resets_both(client, viewer, issue):
    TOTP.activate(viewer, SECRET)
    assert use(client, issue("both")).url == NEW_PASSWORD
    assert not Authenticator.objects.exists()


def test_open_sessions_end(client, viewer, issue):
    open_now = Client()
    open_now.post(LOGIN, {"login": "viewer", "password": "liver-test"})
    use(client, issue("factor"))
    assert open_now.get("/").status_code == 302


@pytest.mark.parametrize("written", [str.upper, lambda code: f" {code.replace('-', ' ')} "])
def test_capitals_hyphens_and_spaces_do_not_matter(client, issue, written):
    assert use(client, written(issue("factor"))).url == LOGIN


def refused(response) -> bool:
    return response.status_code == 422 and b"do not go together, or the code is over" in response.content


def test_it_is_taken_once(client, issue):
    code = issue("factor")
    use(client, code)
    assert refused(use(Client(), code))


def test_a_newer_one_ends_an_older_one(client, issue):
    old, new = issue("factor"), issue("factor")
    assert refused(use(client, old))
    assert use(client, new).url == LOGIN


def test_it_is_not_taken_late(client, issue):
    code = issue("factor")
    OneTimeCode.objects.update(expires_at=timezone.now())
    assert refused(use(client, code))


def test_it_is_one_persons(client, clinician, issue):
    assert refused(use(client, issue("factor"), "clinician"))
    assert refused(use(client, issue("factor"), "nobody"))


def test_who_may_no_longer_sign_in_has_no_use_of_it(client, viewer, issue):
    code = issue("factor")
    viewer.is_active = False
    viewer.save()
    assert refused(use(client, code))


def test_it_is_tried_as_seldom_as_a_password(client, issue):
    code = issue("factor")
    for _ in range(5):
        use(client, "wrong")
    page = use(client, code).content.decode()
    assert "Too many attempts. Wait a minute" in page
    assert OneTimeCode.objects.filter(ended_at=None).exists()


def test_issue_use_and_refusal_are_in_the_log(client, viewer, administrator, issue):
    code = issue("both")
    use(client, "wrong")
    use(client, code)
    lines = SignInEvent.objects.filter(user=viewer).order_by("pk").values_list("what", "detail", "by")
    assert list(lines) == [
        ("code_issued", "password and second factor", administrator.pk),
        ("code_refused", "", None),
        ("code_used", "password and second factor", None),
    ]


def test_an_administrator_gives_none_to_who_works_elsewhere_too(
    viewer, stranger, administrator, other_clinic
):
    viewer.memberships.create(clinic=other_clinic, role="viewer")
    client = Client()
    client.force_login(administrator)
    response = client.post(ISSUE, {"resets": "both"})
    assert response.status_code == 422 and "also works outside" in response.content.decode()
    assert not OneTimeCode.objects.exists()


def test_the_database_keeps_one_open_code_a_person(viewer, administrator):
    kept = {"resets_password": True, "resets_factor": False, "expires_at": timezone.now()}
    OneTimeCode.objects.create(user=viewer, issued_by=administrator, digest="a", **kept)
    with pytest.raises(IntegrityError, match="one_time_code_open_once"):
        OneTimeCode.objects.create(user=viewer, issued_by=administrator, digest="b", **kept)


def test_the_operator_makes_one_where_no_administrator_can(client, administrator, capsys):
    call_command("one_time_code", "administrator")
    code = capsys.readouterr().out.splitlines()[0]
    assert use(client, code, "administrator").url == NEW_PASSWORD
    line = SignInEvent.objects.get(what="code_issued")
    assert (line.user, line.by, line.address) == (administrator, None, "")


def test_the_operator_is_told_of_a_name_that_nobody_has(db):
    with pytest.raises(CommandError, match="Nobody has exactly the sign-in name"):
        call_command("one_time_code", "nobody")
