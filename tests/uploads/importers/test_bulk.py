"""FHIR Bulk Data: resources one a line, in a folder or in one file."""

import gzip
import io
import json
import tempfile
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploads.exports import (
    AST,
    LABORATORY,
    OTHER,
    SERVER,
    inr,
    lines,
    manifest,
    record,
    result,
    scattered,
    write,
)
from tests.uploads.fuzz import fuzz
from tests.uploads.importers.test_fhir import PATIENT, bundle
from uploads.importers.bulk import sniff
from uploads.importers.bulk.arrival import QUIET, state_of, what_is_missing
from uploads.importers.bulk.manifest import manifest_of
from uploads.importers.bulk.packing import pack
from uploads.importers.bulk.reading import NOTHING, read
from uploads.importers.bulk.returned import lines_with_reasons
from uploads.importers.main import NOTHING_SAID, parse
from uploads.importers.meanings import Meanings
from uploads.importers.profile import WritingProfile
from uploads.importers.records import DECLARED, FilePart, LabRow, Parsed, PatientRow, Place, RowProblem


def packed(folder: Path) -> bytes:
    file = io.BytesIO()
    pack(folder, file)
    return file.getvalue()


def items(parsed: Parsed, kind: type = LabRow) -> list:
    assert not parsed.reason
    return [item for item in parsed.items if isinstance(item, kind)]


def told(parsed: Parsed) -> Counter[str]:
    """What was read, wherever it stood."""
    return Counter(repr(replace(item, place=Place(0, "", item.place.cells))) for item in parsed.items)


@pytest.fixture
def export(tmp_path):
    """export(Patient=[...], ...) -> what is read of a folder with these files."""

    def read_of(**files) -> Parsed:
        return parse(packed(write(tmp_path / "export", **files)))

    return read_of


# --- references between files ---


@fuzz
@given(st.integers(0, 2**32))
def test_scattered_over_files_in_any_order_resources_say_what_they_say_in_a_bundle(seed):
    with tempfile.TemporaryDirectory() as place:
        found = parse(packed(scattered(Path(place) / "export", record(), Random(seed))))
    whole = parse(bundle(*record(), patient=None))
    assert told(found) == told(whole)
    assert found.kind == "record" and found.unknown == whole.unknown
    assert sorted(found.notes) == sorted(whole.notes)


def test_what_the_record_of_these_tests_says():
    """Times from a report, through a group, from a specimen; laboratories by performer, report, provenance."""
    rows = items(parse(bundle(*record(), patient=None)))
    at = {f"{row.taken_at:%d %b}": (row.mrn, row.laboratory, row.status) for row in rows}
    assert at == {
        "01 Mar": ("nobody", "", "final"),
        "05 Mar": ("N-2", "North laboratory", "preliminary"),
        "01 Apr": ("N-1", "", "final"),
        "01 May": ("N-1", "North laboratory", "final"),
        "01 Jun": ("N-1", "", "preliminary"),
        "01 Jul": ("N-1", "", "final"),
        "02 Jul": ("N-1", "", "final"),
    }


def test_an_observation_before_its_patient_and_laboratory_finds_both(export):
    by = [{"reference": "Organization/l"}]
    parsed = export(A=[result("a", performer=by)], B=[PATIENT], C=[LABORATORY])
    (row,) = items(parsed)
    assert (row.mrn, row.identity.family_name, row.laboratory) == ("N-1", "Ito", "Central laboratory")
    assert row.place.words == "line 1 of A.ndjson"
    assert parsed.format == "FHIR R4 Bulk Data, 3 files, 3 lines"


def test_a_laboratory_is_called_as_the_senders_profile_says(tmp_path):
    by = [{"reference": "Organization/l"}]
    folder = write(tmp_path / "export", A=[result("a", performer=by), PATIENT, LABORATORY])
    meanings = Meanings(profile=WritingProfile(laboratory_names={"central laboratory": "Main"}))
    (row,) = items(parse(packed(folder), (), meanings))
    assert row.laboratory == "Main"


@pytest.mark.parametrize(
    ("request_of", "mrn"),
    [(f"{SERVER}/Group/liver/$export?_type=Patient", "N-1"), (f"{SERVER}/Patient/$export", "N-1"),
     (f"{SERVER}/$export", "N-1"), ("https://elsewhere.example/fhir/$export", "p")],
)  # fmt: skip
def test_an_address_is_a_reference_within_the_export_where_its_server_is_named(tmp_path, request_of, mrn):
    folder = write(
        tmp_path / "export", A=[result("a", subject={"reference": f"{SERVER}/Patient/p"}), PATIENT]
    )
    manifest(folder, "A.ndjson", request=request_of)
    assert items(parse(packed(folder)))[0].mrn == mrn


