"""A bound (`>8`, `<5`) is never told as a number: its comparator stands directly before it, in every text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interpretation import Case, Draw, Event, Result, interpret
from interpretation.changes import as_json as changes_as_json
from interpretation.changes import what_would_change
from interpretation.episodes import as_json as episodes_as_json
from interpretation.episodes import episodes, grades
from interpretation.record.analytes import ANALYTES
from interpretation.report import as_json
from interpretation.words import bounded_percent, value
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

# An unusual number a test, and how a sentence may write it: in every unit, with fewer decimals.
HIGH = {
    "INR": 8.37,
    "ALT": 8371,
    "AST": 8379,
    "ALP": 837,
    "GGT": 839,
    "bilirubin_total": 611.7,
    "bilirubin_direct": 373.9,
    "albumin": 47.9,
    "platelets": 537,
    "creatinine": 397,
    "sodium": 139.7,
    "haematocrit": 0.637,
    "haemoglobin": 187.3,
    "aptt": 97.3,
    "PT": 73.9,
    "fibrinogen": 7.39,
    "d_dimer": 17.93,
    "factor_v": 87.3,
    "factor_vii": 79.3,
    "factor_viii": 193.7,
    "crp": 137.9,
    "white_cells": 39.7,
    "lactate": 7.93,
    "arterial_ph": 7.193,
}
LOW = HIGH | {
    "INR": 1.07,
    "ALT": 7.31,
    "AST": 7.39,
    "ALP": 13.7,
    "GGT": 13.9,
    "bilirubin_total": 3.71,
    "bilirubin_direct": 3.79,
    "albumin": 11.7,
    "platelets": 19.7,
    "creatinine": 33.7,
    "haemoglobin": 73.9,
    "fibrinogen": 0.37,
    "factor_v": 7.3,
    "factor_vii": 7.9,
    "factor_viii": 13.7,
}
SIGNED = r"[<>≤≥]$"
# What every draw of a base case holds beside ALT, AST and INR, falling and rising as the liver fails.
OTHERS = {
    "ALP": (150, 160, 180), "GGT": (90, 95, 120), "bilirubin_total": (40, 90, 190),
    "bilirubin_direct": (30, 70, 150), "albumin": (38, 33, 28), "platelets": (160, 120, 80),
    "creatinine": (80, 110, 190), "sodium": (138, 135, 131), "haematocrit": (0.41, 0.40, 0.38),
    "haemoglobin": (140, 135, 120), "aptt": (36, 42, 50), "PT": (14, 17, 24), "fibrinogen": (3.1, 2.2, 1.3),
    "d_dimer": (1.1, 2.2, 4.4), "factor_v": (70, 50, 30), "factor_vii": (60, 40, 25),
    "factor_viii": (110, 120, 130), "crp": (5, 12, 40), "white_cells": (6, 9, 14), "lactate": (1.2, 2.1, 3.6),
    "arterial_ph": (7.40, 7.36, 7.32),
}  # fmt: skip


def _full(*days: float, alt=(2600, 900, 240), ast=(2100, 700, 190), inr=(1.4, 1.8, 2.6), **rest) -> Case:
    draws = [
        draw(day, alt[n], ast[n], inr[n], **{key: values[n] for key, values in OTHERS.items()})
        for n, day in enumerate(days)
    ]
    return case(*draws, **rest)


WARFARIN = Event("vka", at(-20), label="Warfarin")
VITAMIN_K = Event("vitamin_k", at(9), route="iv")
BASES: dict[str, Case] = {
    "acute": _full(0, 5, 10, events=[Event("hepatotoxic_drug", at(-1), label="Paracetamol")]),
    "acute on chronic": _full(
        0, 5, 10, alt=(420, 200, 82), ast=(610, 300, 110), diagnoses=["cirrhosis"],
        events=[Event("ascites", at(6)), Event("encephalopathy", at(9), grade=2)],
    ),
    "chronic": _full(
        0, 182, 365, alt=(112, 74, 34), ast=(98, 70, 41), diagnoses=["cirrhosis", "hepatitis_c"]
    ),
    "warfarin": _full(0, 90, 180, alt=(120, 70, 44), ast=(90, 60, 38), events=[WARFARIN]),
    "warfarin, later": _full(
        0, 90, 180, alt=(120, 70, 44), ast=(90, 60, 38), events=[Event("vka", at(159), label="Warfarin")]
    ),
    "vitamin K": _full(
        0, 8, 10, alt=(210, 130, 80), ast=(180, 110, 76), inr=(1.3, 2.4, 1.2), events=[VITAMIN_K],
        diagnoses=["cholestasis"],
    ),
    "no answer": _full(0, 8, 10, alt=(210, 130, 80), ast=(180, 110, 76), events=[VITAMIN_K]),
    "plasma": _full(0, 5, 10, events=[Event("plasma", at(9.8))]),
    "Fontan": _full(0, 90, 180, alt=(96, 60, 44), ast=(84, 58, 46), diagnoses=["fontan"]),
    "recovering": _full(0, 5, 10, inr=(2.6, 1.8, 1.2)),
    "rising enzymes": _full(0, 5, 10, alt=(120, 60, 400), ast=(110, 50, 380)),
    "normal enzymes": _full(0, 190, 380, alt=(28, 24, 22), ast=(30, 29, 27), diagnoses=["cirrhosis"]),
    "sepsis": _full(0, 5, 10, diagnoses=["sepsis"], events=[Event("antibiotic", at(3), label="Ceftriaxone")]),
}  # fmt: skip
BASES |= {name: vignette for name, (vignette, *_) in VIGNETTES.items()}


# With all tests as a bound in turn; of the other cases those that reach the grade and most sentences.
WHOLE = ("acute", "acute on chronic", "chronic", "Fontan")
MAIN = ("INR", "ALT", "AST", "ALP", "bilirubin_total", "albumin", "platelets", "creatinine", "haematocrit")
# They alone move the grade, and with it the past grades, the episodes and what would change them.
GRADED = ("INR", "ALT", "AST", "bilirubin_total", "haematocrit")


def bounded(name: str) -> Iterator[tuple[str, int, str, float]]:
    """(analyte, place of the draw, comparator, number): one result of the case as a bound."""
    base = BASES[name]
    for place in sorted({0, len(base.draws) // 2, len(base.draws) - 1}):
        for key in base.draws[place].by_analyte:
            if name in WHOLE or key in MAIN:
                yield key, place, ">", HIGH[key]
                yield key, place, "<", LOW[key]


def with_bound(base: Case, key: str, place: int, comparator: str, number: float) -> Case:
    def bound(result: Result) -> Result:
        return replace(result, value=number, comparator=comparator) if result.analyte == key else result

    chosen = base.draws[place]
    drawn = replace(chosen, results=tuple(map(bound, chosen.results)))
    return replace(base, draws=(*base.draws[:place], drawn, *base.draws[place + 1 :]))


ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+")


def texts(data, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a report in plain JSON, with its place."""
    if isinstance(data, str):
        if not ISO_TIME.fullmatch(data):
            yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts(value, path)


