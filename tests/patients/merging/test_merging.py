"""Two records of one person become one, and two again: everything goes over, and everything goes back."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse

from patients.actions import people
from patients.actions.errors import Refused
from patients.actions.merging import merge, undo_merge
from patients.actions.merging.numbers import known_as, patient_numbered, remember
from patients.models import (
    Assessment,
    Concern,
    Contact,
    Diagnosis,
    Draw,
    Event,
    LeftOut,
    Merge,
    Note,
    OtherNumber,
    Overrule,
    Patient,
    Result,
    SignOff,
)
from tests.words import words_of

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 1, 9, tzinfo=UTC)
TABLES = [Patient, Draw, Result, Diagnosis, Event, Note, Concern, Contact, LeftOut, Overrule]


@pytest.fixture
def other(clinic) -> Patient:
    fields = {"clinic": clinic, "mrn": "N-200", "family_name": "Okafor", "given_name": "Ada", "sex": "F"}
    return Patient.objects.create(**fields, birth_date=date(1961, 4, 2))


@pytest.fixture
def joined(patient, other, data_manager):
    """joined() -> the merge of N-200 into N-100."""
    return lambda: merge(survivor=patient, merged=other, by=data_manager, why="message 7 of LIS")


def everything() -> dict[str, list[dict]]:
    """All rows but the count of their changes."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name != "version"}
            for row in model.objects.order_by("pk").values()
        ]
        for model in TABLES
    }


def rich(person: Patient, by, make_draw, **results) -> None:
    make_draw(person, "2025-01-01T08:00", ALT=112, INR=1.2, **results)
    make_draw(person, f"2025-02-0{person.pk % 2 + 1}T08:00", ALT=90)
    make_draw(person, "2025-02-09T00:00", hour_known=False, ALT=70)
    Diagnosis.objects.create(patient=person, kind="cirrhosis", noted_on=date(2020, 1, 1))
    Diagnosis.objects.create(patient=person, kind="sepsis", noted_on=date(2020, 1, person.pk % 2 + 1))
    Event.objects.create(patient=person, kind="vka", label="Warfarin", started_at=AT)
    note = Note.objects.create(patient=person, text="Called.", by=by, at=AT)
    Note.objects.create(patient=person, text="Again.", by=by, at=AT, addendum_to=note)
    Concern.objects.create(patient=person, reason="Tired", owner=by, by=by, at=AT, starts_on=AT.date())
    Concern.objects.create(
        patient=person, reason=f"Of {person.mrn}", owner=by, by=by, at=AT, starts_on=AT.date()
    )
    Contact.objects.create(patient=person, kind="letter", outcome="left", by=by, at=AT, made_on=AT.date())
    LeftOut.objects.create(patient=person, reason="moved", by=by, at=AT, starts_on=AT.date())
    grades = {
        "grade_said": "none",
        "grade_given": "possible",
        "knowledge_version": "1",
        "rule": "x",
        "rule_words": "x",
    }
    Overrule.objects.create(patient=person, reason="Known", by=by, at=AT, **grades)


def test_all_goes_over_and_all_goes_back(patient, other, joined, make_draw, data_manager):
    for person in (patient, other):
        rich(person, data_manager, make_draw)
    before = everything()
    made = joined()
    other.refresh_from_db()
    assert (other.withdrawn_reason, made.why) == ("Merged into N-100", "message 7 of LIS")
    assert not Draw.objects.filter(patient=other).exists() and not Note.objects.filter(patient=other).exists()
    assert patient.free_notes.count() == 4 and patient.contacts.count() == 2
    assert {one.reason for one in patient.concerns.standing()} == {"Tired", "Of N-100", "Of N-200"}
    undo_merge(merge=made, by=data_manager, reason="Two sisters")
    assert everything() == before
    assert [number.ended_by for number in OtherNumber.objects.all()] == [data_manager]


def test_what_only_one_may_have_stays_with_the_merged_one(patient, other, joined, make_draw, data_manager):
    for person in (patient, other):
        rich(person, data_manager, make_draw)
    joined()
    for model in (LeftOut, Overrule, Concern, Diagnosis):
        assert model.objects.filter(patient=other).count() == 1
    assert Event.objects.filter(patient=other).count() == 1


def test_the_list_and_the_page_of_the_survivor_are_of_all_draws(patient, other, joined, make_draw):
    make_draw(patient, "2025-01-01T08:00", ALT=40)
    make_draw(other, "2025-02-01T08:00", ALT=90)
    joined()
    assert Assessment.objects.get(patient=patient).last_draw_at == datetime(2025, 2, 1, 8, tzinfo=UTC)
    assert not Assessment.objects.filter(patient=other).exists()


