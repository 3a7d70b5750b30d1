"""The response of the INR to a dose of vitamin K: a test of the cause. [clinical.md 6.3]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..knowledge import limits
from ..records import Case, Event

LIMITS = limits("dissociation")
CHOLESTATIC = frozenset({"cholestasis", "pbc", "psc"})


@dataclass(frozen=True)
class Response:
    """`kind` is "responder", "partial" or "none"; `fall` is the fall of INR as a fraction."""

    kind: str
    dose_at: datetime
    inr_before: float
    inr_after: float
    fall: float


def response(case: Case, series: list[tuple[datetime, float]], at: datetime) -> Response | None:
    """The INR at `at` read as an answer to the first dose of the last three days; None without a test.

    `series` holds every readable INR in time order, as (time, INR). The clock starts at the first dose of
    a course, so that doses on three days are one test.
    """
    first = timedelta(hours=LIMITS.vitamin_k_hours_first)
    last = timedelta(hours=LIMITS.vitamin_k_hours_last)
    doses = sorted(e.started_at for e in case.events if _is_test(case, e, at) and e.started_at >= at - last)
    if not doses or at - doses[0] < first:
        return None
    oldest = doses[0] - timedelta(days=LIMITS.vitamin_k_baseline_days)
    before = [inr for when, inr in series if oldest <= when <= doses[0]]
    after = [inr for when, inr in series if when == at]
    if not before or not after or before[-1] <= 0:
        return None
    return answer(doses[0], before[-1], after[-1])


def answer(dose_at: datetime, before: float, after: float) -> Response:
    """Two INRs, before a dose and after it, as a response. [R29, ED]"""
    fall = 1 - after / before
    return Response(_kind(before, after, fall), dose_at, before, after, fall)


def why_no_test(case: Case, event: Event) -> str:
    """Why a dose tells nothing of the cause; "" where it is a test. A route not recorded counts as one."""
    if event.route == "oral":
        return "given by mouth, so how much was absorbed is not known"
    cholestatic = any(d.kind in CHOLESTATIC for d in case.diagnoses)
    return "given under the skin in cholestasis" if event.route == "sc" and cholestatic else ""


def _is_test(case: Case, event: Event, at: datetime) -> bool:
    """A parenteral dose up to `at`."""
    return event.kind == "vitamin_k" and event.started_at <= at and not why_no_test(case, event)


def _kind(before: float, after: float, fall: float) -> str:
    normalised = (
        before > LIMITS.vitamin_k_response_inr + 1e-9 and after <= LIMITS.vitamin_k_response_inr + 1e-9
    )
    if fall >= LIMITS.vitamin_k_response - 1e-9 or normalised:
        return "responder"
    return "partial" if fall >= LIMITS.vitamin_k_partial - 1e-9 else "none"
