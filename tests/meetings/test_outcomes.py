"""The outcome, saved as typed by one or two people at once."""

import pytest

from meetings.actions.closing import close_meeting
from meetings.actions.outcomes import Collision, save_outcome
from meetings.actions.verdicts import judge
from meetings.models.agenda import NOTE_LENGTH
from patients.actions.errors import Refused, Stale
from patients.models import CauseReview


def test_saved_with_who_and_when(item, clinician):
    saved = save_outcome(item=item, by=clinician, version=1, decision="no_change", note="Fine \r\nso far\n")
    assert (saved.decision, saved.note, saved.version) == ("no_change", "Fine \nso far", 2)
    assert saved.written_by == clinician and saved.written_at


def test_the_same_again_changes_nothing(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, note="Fine")
    again = save_outcome(item=item, by=colleague, version=1, note="Fine")
    assert (again.version, again.written_by) == (2, clinician)


def test_the_second_writer_of_a_note_is_told_and_overwrites_nothing(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, note="Refer")
    with pytest.raises(Collision) as told:
        save_outcome(item=item, by=colleague, version=1, note="Wait")
    assert (told.value.fields, told.value.item.note) == (["note"], "Refer")
    item.refresh_from_db()
    assert (item.note, item.written_by) == ("Refer", clinician)


def test_a_note_and_a_decision_at_once_are_both_kept(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, decision="change", note="")
    saved = save_outcome(item=item, by=colleague, version=1, decision="", note="Refer")
    assert (saved.decision, saved.note) == ("change", "Refer")


def test_an_old_page_does_not_take_back_what_others_wrote(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, note="Refer")
    saved = save_outcome(item=item, by=colleague, version=1, decision="change", note="")
    assert (saved.decision, saved.note) == ("change", "Refer")


def test_two_decisions_collide(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, decision="change")
    with pytest.raises(Collision) as told:
        save_outcome(item=item, by=colleague, version=1, decision="no_change")
    assert told.value.fields == ["decision"]


def test_a_version_that_never_was_collides_rather_than_overwrites(item, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, note="Refer")
    with pytest.raises(Collision):
        save_outcome(item=item, by=colleague, version=0, note="Wait")


@pytest.mark.parametrize(
    "typed", [{"decision": "maybe"}, {"note": "x" * (NOTE_LENGTH + 1)}], ids=["decision", "note"]
)
def test_what_cannot_be_stored_is_said(item, clinician, typed):
    with pytest.raises(Refused):
        save_outcome(item=item, by=clinician, version=1, **typed)


def test_nothing_is_written_after_the_close(item, meeting, clinician):
    save_outcome(item=item, by=clinician, version=1, note="Fine")
    close_meeting(meeting=meeting, by=clinician)
    with pytest.raises(Refused, match="closed"):
        save_outcome(item=item, by=clinician, version=2, note="Not fine")


def test_a_verdict_goes_through_the_patients_own_review(item, clinician):
    judge(item=item, by=clinician, cause="vka", verdict="excluded", note="Never", seen=None)
    review = CauseReview.objects.get()
    assert (review.patient, review.cause, review.verdict) == (item.patient, "vka", "excluded")
    item.refresh_from_db()
    assert item.written_by == clinician


def test_two_verdicts_at_once_are_told(item, clinician, colleague):
    judge(item=item, by=clinician, cause="vka", verdict="excluded", note="", seen=None)
    with pytest.raises(Stale):
        judge(item=item, by=colleague, cause="vka", verdict="contributing", note="", seen=None)
    item.refresh_from_db()
    assert item.written_by == clinician
