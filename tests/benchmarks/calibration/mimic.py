"""The intensive-care demo: the worst that was said of each person, and who died within 90 days of it."""

from datetime import date
from pathlib import Path
from typing import Any

from interpretation.record.records import Case
from interpretation.report import interpret
from interpretation.rule.grading import GRADES
from interpretation.urgency import LEVELS
from tests.interpretation.texts import mimic_cases

DAYS = 90


def count_mimic(folder: Path) -> dict[str, Any]:
    """By worst grade and by most pressing urgency: people, and of them dead within 90 days of that day."""
    by_person: dict[str, list[tuple[str, str, date, date | None]]] = {}
    for case in mimic_cases(folder):
        by_person.setdefault(case.id, []).append(_read(case))
    return {
        "people": len(by_person),
        "died": sum(days[0][3] is not None for days in by_person.values()),
        "grade": _worst(by_person, 0, GRADES),
        "urgency": _worst(by_person, 1, LEVELS),
    }


def _read(case: Case) -> tuple[str, str, date, date | None]:
    report = interpret(case)
    return report.dissociation.grade, report.urgency.level, case.as_of.date(), case.died_on


def _worst(by_person: dict[str, list[Any]], place: int, order: tuple[str, ...]) -> dict[str, list[int]]:
    """{level: [dead within 90 days, people]}; of a person the first day with their worst level."""
    found = {level: [0, 0] for level in order}
    for days in by_person.values():
        worst = min(days, key=lambda day: (order.index(day[place]), day[2]))
        dead = worst[3] is not None and (worst[3] - worst[2]).days <= DAYS
        found[worst[place]][0] += dead
        found[worst[place]][1] += 1
    return {level: counts for level, counts in found.items() if counts[1]}
