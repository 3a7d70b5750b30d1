"""Patients, diagnoses and events of a file against the record; batches; undo."""

import pytest

from patients.actions.errors import Refused
from patients.models import Assessment, CauseReview, Diagnosis, Draw, Event, Patient, Result
from tests.uploads.files import PEOPLE, labs, outcomes, reasons
from uploads import actions

pytestmark = pytest.mark.django_db
PEOPLE_HEADER = "mrn,family_name,given_name,sex,birth_date,death_date\n"
EVENTS = "mrn,kind,label,started_at,ended_at\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("N-3,Ito,Mai,F,2199-01-01,", "lies in the future"),
        ("N-3,Ito,Mai,F,1850-01-01,", "more than 130 years ago"),
        ("N-3,Ito,Mai,F,,", "date of birth is missing"),
        ("N-3,Ito,Mai,F,1970-01-01,1969-01-01", "death is before the date of birth"),
        ("N-3,Ito,Mai,Q,1970-01-01,", "“Q” is not known"),
        ("N-3,,Mai,F,1970-01-01,", "family name is missing"),
        (",Ito,Mai,F,1970-01-01,", "MRN is missing"),
    ],
)
def test_a_patient_that_cannot_be_is_refused(put, row, words):
    (upload,) = put((PEOPLE_HEADER + row + "\n").encode())
    assert outcomes(upload) == ["refused"]
    assert words in reasons(upload)[0]
    assert not Patient.objects.exists()


def test_a_patient_again_is_the_same_and_a_blank_cell_says_nothing(put, people):
    (upload,) = put((PEOPLE_HEADER + "N-1,Ito,,,1970-05-01,\n").encode())
    assert outcomes(upload) == ["same"]


def test_a_patient_who_differs_is_reported_and_changed_when_asked(put, people):
    content = (PEOPLE_HEADER + "N-1,Ito,Mai,F,1970-05-01,2026-02-03\n").encode()
    assert outcomes(put(content)[0]) == ["changed"]
    assert Patient.objects.get(mrn="N-1").died_on is None
    put(content, apply_changes=True)
    patient = Patient.objects.get(mrn="N-1")
    assert (str(patient.died_on), patient.version) == ("2026-02-03", 2)


def test_reasons_hold_no_name_and_no_mrn(put, people):
    (upload,) = put((PEOPLE_HEADER + "N-1,Smith,Zoe,F,1971-05-01,\n").encode())
    assert reasons(upload) == ["Differs in family name, given name, date of birth."]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\ufeff", "\xad"])
def test_signs_that_show_nothing_do_not_make_another_patient(put, people, sign):
    (upload,) = put((PEOPLE_HEADER + f"N{sign}-1,I{sign}to,  Mai ,F,1970-05-01,\n").encode())
    assert outcomes(upload) == ["same"]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
@pytest.mark.parametrize("year", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_year_that_cannot_be_is_one_refused_row_in_every_zone(put, clinic, people, zone, year):
    clinic.time_zone = zone
    clinic.save()
    rows = [f"N-1,{year},ALT,40,U/L,,", "N-1,2025-01-01,ALT,40,U/L,,"]
    events = EVENTS + f"N-1,vka,Warfarin,2025-01-01 08:00,{year}\nN-1,vka,Warfarin,{year},\n"
    persons = PEOPLE_HEADER + f"N-3,Ito,Mai,F,{year[:10]},\n"
    found = {upload.kind: outcomes(upload) for upload in put(labs(*rows), events.encode(), persons.encode())}
    assert found == {"labs": ["refused", "new"], "events": ["refused"] * 2, "patients": ["refused"]}


def test_one_mrn_twice_in_a_file_is_one_patient(put):
    (upload,) = put((PEOPLE + "N-1,Ito,Mai,F,1970-05-01\nN-1,Ito,Mai,M,1970-05-01\n").encode())
    assert outcomes(upload) == ["new", "new", "same", "refused"]


def test_files_of_a_batch_see_each_others_patients(put):
    results = labs("N-1,2025-01-01,ALT,40,U/L,,")
    events = (EVENTS + "N-2,vka,Warfarin,2025-01-01 08:00,\n").encode()
    uploads = put(results, events, PEOPLE.encode())
    assert [upload.kind for upload in uploads] == ["patients", "events", "labs"]
    assert [upload.new for upload in uploads] == [2, 1, 1]


def test_results_in_two_files_of_a_batch_come_in_once(put, people):
    content = labs("N-1,2025-01-01,ALT,40,U/L,,")
    first, second = put(content, content)
    assert (first.new, second.new, second.same) == (1, 0, 1)


def test_ascites_among_diagnoses_becomes_an_event(put, people):
    (upload,) = put(
        b"mrn,kind,noted_on,codes\nN-1,ascites,2021-02-18,78959\nN-1,cirrhosis,2021-02-18,5712;K746\n"
    )
    assert upload.new == 2
    assert Event.objects.get().started_at.isoformat() == "2021-02-18T00:00:00+00:00"
    assert Diagnosis.objects.get().codes == ["5712", "K746"]


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ("N-1,vka,Warfarin,2025-01-01 08:00,2025-01-02 08:00", "same"),
        ("N-1,vka,Warfarin,2025-01-01 08:00,", "same"),
        ("N-1,vka,WARFARIN,2025-01-01 08:00,2025-01-02 08:00", "same"),
        ("N-1,vka,Warfarin,2025-01-01 08:00,2025-01-05 08:00", "changed"),
        ("N-1,vka,Warfarin,2025-01-01 09:00,2025-01-02 08:00", "new"),
        ("N-1,vka,Warfarin,2025-01-01 08:00,2024-01-02 08:00", "refused"),
        ("N-1,vka,Warfarin,2199-01-01 08:00,", "refused"),
        ("N-1,vka,Warfarin,1960-01-01 08:00,", "refused"),
        ("N-9,vka,Warfarin,2025-01-01 08:00,", "waiting"),
        ("N-1,homeopathy,Arnica,2025-01-01 08:00,", "waiting"),
    ],
)
def test_an_event_against_the_record(put, people, row, outcome):
    put((EVENTS + "N-1,vka,Warfarin,2025-01-01 08:00,2025-01-02 08:00\n").encode())
    assert outcomes(put((EVENTS + row + "\n").encode())[0]) == [outcome]


