import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Clinic, Membership, Role, User

PASSWORD = "quiet-river-stone"


@pytest.fixture
def typed(monkeypatch):
    """typed("first", "second"): what the person types at the prompts."""

    def type_in(*answers):
        waiting = iter(answers)
        monkeypatch.setattr("accounts.management.asking.getpass", lambda prompt: next(waiting))

    return type_in


def add(username="chief", clinic="north", role="administrator", **options):
    call_command("add_staff", username, clinic=clinic, role=role, **options)


def test_first_administrator_of_a_new_clinic(db, typed):
    typed(PASSWORD, PASSWORD)
    add(clinic="west", create_clinic="West Hospital", time_zone="Europe/Dublin")
    user = User.objects.get(username="chief")
    assert user.check_password(PASSWORD) and not user.password_is_temporary
    assert user.memberships.get(clinic__code="west").role == Role.ADMINISTRATOR
    assert str(Clinic.objects.get().zone) == "Europe/Dublin"


def test_known_person_is_not_asked_for_a_password(viewer, other_clinic, typed):
    typed()
    add("viewer", "south", "clinician")
    assert viewer.memberships.get(clinic=other_clinic).role == Role.CLINICIAN


@pytest.mark.parametrize(
    ("answers", "options", "sentence"),
    [
        ((PASSWORD, "other"), {}, "The two passwords differ"),
        (("short", "short"), {}, "too short"),
        ((PASSWORD, PASSWORD), {"clinic": "west"}, "There is no clinic"),
        ((PASSWORD, PASSWORD), {"create_clinic": "North"}, "There is a clinic"),
        ((PASSWORD, PASSWORD), {"clinic": "West!", "create_clinic": "West"}, "small letters"),
        (
            (PASSWORD, PASSWORD),
            {"clinic": "west", "create_clinic": "West", "time_zone": "Mars"},
            "not a time zone",
        ),
    ],
)
def test_refusal_says_why_and_stores_nothing(clinic, typed, answers, options, sentence):
    typed(*answers)
    with pytest.raises(CommandError, match=sentence):
        add(**options)
    assert not Membership.objects.exists() and Clinic.objects.count() == 1 and not User.objects.exists()


def test_without_a_terminal_it_says_so(clinic, monkeypatch):
    def nobody_types(prompt):
        raise EOFError

    monkeypatch.setattr("accounts.management.asking.getpass", nobody_types)
    with pytest.raises(CommandError, match="asked at a terminal"):
        add()
    assert not User.objects.filter(username="chief").exists()


def test_a_password_from_the_standard_input(db, clinic, typed, monkeypatch):
    typed()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    add(password_stdin=True)
    assert User.objects.get(username="chief").check_password(PASSWORD)
