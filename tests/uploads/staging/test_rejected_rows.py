"""What was refused or waits, given back in the sender's own format and read again once corrected."""

import json

import pytest
from django.urls import reverse

from patients.models import Patient, Result
from tests.looks import seen
from tests.uploads.files import LABS_HEADER, labs
from tests.uploads.oru import obx, oru
from tests.uploads.sheets import xlsx
from tests.words import words_of
from uploads import actions
from uploads.interfaces import messages, senders
from uploads.models import Message, Piece, Upload
from uploads.staging import rejected_rows

pytestmark = pytest.mark.django_db
GOOD = "N-1,2025-01-01,ALT,40,U/L,,"
FUTURE = "N-1,2150-01-02,ALT,41,U/L,,"
NOBODY = "N-9,2025-01-03,ALT,42,U/L,,"


@pytest.fixture(autouse=True)
def _people(people):
    pass


def given_back(upload: Upload) -> bytes:
    found = rejected_rows.returned(upload)
    with found.file as file:
        return file.read()


def test_a_table_comes_back_with_the_same_columns_and_a_reason_behind(put):
    (upload,) = put(labs(GOOD, FUTURE, NOBODY))
    lines = given_back(upload).decode().split("\n")
    assert lines[0] == LABS_HEADER + ",Why not stored"
    assert lines[1] == FUTURE + ",collected_at: 2150-01-02 lies in the future. Correct it."
    assert lines[2].startswith(NOBODY + ",mrn: No patient with this MRN") and lines[3:] == [""]


def test_corrected_it_is_uploaded_again_and_the_reasons_are_passed_over(put):
    (upload,) = put(labs(GOOD, FUTURE))
    (again,) = put(given_back(upload).replace(b"2150", b"2025"))
    assert (again.read, again.new, again.unknown, again.kept) == (1, 1, [], False)
    assert "Columns not read: Why not stored." in again.notes
    # Given back a second time a row has one reason, not two.
    (worse,) = put(given_back(upload).replace(b"2150", b"2151"))
    assert given_back(worse).decode().split("\n")[0] == LABS_HEADER + ",Why not stored"
    assert given_back(worse).decode().count("lies in the future") == 1


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [("utf-8", ";", "\r\n"), ("utf-8-sig", "\t", "\n"), ("latin-1", ";", "\n"), ("cp1252", ",", "\r\n"),
     ("utf-16", ";", "\r\n")],
)  # fmt: skip
def test_delimiter_encoding_and_line_ends_are_the_senders(put, encoding, delimiter, end):
    quote = "“" if encoding == "cp1252" else ""
    rows = [(LABS_HEADER + ",comment"), f"{GOOD},müde{quote}", f"{FUTURE},späť".replace("ť", "t")]
    content = (end.join(rows).replace(",", delimiter) + end).encode(encoding)
    (upload,) = put(content)
    back = given_back(upload)
    text = back.decode(encoding)
    assert text.startswith(rows[0].replace(",", delimiter) + delimiter + "Why not stored" + end)
    assert delimiter + "spät" + delimiter in text and len(text.split(end)) == 3
    (again,) = put(text.replace("2150", "2025").encode(encoding))
    assert again.new == 1 and (again.format == upload.format or encoding == "cp1252")


def test_lines_above_and_the_hint_of_excel_come_back_too(put):
    content = b"sep=;\nLab East;;\nmrn;date;ALT (U/L)\nN-1;2025-01-01;40\nN-1;2150-01-03;41\n"
    (upload,) = put(content)
    lines = given_back(upload).decode().split("\n")
    assert lines[:3] == ["sep=;", "Lab East;;", "mrn;date;ALT (U/L);Why not stored"]
    assert put(given_back(upload).replace(b"2150", b"2025"))[0].new == 1


def test_a_row_of_units_comes_back_with_wide_results(put):
    content = b"mrn,date,ALT,Albumin\n,,U/L,g/L\nN-1,2025-01-01,40,38\nN-1,2150-01-02,41,39\n"
    (upload,) = put(content)
    lines = given_back(upload).decode().split("\n")
    assert lines[0].endswith("Why not stored") and lines[1] == ",,U/L,g/L,"
    assert put(given_back(upload).replace(b"2150", b"2025"))[0].new == 2