def test_two_patients_of_one_id_that_differ_are_nobody(export):
    """Which of them an observation means nobody can say; the same one twice is one."""
    other = OTHER | {"id": "p"}
    assert items(export(A=[PATIENT, other, result("a")]))[0].identity.birth_date is None
    assert items(export(A=[PATIENT, PATIENT, result("a")]))[0].mrn == "N-1"


def test_a_contained_patient_is_told_once(export):
    inner = PATIENT | {"id": "inner"}
    reports = [result(key, subject={"reference": "#inner"}, contained=[inner]) for key in "ab"]
    assert len(items(export(A=reports), PatientRow)) == 1
    assert len(items(export(A=reports, B=[PATIENT]), PatientRow)) == 1


def test_bundles_a_line_keep_their_references_to_themselves(export):
    one = json.loads(bundle(result("a")))
    two = json.loads(bundle(result("a"), patient=OTHER | {"id": "p"}))
    rows = items(export(A=[one, two, result("b", subject={"reference": "Patient/p"})]))
    assert [(row.mrn, row.place.words) for row in rows] == [
        ("N-1", "line 1 of A.ndjson, entry 2"), ("N-2", "line 2 of A.ndjson, entry 2"), ("p", "line 3 of A.ndjson"),
    ]  # fmt: skip


def test_deletions_wait_for_a_person(export):
    gone = {"resourceType": "Bundle", "type": "transaction",
            "entry": [{"request": {"method": "DELETE", "url": "Observation/7"}}]}  # fmt: skip
    (problem,) = items(export(A=[gone]), RowProblem)
    assert "has deleted Observation/7" in problem.text and problem.level == "waiting"


# --- what cannot be read ---


def test_a_line_that_cannot_be_read_is_refused_at_its_place_and_the_others_are_read(export):
    content = (
        lines([result("a")])
        + b'{"resourceType": "Observation",}\n\n[1]\n{"x": 1}\n\xff{}\n'
        + lines([PATIENT])
    )
    parsed = export(Observation=content)
    problems = {item.place.words: item.text for item in items(parsed, RowProblem)}
    assert len(items(parsed)) == len(items(parsed, PatientRow)) == 1
    assert list(problems) == [f"line {number} of Observation.ndjson" for number in (2, 4, 5, 6)]
    assert problems["line 2 of Observation.ndjson"].startswith("this line is no JSON from column 3")
    assert "names no resourceType" in problems["line 4 of Observation.ndjson"]
    assert "not UTF-8" in problems["line 6 of Observation.ndjson"]
    assert {item.level for item in items(parsed, RowProblem)} == {"refused"}


def test_a_file_that_ends_within_a_line_is_said_to_be_cut_off(export):
    parsed = export(A=lines([PATIENT, result("a"), result("b")])[:-20], B=lines([inr("c", 1.2)]).rstrip())
    (problem,) = items(parsed, RowProblem)
    assert problem.text.startswith("the file ends in the middle of this line: it was cut off.")
    assert problem.place.words == "line 3 of A.ndjson" and len(items(parsed)) == 2


def test_compressed_files_are_read_as_far_as_they_go(tmp_path):
    folder = write(tmp_path / "export", A=[PATIENT])
    noise = [result(f"n{number}", note=[{"text": f"{Random(number).random()}"}]) for number in range(3000)]
    (folder / "B.ndjson.gz").write_bytes(gzip.compress(lines([inr("a", 1.2)])))
    (folder / "C.ndjson.gz").write_bytes(gzip.compress(lines(noise))[:-400])
    parsed = parse(packed(folder))
    (problem,) = items(parsed, RowProblem)
    assert "damaged or cut off here" in problem.text and problem.place.words.endswith(" of C.ndjson.gz")
    assert 1 < len(items(parsed)) < 3001


def test_a_line_longer_than_any_resource_is_refused_alone(export, monkeypatch):
    monkeypatch.setattr("uploads.importers.bulk.lines.LONGEST", 2000)
    long = result("a", note=[{"text": "x" * 9000}])
    parsed = export(A=[PATIENT, long, result("b")])
    assert [item.place.row for item in items(parsed, RowProblem)] == [2] and len(items(parsed)) == 1


