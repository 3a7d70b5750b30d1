"""The response of the INR to a dose of vitamin K: a test of the cause. [clinical.md 6.3]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import Case, Event

from ..knowledge import limits

LIMITS = limits("dissociation").read_by(
    __name__,
    "vitamin_k_hours_first vitamin_k_hours_last vitamin_k_baseline_days vitamin_k_response "
    "vitamin_k_response_inr vitamin_k_partial",
)
FIRST = timedelta(hours=LIMITS.vitamin_k_hours_first)
LAST = timedelta(hours=LIMITS.vitamin_k_hours_last)
BEFORE = timedelta(days=LIMITS.vitamin_k_baseline_days)
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
    """The INR at `at` read as an answer to the course whose window it falls into; None without a test.

    `series` holds every readable INR in time order, as (time, INR). The clock starts at the first dose of
    a course, so that doses on three days are one test.
    """
    starts = [course[0].started_at for course in courses(case, at) if not why_no_test(case, course[0])]
    dose_at = next((start for start in reversed(starts) if FIRST <= at - start <= LAST), None)
    if dose_at is None:
        return None
    before = [inr for when, inr in series if dose_at - BEFORE <= when <= dose_at]
    after = [inr for when, inr in series if when == at]
    if not before or not after or before[-1] <= 0:
        return None
    return answer(dose_at, before[-1], after[-1])


def courses(case: Case, until: datetime) -> list[list[Event]]:
    """Doses up to `until`, oldest first: those that fall into the window of a first one are one course.

    Doses that are no test for one reason stay apart from those that are, or are not for another.
    """
    found: list[list[Event]] = []
    doses = (e for e in case.events if e.kind == "vitamin_k" and e.started_at <= until)
    for dose in sorted(doses, key=lambda e: (e.started_at, e.route)):
        why = why_no_test(case, dose)
        last = next((course for course in reversed(found) if why_no_test(case, course[0]) == why), None)
        if last and dose.started_at - last[0].started_at <= LAST:
            last.append(dose)
        else:
            found.append([dose])
    return found


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


def _kind(before: float, after: float, fall: float) -> str:
    normalised = (
        before > LIMITS.vitamin_k_response_inr + 1e-9 and after <= LIMITS.vitamin_k_response_inr + 1e-9
    )
    if fall >= LIMITS.vitamin_k_response - 1e-9 or normalised:
        return "responder"
    return "partial" if fall >= LIMITS.vitamin_k_partial - 1e-9 else "none"
