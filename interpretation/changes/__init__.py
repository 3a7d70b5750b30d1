"""What would change this reading: the nearest facts that would move it, found by asking the rule.

Each candidate is a case like this one with one thing more: a draw, a verdict on a cause, a stop confirmed.
The rule grades it; what it answers otherwise than now is listed. Not part of `interpret()`: it asks about
twenty times. [lessons.md 1.14]
"""

from typing import Any

from interpretation.record.records import Case, Report

from ..knowledge import limits, load
from .asking import AXES, WhatIf, WhatIfQuestion
from .draws import draw_changes
from .facts import fact_changes

LIMITS = limits("changes").read_by(__name__, "shown")
load("changes").read_by(__name__, "order")

__all__ = ["WhatIf", "what_would_change"]


def what_would_change(case: Case, report: Report) -> tuple[WhatIf, ...]:
    """The changes worth knowing, the most useful first; empty where nothing near would change the reading."""
    question = WhatIfQuestion(case, report.dissociation)
    if question.latest is None or question.over:
        return ()
    found = [*draw_changes(question), *fact_changes(question)]
    order = load("changes")["order"]
    found.sort(key=lambda change: (AXES.index(change.axis), order.index(change.kind)))
    return tuple(found[: int(LIMITS.shown)])


def as_json(changes: tuple[WhatIf, ...]) -> list[dict[str, Any]]:
    """In plain JSON types; the hypothetical case itself is left out."""
    return [
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(change).items()
            if name != "case"
        }
        for change in changes
    ]
