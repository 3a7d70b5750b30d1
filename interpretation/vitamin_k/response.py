"""The response of the INR to a dose of vitamin K: a test of the cause. [clinical.md 6.3, 4.4 e]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import Case, Event, Result

from ..knowledge import limits
from ..words import bounded_percent, inr

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
    "non_responder"; `fall` is the fall of INR as a fraction.

    `inr_signs` are the comparators ("<", ">") of the two INRs; then the number is the bound.
    """

    kind: str
    dose_at: datetime
    inr_before: float
    inr_after: float
    fall: float
    inr_signs: tuple[str, str] = ("", "")

    @property
    def before(self) -> str:
        return inr(self.inr_before, self.inr_signs[0])

    @property
    def after(self) -> str:
        return inr(self.inr_after, self.inr_signs[1])

    @property
    def levels(self) -> str:
        """ "1.9 → 1.2"."""
        return f"{self.before} → {self.after}"

    @property
    def change(self) -> str:
        """ " (−37 %)"; " (at least −86 %)" from a bound, "" where it cannot be told."""
        text = bounded_percent(-self.fall * 100, self.inr_signs)
        return f" ({text})" if text else ""


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


def answer(dose_at: datetime, before: Result, after: Result) -> Response:
    """Two INRs, before a dose and after it, as a response. [R29, ED]"""
    fall = 1 - after.value / before.value
    kind, signs = _kind(before.value, after.value, fall), (before.comparator, after.comparator)
    return Response(kind, dose_at, before.value, after.value, fall, signs)


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
