"""Counts what the rule says of the patients of a cell, through the reading that the product gives."""

from collections import Counter

from interpretation.record.records import Report
from interpretation.report import brief
from interpretation.rule.grading import PATTERN

from .cells import CELLS
from .people import simulated


def count(name: str, seed: int, first: int, last: int) -> Counter[str]:
    """Measures that hold, over the patients from `first` up to, not including, `last`."""
    cell = CELLS[name]
    counted: Counter[str] = Counter()
    for number in range(first, last):
        counted.update(_measures(brief(simulated(cell, seed, number))))
    return counted


def _measures(report: Report) -> list[str]:
    """A critical grade is counted as established too where its base grade is."""
    found, level = report.dissociation, report.urgency.level
    grades = {
        "possible": found.grade in PATTERN,
        "established": found.grade in PATTERN and found.base_grade == "established",
        "critical": found.grade == "critical",
    }
    return [*(name for name, holds in grades.items() if holds), level]
