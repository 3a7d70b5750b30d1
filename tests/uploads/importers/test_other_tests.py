"""Tests of other people: recognised in every format, counted, named and left out; what is in no list asks."""

from dataclasses import FrozenInstanceError

import pytest

from interpretation.record import analytes
from patients.models import Result
from tests.uploads.files import LABS_HEADER, labs, outcomes
from tests.uploads.oru import obx, oru
from tests.uploads.pages.test_views import address, drop
from tests.uploads.sheets import xlsx
from tests.uploads.staging.test_mapping import field
from uploads import mappings
from uploads.importers import other_tests
from uploads.interfaces import messages, senders
from uploads.models import Mapping, Message
from uploads.staging import waiting

ALT = "N-1,2025-01-01,ALT,40,U/L,,"
db = pytest.mark.django_db


# --- the list ---


def test_no_name_or_code_of_the_list_is_one_of_ours():
    for test in other_tests.TESTS.values():
        for name in (test.key, test.name, *test.names, *test.loinc):
            assert analytes.find(name) is None, (test.key, name)


def test_the_codes_have_their_check_digit():
    for test in other_tests.TESTS.values():
        for code in test.loinc:
            number, check = code.split("-")
            doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(number))]
            total = sum(value // 10 + value % 10 for value in doubled)
            assert (10 - total % 10) % 10 == int(check), (test.key, code)


def test_names_are_unique_and_found_by_all_they_are_called():
    assert len({test.name for test in other_tests.TESTS.values()}) == len(other_tests.TESTS) > 200
    for test in other_tests.TESTS.values():
        for name in (test.key, test.name, test.name.upper(), *test.names, *test.loinc):
            assert other_tests.find(name) is test, name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Potassium (K)", "potassium"),
        (" 2345-7 ", "glucose"),
        ("Glucose, urine", "urine_glucose"),
        ("Glucose (Potassium)", None),
        ("ALT", None),
        ("1742-6", None),
        ("Zonulin", None),
        ("", None),
    ],
)
def test_a_name_is_found_and_never_guessed(name, key):
    found = other_tests.find(name)
    assert (found.key if found else None) == key


def test_the_list_is_read_strictly(tmp_path):
    test = other_tests.TESTS["glucose"]
    with pytest.raises(FrozenInstanceError):
        test.name = "x"
    path = tmp_path / "other.toml"
    head = '[group]\na = "A"\n[test.x]\nname = "X"\nloinc = []\nnames = []\n'
    for wrong in ('group = "b"\n', 'group = "a"\ncolour = "red"\n'):
        path.write_text(head + wrong)
        with pytest.raises((TypeError, ValueError)):
            other_tests.load(path)


# --- left out, in every format ---


@db
def test_they_are_counted_named_and_left_out_of_a_long_file(people, put):
    rows = ["N-1,2025-01-01,Glucose,5.4,mmol/L,,", "N-1,2025-01-02,glucose,5.5,mmol/L,,", ALT]
    rows += ["N-1,2025-01-01,MCV,90,fL,,", "N-9,not a day,K,4.1,mmol/L,,", ",2025-01-01,K,,mmol/L,,"]
    (upload,) = put(labs(*rows))
    assert (upload.read, upload.new, upload.left_out, upload.waiting, upload.refused) == (6, 1, 5, 0, 0)
    words = "5 results of 3 tests that are not interpreted here were left out: "
    assert words + "glucose 2, potassium 2, MCV 1." in upload.notes
    assert outcomes(upload) == ["new"] and upload.unknown == [] and not upload.kept


@db
def test_one_is_left_out_in_the_singular_and_many_are_not_all_named(people, put):
    (one,) = put(labs("N-1,2025-01-01,Glucose,5.4,mmol/L,,"))
    assert one.notes == "1 result of 1 test that is not interpreted here was left out: glucose 1."
    names = [test.name for test in other_tests.TESTS.values()][:20]
    (many,) = put(labs(*(f'N-1,2025-01-01,"{name}",1,,,' for name in names)))
    assert "20 results of 20 tests" in many.notes and many.notes.endswith("and 8 more.")


@db
def test_columns_of_them_are_left_out_of_a_wide_file(people, put):
    header = "mrn,date,ALT (U/L),Glucose (mmol/L),Glucose ref low,MCV,Zonulin\n"
    (upload,) = put(f"{header}N-1,2025-01-01,40,5.4,3.9,90,7\nN-1,2025-01-02,,,3.9,91,\n".encode())
    assert outcomes(upload) == ["new", "waiting"]
    assert (upload.read, upload.left_out) == (5, 3)
    assert "3 results of 2 tests" in upload.notes and "MCV 2, glucose 1" in upload.notes
    assert [name["shown"] for name in upload.unknown] == ["Zonulin"]


