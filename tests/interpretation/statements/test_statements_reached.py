"""Every statement of the source document is shown to somebody, and hardly any to everybody."""

import pytest

from interpretation import interpret
from tests.interpretation.vignettes import VIGNETTES, case, draw

FALLING_PLATELETS = case(
    draw(0, 112, 98, 1.2, platelets=160),
    draw(365, 40, 45, 1.6, platelets=110),
    diagnoses=["cirrhosis"],
)
HEPATITIS_C = case(
    draw(0, 70, 62, 1.1), draw(365, 30, 34, 1.4), diagnoses=["hepatitis_c", "advanced_fibrosis"]
)
NORMAL = case(draw(0, 30, 30, 1.0), draw(200, 30, 30, 1.0))
CASES = {name: vignette for name, (vignette, *_) in VIGNETTES.items()} | {
    "falling platelets": FALLING_PLATELETS,
    "hepatitis C": HEPATITIS_C,
    "normal": NORMAL,
}
# statement -> a case that shows it, a case that must not (None: a caveat or an item for everybody).
REACHED = {
    "S1": ("1 progressive CLD", "6 noise"),
    "S2": ("9a cholestasis and antibiotics", "1 progressive CLD"),
    "S3": ("1 progressive CLD", "12 burnt-out cirrhosis"),
    "S4": ("3 post-acute injury, failing", "12 burnt-out cirrhosis"),
    "S5": ("1 progressive CLD", "6 noise"),
    "S6": ("1 progressive CLD", "6 noise"),
    "S7": ("2 ACLF", "6 noise"),
    "S8": ("12 burnt-out cirrhosis", "3 post-acute injury, failing"),
    "S9": ("2 ACLF", "3 post-acute injury, failing"),
    "S10": ("hepatitis C", "1 progressive CLD"),
    "S11": ("2 ACLF", "1 progressive CLD"),
    "S12": ("12 burnt-out cirrhosis", "1 progressive CLD"),
    "S13": ("5 DILI, two draws", "4 post-acute injury, recovering"),
    "S14": ("3 post-acute injury, failing", "11 two laboratories"),
    "S15": ("2 ACLF", "12 burnt-out cirrhosis"),
    "S16": ("1 progressive CLD", "6 noise"),
    "S17": ("1 progressive CLD", None),
    "S18": ("falling platelets", "1 progressive CLD"),
    "S19": ("1 progressive CLD", None),
    "S20": ("1 progressive CLD", None),
    "S21": ("1 progressive CLD", None),
    "S22": ("1 progressive CLD", None),
    "S23": ("10 Fontan", "1 progressive CLD"),
    "S24": ("9a cholestasis and antibiotics", "normal"),
    "S25": ("2 ACLF", "6 noise"),
    "S26": ("2 ACLF", "6 noise"),
    "S27": ("2 ACLF", "6 noise"),
    "S28": ("2 ACLF", "6 noise"),
    "S29": ("2 ACLF", "6 noise"),
}
SECTIONS = (
    "scenario", "meaning", "corroboration", "prognosis", "mechanism", "other_causes", "now", "caveats",
)  # fmt: skip


def shown(report) -> set[str]:
    """Statements whose own sentence is shown; S17 is the checklist itself."""
    return {s.id for s in report.statements} | set(report.monitoring.sources)


def test_the_table_holds_every_statement():
    assert list(REACHED) == [f"S{number}" for number in range(1, 30)]


@pytest.mark.parametrize("id", REACHED)
def test_a_statement_is_reached(id):
    assert id in shown(interpret(CASES[REACHED[id][0]]))


@pytest.mark.parametrize("id", [id for id, (_, other) in REACHED.items() if other])
def test_a_statement_is_not_shown_to_everybody(id):
    assert id not in shown(interpret(CASES[REACHED[id][1]]))


@pytest.mark.parametrize("name", CASES)
def test_the_panel_stays_readable(name):
    sections = [s.section for s in interpret(CASES[name]).statements]
    assert set(sections) <= set(SECTIONS)
    assert sections.count("scenario") + sections.count("meaning") <= 10
    assert sections.count("prognosis") <= 4


@pytest.mark.parametrize("name", CASES)
def test_no_statement_is_shown_twice(name):
    ids = [(s.id, s.text) for s in interpret(CASES[name]).statements]
    assert len(ids) == len(set(ids))
