"""The agenda: taken, dropped, ordered; patients asked for."""

from uuid import uuid4

import pytest
from django.db import transaction

from meetings.actions import agenda
from meetings.models import AgendaItem, Nomination
from patients.actions.errors import Refused


@pytest.fixture
def three(meeting, clinician, make_patient) -> list[AgendaItem]:
    patients = {make_patient(name): [["new", "Possible"]] for name in ("Abel", "Berta", "Cara")}
    items = agenda.take(meeting=meeting, by=clinician, patients=patients)
    return items


def names(meeting) -> list[str]:
    return [item.patient.family_name for item in meeting.items.filter(state="taken")]


def test_taken_at_the_end_with_the_reasons_of_that_moment(meeting, three, clinician, patient):
    agenda.take(meeting=meeting, by=clinician, patients={patient: [["asked", "Why"]]}, question=" Is it? ")
    assert names(meeting) == ["Abel", "Berta", "Cara", "Okafor"]
    item = meeting.items.get(patient=patient)
    assert (item.reasons, item.question) == ([["asked", "Why"]], "Is it?")


def test_taken_twice_stays_in_place(meeting, three, clinician):
    agenda.take(meeting=meeting, by=clinician, patients={three[0].patient: []})
    assert names(meeting) == ["Abel", "Berta", "Cara"]
    assert meeting.items.get(pk=three[0].pk).reasons == [["new", "Possible"]]


def test_dropped_and_taken_back_at_the_end(meeting, three, clinician):
    agenda.turn(item=three[0], by=clinician, drop=True)
    assert names(meeting) == ["Berta", "Cara"]
    agenda.turn(item=three[0], by=clinician, drop=False)
    assert names(meeting) == ["Berta", "Cara", "Abel"]


def test_what_is_decided_is_not_dropped(meeting, three, clinician):
    AgendaItem.objects.filter(pk=three[1].pk).update(decision="no_change")
    with pytest.raises(Refused, match="decided on this patient already"):
        agenda.turn(item=three[1], by=clinician, drop=True)


def test_who_is_on_the_screen_is_not_dropped(begun, make_patient, clinician):
    items = begun(make_patient("Abel"), make_patient("Berta"))
    with pytest.raises(Refused, match="on the screen"):
        agenda.turn(item=items[0], by=clinician, drop=True)
    agenda.turn(item=items[1], by=clinician, drop=True)


@pytest.mark.parametrize(
    ("which", "up", "order"),
    [
        (0, False, ["Berta", "Abel", "Cara"]),
        (2, True, ["Abel", "Cara", "Berta"]),
        (0, True, ["Abel", "Berta", "Cara"]),
        (2, False, ["Abel", "Berta", "Cara"]),
    ],
)
def test_moved_by_one_place(meeting, three, clinician, which, up, order):
    agenda.move(item=three[which], by=clinician, up=up)
    assert names(meeting) == order


def test_ordered_as_dragged_and_the_unknown_stay_behind(meeting, three, clinician):
    agenda.order(meeting=meeting, by=clinician, uuids=[three[2].uuid, uuid4(), three[0].uuid])
    assert names(meeting) == ["Cara", "Abel", "Berta"]


def test_a_patient_of_another_clinic_is_refused(meeting, clinician, make_patient, other_clinic):
    theirs = make_patient("Abel", clinic=other_clinic)
    with pytest.raises(Refused, match="another clinic"):
        agenda.take(meeting=meeting, by=clinician, patients={theirs: []})


def test_an_item_stays_with_its_patient(three, make_patient):
    with pytest.raises(Exception, match="stays with its meeting"), transaction.atomic():
        AgendaItem.objects.filter(pk=three[0].pk).update(patient=make_patient("Dora"))


def test_asked_for_twice_in_the_same_words_stands_once(patient, clinician):
    first = agenda.nominate(patient=patient, by=clinician, reason="Please ")
    assert agenda.nominate(patient=patient, by=clinician, reason="Please") == first
    agenda.take_back(nomination=first, by=clinician)
    agenda.take_back(nomination=first, by=clinician)
    assert Nomination.objects.get().ended_by == clinician


@pytest.mark.parametrize("reason", ["  ", "x" * 501])
def test_a_reason_is_needed_and_short(patient, clinician, reason):
    with pytest.raises(Refused):
        agenda.nominate(patient=patient, by=clinician, reason=reason)
