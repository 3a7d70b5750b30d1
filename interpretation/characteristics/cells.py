"""The cells of the table: what is simulated, and what was published of it."""

from dataclasses import dataclass, field

from interpretation.knowledge import limits, load

LIMITS = limits("characteristics").read_by(
    __name__,
    "alt_cv ast_cv inr_cv bilirubin_cv inr_step published_patients false_today agreement",
)
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
class Cell:
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
    def is_stable(self) -> bool:
        """The true INR stays as it is: whatever the rule says is a false alarm."""
        first, last = self.courses["INR"]
        return first == last


def _cell(name: str, row: dict) -> Cell:
    analytes = {"INR": "inr_cv", "ALT": "alt_cv", "AST": "ast_cv", "bilirubin_total": "bilirubin_cv"}
    keys = {analyte: row[analyte] for analyte in analytes if analyte in row}
    return Cell(
        name=name,
        group=row["group"],
        words=row["words"],
        draws=row["draws"],
        spacing=row["spacing"],
        courses={analyte: (first, last) for analyte, (first, last) in keys.items()},
        cv={analyte: row.get(cv, getattr(LIMITS, cv)) for analyte, cv in analytes.items()},
        diagnosis=row["diagnosis"],
        second_laboratory=row.get("second_laboratory", False),
        published=row.get("published", {}),
        at_most=row.get("at_most", {}),
    )


CELLS: dict[str, Cell] = {
    name: _cell(name, row)
    for name, row in load("characteristics").read_by(__name__, "cell group")["cell"].items()
}
