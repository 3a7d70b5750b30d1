"""manage.py knowledge and manage.py impact."""

import io
import json
import shutil
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from interpretation import knowledge
from patients.management.commands import impact as command
from patients.models import Patient
from patients.report import impact
from patients.report.impact import Judged, VerdictChange, changes, totals

BROKEN = 'sources = ["ED", "R16"]'


@pytest.fixture
def folder(tmp_path):
    """A copy of the knowledge in use."""
    copy = tmp_path / "data"
    shutil.copytree(knowledge.DATA, copy)
    return copy


def edit(folder, file: str, old: str, new: str):
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run(*arguments, **options) -> str:
    said = io.StringIO()
    call_command(*arguments, stdout=said, **options)
    return said.getvalue()


# --- knowledge ---


def test_knowledge_prints_version_files_and_counts():
    said = run("knowledge")
    assert said.startswith(f"Knowledge {knowledge.VERSION} ({knowledge.digest()})")
    assert " reviewed: " in said and "general knowledge" in said
    for name in knowledge.files():
        assert f"  {name}: " in said
    assert "awaiting sign-off" in said


def test_knowledge_as_json_adds_up():
    said = json.loads(run("knowledge", json=True))
    assert said["version"] == knowledge.VERSION
    assert said["entries"] == sum(file["entries"] for file in said["files"])
    assert said["entries"] == sum(said["sureness"].values())


def test_check_prints_counts_where_nothing_is_wrong(monkeypatch):
    monkeypatch.setattr("patients.management.commands.knowledge.faults", lambda *_: [])
    assert " entries, " in run("knowledge", check=True)


def test_check_names_each_fault_in_a_line_and_fails(folder):
    edit(folder, "dissociation", BROKEN, "sources = []")
    said = io.StringIO()
    with pytest.raises(CommandError, match="faults? in the knowledge"):
        call_command("knowledge", check=True, folder=str(folder), stdout=said)
    assert "dissociation.toml: limit.rise_ratio: no sources" in said.getvalue().splitlines()


def test_check_as_json_holds_the_faults(folder):
    edit(folder, "dissociation", BROKEN, 'sources = ["R99"]')
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("knowledge", check=True, json=True, folder=str(folder), stdout=said)
    assert (
        "dissociation.toml: limit.rise_ratio: unknown source 'R99'" in json.loads(said.getvalue())["faults"]
    )


def test_knowledge_of_a_folder_that_cannot_be_loaded_says_why(folder):
    edit(folder, "dissociation", BROKEN, "sources = []")
    with pytest.raises(CommandError, match="limit.rise_ratio: no sources"):
        run("knowledge", folder=str(folder))


def test_knowledge_of_no_folder_says_so(tmp_path):
    with pytest.raises(CommandError, match="no TOML files there"):
        run("knowledge", folder=str(tmp_path / "nowhere"))


# --- impact ---


@pytest.fixture
def falling(patient, make_draw):
    for at, alt, inr in [
        ("2025-01-10T08:00", 120, 1.2),
        ("2025-04-10T08:00", 80, 1.4),
        ("2025-07-10T08:00", 40, 1.7),
    ]:
        make_draw(patient, at, ALT=(alt, 40), INR=inr)
    return patient


@pytest.fixture
def others(clinic, other_clinic, make_draw):
    for number, home in enumerate((clinic, clinic, other_clinic)):
        one = Patient.objects.create(
            clinic=home, mrn=f"M-{number}", family_name="F", birth_date=date(1960, 1, 1), sex="M"
        )
        make_draw(one, "2025-01-10T08:00", ALT=(30, 40), INR=1.0)
        make_draw(one, "2025-05-10T08:00", ALT=(31, 40), INR=1.1)


# With this no rise of INR is ever enough.
STRICTER = ("dissociation", "value = 1.15", "value = 3")


@pytest.mark.django_db
def test_the_same_knowledge_changes_nothing(falling, others, folder):
    said = json.loads(run("impact", against=str(folder), json=True))
    assert (said["patients"], said["changed"], said["changes"]) == (4, 0, [])
    assert said["in_use"]["digest"] == said["other"]["digest"]


