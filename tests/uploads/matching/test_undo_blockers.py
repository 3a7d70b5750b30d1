"""Undo of files on which people have built: refused with names, or confirmed with its consequences."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from patients.actions.draws import correct_draw
from patients.actions.errors import Refused
from patients.actions.undo import BuiltOn
from patients.models import CauseReview, Draw, Patient, Result, SignOff
from patients.values.validation import read_result
from tests.looks import seen
from tests.uploads.files import labs
from tests.words import words_of
from uploads import actions
from uploads.models import Job
from uploads.staging import jobs

pytestmark = pytest.mark.django_db
ROWS = ("N-1,2025-01-01T08:00,ALT,40,U/L,,", "N-1,2025-01-01T08:00,AST,50,U/L,,")


@pytest.fixture
def stored(people, put):
    """Two results of N-1, who was here before, as one draw."""
    return put(labs(*ROWS))[0]


def correct(by) -> Draw:
    draw = Draw.objects.get()
    readings = [read_result(test=t, value=v, unit="U/L")[0] for t, v in (("ALT", "44"), ("AST", "50"))]
    given = {"version": draw.version, "taken_at": draw.taken_at, "laboratory": "", "method": "", "note": ""}
    return correct_draw(draw=draw, by=by, readings=readings, reason="Read off the paper", **given)


def sign(by, mrn: str = "N-1") -> SignOff:
    now = datetime.now(UTC)
    given = {"report": "{}", "basis": {}, "fingerprint": "x", "knowledge_version": "1", "rules": []}
    patient = Patient.objects.get(mrn=mrn)
    return SignOff.objects.create(patient=patient, by=by, at=now, as_of=now, grade="none", **given)


def page(manager, upload, **posted) -> str:
    where = reverse("uploads:undo", args=[upload.batch])
    return words_of(manager.post(where, posted, follow=True) if posted else manager.get(where))


def test_a_result_corrected_by_hand_is_named_and_stays_when_confirmed(
    stored, manager, data_manager, clinician
):
    correct(clinician)
    with pytest.raises(BuiltOn, match="result corrected by clinician. Look who did what, and confirm"):
        actions.undo(uploads=[stored], by=data_manager)
    shown = page(manager, stored)
    assert "Ito, Mai" in shown and "Result corrected" in shown and "<td>clinician</td>" in shown
    assert "Undo all the same" in shown and "upload-undo" in {page for _, _, page in seen()}
    assert "Undone: what these files brought" in page(manager, stored, anyway="on")
    assert dict(Result.objects.values_list("analyte", "status")) == {"ALT": "corrected", "AST": "withdrawn"}
    assert Draw.objects.get().withdrawn_at is None


def test_after_it_the_file_comes_in_again_beside_what_was_corrected(stored, put, data_manager, clinician):
    correct(clinician)
    actions.undo(uploads=[stored], by=data_manager, anyway=True)
    (again,) = put(labs(*ROWS))
    assert (again.new, again.changed) == (1, 1)
    assert Result.objects.get(analyte="ALT", status__in=Result.COUNTING).value == 44


def test_signed_reports_are_named_and_stay_as_signed(stored, manager, data_manager, clinician):
    signed = sign(clinician)
    with pytest.raises(BuiltOn, match="report signed off by clinician"):
        actions.undo(uploads=[stored], by=data_manager)
    assert "Report signed off" in page(manager, stored)
    assert "Undone" in page(manager, stored, anyway="on")
    assert SignOff.objects.get() == signed
    assert set(Result.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_what_was_signed_before_the_file_came_is_no_obstacle(people, put, data_manager, clinician):
    sign(clinician)
    (upload,) = put(labs(*ROWS))
    actions.undo(uploads=[upload], by=data_manager)
    assert not Result.objects.exclude(status="withdrawn").exists()


def test_without_the_tick_nothing_is_undone(stored, manager, clinician):
    correct(clinician)
    where = reverse("uploads:undo", args=[stored.batch])
    response = manager.post(where)
    assert response.status_code == 409
    assert "Nothing was undone. People have worked since" in response.content.decode()
    assert not Result.objects.filter(status="withdrawn").exists()


def test_patients_of_the_file_with_other_entries_stand_in_the_way_by_name(
    people, stored, manager, data_manager, clinician
):
    CauseReview.objects.create(
        patient=Patient.objects.get(mrn="N-2"), cause="warfarin", verdict="excluded", by=clinician
    )
    shown = page(manager, people)
    assert "This cannot be undone before this is settled" in shown and ">Undo</button>" not in shown
    assert "Undo file1.csv first." in shown and "can no longer be taken out" in shown
    assert shown.index("Berg") < shown.index("Ito, Mai")
    with pytest.raises(Refused, match="for 2 patients"):
        actions.undo(uploads=[people], by=data_manager, anyway=True)


def test_files_that_go_together_do_not_stand_in_each_others_way(put, manager):
    uploads = put(
        b"mrn,family_name,sex,birth_date\nX-1,Sato,F,1970-05-01\n", labs("X-1,2025-01-01,ALT,40,U/L,,")
    )
    assert "Who has worked on it since" not in page(manager, uploads[0])
    actions.undo(uploads=uploads, by=uploads[0].by)
    assert not Patient.objects.current().filter(mrn="X-1").exists()


def test_twenty_patients_are_named_and_the_others_counted(put, manager, clinician):
    people = "".join(f"X-{n:02},Name{n:02},F,1970-05-01\n" for n in range(23))
    (upload,) = put(f"mrn,family_name,sex,birth_date\n{people}".encode())
    for patient in Patient.objects.all():
        CauseReview.objects.create(patient=patient, cause="warfarin", verdict="excluded", by=clinician)
    shown = page(manager, upload)
    assert "Name19" in shown and "Name20" not in shown and "and 3 more patients." in shown


@pytest.mark.django_db(transaction=True)
def test_a_worker_undoes_all_the_same_where_the_person_said_so(stored, data_manager, clinician):
    correct(clinician)
    given = {"batch": stored.batch, "task": "undo", "by": data_manager, "files": [str(stored.uuid)]}
    jobs.work(jobs.start(**given).pk)
    assert "Look who did what, and confirm" in Job.objects.latest("id").outcome
    jobs.work(jobs.start(**given, anyway=True).pk)
    assert Job.objects.latest("id").state == "done"
    assert Result.objects.get(analyte="ALT").status == "corrected"


@pytest.mark.parametrize("count", [1, 15])
def test_the_page_asks_the_database_equally_often(put, manager, clinician, count, django_assert_num_queries):
    people = "".join(f"X-{n:02},Name{n:02},F,1970-05-01\n" for n in range(count))
    (upload,) = put(f"mrn,family_name,sex,birth_date\n{people}".encode())
    for patient in Patient.objects.all():
        CauseReview.objects.create(patient=patient, cause="warfarin", verdict="excluded", by=clinician)
    with django_assert_num_queries(QUERIES):
        page(manager, upload)


QUERIES = 30
