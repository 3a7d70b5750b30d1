"""Patients, diagnoses and events: added once, changed without overwriting, withdrawn with a reason."""

from datetime import UTC, date, datetime

import pytest

from patients.actions import people
from patients.actions.errors import AlreadyEntered, Refused, Stale
from patients.models import Assessment, Event, Patient

pytestmark = pytest.mark.django_db
AT = datetime(2025, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def other(clinic):
    from tests.conftest import _staff

    return _staff("other", "clinician", clinic)


def add(clinic, by, **more):
    fields = {
        "mrn": " N-1 ",
        "family_name": "Lind",
        "given_name": "Eva  Maria",
        "sex": "F",
        "birth_date": date(1970, 1, 1),
    }
    return people.add_patient(clinic=clinic, by=by, **fields | more)


def test_patient_is_added_and_listed(clinic, clinician):
    patient = add(clinic, clinician)
    assert (patient.mrn, patient.given_name, patient.entered_by) == ("N-1", "Eva Maria", clinician)
    assert Assessment.objects.filter(patient=patient).exists()


def test_same_form_twice_stores_one_patient(clinic, clinician):
    first = add(clinic, clinician)
    with pytest.raises(AlreadyEntered) as again:
        add(clinic, clinician)
    assert again.value.row == first
    assert Patient.objects.count() == 1


def test_mrn_of_another_patient_is_refused_and_named(clinic, clinician):
    first = add(clinic, clinician)
    with pytest.raises(Refused) as refusal:
        add(clinic, clinician, family_name="Berg")
    assert (refusal.value.field, refusal.value.row) == ("mrn", first)


def test_change_keeps_the_version_before(patient, clinician):
    people.change_patient(patient=patient, by=clinician, version=1, family_name="Obi")
    names = patient.history.order_by("pgh_id").values_list("family_name", flat=True)
    assert list(names) == ["Okafor", "Obi"]


def test_history_names_who_changed(patient, clinician):
    people.change_patient(patient=patient, by=clinician, version=1, family_name="Obi")
    last = patient.history.order_by("pgh_id").last()
    assert last.pgh_context.metadata["user"] == clinician.pk


def test_second_editor_is_told_who_and_nothing_is_overwritten(patient, clinician, other):
    people.change_patient(patient=patient, by=other, version=1, family_name="Obi")
    with pytest.raises(Stale) as stale:
        people.change_patient(patient=patient, by=clinician, version=1, family_name="Eze")
    patient.refresh_from_db()
    assert (stale.value.by, patient.family_name) == (other, "Obi")


def test_change_sent_twice_is_no_conflict(patient, clinician):
    for _ in range(2):
        people.change_patient(patient=patient, by=clinician, version=1, family_name="Obi")
    patient.refresh_from_db()
    assert patient.version == 2


def test_unknown_field_is_our_mistake(patient, clinician):
    with pytest.raises(TypeError):
        people.change_patient(patient=patient, by=clinician, version=1, withdrawn_at=AT)


def test_withdrawn_patient_is_not_listed(patient, clinician):
    people.withdraw_patient(patient=patient, by=clinician, reason="entered twice")
    assert not Patient.objects.visible_to(clinician).exists()
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("reason", ["", "   "])
def test_withdrawal_needs_a_reason(patient, clinician, reason):
    with pytest.raises(Refused) as refusal:
        people.withdraw_patient(patient=patient, by=clinician, reason=reason)
    assert refusal.value.field == "reason"


def test_diagnosis_sent_twice_is_stored_once(patient, clinician):
    people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis", codes=["K74.6"])
    with pytest.raises(AlreadyEntered):
        people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis", codes=["K74.6"])
    assert patient.diagnoses.count() == 1


def test_diagnosis_is_changed_and_withdrawn(patient, clinician):
    row = people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis")
    people.change_diagnosis(diagnosis=row, by=clinician, version=1, noted_on=date(2020, 1, 1))
    people.withdraw_diagnosis(diagnosis=row, by=clinician, reason="wrong patient")
    assert (row.noted_on, row.withdrawn_by, row.version) == (date(2020, 1, 1), clinician, 3)


def test_what_is_withdrawn_is_not_changed(patient, clinician):
    row = people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis")
    people.withdraw_diagnosis(diagnosis=row, by=clinician, reason="wrong patient")
    with pytest.raises(Refused, match="wrong patient"):
        people.change_diagnosis(diagnosis=row, by=clinician, version=2, note="x")


def test_event_sent_twice_is_stored_once(patient, clinician):
    people.add_event(patient=patient, by=clinician, kind="vka", started_at=AT)
    with pytest.raises(AlreadyEntered):
        people.add_event(patient=patient, by=clinician, kind="vka", started_at=AT)
    assert Event.objects.count() == 1


def test_refused_event_leaves_nothing_behind(patient, clinician):
    with pytest.raises(Refused, match="confirmed stop"):
        people.add_event(patient=patient, by=clinician, kind="vka", started_at=AT, stop_confirmed=True)
    assert not Event.objects.exists()


def test_event_is_changed_and_withdrawn(patient, clinician):
    row = people.add_event(patient=patient, by=clinician, kind="vka", started_at=AT)
    people.change_event(event=row, by=clinician, version=1, ended_at=AT, stop_confirmed=True)
    people.withdraw_event(event=row, by=clinician, reason="never taken")
    assert (row.stop_confirmed, row.version, row.withdrawn_reason) == (True, 3, "never taken")
