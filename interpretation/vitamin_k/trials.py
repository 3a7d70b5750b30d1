"""Every dose of vitamin K as a trial: what was asked, what the INR answered. [clinical.md 6.3]

A dose opens a window in which the next INR is read. Without a readable INR there is no inference.
`response` holds the rule itself; the grade uses it for the latest draw only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from interpretation.record.measured import Measured, MeasuredValue
from interpretation.record.records import POINT_OF_CARE, Case, Event
from interpretation.rule import confounders
from interpretation.rule.pairing import Pair

from ..evidence import draws_of
from ..knowledge import limits
from ..words import day, moment, number
from .response import BEFORE, FIRST, LAST, Response, answer, courses, why_no_test

LIMITS = limits("dissociation").read_by(
    __name__,
    "rise_ratio rise_difference soft_days vitamin_k_hours_first vitamin_k_hours_last vitamin_k_partial",
    cites="R29 ED GK",
)
SOURCES = ("R29", "GK", "ED")
HEADLINES = {
    "no_test": "Not a test",
    "waiting": "INR awaited",
    "missed": "No INR in time: no inference",
    "unreadable": "INR cannot be read: no inference",
    "responder": "Responder",
    "partial": "Partial response",
    "none": "No response",
}
NO_BASELINE = "no readable INR of the same laboratory is recorded in the seven days before the dose"
MEANINGS = {
    "responder": "Vitamin K deficiency was the main cause of the raised INR.",
    "partial": "A mixed cause: the dissociation stays “possible”.",
    "none": "This supports a hepatic cause, or consumption: factors V and VIII tell them apart.",
}


@dataclass(frozen=True)
class Trial:
    """One course of vitamin K. `state` is "no_test", "waiting", "missed", "unreadable" or "read"."""

    state: str
    dose_at: datetime
    doses: int
    text: str
    headline: str
    window_from: datetime | None = None
    window_to: datetime | None = None
    response: Response | None = None
    sources: tuple[str, ...] = SOURCES
    draws: tuple[str, ...] = ()


class TrialPlace(TypedDict):
    """When a course was given, and when it can be read."""

    dose_at: datetime
    doses: int
    window_from: datetime
    window_to: datetime


def trials(case: Case) -> tuple[Trial, ...]:
    """The trials of the record, the latest first; empty where no dose is recorded."""
    return tuple(_trial(case, course) for course in reversed(courses(case, case.as_of)))


def _trial(case: Case, course: list[Event]) -> Trial:
    at = course[0].started_at
    why = why_no_test(case, course[0])
    given = _doses(course)
    if why:
        text = f"{given}: {why}. It does not count as a test, and a fall of INR after it proves nothing."
        return Trial("no_test", at, len(course), text, HEADLINES["no_test"])
    measured = Measured(case, at - BEFORE, min(at + LAST, case.as_of))
    window = measured.between("INR", at + FIRST, at + LAST)
    readable = [value for value in window if not _unreadable(case, value)]
    before = _before(case, measured, at, readable[-1] if readable else None)
    place = TrialPlace(dose_at=at, doses=len(course), window_from=at + FIRST, window_to=at + LAST)
    if readable and before and before.number > 0:
        return _read(case, measured, given, before, readable, place)
    if case.as_of < at + LAST:
        return _waiting(case, given, window, before, place)
    return _lost(case, given, window, readable, place)


def _read(
    case: Case,
    measured: Measured,
    given: str,
    before: MeasuredValue,
    readable: list[MeasuredValue],
    place: TrialPlace,
) -> Trial:
    """The latest INR of the window, in the series of the INR before the dose, is the answer."""
    after = [value for value in readable if value.series == before.series]
    found = answer(place["dose_at"], before.result, after[-1].result)
    steps = ", ".join(f"{value.amount} after {_hours(value.at - place['dose_at'])}" for value in after)
    text = (
        f"{given}: INR {before.amount} before ({moment(before.at)}), {steps}"
        f"{found.change}. {MEANINGS[found.kind]}"
        f"{_already_falling(case, measured, before)}{_since(case, after[-1])}"
    )
    draws = draws_of((before, *after))
    return Trial("read", text=text, headline=HEADLINES[found.kind], response=found, draws=draws, **place)


def _waiting(
    case: Case, given: str, window: list[MeasuredValue], before: MeasuredValue | None, place: TrialPlace
) -> Trial:
    opens, closes = place["window_from"], place["window_to"]
    wanted = f"from {moment(opens)} to {moment(closes)}" if opens > case.as_of else f"by {moment(closes)}"
    text = f"{given}. The next INR is wanted {wanted}, in the same laboratory."
    if window:
        why = _unreadable(case, window[-1]) or NO_BASELINE
        text += f" INR {window[-1].amount} on {moment(window[-1].at)} cannot be read as an answer: {why}."
    elif before is None:
        text += " No readable INR of the seven days before the dose is recorded to compare it with."
    return Trial("waiting", text=text, headline=HEADLINES["waiting"], draws=draws_of(window), **place)


def _lost(
    case: Case, given: str, window: list[MeasuredValue], readable: list[MeasuredValue], place: TrialPlace
) -> Trial:
    hours = f"{LIMITS.vitamin_k_hours_first:.0f} and {LIMITS.vitamin_k_hours_last:.0f} hours"
    if not window:
        text = f"{given}. No INR was measured between {hours} after it: no inference."
        return Trial("missed", text=text, headline=HEADLINES["missed"], **place)
    why = NO_BASELINE if readable else _unreadable(case, window[-1])
    text = f"{given}. INR {window[-1].amount} on {moment(window[-1].at)} cannot be read as an answer: {why}."
    headline = HEADLINES["unreadable"]
    return Trial("unreadable", text=text, headline=headline, draws=draws_of(window), **place)


def _before(
    case: Case, measured: Measured, at: datetime, after: MeasuredValue | None
) -> MeasuredValue | None:
    """The last readable INR before the dose, of the series of the INR after it."""
    earlier = measured.between("INR", at - BEFORE, at)
    same = [value for value in earlier if after is None or value.series == after.series]
    return next((value for value in reversed(same) if not _unreadable(case, value)), None)


def _unreadable(case: Case, value: MeasuredValue) -> str:
    """Why an INR is no answer; "" where it is one."""
    if value.series[1] in POINT_OF_CARE:
        return "it was measured at the point of care"
    beside = {"haematocrit": value.draw.result("haematocrit")}
    found = confounders.hard(case, value.at, beside) or confounders.masking(case, value.at)
    return "; ".join(dict.fromkeys(confounder.words for confounder in found))


def _doses(course: list[Event]) -> str:
    route = {"iv": "by vein", "sc": "under the skin", "oral": "by mouth", "im": "into muscle"}
    routes = dict.fromkeys(dose.route for dose in course)
    how = (
        " and ".join(route.get(r, r) for r in routes)
        if all(routes)
        else "route not recorded, read as by vein"
    )
    count = f", {len(course)} doses" if len(course) > 1 else ""
    return f"Vitamin K on {moment(course[0].started_at)}{count} ({how})"


def _hours(time: timedelta) -> str:
    return f"{number(time.total_seconds() / 3600)} h"


def _since(case: Case, answered: MeasuredValue) -> str:
    """An INR that has risen again after the answer: what holds it up is not the vitamin alone. [ED]"""
    until = min(case.as_of, answered.at + timedelta(days=LIMITS.soft_days))
    later = [
        value
        for value in Measured(case, answered.at, until).between("INR", answered.at, until)
        if value.series == answered.series and not _unreadable(case, value)
    ]
    last = later[-1]
    more = last.number - answered.number >= LIMITS.rise_difference - 1e-9
    if not more or last.number < answered.number * LIMITS.rise_ratio - 1e-9:
        return ""
    return f" Since then INR has risen again, to {last.amount} ({day(last.at)})."


def already_falling(case: Case, dose_at: datetime, inr_before: float, latest: Pair) -> str:
    """The same sentence for the verdict; `latest` is the paired draw whose INR answered."""
    measured = Measured(case, dose_at - BEFORE - BEFORE, dose_at)
    series = [
        value
        for value in measured.between("INR", dose_at - BEFORE, dose_at)
        if value.series[:2] == latest.series[:2] and abs(value.number - inr_before) < 1e-9
    ]
    return _already_falling(case, measured, series[-1]) if series else ""


def _already_falling(case: Case, measured: Measured, before: MeasuredValue) -> str:
    """An INR on its way down before the dose: not all of the fall is the vitamin's."""
    earlier = [
        value
        for value in measured.between("INR", before.at - BEFORE, before.at)
        if value.series == before.series and not _unreadable(case, value)
    ]
    peak = max(earlier, key=lambda value: (value.number, value.at))
    if peak.at == before.at or 1 - before.number / peak.number < LIMITS.vitamin_k_partial - 1e-9:
        return ""
    return (
        f" INR had already come down from {peak.amount} ({day(peak.at)}) before the dose, so not all of "
        "the fall need be due to it."
    )