@pytest.mark.django_db
def test_whose_grade_would_change_is_listed_from_and_to(falling, others, folder, monkeypatch):
    monkeypatch.setattr(command, "BATCH", 2)
    edit(folder, *STRICTER)
    said = json.loads(run("impact", against=str(folder), json=True))
    assert (said["patients"], said["changed"]) == (4, 1)
    grade = {"what": "grade", "was": "established", "becomes": "none"}
    (row,) = (row for row in said["changes"] if row["what"] == "grade")
    assert row["why"].startswith("1 to 2 weeks: established dissociation: ALT fell")
    assert {**grade, "clinic": "north", "mrn": falling.mrn, "why": row["why"]} == row
    assert {**grade, "count": 1} in said["transitions"]
    assert said["in_use"]["digest"] != said["other"]["digest"]


@pytest.mark.django_db
def test_in_words_with_counts_and_identifiers(falling, others, folder):
    said = run("impact", against=str(edit(folder, *STRICTER)))
    assert "1 of 4 patients would read differently." in said
    assert f"grade: established -> none: 1\n  north {falling.mrn}" in said


@pytest.mark.django_db
def test_one_clinic_alone(falling, others, folder):
    edit(folder, *STRICTER)
    said = json.loads(run("impact", against=str(folder), clinic="south", json=True))
    assert (said["patients"], said["changed"]) == (1, 0)
    with pytest.raises(CommandError, match="No clinic has the code “nowhere”"):
        run("impact", against=str(folder), clinic="nowhere")


@pytest.mark.django_db
def test_withdrawn_patients_are_not_judged(falling, clinician, folder):
    Patient.objects.update(
        withdrawn_at="2026-01-01T00:00Z", withdrawn_by=clinician, withdrawn_reason="Entered twice"
    )
    assert json.loads(run("impact", against=str(folder), json=True))["patients"] == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.django_db
def test_progress_goes_to_standard_error(falling, folder):
    out, err = io.StringIO(), Terminal()
    call_command("impact", against=str(folder), json=True, stdout=out, stderr=err)
    assert "\r1 of 1 patients" in err.getvalue()
    assert "patients" in json.loads(out.getvalue())


@pytest.mark.django_db
def test_a_folder_that_cannot_be_used_is_a_sentence(patient, folder, tmp_path):
    with pytest.raises(CommandError, match="no such folder"):
        run("impact", against=str(tmp_path / "nowhere"))
    edit(folder, "variation", 'sources = ["GK", "R57"]', "sources = []")
    with pytest.raises(CommandError, match="variation.toml: limit.one_sided_99: no sources"):
        run("impact", against=str(folder))
    (folder / "variation.toml").unlink()
    (folder / "causes.toml").unlink()
    with pytest.raises(CommandError, match=r"missing causes\.toml, variation\.toml"):
        run("impact", against=str(folder))


@pytest.mark.django_db
def test_a_version_that_does_not_run_says_its_last_word(falling, folder):
    """Loads well, but a limit that the code asks for has another name."""
    edit(folder, "dissociation", "[limit.plasma_hours]", "[limit.plasma_time]")
    with pytest.raises(CommandError, match=r"does not run: .*limit\.plasma_hours: no such limit"):
        run("impact", against=str(folder))


def test_the_help_says_that_identifiers_are_shown():
    assert "PATIENT IDENTIFIERS" in command.Command.help


A = Judged("none", "undetermined", "aclf")


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (A, []),
        (Judged("possible", "undetermined", "aclf"), [("grade", "none", "possible")]),
        (
            Judged("possible", "confounded", "aclf"),
            [("grade", "none", "possible"), ("attribution", "undetermined", "confounded")],
        ),
        (Judged("none", "undetermined", "undetermined"), [("scenario", "aclf", "undetermined")]),
        # A version that knows no scenario has not changed its mind.
        (Judged("none", "undetermined", ""), []),
    ],
)
def test_what_is_compared(after, found):
    assert changes(A, after) == [VerdictChange(*one) for one in found]


def test_transitions_are_counted_grades_first():
    some = [
        VerdictChange("scenario", "a", "b"),
        *[VerdictChange("grade", "x", "y")] * 2,
        *[VerdictChange("grade", "x", "z")] * 3,
    ]
    assert [(c.what, c.becomes, n) for c, n in totals(some)] == [
        ("grade", "z", 3),
        ("grade", "y", 2),
        ("scenario", "b", 1),
    ]


def test_the_data_folder_may_be_named_by_the_environment(folder):
    """As `other_version` does: the process reads that folder and no other."""
    edit(folder, "references", 'version = "2026.2"', 'version = "1999.1"')
    with impact.other_version(folder) as other:
        other.process.stdin.write('{"as_of": "2025-01-01"}\n')
        other.process.stdin.flush()
        assert json.loads(other.process.stdout.readline())["knowledge_version"] == "1999.1"
