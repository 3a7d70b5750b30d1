"""The response of the INR to a dose of vitamin K: a test of the cause. [clinical.md 6.3, 4.4 e]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import Case, Event

from ..knowledge import limits

LIMITS = limits("dissociation").read_by(
    __name__,
    "vitamin_k_hours_last vitamin_k_response vitamin_k_response_inr vitamin_k_response_least vitamin_k_partial",
)
LAST = timedelta(hours=LIMITS.vitamin_k_hours_last)
CHOLESTATIC = frozenset({"cholestasis", "pbc", "psc"})
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Response:
    """`kind` is "responder", "partial", "rebound" (a responder or partial that rose again) or
    "non_responder"; `fall` is the fall of INR as a fraction."""

    kind: str
    dose_at: datetime
    inr_before: float
    inr_after: float
    fall: float


def courses(case: Case, until: datetime) -> list[list[Event]]:
    """Doses up to `until`, oldest first: those at most 72 h apart are one trial.

    Doses that are no test for one reason stay apart from those that are, or are not for another.
    """
    found: list[list[Event]] = []
    doses = (e for e in case.events if e.kind == "vitamin_k" and e.started_at <= until)
    for dose in sorted(doses, key=lambda e: (e.started_at, e.route)):
        why = why_no_test(case, dose)
        last = next((course for course in reversed(found) if why_no_test(case, course[0]) == why), None)
        if last and dose.started_at - last[-1].started_at <= LAST:
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
    limit = LIMITS.vitamin_k_response_inr + TOLERANCE
    normalised = before > limit and after <= limit and fall >= LIMITS.vitamin_k_response_least - TOLERANCE
    if fall >= LIMITS.vitamin_k_response - TOLERANCE or normalised:
        return "responder"
    return "partial" if fall >= LIMITS.vitamin_k_partial - TOLERANCE else "non_responder"