def spellings(key: str, number: float) -> set[str]:
    """The number as a sentence may write it, in SI and conventional units; too short for a chance is left out."""
    analyte = ANALYTES[key]
    least = 3 if number < 3 else 2
    found = set()
    for factor in {1.0, analyte.units.get(analyte.conventional_unit or analyte.unit, 1.0)}:
        texts = {f"{number / factor:.{decimals}f}" for decimals in range(4)}
        found |= {text for text in texts if len(text.replace(".", "").lstrip("0")) >= least}
    return found


def bare(text: str, written: set[str]) -> str | None:
    """The number without its comparator directly before it, with what stands around it; None where it has."""
    for number in written:
        for match in re.finditer(rf"(?<![\d.,:]){re.escape(number)}(?![\d.]*\d)", text):
            before = text[: match.start()]
            if not re.search(SIGNED, before):
                return f"{before[-60:]}[{number}]{text[match.end() : match.end() + 20]}"
    return None


def reported(base: Case, key: str = "INR") -> dict[str, Any]:
    """All that is made of a case in plain JSON: report, past grades, episodes, changes."""
    report = interpret(base)
    scores = [[*score.notes, score.reason] for score in report.scores.values()]
    found: dict[str, Any] = {"report": as_json(report), "scores": scores}
    if key in GRADED:
        points = grades(base).points
        past = episodes(points, base)
        found["grades"] = [[point.headline, point.sentence] for point in points]
        found["episodes"] = [*episodes_as_json(past), *(episode.sentence for episode in past)]
        found["changes"] = changes_as_json(what_would_change(base, report))
    return found


