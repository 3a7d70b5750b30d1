"""Actions: given out, passed on, done, dropped, taken up again."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from meetings.actions.tasks import add_action, end_action, pass_on, reopen_action
from meetings.models import Action
from patients.actions.errors import Refused, Stale

DUE = date(2027, 1, 4)


@pytest.fixture
def give(patient, clinician):
    def give(**fields) -> Action:
        values = {"owner": clinician, "due_on": DUE, "text": "Ultrasound"} | fields
        return add_action(patient=patient, by=clinician, **values)

    return give


def test_given_to_a_person_until_a_day(give, patient, colleague):
    action = give(owner=colleague)
    assert (action.patient, action.owner, action.due_on, action.item) == (patient, colleague, DUE, None)


def test_sent_twice_it_is_one(give):
    assert give() == give()
    assert give(text="Biopsy") != give()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": " "}, "Say what is to be done"),
        ({"kind": "repeat", "tests": []}, "Choose the tests"),
        ({"kind": "repeat", "tests": ["nonsense"]}, "not known"),
        ({"kind": "party"}, "what kind"),
        ({"text": "x" * 301}, "shorten"),
    ],
)
def test_what_is_missing_or_wrong_is_said(give, fields, sentence):
    with pytest.raises(Refused, match=sentence):
        give(**fields)


def test_the_owner_works_in_the_clinic(give, stranger):
    with pytest.raises(Refused, match="work in this clinic"):
        give(owner=stranger)


def test_a_referral_needs_no_words_and_a_repeat_keeps_its_tests(give):
    assert str(give(kind="transplant", text="")) == "Refer for transplant evaluation"
    assert give(kind="repeat", text="", tests=["INR", "INR", "ALT"]).tests == ["INR", "ALT"]


def test_done_and_taken_up_again(give, colleague):
    action = end_action(action=give(), by=colleague, done=True)
    assert (action.ended_as, action.ended_by) == ("done", colleague)
    assert not Action.objects.outstanding().exists()
    assert reopen_action(action=action, by=colleague).ended_at is None
    assert [row.ended_as for row in action.history.order_by("pgh_id")] == ["", "done", ""]


def test_dropped_needs_a_reason(give, clinician):
    with pytest.raises(Refused, match="Say why"):
        end_action(action=give(), by=clinician, done=False)
    assert end_action(action=give(), by=clinician, done=False, reason="Moved away").ended_as == "dropped"


def test_two_who_end_it_differently_are_told(give, clinician, colleague):
    action = give()
    end_action(action=action, by=colleague, done=True)
    assert end_action(action=action, by=clinician, done=True).ended_by == colleague
    with pytest.raises(Refused, match="Ola Berg has marked this as done"):
        end_action(action=action, by=clinician, done=False, reason="No")


def test_passed_on_and_the_second_is_told(give, clinician, colleague):
    action, later = give(), DUE + timedelta(days=7)
    assert pass_on(action=action, by=clinician, version=1, owner=colleague, due_on=DUE).owner == colleague
    with pytest.raises(Stale):
        pass_on(action=action, by=clinician, version=1, owner=clinician, due_on=later)
    with pytest.raises(Refused, match="marked this as done"):
        end_action(action=action, by=colleague, done=True)
        pass_on(action=action, by=clinician, version=3, owner=clinician, due_on=later)


def test_an_ended_one_says_when(give, clinician):
    before = timezone.now()
    assert end_action(action=give(), by=clinician, done=True).ended_at >= before
