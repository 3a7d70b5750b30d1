"""Whose results these are: near matches, unknown numbers and numbers alone wait for a person's decision."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Clinic
from patients.actions.errors import Refused
from patients.models import Diagnosis, Patient, Result
from tests.looks import pages_seen
from tests.uploads.files import labs
from tests.uploads.oru import obx, oru
from uploads import actions
from uploads.identity import questions
from uploads.interfaces import messages, senders
from uploads.models import IdentityDecision, IdentityQuestion, Job, Message, Piece, Upload
from uploads.staging import jobs
from uploads.withdrawing import take_back

pytestmark = pytest.mark.django_db
NOBODY = "N-9,2025-01-03,ALT,42,U/L,,"


@pytest.fixture(autouse=True)
def _people(people):
    pass


@pytest.fixture
def decide(clinic, data_manager):
    """decide("patient", mrn="N-1") answers the first question of the page."""

    def decide(verdict: str, mrn: str = "", by=None, reason: str = ""):
        question = questions.cases_of([clinic])[0][0].question
        patient = Patient.objects.get(mrn=mrn) if mrn else None
        return questions.decide(
            question=question, by=by or data_manager, verdict=verdict, patient=patient, reason=reason
        )

    return decide


def asked(clinic) -> list[tuple]:
    return [(case.question.why, case.question.mrn, case.rows) for case in questions.cases_of([clinic])[0]]


def test_a_near_match_waits_and_shows_both_sides(put, clinic):
    (upload,) = put(oru(obx(), obx("1920-8^AST^LN", n=2), name="Ito^Kei", born="19710501"))
    ((case,), more) = questions.cases_of([clinic])
    assert (upload.waiting, case.question.why, case.rows, more) == (2, "near", 2, 0)
    question = case.question
    assert (question.family_name, question.given_name, question.birth_date) == (
        "Ito",
        "Kei",
        date(1971, 5, 1),
    )
    assert question.examples[0] == "ALT 200 U/L, 2025-03-01 08:00"
    assert case.record.mrn == "N-1" and case.others == ()


def test_it_is_this_patient_stores_the_rows_and_the_next_file_does_not_ask(put, clinic, decide):
    raw = oru(obx(), name="Ito^Mai", born="19710501")
    (first,) = put(raw)
    taken = decide("patient", "N-1")
    assert [upload.new for upload in taken.uploads] == [1] and taken.uploads[0].replays == first
    assert (
        Result.objects.get().draw.patient.mrn == "N-1" and asked(clinic) == [] and not Piece.objects.exists()
    )
    (later,) = put(
        oru(obx(value="99"), name="Ito^Mai", born="19710501", id="2", filler="A2", taken="20250401080000")
    )
    assert (later.new, later.waiting) == (1, 0)
    # Another date of birth with the same number is another question.
    (other,) = put(oru(obx(), name="Ito^Mai", born="19720501", id="3", filler="A3", taken="20250501080000"))
    assert (other.new, other.waiting) == (0, 1)


def test_it_is_another_patient(put, clinic, decide):
    put(labs(NOBODY, NOBODY.replace("01-03", "01-04")))
    assert asked(clinic) == [("nobody", "N-9", 2)]
    decide("patient", "N-2")
    assert set(Result.objects.values_list("draw__patient__mrn", flat=True)) == {"N-2"}
    (later,) = put(labs(NOBODY.replace("01-03", "02-03")))
    assert later.new == 1 and later.rows.get().mrn == "N-2"


def test_others_of_the_same_name_and_birth_are_candidates(put, clinic):
    put(b"mrn,family_name,sex,birth_date\nX-5,ITO,F,1971-05-01\nX-6,Other,F,1971-05-01\n")
    put(oru(obx(), name="Ito^Kei", born="19710501"))
    ((case,), _) = questions.cases_of([clinic])
    assert [person.mrn for person in case.people] == ["N-1", "X-5"]


def test_a_number_alone_is_decided_once(put, clinic, decide):
    put(oru(obx(), name="", born=""))
    assert asked(clinic) == [("alone", "N-1", 1)]
    decide("patient", "N-1")
    (later,) = put(oru(obx(), name="", born="", id="2", filler="A2", taken="20250401080000"))
    assert (later.new, later.waiting, asked(clinic)) == (1, 0, [])


def test_nobody_of_ours_settles_the_rows_with_a_reason(put, clinic, decide):
    put(labs(NOBODY))
    with pytest.raises(Refused, match="Say why"):
        decide("nobody")
    (upload,) = decide("nobody", reason="Of the children’s clinic").uploads
    row = upload.rows.get()
    assert (row.outcome, row.settled, asked(clinic)) == ("refused", True, []) and not Piece.objects.exists()
    (later,) = put(labs(NOBODY.replace("01-03", "02-03")))
    assert (later.refused, later.waiting, later.kept) == (1, 0, False)


def test_a_decision_holds_for_its_sender_only(clinic, data_manager, decide):
    for name in ("East", "West"):
        actions.store(contents=[("a.csv", labs(NOBODY))], clinic=clinic, by=data_manager, sender=name)
    assert asked(clinic) == [("nobody", "N-9", 1)] * 2
    decide("patient", "N-1")
    assert asked(clinic) == [("nobody", "N-9", 1)] and Result.objects.count() == 1


def test_an_undone_decision_is_asked_again_and_what_was_stored_stays(put, clinic, decide, data_manager):
    put(labs(NOBODY))
    decide("patient", "N-2")
    said = IdentityDecision.objects.get()
    take_back(answer=said, by=data_manager)
    with pytest.raises(Refused, match="undone already"):
        take_back(answer=said, by=data_manager)
    put(labs(NOBODY.replace("01-03", "02-03")))
    assert asked(clinic) == [("nobody", "N-9", 1)] and Result.objects.count() == 1
    assert said.history.count() == 2


def test_the_second_of_two_deciders_is_told(put, clinic, data_manager, clinician):
    put(labs(NOBODY))
    question = questions.cases_of([clinic])[0][0].question
    given = {"verdict": "patient", "patient": Patient.objects.get(mrn="N-1")}
    questions.decide(question=question, by=clinician, **given)
    with pytest.raises(Refused, match="clinician has decided this on .*: this patient"):
        questions.decide(question=question, by=data_manager, **given)
    assert Result.objects.count() == 1


def test_a_message_that_waits_is_stored_again(clinic, decide):
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    messages.receive(sender=sender, raw=oru(obx(), born="19710501"))
    assert asked(clinic) == [("near", "N-1", 1)]
    assert decide("patient", "N-1").messages == 1
    assert (Message.objects.get().state, Result.objects.count(), asked(clinic)) == ("stored", 1, [])


def test_patients_of_other_clinics_cannot_be_chosen(put, clinic, other_clinic, data_manager):
    given = {"family_name": "Far", "birth_date": date(1970, 1, 1), "sex": "F"}
    far = Patient.objects.create(clinic=other_clinic, mrn="S-1", **given)
    put(labs(NOBODY))
    question = questions.cases_of([clinic])[0][0].question
    with pytest.raises(Refused, match="No patient of this clinic"):
        questions.decide(question=question, by=data_manager, verdict="patient", patient=far)
    with pytest.raises(Refused, match="do not say enough of a new patient"):
        questions.decide(question=question, by=data_manager, verdict="new")


def test_new_patients_wait_where_the_clinic_says_so_and_bring_their_results(put, clinic, decide):
    Clinic.objects.update(new_patients_from_files=False)
    clinic.refresh_from_db()
    person = b"mrn,family_name,given_name,sex,birth_date\nN-9,Sato,Ren,M,1980-02-03\n"
    files = put(person, labs(NOBODY))
    assert [upload.waiting for upload in files] == [1, 1]
    assert asked(clinic) == [("new", "N-9", 1), ("nobody", "N-9", 1)]
    taken = decide("new")
    assert [upload.new for upload in taken.uploads] == [1, 1]
    assert Patient.objects.get(mrn="N-9").family_name == "Sato"
    assert Result.objects.get().draw.patient.mrn == "N-9" and asked(clinic) == []


def test_a_new_patient_who_is_here_under_another_number(put, clinic, decide):
    Clinic.objects.update(new_patients_from_files=False)
    clinic.refresh_from_db()
    put(b"mrn,family_name,given_name,sex,birth_date\nN-9,Ito,Mai,F,1970-05-01\n")
    ((case,), _) = questions.cases_of([clinic])
    assert (case.record, [person.mrn for person in case.others]) == (None, ["N-1"])
    (upload,) = decide("patient", "N-1").uploads
    assert (upload.same, Patient.objects.filter(mrn="N-9").exists()) == (1, False)


def test_diagnoses_wait_for_their_patient_too(put, clinic, decide):
    put(b"mrn,kind,noted_on\nN-9,cirrhosis,2025-01-01\n")
    assert asked(clinic) == [("nobody", "N-9", 1)]
    decide("patient", "N-2")
    assert Diagnosis.objects.get().patient.mrn == "N-2"


def test_a_preview_asks_nothing_before_it_is_stored(clinic, data_manager):
    batch = actions.preview(contents=[("a.csv", labs(NOBODY))], clinic=clinic, by=data_manager)
    assert IdentityQuestion.objects.count() == 1 and asked(clinic) == []
    actions.confirm(batch=batch, by=data_manager)
    assert asked(clinic) == [("nobody", "N-9", 1)] and IdentityQuestion.objects.count() == 1


def test_undone_discarded_and_given_up_files_ask_nothing(put, clinic, data_manager):
    (one,), (two,) = put(labs(NOBODY)), put(labs(NOBODY.replace("N-9", "N-8")))
    actions.undo(uploads=[one], by=data_manager)
    actions.let_go(batch=two.batch, by=data_manager)
    assert asked(clinic) == []
    actions.discard(
        batch=actions.preview(contents=[("a", labs(NOBODY))], clinic=clinic, by=data_manager), by=data_manager
    )
    assert asked(clinic) == []


@pytest.mark.django_db(transaction=True)
def test_large_ones_go_to_a_worker(put, clinic, decide, monkeypatch):
    put(labs(NOBODY))
    monkeypatch.setattr("uploads.identity.questions.actions.is_large", lambda size: True)
    assert decide("patient", "N-2").busy == 1 and not Result.objects.exists()
    jobs.work(Job.objects.get().pk)
    assert (Job.objects.get().state, Result.objects.count()) == ("done", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "patient"},
        {"verdict": "nobody"},
        {"verdict": "else"},
        {"verdict": "nobody", "reason": "x", "undone_at": "2025-01-01T00:00Z"},
        {"verdict": "nobody", "reason": "x", "mrn": "N-9"},
    ],
)
def test_the_database_keeps_decisions_whole(clinic, data_manager, fields):
    given = {"clinic": clinic, "by": data_manager}
    IdentityDecision.objects.create(**given, mrn="N-9", verdict="nobody", reason="Elsewhere")
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityDecision.objects.create(**given, **{"mrn": "N-7", **fields})


# --- on the pages ---


def test_the_page_shows_both_sides_and_takes_the_decision(manager, put, clinic):
    put(oru(obx(), name="Ito^Kei", born="19710501"))
    page = manager.get(reverse("uploads:waiting")).content.decode()
    assert "Whose results are these?" in page and "1 May 1971" in page and "1 May 1970" in page
    assert "upload-waiting" in pages_seen(Patient.objects.get(mrn="N-1"))
    question = IdentityQuestion.objects.get()
    where = reverse("uploads:decide", args=[question.uuid])
    assert "Choose whose these results are" in manager.post(where, follow=True).content.decode()
    said = {"choice": "other", "mrn": "nobody has this"}
    assert (
        "No patient of this clinic has this number" in manager.post(where, said, follow=True).content.decode()
    )
    said = {"choice": str(Patient.objects.get(mrn="N-1").uuid)}
    page = manager.post(where, said, follow=True).content.decode()
    assert "Decided: they are this patient’s, also in files to come." in page and "1 stored" in page
    assert "Nothing: every row that was stored agreed" in page
    page = manager.get(reverse("uploads:mappings")).content.decode()
    assert "Undo the decision about number N-1" in page
    undo = reverse("uploads:decision-undo", args=[IdentityDecision.objects.get().uuid])
    assert "it is asked again in files to come" in manager.post(undo, follow=True).content.decode()


def test_the_page_settles_what_is_nobodys(manager, put):
    put(labs(NOBODY))
    where = reverse("uploads:decide", args=[IdentityQuestion.objects.get().uuid])
    assert "Say why" in manager.post(where, {"choice": "nobody"}, follow=True).content.decode()
    said = {"choice": "nobody", "reason": "Moved away"}
    assert "Settled: nobody of ours" in manager.post(where, said, follow=True).content.decode()


def test_an_administrator_decides_whether_files_add_patients(client, administrator, clinic):
    client.force_login(administrator)
    page = client.get(reverse("accounts:staff")).content.decode()
    assert "may add patients" in page
    where = reverse("accounts:new-patients")
    page = client.post(where, {"clinic": "north", "allowed": "no"}, follow=True).content.decode()
    assert "wait under Uploads until a person has accepted each" in page
    clinic.refresh_from_db()
    assert not clinic.new_patients_from_files
    assert clinic.history.order_by("-pgh_id")[0].pgh_context.metadata["user"] == administrator.pk


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_database_equally_often(manager, put, count, django_assert_num_queries):
    put(labs(*(NOBODY.replace("N-9", f"Z-{number}") for number in range(count))))
    put(oru(obx(), born="19710501"))
    with django_assert_num_queries(QUERIES):
        manager.get(reverse("uploads:waiting"))


QUERIES = 14


def test_more_questions_than_fit_are_counted(put, clinic):
    put(labs(*(NOBODY.replace("N-9", f"Z-{number}") for number in range(23))))
    cases, more = questions.cases_of([clinic])
    assert (len(cases), more) == (20, 3)
    assert Upload.objects.filter(waiting=23).exists()


# --- tables that name the person of each row ---

LONG = "mrn,surname,DOB,collected_at,test,value,unit\nN-1,{name},{born},2025-03-0{day},ALT,4{day},U/L\n"
WIDE = "mrn,surname,DOB,collected_at,ALT (U/L)\nN-1,{name},{born},2025-03-0{day},4{day}\n"
EVENTS = "mrn,surname,DOB,kind,started_at\nN-1,{name},{born},vka,2025-03-0{day}\n"
DIAGNOSES = "mrn,surname,DOB,kind,noted_on\nN-1,{name},{born},cirrhosis,2025-03-0{day}\n"


@pytest.mark.parametrize("table", [LONG, WIDE, EVENTS, DIAGNOSES])
@pytest.mark.parametrize(
    ("name", "born", "outcome"),
    [
        ("Ito", "1970-05-01", "new"),
        ("ITO", "", "new"),
        ("", "", "new"),
        ("", "1971-05-01", "waiting"),
        ("Kato", "1970-05-01", "waiting"),
        ("Kato", "", "waiting"),
        ("Ito", "soon", "refused"),
        ("Ito", "05/01/1970", "refused"),
    ],
)
def test_a_table_that_names_its_people_is_compared_with_the_record(put, table, name, born, outcome):
    (upload,) = put(table.format(name=name, born=born, day=1).encode())
    assert (upload.read, getattr(upload, outcome)) == (1, 1)
    assert "not read" not in upload.notes


def test_both_sides_of_a_near_match_in_a_table_are_shown_and_decided(put, clinic, decide):
    put(LONG.format(name="Kato", born="1971-05-01", day=1).encode())
    ((case,), _) = questions.cases_of([clinic])
    question = case.question
    assert (question.why, question.family_name, question.birth_date) == ("near", "Kato", date(1971, 5, 1))
    decide("patient", "N-1")
    assert Result.objects.get().draw.patient.mrn == "N-1"


def test_dates_of_birth_may_be_in_an_order_of_their_own(put):
    rows = "N-1,,01/05/1970,2025-03-01,ALT,41,U/L\nN-2,,13/06/1980,2025-03-01,ALT,42,U/L\n"
    (upload,) = put(LONG.splitlines()[0].encode() + b"\n" + rows.encode())
    assert (upload.new, upload.waiting, upload.refused) == (1, 1, 0)


def test_a_date_of_birth_above_the_results_of_one_person_is_compared(put):
    table = "MRN: N-1\nDate of birth: {}\nTest,Unit,2025-03-01,2025-03-02\nALT,U/L,41,42\n"
    (wrong,) = put(table.format("1971-05-01").encode())
    assert (wrong.new, wrong.waiting) == (0, 2)
    (right,) = put(table.format("1970-05-01").encode())
    assert (right.new, right.waiting) == (2, 0)