def alone(data: Any, number: float, path: str = "") -> Iterator[str]:
    """Places where this number stands in the JSON without a comparator beside it."""
    if isinstance(data, dict):
        signed = any(inner for key, inner in data.items() if key.endswith(("comparator", "sign")))
        signed |= any(any(inner) for key, inner in data.items() if key.endswith("signs"))
        for key, value in data.items():
            if isinstance(value, float) and value == number and not signed:
                yield f"{path}.{key}"
            yield from alone(value, number, f"{path}.{key}")
    elif isinstance(data, list):
        for value in data:
            yield from alone(value, number, path)


@pytest.mark.parametrize("name", BASES)
def test_no_text_and_no_number_tells_a_bound_as_a_number(name):
    base = BASES[name]
    plain = {text for _, text in texts(reported(base))}
    found = []
    for key, place, comparator, number in bounded(name):
        data = reported(with_bound(base, key, place, comparator, number), key)
        written = spellings(key, number)
        said = [(path, text) for path, text in texts(data) if text not in plain]
        leaks = [f"{path}: {leak}" for path, text in said if (leak := bare(text, written))]
        leaks += [f"{path}: the number alone" for path in alone(data, number)]
        found += [f"{key} {comparator}{number} at {place}: {leak}" for leak in leaks]
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (Result("INR", 1.2), Result("INR", 8.0, ">"), "1.2 → >8.0 (at least +567 %)"),
        (Result("ALT", 1000, ">="), Result("ALT", 100), "≥1000 → 100 (at least −90 %)"),
        (Result("ALT", 300), Result("ALT", 5, "<"), "300 → <5 (at least −98 %)"),
        (Result("INR", 8.0, ">"), Result("INR", 9.0), ">8.0 → 9.0"),
        (Result("INR", 1.2, "<"), Result("INR", 1.1), "<1.2 → 1.1"),
        (Result("INR", 1.2), Result("INR", 1.8), "1.2 → 1.8 (+50 %)"),
    ],
)
def test_a_change_from_a_bound_is_at_least_so_much_or_not_told(first, last, words):
    change = bounded_percent((last.value / first.value - 1) * 100, (first.comparator, last.comparator))
    assert f"{value(first)} → {value(last)}{f' ({change})' if change else ''}" == words


@pytest.mark.parametrize(
    ("alt", "inr", "words"),
    [
        ((">400", 80), (1.2, 1.9), "ALT at least −80 % (99 of 100 stable people"),
        ((400, ">80"), (1.2, 1.9), "ALT change cannot be told from a bound (99 of 100 stable people"),
        ((400, 80), (">1.2", 1.9), "INR change cannot be told from a bound (95 of 100 stable people"),
    ],
)
def test_the_change_against_variation_is_that_of_a_bound(alt, inr, words):
    def result(key: str, given) -> Result:
        number = str(given).lstrip(">")
        return Result(key, float(number), ">" if number != str(given) else "", upper_limit=40)

    draws = [Draw(at(10 * n), (result("ALT", alt[n]), result("INR", inr[n]))) for n in range(2)]
    said = {statement.id: statement.text for statement in interpret(case(*draws)).statements}
    assert words in said["variation"]
