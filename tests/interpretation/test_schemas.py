"""What the schemas of the data files find, each with place and remedy."""

import shutil

import pytest
from edits import applied, files_in_use

from interpretation import knowledge
from interpretation.catalogue import schemas
from interpretation.catalogue.limits import UNITS

MELD, CUT = ("scores", "score", "meld"), object()


def faults(*edits: tuple[tuple, object]) -> list[str]:
    """The faults of the knowledge in use with these values at these places; CUT takes a key out."""
    files = applied(files_in_use(), {place: value for place, value in edits if value is not CUT})
    for (name, *path, last), value in edits:
        if value is CUT:
            holder = files[name]
            for key in path:
                holder = holder[key]
            del holder[last]
    return list(schemas.faults(files))


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (
            ("monitoring", "limit", "core_interval", "value"),
            4,
            "monitoring.toml: limit.core_interval: 4 months have no row of timing: "
            "add one with months = 4, or use 12, 6, 3, 1",
        ),
        (
            ("monitoring", "timing", "2", "months"),
            12,
            "monitoring.toml: timing.2: the same interval as timing.1: take one out",
        ),
        (
            ("dissociation", "limit", "rise_ratio", "value"),
            0,
            "dissociation.toml: limit.rise_ratio.value: 0 is out of range: write a number from 0.01 to 20",
        ),
        (
            ("dissociation", "limit", "trend_draws", "value"),
            2.5,
            "dissociation.toml: limit.trend_draws.value: 2.5 is not a whole number: "
            "write a whole number from 2 to 1000",
        ),
        (
            ("dissociation", "limit", "plasma_hours", "unit"),
            "d",
            "dissociation.toml: limit.plasma_hours.unit: 'd' is not known: use one of h",
        ),
        (
            ("dissociation", "limit", "plasma_hours"),
            CUT,
            "dissociation.toml: limit.plasma_hours: missing: the code asks for it, in h",
        ),
        (
            ("causes", "limit", "onset_first", "value"),
            11,
            "causes.toml: limit.onset_first: 11 is above limit.onset_last, 10: make it 10 or less",
        ),
        (("causes", "cause", "vka", "settles"), CUT, "causes.toml: cause.vka.settles: missing: add it"),
        (("causes", "cause", "vka", "sources"), CUT, "causes.toml: cause.vka.sources: missing: add it"),
        (
            ("causes", "cause", "vka"),
            CUT,
            "causes.toml: cause.vka: missing: interpretation/causes/facts searches for it, add it",
        ),
        (
            ("causes", "cause", "vka", "settles_tests", "1"),
            "history",
            "causes.toml: cause.vka.settles_tests: no test 'history': add [test.history] or take it out",
        ),
        (
            ("causes", "labels", "warfarin", "1"),
            "Warfarin",
            "causes.toml: labels.warfarin: 'Warfarin' is never found: write it in small letters",
        ),
        (
            ("scenario", "feature", "aclf", "prior", "side"),
            "with",
            "scenario.toml: feature.aclf.prior.side: 'with' is not known: use one of for, against",
        ),
        (
            ("scenario", "feature", "aclf", "prior", "text"),
            "Known: {diagnosis}.",
            "scenario.toml: feature.aclf.prior.text: {diagnosis} is not filled in here: "
            "use {disease} {since}",
        ),
        (
            ("scenario", "sentence", "unread", "words"),
            "Cannot be told: {reason",
            "scenario.toml: sentence.unread.words: a brace is not closed: use {reason}",
        ),
        (
            ("prognosis", "unmet", "died"),
            "the {patient} has died",
            "prognosis.toml: unmet.died: {patient} is not filled in here: use no braces",
        ),
        (
            ("changes", "order", "1"),
            "trend",
            "changes.toml: order: 'second_draw' stands there 0 times: name it once",
        ),
        (
            (*MELD, "window"),
            "week",
            "scores.toml: score.meld.window: 'week' is not known: use one of course, day",
        ),
        (
            (*MELD, "inputs", "1", "name"),
            "albumin",
            "scores.toml: score.meld.inputs: the formula does not know 'albumin': take it out",
        ),
        (
            (*MELD, "inputs", "1", "unit"),
            "g/L",
            "scores.toml: score.meld.inputs.bilirubin_total.unit: the test has no unit 'g/L': "
            "use one of its units in analytes.toml",
        ),
        (
            (*MELD, "inputs", "1", "optional"),
            True,
            "scores.toml: score.meld.inputs.bilirubin_total.optional: the formula cannot do without it: "
            "take `optional` out",
        ),
        (
            ("scores", "score", "albi", "inputs", "1", "positive"),
            False,
            "scores.toml: score.albi.inputs.bilirubin_total: the formula cannot use zero: "
            "add `positive = true` or a floor",
        ),
        (
            (*MELD, "colour"),
            "red",
            "scores.toml: score.meld.colour: unknown key: take it out, or use one of name, key, window",
        ),
        (
            ("analytes", "analyte", "ALT", "units", "U/L"),
            2,
            "analytes.toml: analyte.ALT.units: 'U/L', the unit of the test, must stand there with 1",
        ),
        (
            ("analytes", "analyte", "ALT", "choices", "1"),
            "kU/L",
            "analytes.toml: analyte.ALT: unit 'kU/L' has no factor: add it to units or take it out",
        ),
        (
            ("variation", "cv", "INR", "two_laboratories"),
            CUT,
            "variation.toml: cv.INR.two_laboratories: missing: the rule needs it, add it",
        ),
        (
            ("statements", "statement", "S3", "category"),
            "other",
            "statements.toml: statement.S3.category: 'other'",
        ),
        (("references", "reference", "R2", "short"), 2, "references.toml: reference.R2.short: 2 is not text"),
        (
            ("episodes", "closing", "died"),
            "Died.",
            "episodes.toml: closing.died: not a table: write keys with their values",
        ),
        (
            ("corroboration", "marker", "albumin", "worse"),
            "sideways",
            "corroboration.toml: marker.albumin.worse: 'sideways' is not known: use one of up, down",
        ),
    ],
)
def test_a_fault_has_its_place_and_remedy(place, value, fault):
    found = faults((place, value))
    assert any(line.startswith(fault) for line in found), found


def test_a_new_score_needs_its_formula():
    new = {**files_in_use()["scores"]["score"]["meld"], "name": "MELD 4.0"}
    assert faults((("scores", "score", "meld_4"), new)) == [
        "scores.toml: score.meld_4: no formula: add a function with @score('meld_4') to interpretation/scores"
    ]


def test_a_new_cause_needs_its_facts():
    new = {**files_in_use()["causes"]["cause"]["vka"], "name": "Snake bite"}
    assert faults((("causes", "cause", "snake_bite"), new)) == [
        "causes.toml: cause.snake_bite: no facts: "
        "add a function with @facts('snake_bite') to interpretation/causes/facts"
    ]


def test_every_unit_of_a_limit_is_known_and_used():
    units = {limit.unit for name in knowledge.files() for limit in knowledge.limits(name)}
    assert units == UNITS.keys()


def test_a_file_without_a_schema_is_named(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(knowledge.DATA, folder)
    (folder / "spare.toml").write_text((folder / "episodes.toml").read_text(), encoding="utf-8")
    found = schemas.faults({name: knowledge.load(name, folder) for name in knowledge.files(folder)})
    assert list(found) == ["spare.toml: no schema: add interpretation/catalogue/schemas/spare.py"]
