"""Names that are not known: asked of a person once, remembered for clinic and sender, and taken back."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from patients.actions.errors import Refused
from patients.models import Patient, Result
from tests.looks import pages_seen
from tests.uploads.files import LABS_HEADER, labs, outcomes, reasons
from tests.uploads.pages.test_views import address, drop
from tests.uploads.sheets import xlsx
from uploads import actions, mappings
from uploads.importers.main import parse
from uploads.importers.meanings import Meanings
from uploads.models import Mapping, Upload
from uploads.withdrawing import take_back

pytestmark = pytest.mark.django_db
LEBER = "N-1,2025-01-01,Leberwert,40,E/L,,"


@pytest.fixture(autouse=True)
def _people(people):
    pass


@pytest.fixture
def preview(clinic, data_manager):
    def preview(*contents: bytes, sender: str = "", by=data_manager, clinic=clinic) -> list[Upload]:
        named = [(f"file{number}", content) for number, content in enumerate(contents, 1)]
        batch = actions.preview(contents=named, clinic=clinic, by=by, sender=sender)
        return list(Upload.objects.filter(batch=batch).order_by("pk"))

    return preview


@pytest.fixture
def answer(clinic, data_manager):
    """answer(uploads, leberwert="test||ALT") says what names mean and reads the batch again."""

    def answer(uploads: list[Upload], sender: str = "", **said: str) -> None:
        asked = mappings.questions_of(uploads)
        named = [(q.name.folded.replace(" ", "_") or "none", q) for q in asked]
        answers = [(question, said[name]) for name, question in named if name in said]
        assert len(answers) == len(said), [q.name for q in asked]
        mappings.learn(clinic=clinic, sender=sender, by=data_manager, answers=answers)
        actions.read_again(batch=uploads[0].batch)
        for upload in uploads:
            upload.refresh_from_db()

    return answer


def asked(uploads) -> list[tuple]:
    return [(q.name.what, q.name.shown, q.name.about, q.name.count) for q in mappings.questions_of(uploads)]


def test_unknown_tests_units_and_columns_are_listed_with_counts_and_three_examples(preview):
    rows = [f"N-1,2025-01-0{day},Leberwert,4{day},U/L,,,x{day}" for day in range(1, 6)]
    rows += ["N-1,2025-01-01,ALT,40,E/L,,,", "N-1,2025-01-01,Albumin,38,,,,"]
    (upload,) = preview(labs(*rows, header=LABS_HEADER + ",Befund"))
    assert asked([upload]) == [
        ("header", "Befund", "labs", 5),
        ("test", "Leberwert", "", 5),
        ("unit", "E/L", "ALT", 1),
        ("unit", "", "albumin", 1),
    ]
    test = mappings.questions_of([upload])[1]
    assert test.name.examples == (("41 U/L", "N-1"), ("42 U/L", "N-1"), ("43 U/L", "N-1"))


def test_what_is_known_or_describes_a_person_is_not_asked(preview):
    (upload,) = preview(labs("N-1,2025-01-01,ALT,40,U/L,,,7B", header=LABS_HEADER + ",ward"))
    assert asked([upload]) == []


def test_the_same_name_in_two_files_is_asked_once(preview):
    uploads = preview(labs(LEBER), labs(LEBER.replace("40", "50")))
    assert asked(uploads) == [("test", "Leberwert", "", 2)]


def test_a_test_that_is_mapped_is_read_at_once_and_in_later_files(preview, answer, put):
    (upload,) = preview(labs(LEBER.replace("E/L", "U/L")))
    assert outcomes(upload) == ["waiting"]
    answer([upload], leberwert="test||ALT")
    assert (outcomes(upload), upload.unknown) == (["new"], [])
    (later,) = put(labs("N-1,2025-02-01,LEBERWERT,41,U/L,,"))
    assert later.new == 1 and Result.objects.get().analyte == "ALT"


def test_a_unit_is_mapped_for_one_test_only(preview, answer):
    uploads = preview(labs("N-1,2025-01-01,ALT,40,E/L,,", "N-1,2025-01-01,AST,40,E/L,,"))
    (alt, ast) = mappings.questions_of(uploads)
    mappings.learn(clinic=uploads[0].clinic, sender="", by=uploads[0].by, answers=[(alt, "unit|ALT|U/L")])
    actions.read_again(batch=uploads[0].batch)
    assert outcomes(uploads[0]) == ["new", "waiting"]


def test_a_known_unit_is_never_remapped():
    meanings = Meanings(units={("ALT", "u/l"): "ukat/L"}, tests={"alt": "AST"})
    (item,) = parse(labs("N-1,2025-01-01,ALT,40,U/L,,"), meanings=meanings).items
    assert (item.test, item.unit) == ("ALT", "U/L")


def test_a_unit_that_the_sender_leaves_out_may_be_named(preview, answer):
    uploads = preview(labs("N-1,2025-01-01,Albumin,38,,,"))
    answer(uploads, none="unit|albumin|g/L")
    assert outcomes(uploads[0]) == ["new"]


@pytest.mark.parametrize("what", ["leberwert", "e/l"])
def test_what_is_never_read_is_refused_with_a_sentence_and_counted(preview, answer, what):
    row = LEBER.replace("E/L", "U/L") if what == "leberwert" else LEBER.replace("Leberwert", "ALT")
    uploads = preview(labs(row))
    answer(uploads, **{what: "never"})
    assert (outcomes(uploads[0]), uploads[0].refused) == (["refused"], 1)
    assert "is never read here: the clinic decided so under Mappings." in reasons(uploads[0])[0]


def test_a_column_that_is_needed_may_be_named(preview, answer):
    header = LABS_HEADER.replace("mrn", "Fallnummer").replace("value", "Ergebnis")
    (upload,) = preview(labs("N-1,2025-01-01,ALT,40,U/L,,", header=header))
    assert (upload.state, upload.kept) == ("unmapped", True)
    assert "has no columns “mrn”" in upload.reason
    answer([upload], fallnummer="header|labs|mrn", ergebnis="header|labs|value")
    assert (upload.state, outcomes(upload), upload.reason) == ("previewed", ["new"], "")


def test_a_file_of_which_nothing_is_known_may_be_named(preview, answer):
    (upload,) = preview(b"Nummer,Nachname,Geschl,Geb\nN-3,Ito,F,1970-05-01\n")
    assert upload.state == "unmapped" and "names no columns" in upload.reason
    answer([upload], nummer="header|patients|mrn", nachname="header|patients|family_name",
           geschl="header|patients|sex", geb="header|patients|birth_date")  # fmt: skip
    assert (upload.state, upload.kind, outcomes(upload)) == ("previewed", "patients", ["new"])


@pytest.mark.parametrize("above", ["", "Laborbericht;2025\nStation;3 West\n"])
def test_of_a_file_without_known_columns_its_header_is_asked_and_not_its_first_result(preview, answer, above):
    rows = "10001;2025-01-01;GPT;<5;U/L\n10001;2025-01-01;GOT;40;U/L\n"
    (upload,) = preview(f"{above}PatNr;Abnahme;Test_;Ergebnis;Einheit\n{rows}".encode())
    shown = [q.name.shown for q in mappings.questions_of([upload])]
    assert shown == ["PatNr", "Abnahme", "Test_", "Ergebnis", "Einheit"]


def test_a_column_in_wide_form_may_be_a_test_or_a_column_of_ours(preview, answer):
    uploads = preview(b"mrn,Entnahme,ALT (U/L),Leberwert [U/L],Albumin\nN-1,2025-01-01,40,41,38\n")
    answer(uploads, entnahme="header|labs|collected_at")
    assert "Column Albumin has no unit" in uploads[0].reason
    answer(uploads, none="unit|albumin|g/L")
    assert outcomes(uploads[0]) == ["new", "waiting", "new"]
    answer(uploads, leberwert_u_l="test||AST")
    assert outcomes(uploads[0]) == ["new", "new", "new"]


def test_a_column_in_wide_form_that_is_never_read_is_no_result(preview, answer):
    uploads = preview(b"mrn,date,ALT (U/L),Code\nN-1,2025-01-01,40,41\n")
    answer(uploads, code="never")
    assert outcomes(uploads[0]) == ["new"] and "Columns not read: Code." in uploads[0].notes


def test_sheets_are_mapped_together_and_keep_their_notes(preview, answer):
    rows = [LABS_HEADER.split(","), LEBER.replace("E/L", "U/L").split(",")]
    uploads = preview(xlsx({"One": rows, "Two": rows, "Cover": [["x"]]}))
    assert asked(uploads) == [("test", "Leberwert", "", 2)]
    answer(uploads, leberwert="test||ALT")
    assert [upload.waiting for upload in uploads] == [0, 0]
    assert uploads[0].notes.endswith("Sheets not read, nothing known in them: Cover.")
    assert uploads[0].format.startswith("XLSX")


def test_mappings_belong_to_a_sender_or_to_all(preview, answer, clinic):
    row = labs(LEBER.replace("E/L", "U/L"))
    answer(preview(row, sender="Lab East"), sender="Lab East", leberwert="test||AST")
    assert outcomes(preview(row)[0]) == ["waiting"]
    answer(preview(row), leberwert="test||ALT")
    tests = {
        sender: mappings.meanings_of(clinic, sender).tests["leberwert"] for sender in ("", "lab east", "West")
    }
    assert tests == {"": "ALT", "lab east": "AST", "West": "ALT"}


def test_mappings_of_another_clinic_say_nothing(preview, answer, other_clinic):
    answer(preview(labs(LEBER.replace("E/L", "U/L"))), leberwert="test||ALT")
    assert mappings.meanings_of(other_clinic, "") == Meanings()


def test_a_preview_whose_mapping_was_undone_is_shown_anew_and_nothing_is_stored(
    preview, answer, data_manager
):
    header = LABS_HEADER.replace("mrn", "Fallnummer")
    uploads = preview(labs("N-1,2025-01-01,ALT,40,U/L,,", header=header))
    answer(uploads, fallnummer="header|labs|mrn")
    take_back(answer=Mapping.objects.get(), by=data_manager)
    assert actions.confirm(batch=uploads[0].batch, by=data_manager).moved_on
    uploads[0].refresh_from_db()
    assert uploads[0].state == "unmapped" and uploads[0].kept and not Result.objects.exists()
    with pytest.raises(Refused, match="before their names have a meaning"):
        actions.confirm(batch=uploads[0].batch, by=data_manager)
    actions.discard(batch=uploads[0].batch, by=data_manager)
    uploads[0].refresh_from_db()
    assert (uploads[0].state, uploads[0].kept, uploads[0].unknown) == ("discarded", False, [])


def test_a_mapping_that_makes_the_file_unreadable_keeps_the_file(preview, answer):
    uploads = preview(labs("N-1,2025-01-01,ALT,40,U/L,,,N-2", header=LABS_HEADER + ",Fallnummer"))
    answer(uploads, fallnummer="header|labs|mrn")
    assert "are both mrn" in uploads[0].reason
    assert (uploads[0].state, uploads[0].kept) == ("unmapped", True)


def test_a_name_that_was_mapped_otherwise_is_refused_with_who(preview, answer, clinic, clinician):
    uploads = preview(labs(LEBER))
    (question,) = [q for q in mappings.questions_of(uploads) if q.name.what == "test"]
    answer(uploads, leberwert="test||ALT")
    mappings.learn(clinic=clinic, sender="", by=clinician, answers=[(question, "test||ALT")])
    with pytest.raises(Refused, match="“Leberwert” was mapped to ALT by"):
        mappings.learn(clinic=clinic, sender="", by=clinician, answers=[(question, "test||AST")])
    with pytest.raises(Refused, match="Choose a meaning from the list"):
        mappings.learn(clinic=clinic, sender="", by=clinician, answers=[(question, "test||nonsense")])


@pytest.mark.parametrize(
    "fields",
    [
        {"what": "test", "folded": "x", "meant": "ALT"},
        {"what": "TEST", "folded": "y"},
        {"what": "header", "folded": "y", "about": ""},
        {"what": "test", "folded": "y", "about": "labs"},
        {"what": "test", "folded": ""},
        {"what": "test", "folded": "y", "undone_at": "2025-01-01T00:00Z"},
    ],
)
def test_the_database_keeps_mappings_whole(clinic, data_manager, fields):
    Mapping.objects.create(clinic=clinic, by=data_manager, what="test", folded="x", meant="AST")
    with pytest.raises(IntegrityError), transaction.atomic():
        Mapping.objects.create(clinic=clinic, by=data_manager, **fields)
    assert Mapping.objects.get().history.count() == 1


def test_the_command_maps_by_sender_and_says_where_names_are_given(clinic, data_manager, tmp_path, capsys):
    from django.core.management import call_command

    Mapping.objects.create(
        clinic=clinic, by=data_manager, what="test", folded="leberwert", meant="ALT", sender="East"
    )
    path = tmp_path / "a.csv"
    path.write_bytes(labs(LEBER.replace("E/L", "U/L")))
    call_command("upload", str(path), clinic=clinic.code, sender="East")
    assert Result.objects.get().analyte == "ALT"
    path.write_bytes(b"Fallnummer,date,test,value,unit\nN-1,2025-01-01,ALT,40,U/L\n")
    with pytest.raises(SystemExit):
        call_command("upload", str(path), clinic=clinic.code)
    said = capsys.readouterr()
    assert "Or say on the uploads page what its names mean." in said.err
    assert "refused, nothing stored" in said.out and Upload.objects.first().kept


# --- on the page ---


def field(page: str, label: str) -> str:
    return page.split(f">{label}</label>")[0].rsplit('for="', 1)[1].split('"')[0]


def test_the_preview_asks_and_the_answer_is_read_at_once(manager):
    page = drop(manager, labs(LEBER.replace("E/L", "U/L")), sender=" Lab  East ").content.decode()
    assert "Not known here" in page and "remembered for files from Lab East" in page
    page = manager.post(
        address("names"), {field(page, "Leberwert"): "test||ALT"}, follow=True
    ).content.decode()
    assert "Remembered: 1 name. The files were read again." in page
    assert "Not known here" not in page and "<strong>1</strong> new row would be stored" in page
    assert Mapping.objects.get().sender == "Lab East"


def test_a_file_without_known_names_can_be_named_on_the_page(manager):
    page = drop(manager, b"Fallnummer,date,ALT (U/L)\nN-1,2025-01-01,40\n").content.decode()
    assert "Waiting for names" in page and ">Store<" not in page and "Discard" in page
    page = manager.post(
        address("names"), {field(page, "Fallnummer"): "header|labs|mrn"}, follow=True
    ).content.decode()
    assert ">Store<" in page


def test_nothing_chosen_only_reads_again(manager):
    drop(manager, labs(LEBER))
    page = manager.post(address("names"), follow=True).content.decode()
    assert "The files were read again." in page and "Remembered" not in page


def test_a_stored_batch_of_which_nothing_waits_can_no_longer_be_mapped(manager):
    drop(manager, labs("N-1,2025-01-01,ALT,40,U/L,,"))
    manager.post(address("store"))
    page = manager.post(address("names"), follow=True).content.decode()
    assert "Nothing is waiting here" in page and "Not known here" not in page


def test_mappings_are_listed_and_undone(manager, preview, answer):
    answer(preview(labs(LEBER)), leberwert="test||ALT")
    page = manager.get(reverse("uploads:mappings")).content.decode()
    assert "Leberwert" in page and "<td>ALT</td>" in page and "<td>any</td>" in page
    where = reverse("uploads:mapping-undo", args=[Mapping.objects.get().uuid])
    page = manager.post(where, follow=True).content.decode()
    assert "Undone: “Leberwert” is unknown again" in page and "None yet." in page
    assert "This mapping is undone already." in manager.post(where, follow=True).content.decode()
    assert Mapping.objects.get().history.count() == 2


def test_people_whose_cells_are_examples_are_looked_at(manager):
    drop(manager, labs("N-1,2025-01-01,ALT,40,U/L,,,x", header=LABS_HEADER + ",Befund"))
    assert "upload-preview" in pages_seen(Patient.objects.get(mrn="N-1"))


def test_examples_are_shown_as_text(manager):
    page = drop(manager, labs("N-1,2025-01-01,<b>x</b>,<i>1</i>,U/L,,")).content.decode()
    assert "<b>x" not in page and "<i>1" not in page
