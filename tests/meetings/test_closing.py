"""The close: what was shown and decided is frozen; the database refuses any change after it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from meetings.actions.agenda import nominate, take
from meetings.actions.closing import add_addendum, close_meeting
from meetings.actions.outcomes import save_outcome
from meetings.actions.presenting import show
from meetings.actions.tasks import add_action, end_action, pass_on
from meetings.models import Action, Addendum, AgendaItem, Attendance, Discussion, Meeting, Nomination
from patients.actions.assess import assess
from patients.actions.errors import Refused


@pytest.fixture
def action(item, clinician) -> Action:
    due_on = timezone.now().date() + timedelta(days=30)
    return add_action(
        patient=item.patient,
        item=item,
        by=clinician,
        owner=clinician,
        due_on=due_on,
        kind=Action.Kind.REPEAT,
        tests=["INR", "ALT"],
    )


@pytest.fixture
def closed(item, action, meeting, clinician) -> Meeting:
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Refer")
    close_meeting(meeting=meeting, by=clinician)
    meeting.refresh_from_db()
    return meeting


def test_what_was_decided_and_shown_is_kept(closed, item, action, clinician):
    held = Discussion.objects.get()
    assert (held.decision, held.note, held.by) == ("change", "Refer", clinician)
    assert held.grade == "established" and held.knowledge_version
    assert sorted(draw["results"]["INR"][1] for draw in held.basis["draws"].values()) == [1.2, 1.4, 1.7]
    assert '"grade": "established"' in held.report
    assert held.actions[0]["tests"] == ["INR", "ALT"] and held.actions[0]["owner"] == "clinician"
    assert (closed.state, closed.closed_by) == ("closed", clinician)


def test_later_results_change_nothing_of_it(closed, falling, make_draw):
    before = Discussion.objects.values().get()
    make_draw(falling, timezone.now(), ALT=20, INR=3.1)
    assess([falling.pk])
    assert Discussion.objects.values().get() == before


# The history's clock stands still within one transaction.
@pytest.mark.django_db(transaction=True)
def test_a_result_that_came_after_the_patient_left_the_screen_is_not_in_it(
    begun, falling, make_patient, meeting, clinician, make_draw
):
    first, second = begun(falling, make_patient("Berta"))
    save_outcome(item=first, by=clinician, version=1, note="Refer")
    show(item=second, by=clinician)
    make_draw(falling, timezone.now() - timedelta(hours=1), ALT=20, INR=3.1)
    close_meeting(meeting=meeting, by=clinician)
    held = Discussion.objects.get()
    assert len(held.basis["draws"]) == 3


def change(model, **fields):
    return lambda: model.objects.update(**fields)


CHANGES = {
    "meeting": change(Meeting, title="Other"),
    "meeting reopened": change(Meeting, state="in_progress", closed_at=None, closed_by=None),
    "meeting deleted": lambda: Meeting.objects.all().delete(),
    "item note": change(AgendaItem, note="Other"),
    "item order": change(AgendaItem, place=9),
    "item dropped": change(AgendaItem, state="dropped", decision="", note=""),
    "item deleted": lambda: AgendaItem.objects.all()._raw_delete("default"),
    "discussion": change(Discussion, note="Other"),
    "discussion deleted": lambda: Discussion.objects.all()._raw_delete("default"),
    "action words": change(Action, text="Other"),
    "action tests": change(Action, tests=["AST"]),
    "action deleted": lambda: Action.objects.all()._raw_delete("default"),
    "attendance deleted": lambda: Attendance.objects.all().delete(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_database_refuses_any_change_of_a_closed_meeting(closed, what):
    with pytest.raises(DatabaseError), transaction.atomic():
        CHANGES[what]()


def test_nothing_is_slipped_into_a_closed_meeting(closed, item, colleague, clinician, make_patient):
    held = Discussion.objects.get()
    inserts = [
        lambda: AgendaItem.objects.create(
            meeting=closed, patient=make_patient("Berta"), place=2, by=clinician
        ),
        lambda: Attendance.objects.create(meeting=closed, user=colleague),
        lambda: Action.objects.create(
            clinic=closed.clinic,
            patient=item.patient,
            item=item,
            text="More",
            owner=clinician,
            by=clinician,
            due_on=timezone.now().date(),
        ),
    ]
    for insert in inserts:
        with pytest.raises(DatabaseError), transaction.atomic():
            insert()
    assert held.item == item


def test_an_action_lives_on_after_the_close(closed, action, clinician, colleague):
    pass_on(action=action, by=clinician, version=1, owner=colleague, due_on=action.due_on)
    assert end_action(action=action, by=colleague, done=True).ended_as == "done"


def test_every_action_on_a_closed_meeting_is_refused(closed, item, clinician, make_patient):
    with pytest.raises(Refused, match="closed"):
        take(meeting=closed, by=clinician, patients={make_patient("Berta"): []})
    with pytest.raises(Refused, match="closed"):
        show(item=item, by=clinician)
    with pytest.raises(Refused, match="closed"):
        close_meeting(meeting=closed, by=clinician)


def test_only_what_has_begun_is_closed(meeting, clinician):
    with pytest.raises(Refused, match="has not begun"):
        close_meeting(meeting=meeting, by=clinician)


def test_who_was_not_reached_is_asked_for_again(begun, falling, make_patient, meeting, clinician):
    begun(falling, make_patient("Berta"))
    AgendaItem.objects.filter(patient__family_name="Berta").update(question="Biopsy?")
    close_meeting(meeting=meeting, by=clinician)
    reasons = dict(Nomination.objects.values_list("patient__family_name", "reason"))
    assert reasons["Berta"].startswith("Not reached on") and reasons["Berta"].endswith(": Biopsy?")
    assert not Discussion.objects.exists()


def test_who_asked_is_answered_by_the_discussion_or_still_waits(
    begun, falling, make_patient, meeting, clinician, colleague
):
    other = make_patient("Berta")
    nominate(patient=falling, by=colleague, reason="Please")
    nominate(patient=other, by=colleague, reason="This too")
    first, _ = begun(falling, other)
    save_outcome(item=first, by=clinician, version=1, decision="no_change")
    close_meeting(meeting=meeting, by=clinician)
    assert Nomination.objects.get(patient=falling).item == first
    assert Nomination.objects.get(patient=other).ended_at is None


def test_a_dropped_item_is_not_carried_over(meeting, begun, falling, make_patient, clinician):
    take(meeting=meeting, by=clinician, patients={make_patient("Berta"): []}, drop=True)
    begun(falling)
    close_meeting(meeting=meeting, by=clinician)
    assert not Nomination.objects.filter(patient__family_name="Berta").exists()


def test_an_addendum_has_author_and_time_and_stays(closed, item, colleague):
    first = add_addendum(meeting=closed, item=item, by=colleague, text="INR was 1.8, not 1.7.\r\n")
    assert add_addendum(meeting=closed, item=item, by=colleague, text="INR was 1.8, not 1.7.") == first
    assert first.by == colleague and Addendum.objects.get().at
    for change in (lambda: Addendum.objects.update(text="x"), lambda: Addendum.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("text", [" ", "x" * 2001])
def test_an_addendum_has_words_and_not_too_many(closed, clinician, text):
    with pytest.raises(Refused):
        add_addendum(meeting=closed, by=clinician, text=text)


def test_before_the_close_there_are_no_addenda(meeting, clinician):
    with pytest.raises(Refused, match="not closed"):
        add_addendum(meeting=meeting, by=clinician, text="Too early")
