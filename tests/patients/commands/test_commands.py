"""reassess and report."""

import io
import json
import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from patients.actions.marks import work
from patients.management.commands import reassess
from patients.models import Assessment, CauseReview, Event, Patient

pytestmark = pytest.mark.django_db


def run(*arguments, **options) -> str:
    said = io.StringIO()
    call_command(*arguments, stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def falling(patient, make_draw):
    for at, alt, inr in [
        ("2025-01-10T08:00", 120, 1.2),
        ("2025-04-10T08:00", 80, 1.4),
        ("2025-07-10T08:00", 40, 1.7),
    ]:
        make_draw(patient, at, ALT=(alt, 40), INR=inr)
    return patient


def add(clinic, mrn: str) -> Patient:
    return Patient.objects.create(
        clinic=clinic, mrn=mrn, family_name="F", birth_date=date(1960, 1, 1), sex="M"
    )


def test_reassess_rebuilds_every_summary(falling, clinic, monkeypatch):
    monkeypatch.setattr(reassess, "BATCH", 2)
    for number in range(4):
        add(clinic, f"M-{number}")
    assert "Reassessed 5 patients" in run("reassess")
    assert Assessment.objects.count() == 5
    assert Assessment.objects.get(pk=falling.pk).grade == "established"


def test_reassess_says_how_many_could_not_be_read(falling, clinic, monkeypatch):
    other, real = add(clinic, "M-1"), work.assess

    def assess_but_one(ids):
        if other.pk in ids:
            raise ValueError
        real(ids)

    monkeypatch.setattr(work, "assess", assess_but_one)
    with pytest.raises(CommandError, match="1 of them could not be read"):
        run("reassess")
    assert Assessment.objects.get().pk == falling.pk


def test_reassess_may_run_again(falling):
    run("reassess")
    Assessment.objects.update(grade="none")
    run("reassess")
    assert Assessment.objects.get().grade == "established"


def test_reassess_takes_one_clinic_alone(falling, other_clinic):
    add(other_clinic, "S-1")
    assert "Reassessed 1 patients" in run("reassess", clinic="south")
    assert Assessment.objects.get().clinic == other_clinic


def test_reassess_knows_its_clinics():
    with pytest.raises(CommandError, match="No clinic has the code “nowhere”"):
        run("reassess", clinic="nowhere")


def test_reassess_takes_withdrawn_patients_off_the_list(falling, clinician):
    run("reassess")
    Patient.objects.update(
        withdrawn_at="2026-01-01T00:00Z", withdrawn_by=clinician, withdrawn_reason="Entered twice"
    )
    run("reassess")
    assert not Assessment.objects.exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_reassess_shows_its_progress_on_a_terminal(falling):
    said = Terminal()
    call_command("reassess", stdout=said)
    assert "\r1 of 1 patients" in said.getvalue()


@pytest.mark.parametrize(
    ("as_of", "grade"),
    [
        ("", "established"),
        ("2025-07-10", "established"),
        ("2025-07-10T07:59", "none"),
        ("2025-04-09", "not_assessable"),
    ],
)
def test_report_prints_the_report_as_of_that_time(falling, as_of, grade):
    report = json.loads(run("report", falling.mrn, as_of=as_of, json=True))
    assert report["id"] == str(falling.uuid)
    assert report["dissociation"]["grade"] == grade


def test_report_without_json_prints_the_sentence_first(falling):
    assert run("report", falling.mrn).startswith("Established dissociation: ALT fell 120 → 40 U/L")


PARTS = ("SCENARIO: ", "WHAT THIS MEANS", "ALBUMIN, PLATELETS, BILIRUBIN", "OUTLOOK")
PARTS += (
    "OTHER CAUSES OF A RAISED INR",
    "WHAT TO DO",
    "MONITORING",
    "SCORES",
    "SCORES THAT CANNOT",
    "CAVEATS",
)


def test_report_in_words_holds_what_a_reader_needs_in_its_order(falling, make_draw):
    make_draw(falling, "2025-07-10T09:00", bilirubin_total=41, albumin=31)
    said = run("report", falling.mrn, as_of="2025-07-11")
    places = [said.index(part) for part in PARTS]
    assert places == sorted(places)
    assert max(map(len, said.splitlines())) <= 100
    together = " ".join(said.split())
    assert "compared are those of 10 Jan 2025, 08:00 and 10 Jul 2025, 08:00. Knowledge " in together
    # What has something against it only is not listed.
    assert "Inherited factor VII deficiency" not in together
    assert re.search(r"- \d+ more open, with nothing recorded for them\.", together)
    assert (
        "ALBI −1.57 (2): Bilirubin, total 41 µmol/L (10 Jul 2025), Albumin 31 g/L (10 Jul 2025)" in together
    )
    assert "were not derived in patients like this one" in together


def test_each_sentence_of_the_report_has_its_source(falling):
    """Sentences of the panel, not the lines that name a cause or count what is left."""
    report = json.loads(run("report", falling.mrn, json=True))
    together = " ".join(run("report", falling.mrn).split())
    for statement in report["statements"]:
        if statement["section"] not in ("mechanism",):
            assert " ".join(statement["text"].split()) + " [" in together


def test_report_in_words_tells_verdicts_of_people_and_trials_of_vitamin_k(falling, clinician, make_draw):
    CauseReview.objects.create(
        patient=falling, cause="antibiotics", verdict="excluded", note="None given", by=clinician
    )
    Event.objects.create(patient=falling, kind="vitamin_k", started_at="2025-07-10T10:00Z", route="iv")
    make_draw(falling, "2025-07-11T10:00", INR=1.6)
    together = " ".join(run("report", falling.mrn).split())
    assert "- Antibiotics: excluded - excluded by" in together and ": None given" in together
    assert "VITAMIN K AS A TEST - No response: Vitamin K on 10 Jul 2025, 11:00 (by vein)" in together


def test_report_of_an_empty_record_says_what_to_measure(clinic):
    said = " ".join(run("report", add(clinic, "E-1").mrn).split())
    assert said.startswith("Not assessable: no draws are recorded. As of ")
    assert "0 draws by then" in said and "measure ALT, AST and INR in one sample" in said


@pytest.mark.parametrize("mrn", ["X-1", ""])
def test_report_of_an_unknown_mrn_is_a_sentence(falling, mrn):
    with pytest.raises(CommandError, match="No patient has the MRN"):
        run("report", mrn)


def test_report_of_a_bad_time_is_a_sentence(falling):
    with pytest.raises(CommandError, match="is not a date"):
        run("report", falling.mrn, as_of="yesterday")


def test_report_asks_which_clinic(falling, other_clinic):
    add(other_clinic, falling.mrn)
    with pytest.raises(CommandError, match="north, south. Say which"):
        run("report", falling.mrn)
    assert "Not assessable" in run("report", falling.mrn, clinic="south")


def test_report_knows_no_withdrawn_patient(falling, clinician):
    Patient.objects.update(
        withdrawn_at="2026-01-01T00:00Z", withdrawn_by=clinician, withdrawn_reason="Entered twice"
    )
    with pytest.raises(CommandError, match="No patient"):
        run("report", falling.mrn)


def test_report_tells_the_episodes(falling):
    said = " ".join(run("report", falling.mrn, episodes=True).split())
    assert "Established dissociation, recognised 10 Apr 2025" not in said
    assert re.search(r"Established dissociation, recognised .*: from ALT 120 U/L on 10 Jan 2025", said)
    assert "No episode" in run("report", falling.mrn, episodes=True, as_of="2025-01-11")


def test_report_in_json_tells_what_would_change(falling):
    report = json.loads(run("report", falling.mrn, json=True, episodes=True))
    assert {change["kind"] for change in report["changes"]} >= {"next_draw"}
    assert all(change["before"] != change["after"] for change in report["changes"])
    assert [episode["state"] for episode in report["episodes"]] == ["open"]
    assert "episodes" not in json.loads(run("report", falling.mrn, json=True))
