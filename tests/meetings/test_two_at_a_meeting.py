"""What only the lock can hold: two who write, close, take or plan in the same moment."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from meetings.actions.agenda import take
from meetings.actions.closing import close_meeting
from meetings.actions.meetings import plan_next
from meetings.actions.outcomes import Collision, save_outcome
from meetings.models import AgendaItem, Discussion, Meeting
from patients.actions.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works) -> list:
    """What each gave or raised, all started at the same moment."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        start.wait()
        try:
            results[place] = work()
        except (Refused, Collision) as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_notes_at_once_one_is_stored_and_the_other_told(item, clinician, colleague):
    results = at_once(
        lambda: save_outcome(item=item, by=clinician, version=1, note="Refer"),
        lambda: save_outcome(item=AgendaItem.objects.get(), by=colleague, version=1, note="Wait"),
    )
    told = [result for result in results if isinstance(result, Collision)]
    assert len(told) == 1
    assert AgendaItem.objects.get().note == told[0].item.note


def test_nothing_slips_in_behind_the_close(item, meeting, clinician, colleague):
    save_outcome(item=item, by=clinician, version=1, note="Refer")
    saved, _ = at_once(
        lambda: save_outcome(item=AgendaItem.objects.get(), by=colleague, version=2, note="Refer now"),
        lambda: close_meeting(meeting=meeting, by=clinician),
    )
    written = "Refer" if isinstance(saved, Refused) else "Refer now"
    assert Discussion.objects.get().note == AgendaItem.objects.get().note == written


def test_a_trigger_waits_for_whoever_is_closing(item, meeting, clinician):
    """A write past the actions cannot use the moment before the close is committed."""
    save_outcome(item=item, by=clinician, version=1, note="Refer")

    def bypass():
        try:
            AgendaItem.objects.update(note="Other")
        except Exception as error:  # noqa: BLE001 (whatever the database says is the answer)
            return error
        return "written"

    answer, _ = at_once(bypass, lambda: close_meeting(meeting=meeting, by=clinician))
    expected = "Other" if answer == "written" else "Refer"
    assert AgendaItem.objects.get().note == expected == Discussion.objects.get().note


def test_a_patient_taken_twice_at_once_is_on_the_agenda_once(meeting, clinician, colleague, patient):
    at_once(
        lambda: take(meeting=meeting, by=clinician, patients={patient: []}),
        lambda: take(meeting=meeting, by=colleague, patients={patient: []}),
    )
    assert AgendaItem.objects.count() == 1


def test_the_next_meeting_is_planned_once(plan, clinician, colleague):
    meeting = plan(every_weeks=2, starts_at=timezone.now())
    at_once(
        lambda: plan_next(meeting=meeting, by=clinician), lambda: plan_next(meeting=meeting, by=colleague)
    )
    assert Meeting.objects.count() == 2