def test_tests_down_the_side_come_back_with_their_person(put):
    content = b"MRN: N-1,,,\nTest,Unit,2025-01-01,2025-01-02\nALT,U/L,40,41\nLeberwert,U/L,40,41\n"
    (upload,) = put(content)
    assert (upload.new, upload.waiting) == (2, 2)
    back = given_back(upload).decode()
    assert back.startswith("MRN: N-1,,,\nTest,Unit,2025-01-01,2025-01-02,Why not stored\nLeberwert")
    (again,) = put(back.replace("Leberwert", "AST").encode())
    assert (again.new, again.read) == (2, 2)


def test_a_row_of_another_length_keeps_all_its_cells(put):
    (upload,) = put(labs(GOOD, GOOD + ",8,9"))
    assert given_back(upload).decode().split("\n")[1].startswith(GOOD + ',8,9,"the row has 9 cells')


def test_formulas_are_text_and_read_as_what_they_were(put):
    (upload,) = put(labs("=1+1,2025-01-03,ALT,42,U/L,,", "'=2,2025-01-03,ALT,42,U/L,,"))
    lines = given_back(upload).decode().split("\n")
    assert lines[1].startswith("'=1+1,") and lines[2].startswith("'=2,")
    (again,) = put(given_back(upload))
    assert [row.mrn for row in again.rows.all()] == [row.mrn for row in upload.rows.all()]


def test_a_sheet_comes_back_as_csv_with_its_days(put):
    from datetime import datetime

    rows = [["mrn", "date", "ALT (U/L)"], ["N-1", datetime(2025, 1, 1, 8), 40], ["N-9", 45660, 41]]
    (upload,) = put(xlsx({"One": rows}))
    text = given_back(upload).decode("utf-8-sig")
    assert text.split("\r\n")[1].startswith("N-9,2025-01-03,41,mrn: No patient")
    (again,) = put(text.replace("N-9", "N-1").encode())
    assert again.new == 1


def test_messages_come_back_whole_with_a_note_that_is_no_comment(put):
    good, future = oru(obx(), id="A"), oru(obx("1920-8^AST^LN"), obx("X9^Leberwert^L", n=2), id="B")
    (upload,) = put(good + future)
    back = given_back(upload).decode()
    assert back.count("MSH|") == 1 and "|B|" in back and "|A|" not in back
    segments = back.replace("\n", "\r").split("\r")
    at = next(n for n, line in enumerate(segments) if "Leberwert" in line)
    assert segments[at + 1].startswith("NTE|1|LIVER-DISSOCIATION|")
    (again,) = put(back.replace("X9^Leberwert^L", "6768-6^ALP^LN").encode())
    assert (again.read, again.same, again.refused) == (2, 1, 0)
    assert not Result.objects.exclude(comment="").exists()


def test_a_message_that_was_sent_comes_back_from_where_it_is_kept(clinic):
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    messages.receive(sender=sender, raw=oru(obx("X9^Leberwert^L")))
    assert b"NTE|1|LIVER-DISSOCIATION|" in given_back(Message.objects.get().upload)


def observation(key: str, patient: str, code: str, value: str) -> dict:
    resource = {
        "resourceType": "Observation", "id": key, "status": "final", "subject": {"reference": patient},
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2025-01-01T08:00:00Z",
        "valueQuantity": {"value": float(value), "unit": "U/L", "code": "U/L"},
    }  # fmt: skip
    return {"fullUrl": f"urn:uuid:{key}", "resource": resource}


def person(key: str, mrn: str, born: str) -> dict:
    resource = {"resourceType": "Patient", "id": key, "birthDate": born, "gender": "female",
                "identifier": [{"value": mrn}], "name": [{"family": "Ito", "given": ["Mai"]}]}  # fmt: skip
    return {"fullUrl": f"urn:uuid:{key}", "resource": resource}