@pytest.mark.parametrize(
    "resource", [result("a", status="whatever"), result("a", effectiveDateTime="yesterday")]
)
def test_a_resource_that_is_not_valid_is_refused_as_in_a_bundle(export, resource):
    alone = [item.text for item in items(parse(bundle(resource)), RowProblem)]
    assert [item.text for item in items(export(A=[PATIENT, resource]), RowProblem)] == alone != []


def test_signs_that_nothing_can_hold_are_left_out_of_what_is_shown(tmp_path):
    folder = write(tmp_path / "export", A=lines([PATIENT]) + b'{"a\x00\x07": \x1b[31m\n')
    (problem,) = items(parse(packed(folder)), RowProblem)
    assert problem.place.cells == ('{"a": [31m',)


def test_a_json_file_of_one_resource_over_many_lines_is_read(tmp_path):
    folder = write(tmp_path / "export", A=[PATIENT])
    (folder / "more.json").write_text(json.dumps(json.loads(bundle(result("a"), patient=None)), indent=1))
    (row,) = items(parse(packed(folder)))
    assert (row.mrn, row.place.words) == ("N-1", "line 1 of more.json, entry 1")


def test_a_folder_without_fhir_is_refused(export):
    assert export(log=[{"eventId": "kickoff"}]).reason == NOTHING


def test_more_rows_than_may_be_are_refused(tmp_path):
    part = FilePart(packed(write(tmp_path / "export", A=[PATIENT, result("a"), result("b")])))
    assert len(read(part, (), NOTHING_SAID, None, 3).items) == 3
    with pytest.raises(Exception, match="more than 2 rows"):
        read(part, (), NOTHING_SAID, None, 2)


def test_an_export_that_unpacks_without_end_is_refused(export, monkeypatch):
    monkeypatch.setattr("uploads.importers.bulk.lines.MOST", 500)
    assert "Export in parts" in export(A=[PATIENT, *(result(key) for key in "abcdef")]).reason


@fuzz
@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_bytes_make_the_reader_fail(noise, at):
    content = lines([PATIENT, result("a"), inr("b", 1.2)])
    parsed = parse(content[:at] + noise + content[at:])
    assert parsed.reason or len(parsed.items) > 0


# --- what the sender says of the export ---


def test_what_is_no_fhir_is_named_and_the_senders_errors_are_counted(tmp_path):
    folder = write(tmp_path / "export", Patient=[PATIENT], log=[{"eventId": "kickoff"}])
    trouble = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    write(folder / "error", errors=[trouble, trouble])
    write(folder, elsewhere=[trouble])
    (folder / "attachment.pdf").write_bytes(b"%PDF-1.4")
    notes = parse(packed(folder)).notes
    assert "Nothing of FHIR, and not read: log.ndjson." in notes
    assert any(
        note.startswith(
            "The sender could not export everything, in its own words (OperationOutcome) 2 times."
        )
        for note in notes
    )


@pytest.mark.parametrize(
    ("count", "names", "said"),
    [
        (3, ["Patient.ndjson"], "The manifest promises more than is here: 1 of 3 Patient."),
        (1, ["Patient.ndjson"], ""),
        (None, ["Patient.ndjson", "2.Patient.ndjson"], "The manifest names 2 files, and 1 came."),
        (None, ["1.Patient.ndjson"], ""),
    ],
)
def test_what_the_manifest_promises_and_is_not_there_is_said(tmp_path, count, names, said):
    folder = write(tmp_path / "export", Patient=[PATIENT])
    output = [
        {"type": "Patient", "url": f"{SERVER}/{name}"} | ({"count": count} if count else {}) for name in names
    ]
    manifest(folder, output=output)
    found = " ".join(note for note in parse(packed(folder)).notes if "manifest" in note)
    assert found.startswith(said) and bool(found) == bool(said)


@pytest.mark.parametrize(
    "content", [b"{}", b"[", b"\xff", b'{"transactionTime": "x", "output": {}}', b"[" * 9999]
)
def test_what_is_no_manifest_is_none(content):
    assert manifest_of(content) is None


# --- one file by itself, and archives that others made ---


def test_one_file_is_read_as_a_folder_of_one(tmp_path):
    content = b"\xef\xbb\xbf" + lines([result("a"), PATIENT])
    parsed = parse(content)
    assert (parsed.format, parsed.kind) == ("FHIR R4, NDJSON, 2 lines", "record")
    assert [item.place.words for item in parsed.items] == ["line 1", "line 2"]
    assert told(parse(gzip.compress(content))) == told(parsed)
    assert parsed.notes == (DECLARED,)