# --- draws of the same minute ---


def counting(person: Patient) -> dict[str, list]:
    rows = Result.objects.filter(draw__patient=person, draw__withdrawn_at=None, status__in=Result.COUNTING)
    return {
        key: sorted(row.value for row in rows if row.analyte == key) for key in {row.analyte for row in rows}
    }


def test_draws_of_one_minute_become_one_and_what_one_lacks_is_taken_from_the_other(
    patient, other, joined, make_draw
):
    make_draw(patient, "2025-01-01T08:00", ALT=112)
    make_draw(other, "2025-01-01T08:00:30", ALT=112, INR=1.4)
    joined()
    assert counting(patient) == {"ALT": [112], "INR": [1.4]}
    assert patient.draws.current().count() == 1
    assert Result.objects.get(status="superseded").status_reason.startswith("The same result stands")


def test_what_differs_is_marked_for_a_person(patient, other, joined, make_draw):
    make_draw(patient, "2025-01-01T08:00", INR=1.2)
    make_draw(other, "2025-01-01T08:00", INR=2.9)
    joined()
    kept = Result.objects.get(status__in=Result.COUNTING)
    assert (kept.value, kept.is_marked) == (1.2, True)
    assert kept.unconfirmed == "Under the number merged into this one: 2.9"


def test_parts_of_bilirubin_are_not_mixed(patient, other, joined, make_draw):
    make_draw(patient, "2025-01-01T08:00", bilirubin_total=20)
    make_draw(other, "2025-01-01T08:00", bilirubin_direct=30)
    joined()
    assert counting(patient) == {"bilirubin_total": [20]}
    assert Result.objects.get(analyte="bilirubin_total").is_marked


def test_draws_of_a_day_without_an_hour_both_stay(patient, other, joined, make_draw):
    for person, value in ((patient, 40), (other, 60)):
        make_draw(person, "2025-01-01T00:00", hour_known=False, ALT=value)
    joined()
    assert [draw.ordinal for draw in patient.draws.current()] == [0, 1]
    assert counting(patient) == {"ALT": [40, 60]}


def test_of_another_laboratory_both_draws_stay(patient, other, joined, make_draw):
    make_draw(patient, "2025-01-01T08:00", ALT=40)
    make_draw(other, "2025-01-01T08:00", ALT=60, laboratory="L2")
    joined()
    assert counting(patient) == {"ALT": [40, 60]}


def test_what_a_person_has_settled_since_stays_so_when_the_merge_is_undone(
    patient, other, joined, make_draw, data_manager
):
    make_draw(patient, "2025-01-01T08:00", INR=1.2)
    make_draw(other, "2025-01-01T08:00", INR=2.9)
    made = joined()
    Result.objects.filter(draw__patient=patient, value=1.2).update(confirmed_at=AT, confirmed_by=data_manager)
    undo_merge(merge=made, by=data_manager, reason="Two sisters")
    assert (counting(patient), counting(other)) == ({"INR": [1.2]}, {"INR": [2.9]})
    assert Result.objects.get(value=1.2).confirmed_by == data_manager


# --- numbers ---


def test_the_old_number_means_the_survivor_until_the_merge_is_undone(
    clinic, patient, other, joined, data_manager
):
    made = joined()
    assert patient_numbered(clinic, "N-200") == patient
    undo_merge(merge=made, by=data_manager, reason="Two sisters")
    assert patient_numbered(clinic, "N-200") == other and known_as(clinic, ["N-200"]) == {}


def test_a_search_by_the_old_number_finds_the_survivor_whose_page_names_it(
    client, clinician, patient, other, joined, data_manager
):
    made = joined()
    client.force_login(clinician)
    found = words_of(client.get("/", {"q": "N-200", "show": "all"}, follow=True))
    assert patient.family_name in found
    assert "(before: N-200)" in words_of(client.get(reverse("patients:detail", args=[patient.uuid])))
    undo_merge(merge=made, by=data_manager, reason="Two sisters")
    assert "before: N-200" not in words_of(client.get(reverse("patients:detail", args=[patient.uuid])))
    assert not Assessment.objects.get(patient=patient).search.count("200")


def test_nobody_new_gets_an_old_number(clinic, joined, data_manager):
    joined()
    fields = {"family_name": "Lind", "given_name": "", "sex": "F", "birth_date": date(1970, 1, 1)}
    with pytest.raises(Refused, match="was a patient’s here before") as refused:
        people.add_patient(clinic=clinic, by=data_manager, mrn="N-200", **fields)
    assert refused.value.field == "mrn"