def test_undo_withdraws_what_came_and_the_file_is_new_again(put, people, clinician):
    content = labs("N-1,2025-01-01,ALT,40,U/L,,")
    (upload,) = put(content)
    actions.undo(uploads=[upload], by=clinician)
    draw = Draw.objects.get()
    assert (draw.withdrawn_by, draw.withdrawn_reason) == (clinician, "Upload file1.csv undone")
    assert put(content)[0].new == 1


def test_undo_gives_back_what_was_corrected(put, people, clinician):
    put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,"))
    (upload,) = put(labs("N-1,2025-01-01T08:00,ALT,44,U/L,,"), apply_changes=True)
    actions.undo(uploads=[upload], by=clinician)
    assert list(Result.objects.filter(status="final").values_list("value", flat=True)) == [40]
    assert Draw.objects.get().withdrawn_at is None


def test_undo_gives_back_changed_fields(put, people, clinician):
    (upload,) = put((PEOPLE_HEADER + "N-1,Ito,Mai,F,1970-05-01,2026-02-03\n").encode(), apply_changes=True)
    actions.undo(uploads=[upload], by=clinician)
    assert Patient.objects.get(mrn="N-1").died_on is None


def test_undo_of_a_batch_takes_patients_and_their_summaries(put, clinician):
    uploads = put(PEOPLE.encode(), labs("N-1,2025-01-01,ALT,40,U/L,,"))
    actions.undo(uploads=uploads, by=clinician)
    assert not Patient.objects.current().exists()
    assert not Assessment.objects.exists()


def test_undo_is_refused_while_another_file_built_on_it(put, people, clinician):
    put(labs("N-1,2025-01-01,ALT,40,U/L,,"))
    with pytest.raises(Refused, match="draw from file1.csv by datamanager. Undo file1.csv first"):
        actions.undo(uploads=[people], by=clinician)
    assert Patient.objects.current().count() == 2


def test_undo_is_refused_after_a_person_built_on_it(put, people, clinician, make_draw):
    make_draw(Patient.objects.get(mrn="N-1"), "2025-01-01T08:00", ALT=40)
    with pytest.raises(Refused, match="draw entered by hand. Withdraw that first"):
        actions.undo(uploads=[people], by=clinician)


def test_undo_is_refused_after_a_cause_was_judged(put, people, clinician):
    patient = Patient.objects.get(mrn="N-1")
    CauseReview.objects.create(patient=patient, cause="warfarin", verdict="excluded", by=clinician)
    with pytest.raises(Refused, match="cause judged by clinician. This patient can no longer be taken out"):
        actions.undo(uploads=[people], by=clinician)


def test_undo_leaves_a_draw_to_which_others_have_added(put, people, clinician):
    (first,) = put(labs("N-1,2025-01-01,ALT,40,U/L,,"))
    put(labs("N-1,2025-01-01,INR,1.2,,,"))
    actions.undo(uploads=[first], by=clinician)
    draw = Draw.objects.get()
    assert draw.withdrawn_at is None
    assert dict(draw.results.values_list("analyte", "status")) == {"ALT": "withdrawn", "INR": "final"}


def test_a_second_undo_is_told(put, people, clinician):
    actions.undo(uploads=[people], by=clinician)
    with pytest.raises(Refused, match="undone already"):
        actions.undo(uploads=[people], by=clinician)