def test_an_archive_of_a_folder_is_read_as_the_folder(tmp_path):
    folder = write(tmp_path / "export", Patient=[PATIENT], Observation=[result("a")])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"export/{path.name}")
    assert told(parse(file.getvalue())) == told(parse(packed(folder)))


@pytest.mark.parametrize(
    ("content", "is_export"),
    [
        (lines([PATIENT, PATIENT]), True),
        (b"{broken\n" + lines([PATIENT]), True),
        (lines([PATIENT]), False),
        (json.dumps(PATIENT, indent=1).encode(), False),
        (bundle(result("a")), False),
        (b"mrn,test\n1,2\n", False),
        (b'{"a": 1}\n{"b": 2}\n', False),
        (b"PK\x03\x04 and no more", False),
        (b"\x1f\x8b and no more", False),
    ],
)
def test_what_is_an_export(content, is_export):
    assert sniff(FilePart(content)) == is_export


def test_a_folder_packed_twice_is_the_same_file(tmp_path):
    folder = write(tmp_path / "export", Patient=[PATIENT], Observation=[result("a")])
    before = packed(folder)
    (folder / "Patient.ndjson").touch()
    (folder / ".hidden").write_text("{}")
    (folder / "more.ndjson.part").write_text("{}")
    (folder / "link.ndjson").symlink_to(folder / "Patient.ndjson")
    assert packed(folder) == before


# --- whether all of it is there ---


def test_without_a_manifest_a_folder_must_be_quiet(tmp_path):
    folder = write(tmp_path / "export", Patient=[PATIENT])
    *_, newest = state_of(folder)
    assert "within 60 seconds" in what_is_missing(folder, newest, newest / 1e9 + QUIET - 1)
    assert what_is_missing(folder, newest, newest / 1e9 + QUIET + 1) == ""


def test_with_a_manifest_all_its_files_must_be_there(tmp_path):
    folder = write(tmp_path / "export", Patient=[PATIENT], log=[{"eventId": "kickoff"}])
    manifest(folder, "1.Patient.ndjson", "1.Observation.ndjson")
    assert what_is_missing(folder, 0) == "1 of the 2 files of its manifest are here"
    write(folder, Observation=[result("a")])
    assert what_is_missing(folder, 0) == ""


def test_other_folders_and_what_is_being_written_are_no_export(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "labs.csv").write_text("mrn")
    assert state_of(folder) is None
    write(folder, Patient=[PATIENT])
    before = state_of(folder)
    assert before is not None
    write(folder / "deleted", Patient=[PATIENT])
    assert state_of(folder) != before
    (folder / "more.ndjson.part").write_text("")
    assert state_of(folder) is None


# --- given back ---


def test_lines_are_given_back_with_their_reasons_and_what_they_refer_to(tmp_path):
    broken = b'{"resourceType": "Observation",}\n'
    folder = write(
        tmp_path / "export", A=lines([result("a"), result("b", code=AST)]) + broken, B=[OTHER, PATIENT]
    )
    reasons = {"line 2 of A.ndjson": ["code: not known", "and more"], "line 3 of A.ndjson": ["no JSON"]}
    found = list(lines_with_reasons(FilePart(packed(folder)), reasons, None))
    said = json.loads(found[1])
    assert [json.loads(found[at])["id"] for at in (0, 4)] == ["b", "p"] and len(found) == 5
    assert found[2] == broken
    assert [issue["diagnostics"] for issue in said["issue"]] == [
        "line 2 of A.ndjson: code: not known", "line 2 of A.ndjson: and more",
    ]  # fmt: skip
    again = parse(b"".join(found))
    assert [row.code for row in items(again)] == ["1920-8"] and items(again)[0].mrn == "N-1"


def test_what_a_report_tells_of_a_line_comes_back_with_it(tmp_path):
    folder = write(tmp_path / "export", A=record())
    place = next(
        item.place.words for item in items(parse(packed(folder))) if item.laboratory == "North laboratory"
    )
    found = b"".join(lines_with_reasons(FilePart(packed(folder)), {place: ["look"]}, None))
    (row,) = items(parse(found))
    assert (row.mrn, row.laboratory, row.status) == ("N-2", "North laboratory", "preliminary")
