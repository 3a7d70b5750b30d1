"""Whether an anticoagulant is taken: who said it and when, kept in step with the drugs that are recorded."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.actions import draws, people
from patients.actions.anticoagulant import AnticoagulantSaid, say_anticoagulant
from patients.actions.errors import AlreadyEntered, Refused
from patients.models import Assessment, Patient
from patients.report.panel import case_for, panel

pytestmark = pytest.mark.django_db
MAY = datetime(2025, 5, 3, tzinfo=UTC)


def say(patient, by, status, **more) -> Patient:
    said_at = Patient.objects.get(pk=patient.pk).anticoagulant_said_at
    say_anticoagulant(patient=patient, by=by, said=AnticoagulantSaid(status, **{"seen": said_at} | more))
    return patient


def warfarin(patient, by, **more):
    return people.add_event(
        patient=patient, by=by, **{"kind": "vka", "label": "Warfarin", "started_at": MAY} | more
    )


def status(patient) -> tuple:
    found = Patient.objects.get(pk=patient.pk)
    return found.anticoagulant, found.anticoagulant_said_by


@pytest.fixture
def raised(patient, make_draw) -> Patient:
    make_draw(patient, timezone.now() - timedelta(days=1), INR=1.6, ALT=(60, 40))
    return patient


@pytest.mark.parametrize(
    "fields",
    [
        {"anticoagulant": "none"},
        {"anticoagulant": "taking", "anticoagulant_said_at": MAY},
        {"anticoagulant_said_at": MAY},
        {"anticoagulant": "perhaps", "anticoagulant_said_at": MAY, "by": True},
    ],
)
def test_a_status_has_its_who_and_when(patient, clinician, fields):
    by = {"anticoagulant_said_by": clinician} if fields.pop("by", False) else {}
    with pytest.raises(IntegrityError, match="patient_anticoagulant_who_when"), transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(**fields, **by)


def test_none_is_kept_with_who_and_when(patient, clinician):
    say(patient, clinician, "none")
    assert status(patient) == ("none", clinician)
    assert timezone.now() - patient.anticoagulant_said_at < timedelta(minutes=1)
    assert case_for(patient, timezone.now()).anticoagulant == "none"


def test_the_history_names_who_said_it(patient, clinician):
    say(patient, clinician, "none")
    last = patient.history.order_by("-pgh_id").first()
    assert (last.anticoagulant, last.anticoagulant_said_by) == ("none", clinician)
    assert last.pgh_context.metadata["user"] == clinician.pk


def test_taking_a_drug_records_it_once(patient, clinician):
    say(patient, clinician, "taking", kind="vka", label="warfarin", since=MAY)
    assert status(patient) == ("taking", clinician)
    event = patient.events.get()
    assert (event.kind, event.label, event.started_at, event.entered_by) == (
        "vka",
        "warfarin",
        MAY,
        clinician,
    )
    say(patient, clinician, "taking", kind="vka", label="Warfarin", since=MAY)
    assert patient.events.count() == 1


def test_a_drug_without_a_name_is_asked_for(patient, clinician):
    with pytest.raises(Refused) as refusal:
        say(patient, clinician, "taking")
    assert refusal.value.field == "drug"


def test_what_is_recorded_can_be_confirmed(patient, clinician, data_manager):
    warfarin(patient, clinician)
    say(patient, data_manager, "taking")
    assert status(patient) == ("taking", data_manager)
    assert patient.events.count() == 1


def test_none_asks_for_the_stop_of_what_is_recorded(patient, clinician):
    event = warfarin(patient, clinician)
    with pytest.raises(Refused, match="Warfarin is recorded: confirm its stop"):
        say(patient, clinician, "none")
    assert status(patient) == ("taking", clinician)
    stopped = MAY + timedelta(days=30)
    say(patient, clinician, "none", stopped_at=stopped)
    event.refresh_from_db()
    assert (event.ended_at, event.stop_confirmed, event.version) == (stopped, True, 2)
    assert status(patient) == ("none", clinician)


def test_an_end_that_nobody_confirmed_keeps_its_day(patient, clinician):
    ended = timezone.now() - timedelta(days=20)
    event = warfarin(patient, clinician, ended_at=ended)
    with pytest.raises(Refused, match="confirm its stop"):
        say(patient, clinician, "none")
    say(patient, clinician, "none", stopped_at=timezone.now())
    event.refresh_from_db()
    assert (event.ended_at, event.stop_confirmed) == (ended, True)


def test_an_end_of_long_ago_is_not_asked_about(patient, clinician):
    warfarin(patient, clinician, ended_at=timezone.now() - timedelta(days=61))
    say(patient, clinician, "none")
    assert status(patient) == ("none", clinician)


def test_another_drug_takes_the_place_of_the_one_that_stopped(patient, clinician):
    warfarin(patient, clinician)
    say(patient, clinician, "taking", kind="doac", label="apixaban", since=MAY, stopped_at=MAY)
    assert status(patient) == ("taking", clinician)
    assert [(e.kind, e.stop_confirmed) for e in patient.events.order_by("id")] == [
        ("vka", True),
        ("doac", False),
    ]


def test_the_same_form_twice_says_it_once(patient, clinician):
    said = AnticoagulantSaid("taking", "vka", "warfarin", MAY)
    say_anticoagulant(patient=patient, by=clinician, said=said)
    with pytest.raises(AlreadyEntered):
        say_anticoagulant(patient=patient, by=clinician, said=said)
    assert patient.events.count() == 1


def test_what_somebody_else_said_meanwhile_is_not_overwritten(patient, clinician, data_manager):
    say(patient, data_manager, "none")
    with pytest.raises(Refused, match="said “none” on") as refusal:
        say(patient, clinician, "taking", kind="vka", label="warfarin", since=MAY, seen=None)
    assert refusal.value.field == "seen"
    assert status(patient) == ("none", data_manager)
    assert not patient.events.exists()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "taking"),
        ({"kind": "antibiotic"}, ""),
        ({"started_at": MAY, "ended_at": MAY + timedelta(days=9)}, ""),
        ({"started_at": MAY, "ended_at": MAY + timedelta(days=9), "stop_confirmed": True}, ""),
    ],
)
def test_a_drug_that_is_recorded_says_it(patient, clinician, more, expected):
    warfarin(patient, clinician, **more)
    assert status(patient)[0] == expected


def test_a_confirmed_stop_with_none_left_says_none(patient, clinician, data_manager):
    event = warfarin(patient, clinician)
    other = warfarin(patient, clinician, kind="doac", label="apixaban")
    stop = {"ended_at": MAY + timedelta(days=30), "stop_confirmed": True}
    people.change_event(event=event, by=data_manager, version=1, **stop)
    assert status(patient) == ("taking", clinician)
    people.change_event(event=other, by=data_manager, version=1, **stop)
    assert status(patient) == ("none", data_manager)


def test_a_stop_that_nobody_confirmed_says_nothing(patient, clinician):
    event = warfarin(patient, clinician)
    people.change_event(event=event, by=clinician, version=1, ended_at=timezone.now())
    assert status(patient) == ("taking", clinician)


def test_a_drug_recorded_in_error_leaves_nothing_known(patient, clinician):
    event = warfarin(patient, clinician)
    people.withdraw_event(event=event, by=clinician, reason="Another patient")
    assert status(patient) == ("", None)


def test_another_event_changes_nothing(patient, clinician):
    say(patient, clinician, "none")
    event = warfarin(patient, clinician, kind="antibiotic", label="ceftriaxone")
    people.withdraw_event(event=event, by=clinician, reason="Another patient")
    assert status(patient) == ("none", clinician)


def test_saying_it_with_a_draw_is_one_act(patient, clinician, reading):
    fields = {"patient": patient, "by": clinician, "taken_at": timezone.now(), "readings": [reading]}
    draws.add_draw(**fields, anticoagulant=AnticoagulantSaid("none"))
    assert status(patient) == ("none", clinician)
    with pytest.raises(Refused):
        later = fields | {"taken_at": timezone.now() - timedelta(days=1)}
        draws.add_draw(**later, anticoagulant=AnticoagulantSaid("taking", "vka", "warfarin", MAY))
    assert patient.draws.count() == 1


@pytest.fixture
def reading():
    from patients.values.validation import CheckedResult

    return CheckedResult("INR", 1.6, "", None, None, "1.6", "", "")


def test_the_summary_knows_who_is_to_be_asked(raised, clinician):
    people.change_patient(patient=raised, by=clinician, version=1, given_name="Ada")
    asked = Assessment.objects.filter(patient=raised).values_list("ask_anticoagulant", flat=True)
    assert asked.get()
    say(raised, clinician, "none")
    assert not asked.get()


def test_what_is_said_now_was_not_known_before(raised, clinician):
    say(raised, clinician, "none")
    now = timezone.now()
    assert case_for(raised, now - timedelta(hours=1)).anticoagulant == ""
    assert panel(raised, now, known_at=now).case.anticoagulant == "none"
    assert panel(raised, now, known_at=now - timedelta(hours=1)).case.anticoagulant == ""