def test_entries_come_back_as_a_bundle_with_an_outcome_each(put):
    entries = [
        person("p1", "N-1", "1970-05-01"), observation("o1", "urn:uuid:p1", "1742-6", "40"),
        observation("o2", "urn:uuid:p1", "9999-9", "41"),
    ]  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (upload,) = put(json.dumps(bundle).encode())
    assert (upload.new, upload.waiting) == (1, 1)
    back = json.loads(given_back(upload))
    kinds = [entry["resource"]["resourceType"] for entry in back["entry"]]
    assert kinds == ["Patient", "Observation", "OperationOutcome"]
    issue = back["entry"][2]["resource"]["issue"][0]
    assert issue["severity"] == "error" and issue["expression"] == ["Bundle.entry[1]"]
    (again,) = put(json.dumps(back).replace("9999-9", "1920-8").encode())
    assert (again.new, again.refused, again.waiting) == (1, 0, 0)


def test_rows_that_were_read_again_are_given_back_once(put, clinic, data_manager):
    from uploads.staging import waiting

    (first,) = put(labs(FUTURE, GOOD.replace("ALT", "Leberwert"), GOOD.replace("ALT", "Zellwert")))
    groups, _ = waiting.groups_of([clinic])
    answers = [(g, "test||AST") for g in groups if g.question.name.shown == "Leberwert"]
    made = waiting.answer(by=data_manager, answers=answers)
    (second,) = waiting.take_up(clinic=clinic, by=data_manager, named=made).uploads
    assert [given_back(u).decode().count("\n") for u in (first, second)] == [2, 2]
    assert "Zellwert" in given_back(second).decode() and "2150" in given_back(first).decode()


def test_a_file_of_which_all_was_stored_gives_nothing_back(put):
    (upload,) = put(labs(GOOD))
    assert rejected_rows.returned(upload) is None and not Piece.objects.exists()


# --- on the page ---


def test_it_is_linked_logged_and_forgotten(manager, put):
    (upload,) = put(labs(GOOD, FUTURE, NOBODY.replace("N-9", "N-2").replace("ALT", "Leberwert")))
    where = reverse("uploads:to-correct", args=[upload.batch, upload.uuid])
    page = words_of(manager.get(reverse("uploads:preview", args=[upload.batch])))
    assert where in page and "The file is kept for that." in page
    assert "3 rows read = 1 stored + 0 already there + 0 that differ + 1 refused + 1 waiting." in page
    response = manager.get(where)
    assert response["Content-Disposition"] == 'attachment; filename="rows-to-correct.csv"'
    assert b"Why not stored" in b"".join(response)
    looked_at = {patient for _, patient, page in seen() if page == "upload-to-correct"}
    assert set(Patient.objects.filter(pk__in=looked_at).values_list("mrn", flat=True)) == {"N-1", "N-2"}
    manager.post(reverse("uploads:let-go", args=[upload.batch]))
    assert manager.get(where).status_code == 404
    assert where not in manager.get(reverse("uploads:preview", args=[upload.batch])).content.decode()


def test_a_preview_gives_its_rows_back_before_anything_is_stored(manager, clinic, data_manager):
    batch = actions.preview(contents=[("a.csv", labs(GOOD, FUTURE))], clinic=clinic, by=data_manager)
    upload = Upload.objects.get(batch=batch)
    response = manager.get(reverse("uploads:to-correct", args=[batch, upload.uuid]))
    assert b"".join(response).count(b"\n") == 2


@pytest.mark.parametrize("state", ["discarded", "refused"])
def test_what_is_not_kept_is_not_found(manager, clinic, data_manager, state):
    content = labs(FUTURE) if state == "discarded" else b"nothing at all"
    batch = actions.preview(contents=[("a.csv", content)], clinic=clinic, by=data_manager)
    if state == "discarded":
        actions.discard(batch=batch, by=data_manager)
    upload = Upload.objects.get(batch=batch)
    assert manager.get(reverse("uploads:to-correct", args=[batch, upload.uuid])).status_code == 404