def test_a_number_of_somebody_here_is_not_remembered_for_another(patient, other, data_manager):
    with pytest.raises(IntegrityError, match="A patient here has this number"), transaction.atomic():
        remember(patient=patient, mrn="N-200", by=data_manager)


def test_a_chain_leads_to_its_end_and_is_undone_from_there(clinic, patient, other, joined, data_manager):
    first = joined()
    last = Patient.objects.create(
        clinic=clinic, mrn="N-300", family_name="Okafor", birth_date=date(1961, 4, 2), sex="F"
    )
    second = merge(survivor=last, merged=patient, by=data_manager, why="message 8 of LIS")
    assert {patient_numbered(clinic, mrn) for mrn in ("N-100", "N-200", "N-300")} == {last}
    with pytest.raises(Refused, match="undo that first"):
        undo_merge(merge=first, by=data_manager, reason="Wrong")
    undo_merge(merge=second, by=data_manager, reason="Wrong")
    assert [patient_numbered(clinic, mrn).mrn for mrn in ("N-100", "N-200", "N-300")] == [
        "N-100",
        "N-100",
        "N-300",
    ]
    undo_merge(merge=first, by=data_manager, reason="Wrong")
    assert patient_numbered(clinic, "N-200") == other


# --- refused ---


def test_the_same_twice_and_across_clinics_is_refused(patient, other, joined, other_clinic, data_manager):
    joined()
    with pytest.raises(Refused, match="merged or withdrawn in the meantime"):
        joined()
    fields = {"clinic": other_clinic, "mrn": "S-1", "family_name": "Okafor", "birth_date": date(1961, 4, 2)}
    elsewhere = Patient.objects.create(**fields)
    with pytest.raises(Refused, match="two clinics"):
        merge(survivor=patient, merged=elsewhere, by=data_manager, why="x")
    with pytest.raises(Refused, match="this patient’s already"):
        merge(survivor=patient, merged=patient, by=data_manager, why="x")


def test_an_undone_merge_is_undone_once_and_may_come_again(joined, data_manager):
    made = joined()
    with pytest.raises(Refused, match="Say why"):
        undo_merge(merge=made, by=data_manager, reason="  ")
    undo_merge(merge=made, by=data_manager, reason="Wrong")
    with pytest.raises(Refused, match="undone already"):
        undo_merge(merge=made, by=data_manager, reason="Wrong")
    joined()
    assert Merge.objects.filter(undone_at=None).count() == 1


def test_a_merge_is_never_changed(patient, other, joined):
    made = joined()
    for change in ({"why": "x"}, {"survivor": other, "merged": patient}):
        with pytest.raises(IntegrityError, match="never changed, only undone"), transaction.atomic():
            Merge.objects.filter(pk=made.pk).update(**change)


@pytest.mark.parametrize("model", ["Note", "Concern", "Contact", "LeftOut", "Overrule"])
def test_rows_go_over_by_a_merge_alone(patient, other, make_draw, data_manager, model):
    rich(other, data_manager, make_draw)
    rows = apps.get_model("patients", model).objects.filter(patient=other)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(patient=patient)


def test_what_was_signed_stays_with_whom_it_was_signed_of(patient, other, joined, data_manager):
    fields = {
        "report": "{}",
        "basis": {},
        "fingerprint": "x",
        "knowledge_version": "1",
        "grade": "none",
        "rules": [],
    }
    SignOff.objects.create(patient=other, by=data_manager, at=AT, as_of=AT, **fields)
    joined()
    assert SignOff.objects.get().patient == other


def test_what_is_known_of_the_merged_one_alone_is_taken(patient, other, joined, data_manager):
    said = {"anticoagulant": "none", "anticoagulant_said_by": data_manager, "anticoagulant_said_at": AT}
    Patient.objects.filter(pk=other.pk).update(died_on=date(2025, 5, 1), **said)
    made = joined()
    patient.refresh_from_db()
    assert (patient.died_on, patient.anticoagulant) == (date(2025, 5, 1), "none")
    undo_merge(merge=made, by=data_manager, reason="Two sisters")
    patient.refresh_from_db()
    assert (patient.died_on, patient.anticoagulant, patient.anticoagulant_said_at) == (None, "", None)


def test_every_change_is_in_the_history(patient, other, joined, make_draw):
    make_draw(other, "2025-01-01T08:00", ALT=40)
    joined()
    history = apps.get_model("patients", "DrawHistory").objects.order_by("pgh_id")
    assert [row.patient_id for row in history] == [other.pk, patient.pk]
    assert apps.get_model("patients", "MergeHistory").objects.count() >= 1
