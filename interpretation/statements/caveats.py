"""What else a raised INR could be, and what INR does not say. [clinical.md 6, 9]"""

from collections.abc import Iterator

from interpretation.record.records import Case, Statement, is_point_of_care
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from ..words import day
from .saying import LIMITS, PanelSection, is_child

CAUSES = PanelSection(__name__, "other_causes")
CAVEATS = PanelSection(__name__, "caveats")
EXCLUDE = ("exclude_first", "known", "imitators")
ALWAYS = ("synthesis", "designed_for", "no_predictor", "thromboplastins", "meld")

LIMITS.read_by(__name__, "band_upper_normal")


def other_causes(case: Case, d: Dissociation) -> Iterator[Statement]:
    """Only where there is a raised INR to explain."""
    if not _raised(case) and not (d.vitamin_k or d.grade in PATTERN):
        return
    yield from map(CAUSES.general, EXCLUDE)
    tried = d.vitamin_k
    if tried and tried.kind != "responder":
        general = CAUSES.general_text("vitamin_k_test")
        words = {
            "day": day(tried.dose_at),
            "levels": tried.levels,
            "change": tried.change,
            "general": general,
        }
        yield CAUSES.general("vitamin_k_test", text=CAUSES.own_text("vitamin_k_test", **words))


def _raised(case: Case) -> bool:
    """The latest INR is above the usual."""
    return any(result.value > LIMITS.band_upper_normal + 1e-9 for _, result in case.measured("INR")[-1:])


def caveats(case: Case, d: Dissociation) -> Iterator[Statement]:
    """What holds of every INR, then what holds of these."""
    yield from map(CAVEATS.general, ALWAYS)
    methods = {result.method or draw.method for draw, result in case.measured("INR")}
    sometimes = {
        "viscoelastic": _raised(case),
        "two_laboratories": not d.one_series,
        "point_of_care": any(map(is_point_of_care, methods)),
    }
    yield from (CAVEATS.general(name, d.draws) for name, holds in sometimes.items() if holds)
    if is_child(case, d):
        yield CAVEATS.own("child")
