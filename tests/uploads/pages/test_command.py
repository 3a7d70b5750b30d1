"""manage.py upload."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from patients.actions.errors import Refused
from patients.models import Patient, Result
from tests.uploads.files import PEOPLE, labs
from tests.uploads.oru import obx, oru
from uploads import actions
from uploads.kept import keep
from uploads.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(clinic, tmp_path, capsys):
    """run(*files, **options) -> (exit status, what was printed, what was complained)."""

    def run(*contents: bytes, **options):
        paths = []
        for number, content in enumerate(contents, 1):
            path = tmp_path / f"file{number}.csv"
            path.write_bytes(content)
            paths.append(str(path))
        paths += options.pop("more", [])
        try:
            call_command("upload", *paths, clinic=options.pop("code", clinic.code), **options)
            status = 0
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return run


def test_json_is_one_object_a_file_with_these_keys(run):
    status, out, _ = run(labs("N-1,2025-01-01,ALT,40,U/L,,"), PEOPLE.encode(), json=True)
    found = [json.loads(line) for line in out.splitlines()]
    keys = ["file", "kind", "format", "read", "new", "same", "changed", "refused", "waiting"]
    keys += ["left_out", "flagged", "reason"]
    assert status == 0
    assert [list(one) for one in found] == [keys, keys]
    assert [(one["file"], one["new"]) for one in found] == [("file2.csv", 2), ("file1.csv", 1)]


def test_rows_that_are_fine_are_stored_and_the_others_listed(run, people):
    status, out, err = run(labs("N-1,2025-01-01,ALT,40,U/L,,", "N-1,31/02/2025,ALT,40,U/L,,"))
    assert (status, Result.objects.count()) == (0, 1)
    assert "2 read: 1 new" in out
    assert "file1.csv: Row 3, collected_at: “31/02/2025” is an impossible date" in err
    assert "N-1" not in out + err


def test_what_is_stored_and_marked_is_told(run, people):
    status, out, err = run(labs("N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,"))
    assert status == 0 and "2 new" in out and "1 marked unconfirmed" in out
    assert "Row 3, stored as new and marked unconfirmed: Unconfirmed: 1.5 on 1 Jan 2025, now 5.1." in err
    assert "N-1" not in out + err


def test_a_correction_that_is_marked_is_told(run, people):
    old = obx("6301-6^INR^LN", "1.5", unit="", limits="")
    run(oru(old, id="1", taken="20250301080000"))
    again = {"id": "3", "filler": "A2", "taken": "20250304080000"}
    run(oru(old.replace("|1.5|", "|1.6|"), **again | {"id": "2"}))
    new = old.replace("|1.5|", "|5.1|").replace("|F|", "|C|")
    status, out, err = run(oru(new, **again))
    assert (status, Result.objects.exclude(unconfirmed="").count()) == (0, 1)
    assert "1 differ from the record" in out and "1 marked unconfirmed" in out
    assert "Message 1, OBX 1, stored in place of the earlier result and marked unconfirmed: " in err


def test_two_kept_results_of_one_minute_are_told(run, people, clinic, data_manager):
    keep(clinic=clinic, by=data_manager, keys=["glucose"])
    row = "N-1,2025-01-01T08:00,Glucose,5.4,mmol/L,,"
    _, out, err = run(labs(row, row.replace("5.4", "6.4")))
    assert "2 new" in out and "marked" not in out
    assert "Row 3, stored as new: Row 2 gives 5.4 mmol/L for the same test and minute: both are kept" in err


def test_a_dry_run_writes_nothing_at_all(run):
    _, out, _ = run(PEOPLE.encode(), dry_run=True)
    assert "2 new" in out and "Nothing was stored: dry run." in out
    assert not Patient.objects.exists() and not Upload.objects.exists() and not User.objects.exists()


def test_a_file_refused_whole_ends_with_1_and_its_sentence(run):
    status, out, err = run(b"mrn,family_name,sex\n1,Ito,F\n", PEOPLE.encode())
    assert (status, Patient.objects.count()) == (1, 2)
    assert "file1.csv: refused. This looks like a patients file, but it has no column “birth_date”" in err


def test_a_missing_file_ends_with_1_and_its_sentence(run):
    status, _, err = run(PEOPLE.encode(), more=["/nowhere/labs.csv"])
    assert (status, Patient.objects.count()) == (1, 2)
    assert "/nowhere/labs.csv: cannot be read (No such file or directory)" in err


def test_rows_alike_are_one_line_with_the_first(run, people):
    days = (f"N-1,2025-01-{day:02},Zonulin,40,U/L,," for day in range(1, 8))
    _, _, err = run(labs("N-1,2025-01-01,ALT,40,U/L,,", *days))
    assert err.splitlines() == [
        "file1.csv: 7 rows, test: Test “Zonulin” is not known. "
        "It is not one of the tests kept here: say on the uploads page what it means, correct the name or "
        "leave it out. First row 3."
    ]


def test_questions_are_stored_when_accepted(run, people):
    row = labs("N-1,2025-01-01,Platelets,2.5,K/uL,,")
    _, _, err = run(row)
    assert "upload again with --accept-questions" in err and not Result.objects.exists()
    assert "1 new" in run(row, accept_questions=True, dry_run=True)[1]
    _, out, err = run(row, accept_questions=True)
    assert ("1 new" in out, err, Result.objects.count()) == (True, "", 1)


@pytest.mark.parametrize(("constraint", "patients"), [("deadlock", 2), ("patient_mrn_once", 0)])
def test_a_deadlock_is_tried_once_more(run, monkeypatch, constraint, patients):
    first = iter([Refused("Somebody else was writing.", constraint=constraint)])

    def store(**given):
        if refusal := next(first, None):
            raise refusal
        return kept(**given)

    kept = actions.store
    monkeypatch.setattr(actions, "store", store)
    if patients:
        run(PEOPLE.encode())
    else:
        with pytest.raises(CommandError, match="Nothing was stored. Somebody else was writing."):
            run(PEOPLE.encode())
    assert Patient.objects.count() == patients


@pytest.mark.parametrize("name", ["folder", "loop.csv", "large.csv", "/dev/null", "/dev/zero", "closed.csv"])
def test_what_is_no_file_ends_with_1_and_its_sentence(run, tmp_path, monkeypatch, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(300 * 1024 * 1024)
    (tmp_path / "closed.csv").write_bytes(b"")
    monkeypatch.setattr("pathlib.Path.open", _refusing(Path.open))
    words = {
        "folder": "this is a folder without FHIR Bulk Data (NDJSON). Name the files in it",
        "loop.csv": "cannot be read (Too many levels of symbolic links)",
        "large.csv": "larger than 200 MB. Split it into smaller files",
        "closed.csv": "cannot be read (Permission denied)",
    }
    status, _, err = run(PEOPLE.encode(), more=[str(tmp_path / name)])
    assert (status, Patient.objects.count()) == (1, 2)
    assert words.get(name, "this is no file on a disk") in err


def _refusing(read):
    """Tests may run as root, who may read everything."""

    def opened(path, *mode, **more):
        if path.name == "closed.csv" and mode == ("rb",):
            raise PermissionError(13, "Permission denied")
        return read(path, *mode, **more)

    return opened


def test_two_files_of_one_name_are_both_stored(run, tmp_path):
    (tmp_path / "more").mkdir()
    other = tmp_path / "more" / "file1.csv"
    other.write_bytes(labs("N-1,2025-01-01,ALT,40,U/L,,"))
    _, out, _ = run(PEOPLE.encode(), json=True, more=[str(other), str(other)])
    found = [json.loads(line) for line in out.splitlines()]
    assert [(one["file"], one["new"], one["same"]) for one in found] == [
        ("file1.csv", 2, 0),
        ("file1.csv", 1, 0),
        ("file1.csv", 0, 1),
    ]


def test_a_file_name_that_is_no_text_is_stored_with_question_marks(run, people, tmp_path):
    name = tmp_path / os.fsdecode(b"l\xe4b.csv")
    name.write_bytes(labs("N-1,2025-01-01,ALT,40,U/L,,"))
    status, out, _ = run(more=[str(name)])
    assert (status, "l?b.csv: Laboratory results" in out) == (0, True)


def test_a_file_above_the_limit_is_not_read(run, settings):
    settings.MAX_UPLOAD_MB = 0
    status, _, err = run(PEOPLE.encode())
    assert (status, "larger than 0 MB" in err) == (1, True)


def test_an_unknown_clinic_is_named_with_those_there_are(run):
    with pytest.raises(CommandError, match="No clinic has the code “west”. Codes: north."):
        run(PEOPLE.encode(), code="west")


def test_an_unknown_person_is_named(run):
    with pytest.raises(CommandError, match="No active person has the sign-in name “nobody”"):
        run(PEOPLE.encode(), by="nobody")


def test_the_person_named_or_the_system_user_is_recorded(run, data_manager):
    run(PEOPLE.encode(), by="datamanager")
    run(PEOPLE.encode())
    assert {upload.by.username for upload in Upload.objects.all()} == {"datamanager", "upload"}
    assert not User.objects.get(username="upload").has_usable_password()


def test_apply_changes_stores_corrections(run, people, put):
    put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,"))
    run(labs("N-1,2025-01-01T08:00,ALT,44,U/L,,"), apply_changes=True)
    assert Result.objects.get(status="corrected").value == 44


def test_at_a_terminal_it_says_how_far_it_is(clinic, tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("uploads.management.commands.upload.PAUSE", 0)
    path, screen = tmp_path / "people.csv", Terminal()
    path.write_bytes(PEOPLE.encode())
    call_command("upload", str(path), clinic=clinic.code, stderr=screen)
    told = screen.getvalue()
    assert "Reading the file" in told and "Storing: 0 of 2 rows" in told and "2 of 2 rows" in told
