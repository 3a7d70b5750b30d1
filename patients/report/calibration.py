"""Grade and urgency in public cohorts against what became of people: frozen counts as rows, for the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from interpretation import knowledge
from interpretation.characteristics import rule_digest
from interpretation.words import number
from patients.report.survival import curves
from patients.words import GRADE_WORDS, URGENCY_WORDS

MEASURED = knowledge.DATA / "measured" / "calibration.json"
YEARS = 5
TABLE_DAYS = {90: "90 days", 365: "1 year", 730: "2 years", 1095: "3 years", 1460: "4 years", 1825: "5 years"}
HORIZONS = ("90 days", "2 years")
WORDS = {"grade": GRADE_WORDS, "urgency": URGENCY_WORDS}
TITLES = {
    "pattern": ("Dissociation", "Visits with a dissociation, possible or worse"),
    "urgent": ("Urgency", "Visits with any urgency above routine"),
    "crude": (
        "For comparison, a crude rule",
        "AST down by a fifth or more, seconds up by a tenth or more since the last visit. No rule of this product",
    ),
}


@dataclass(frozen=True)
class CountedLevel:
    """Visits at one level; `ends` has a cell a horizon: "22 of 64" and "34% (24 to 47)"."""

    words: str
    visits: int
    people: int
    ends: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CurveRow:
    """One time after the landmark: a group's share without an event, its interval, and who was still followed."""

    when: str
    flagged: tuple[str, str]
    matched: tuple[str, str]


@dataclass(frozen=True)
class CurvePair:
    key: str
    title: str
    words: str
    flagged: int
    matched: int
    drawing: SafeString
    rows: tuple[CurveRow, ...]


@dataclass(frozen=True)
class Calibration:
    """`stale` says why the knowledge is not the one in use; `by_isi` has the tables of each conversion."""

    version: str
    digest: str
    on: str
    stale: str
    cohort: Mapping[str, Any]
    by_isi: tuple[tuple[str, tuple[tuple[str, tuple[CountedLevel, ...]], ...]], ...]
    comparisons: tuple[CurvePair, ...]
    mimic: Mapping[str, Any] | None


def calibration(path: Path = MEASURED) -> Calibration | None:
    """What the last run wrote; None where there was none."""
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    cohort = said["pbcseq"]
    return Calibration(
        version=said["knowledge"],
        digest=said["digest"],
        on=said["measured_on"],
        stale="" if said["digest"] == rule_digest() else "The knowledge has changed since this was measured",
        cohort=cohort,
        by_isi=tuple((isi, _tables(found)) for isi, found in cohort["by_isi"].items()),
        comparisons=tuple(_comparison(key, found) for key, found in cohort["curves"].items()),
        mimic=said["mimic"] and said["mimic"] | {"tables": _mimic_tables(said["mimic"])},
    )


def _tables(found: dict[str, Any]) -> tuple[tuple[str, tuple[CountedLevel, ...]], ...]:
    return tuple(
        (axis, tuple(_level(WORDS[axis][key], counts) for key, counts in levels.items()))
        for axis, levels in found.items()
    )


def _level(words: str, counts: dict[str, Any]) -> CountedLevel:
    return CountedLevel(
        words, counts["visits"], counts["people"], tuple(_end(counts[horizon]) for horizon in HORIZONS)
    )


def _end(counts: dict[str, Any]) -> tuple[str, str]:
    if not counts["of"]:
        return "–", ""
    low, high = counts["interval"]
    share = counts["hits"] / counts["of"]
    return f"{counts['hits']} of {counts['of']}", _with_interval(share, low, high)


def _with_interval(share: float, low: float, high: float) -> str:
    return f"{number(100 * share)}% ({number(100 * low)} to {number(100 * high)})"


def _comparison(key: str, found: dict[str, Any]) -> CurvePair:
    flagged, matched = found["flagged"], found["matched"]
    return CurvePair(
        key,
        *TITLES[key],
        flagged["people"],
        matched["people"],
        curves([(group, found[group]["steps"]) for group in ("matched", "flagged")], YEARS),
        tuple(CurveRow(words, _at(flagged, day), _at(matched, day)) for day, words in TABLE_DAYS.items()),
    )


def _at(curve: dict[str, Any], day: int) -> tuple[str, str]:
    """Share and interval, and how many are followed as that day begins."""
    _, share, low, high = share_at(curve["steps"], day)
    return _with_interval(share, low, high), str(curve["at_risk"][str(day)])


def share_at(steps: Sequence[Sequence[float]], day: float) -> Sequence[float]:
    """The last step up to that day."""
    return max((step for step in steps if step[0] <= day), key=lambda step: step[0])


def _mimic_tables(found: dict[str, Any]) -> list[tuple[str, list[tuple[str, int, int]]]]:
    return [
        (axis, [(WORDS[axis][level], people, dead) for level, (dead, people) in found[axis].items()])
        for axis in WORDS
    ]
