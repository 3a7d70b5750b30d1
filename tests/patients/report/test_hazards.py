"""The safety case: its shape, its risks, and that each control is still held by a test."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.html import escape

from patients.management.commands import hazards as command
from patients.report.hazards import HazardError, faults, hazards, intended_use, risk

HAZARD = """
[[hazard]]
id = "H01"
title = "A title"
harm = "A harm."
cause = "A cause."
severity = "{severity}"
before = "{before}"
after = "{after}"
remains = "What remains."

[[hazard.control]]
text = "A control."
tests = {tests}
"""
LEVELS = {"severity": "major", "before": "high", "after": "low", "tests": '["tests/test_a.py::test_b"]'}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "def test_b():\n    def test_inner(): ...\n\nclass TestC:\n    def test_d(self): ...\n"
    )
    return tmp_path


def write(folder: Path, *entries: dict) -> Path:
    text = "".join(HAZARD.format(**LEVELS | entry) for entry in entries)
    (folder / "hazards.toml").write_text(text)
    hazards.cache_clear()
    return folder


def test_every_control_is_held_by_a_test_that_is_there():
    assert faults() == []


@pytest.mark.parametrize(
    ("likelihood", "severity", "expected"),
    [
        ("very_low", "minor", 1),
        ("very_low", "major", 2),
        ("very_low", "catastrophic", 3),
        ("low", "major", 3),
        ("medium", "significant", 2),
        ("high", "considerable", 3),
        ("very_high", "minor", 3),
        ("very_high", "catastrophic", 5),
    ],
)
def test_risk_is_the_matrix_of_dcb0129(likelihood, severity, expected):
    assert risk(severity, likelihood) == expected


def test_no_risk_remains_that_is_not_acceptable():
    assert [hazard.id for hazard in hazards() if hazard.risk_after > 3] == []
    assert all(hazard.risk_after <= hazard.risk_before for hazard in hazards())


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("tests/test_a.py::test_b", ""),
        ("tests/test_a.py::TestC::test_d", ""),
        ("tests/test_a.py::test_renamed", "tests/test_a.py has no test_renamed."),
        ("tests/test_a.py::test_d", "has no test_d."),
        ("tests/test_a.py::test_inner", "has no test_inner."),
        ("tests/test_a.py::TestC", "has no TestC."),
        ("tests/test_a.py", "tests/test_a.py names no test. Write FILE::TEST."),
        (
            "tests/test_gone.py::test_b",
            "tests/test_gone.py is not there. Name the file that holds test_b now.",
        ),
    ],
)
def test_a_test_that_is_gone_or_renamed_is_named(folder, test, said):
    found = faults(write(folder, {"tests": f'["{test}"]'}), folder)
    assert len(found) == bool(said)
    assert all(fault.startswith("H01: ") and said in fault for fault in found)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"severity": "bad"}], "H01: severity is 'bad'. Write one of minor,"),
        ([{"after": "never"}], "H01: after is 'never'."),
        ([{"before": "low", "after": "high"}], "H01: likelier after its controls"),
        ([{"tests": "[]"}], "H01: a control without text or without tests."),
        ([{}, {}], "H01: there twice."),
        ([{"severity": 'major"\nworse = "x'}], "H01: worse missing or unknown."),
    ],
)
def test_a_hazard_that_is_not_whole_is_a_sentence(folder, entries, said):
    assert said in faults(write(folder, *entries), folder)[0]
    with pytest.raises(HazardError):
        hazards(folder)


def test_the_command_prints_each_with_its_risks(capsys):
    call_command("hazards")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("H01 Falling enzymes reassure while the liver fails: risk 3 -> 3. Remains: ")
    assert len(printed) == len(hazards()) + 1


def test_the_command_fails_with_each_fault(capsys, monkeypatch):
    monkeypatch.setattr(command, "faults", lambda: ["H01: gone.", "H02: gone."])
    with pytest.raises(CommandError, match=r"2 faults in the hazards\."):
        call_command("hazards", "--check")
    assert capsys.readouterr().out == "H01: gone.\nH02: gone.\n"


def test_without_the_tests_the_command_says_where_to_check(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "ROOT", tmp_path)
    with pytest.raises(CommandError, match="The tests are not here"):
        call_command("hazards", "--check")


def test_the_page_shows_use_hazards_and_tests(client, viewer):
    client.force_login(viewer)
    page = " ".join(client.get(reverse("patients:knowledge-safety")).content.decode().split())
    for hazard in hazards():
        assert f'id="{hazard.id}"' in page
    assert all(escape(exclusion["who"]) in page for exclusion in intended_use()["exclusion"])
    assert "no site and no authority has confirmed it" in page
    assert "<code>tests/test_titles.py::test_no_title_names_a_patient</code>" in page
