"""What else a raised INR could be, and what INR does not say. [clinical.md 6, 9]"""

from collections.abc import Iterator

from interpretation.record.records import Case, Statement, is_point_of_care
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from .. import knowledge
from ..words import day
from .saying import LIMITS, is_child, say, says

ALWAYS = ("X_no_bleeding", "S19", "S21", "S22", "S20")
# Where INR is raised, where two laboratories are compared, where one was measured at the bedside.
SOMETIMES = ("X_viscoelastic", "X_two_laboratories", "X_point_of_care")
CHILD = ("R26",)
EXCLUDE = ("X_exclude_first", "S24", "X_causes_added")

says(
    __name__,
    other_causes=f"{' '.join(EXCLUDE)} X_vitamin_k_test",
    caveats=" ".join((*ALWAYS, *SOMETIMES)),
    cites=" ".join(CHILD),
)

LIMITS.read_by(__name__, "band_upper_normal")


def other_causes(case: Case, d: Dissociation) -> Iterator[Statement]:
    """Only where there is a raised INR to explain."""
    if not _raised(case) and not (d.vitamin_k or d.grade in PATTERN):
        return
    for id in EXCLUDE:
        yield say(id, "other_causes")
    if d.vitamin_k and d.vitamin_k.kind != "responder":
        r = d.vitamin_k
        text = (
            f"After vitamin K on {day(r.dose_at)} INR went {r.levels}{r.change}. "
            f"{knowledge.statement('X_vitamin_k_test').text}"
        )
        yield say("X_vitamin_k_test", "other_causes", text=text)


def _raised(case: Case) -> bool:
    """The latest INR is above the usual."""
    return any(result.value > LIMITS.band_upper_normal + 1e-9 for _, result in case.measured("INR")[-1:])


def caveats(case: Case, d: Dissociation) -> Iterator[Statement]:
    for id in ALWAYS:
        yield say(id, "caveats")
    methods = {result.method or draw.method for draw, result in case.measured("INR")}
    holds = (_raised(case), not d.one_series, any(map(is_point_of_care, methods)))
    for id, shown in zip(SOMETIMES, holds, strict=True):
        if shown:
            yield say(id, "caveats", d.draws)
    if is_child(case, d):
        text = "Under 18 years INR 2.0, or 1.5 with encephalopathy, is critical; ranges depend on age."
        yield Statement("child", text, CHILD, (), "caveats")
