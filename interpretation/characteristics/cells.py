"""The cells of the table: what is simulated, and what was published of it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from interpretation.knowledge import digest, limits, load

LIMITS = limits("characteristics").read_by(__name__, "alt_cv ast_cv inr_cv bilirubin_cv")
# What is counted of a reading: a grade, "possible" standing for it or worse, or a level of urgency.
MEASURES = (
    "possible",
    "established",
    "critical",
    "today",
    "24_to_48_h",
    "1_to_2_weeks",
    "4_weeks",
)


@dataclass(frozen=True)
class SimulatedCell:
    """One kind of patient. Courses run from their first to their last true value in equal steps.

    `published` and `at_most` are per cent of patients by measure.
    """

    name: str
    group: str
    words: str
    draws: int
    spacing: float
    courses: dict[str, tuple[float, float]]
    cv: dict[str, float]
    diagnosis: str
    second_laboratory: bool = False
    published: dict[str, float] = field(default_factory=dict)
    at_most: dict[str, float] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Changes with what is simulated, not with its words or what was published of it."""
        drawn = (self.name, self.draws, self.spacing, self.courses, self.cv, self.diagnosis)
        return hashlib.sha256(repr((*drawn, self.second_laboratory)).encode()).hexdigest()[:10]

    @property
    def is_stable(self) -> bool:
        """The true INR stays as it is: whatever the rule says is a false alarm."""
        first, last = self.courses["INR"]
        return first == last


def _cell(name: str, row: dict[str, Any]) -> SimulatedCell:
    cv = {
        "INR": row.get("inr_cv", LIMITS.inr_cv),
        "ALT": row.get("alt_cv", LIMITS.alt_cv),
        "AST": LIMITS.ast_cv,
        "bilirubin_total": LIMITS.bilirubin_cv,
    }
    return SimulatedCell(
        name=name,
        group=row["group"],
        words=row["words"],
        draws=row["draws"],
        spacing=row["spacing"],
        courses={analyte: (row[analyte][0], row[analyte][1]) for analyte in cv if analyte in row},
        cv=cv,
        diagnosis=row["diagnosis"],
        second_laboratory=row.get("second_laboratory", False),
        published=row.get("published", {}),
        at_most=row.get("at_most", {}),
    )


def rule_digest() -> str:
    """Of all knowledge but the cells: of each of them its own fingerprint is kept."""
    return digest(but_for="characteristics")


CELLS: dict[str, SimulatedCell] = {
    name: _cell(name, row) for name, row in load("characteristics").read_by(__name__, "cell")["cell"].items()
}