@db
def test_another_word_beside_the_name_makes_another_test(people, put):
    (upload,) = put(b"mrn,date,ALT (U/L),Glucose postprandial\nN-1,2025-01-01,40,5.4\n")
    assert (outcomes(upload), upload.left_out) == (["new", "waiting"], 0)


@db
def test_rows_of_them_are_left_out_of_a_table_of_one_person_and_of_a_sheet(people, put):
    rows = b"Test,Unit,2025-01-03,2025-01-04\nALT,U/L,35,40\nGlucose,mmol/L,5.4,\n"
    (upload,) = put(b"MRN,N-1\n" + rows)
    assert (upload.new, upload.left_out, upload.waiting) == (2, 1, 0)
    sheet = [LABS_HEADER.split(","), ["N-1", "2025-01-05", "ALT", 40, "U/L"], ["N-1", "2025-01-05", "TSH", 2]]
    (upload,) = put(xlsx({"Labs": sheet}))
    assert (upload.new, upload.left_out) == (1, 1)


@db
def test_they_are_left_out_of_messages_in_files_and_by_feed_and_nothing_waits(people, put, clinic):
    others = (
        obx("2345-7^Glucose^LN", "5.4", unit="mmol/L", n=2),
        obx("K^Kalium^L", "4.1", unit="mmol/L", status="", n=3),
        obx("URCOL^Urine colour^L", "YEL^yellow^L", kind="CWE", unit="", n=4),
    )
    (upload,) = put(oru(obx(), *others))
    assert (upload.new, upload.left_out, upload.waiting, upload.refused) == (1, 3, 0, 0)
    sender = senders.add_sender(clinic=clinic, name="cobas")[0]
    answer, _ = messages.receive(sender=sender, raw=oru(obx(), *others, id="77"))
    message = Message.objects.get(control_id="77")
    assert (answer, message.state, message.upload.left_out) == ("AA", "stored", 3)
    assert waiting.groups_of([clinic]) == ([], 0)


@db
def test_they_are_left_out_of_messages_that_name_nobody(people, put):
    (upload,) = put(oru(obx("2345-7^Glucose^LN", "5.4", unit="mmol/L"), mrn=""))
    assert (upload.waiting, upload.left_out) == (0, 1)


@db
def test_a_code_of_ours_under_another_name_and_a_name_of_ours_stay_ours(people, put):
    header = LABS_HEADER + ",loinc"
    rows = ["N-1,2025-01-01,Xyz,40,U/L,,,1742-6", "N-1,2025-01-01,Albumin,40,g/L,,,1754-1"]
    (upload,) = put(labs(*rows, header=header))
    assert (upload.new, upload.left_out) == (2, 0)
    (clash,) = put(labs("N-1,2025-01-02,ALT,40,U/L,,,1920-8", header=header))
    assert outcomes(clash) == ["waiting"]


# --- what is in no list ---


@db
def test_all_names_of_a_file_are_answered_in_one_go(manager, people):
    rows = ["N-1,2025-01-01,Leberwert,41,U/L,,", "N-1,2025-01-01,Zonulin,7,ng/mL,,", "N-1,2025-01-01,Qq,1,,,"]
    rows += ["N-1,2025-01-01,Rr,1,,,", "N-1,2025-01-01,ALT,40,E/L,,"]
    page = drop(manager, labs(*rows), sender="East").content.decode()
    assert "Leave all other tests out" in page
    said = {field(page, "Leberwert"): "test||AST", field(page, "Zonulin"): "keep", "others": "never"}
    page = manager.post(address("names"), said, follow=True).content.decode()
    assert "Remembered: 4 names." in page
    meant = dict(Mapping.objects.values_list("folded", "meant"))
    assert meant == {"leberwert": "AST", "zonulin": "kept", "qq": "", "rr": ""}
    # A unit is no test: it is still asked.
    assert "E/L" in page and "Leave all other tests out" not in page
    manager.post(address("store"))
    assert Result.objects.get().analyte == "AST"


@db
def test_a_kept_name_is_kept_for_its_sender_only(manager, people, clinic, data_manager):
    Mapping.objects.create(
        clinic=clinic, by=data_manager, what="test", folded="zonulin", meant="kept", sender="East"
    )
    assert mappings.meanings_of(clinic, "east").tests == {"zonulin": "kept"}
    page = drop(manager, labs("N-1,2025-01-01,Zonulin,7,ng/mL,,"), sender="West").content.decode()
    assert "Not known here" in page


@db
def test_names_that_wait_are_left_out_in_one_go(manager, people, put, clinic):
    put(labs("N-1,2025-01-01,Qq,1,,,", "N-1,2025-01-01,Rr,1,,,"))
    page = manager.get("/uploads/waiting/").content.decode()
    assert "Leave all other tests out" in page
    manager.post("/uploads/waiting/", {"others": "never"})
    assert waiting.groups_of([clinic]) == ([], 0) and Mapping.objects.count() == 2
