"""Every dose of vitamin K as a trial: what was asked, what the INR answered. [clinical.md 6.3, 4.4 e]

A dose opens a window in which the next INR is read. Without a readable INR there is no inference. One
reading of a trial serves the grade, the attribution, the causes and every sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from interpretation.record.measured import MeasuredValue
from interpretation.record.records import Case, Event
from interpretation.rule.comparison import upper_limit
from interpretation.rule.confounders import MASKING_HOURS, RAISING, Confounder
from interpretation.rule.course import rise
from interpretation.rule.pairing import ENZYMES, Sample

from ..evidence import draws_of
from ..knowledge import limits
from ..words import counted, day, moment, number
from .response import LAST, TOLERANCE, Response, answer, courses, why_no_test

LIMITS = limits("dissociation").read_by(
    __name__,
    "vitamin_k_hours_first vitamin_k_hours_last vitamin_k_answer_hours vitamin_k_baseline_days "
    "vitamin_k_bears_days vitamin_k_partial vitamin_k_peak vitamin_k_falling",
    cites="R29 ED GK",
)
FIRST = timedelta(hours=LIMITS.vitamin_k_hours_first)
ANSWER = timedelta(hours=LIMITS.vitamin_k_answer_hours)
BEFORE = timedelta(days=LIMITS.vitamin_k_baseline_days)
BEARS = timedelta(days=LIMITS.vitamin_k_bears_days)
SOURCES = ("R29", "GK", "ED")
HEADLINES = {
    "no_test": "Not a test",
    "waiting": "INR awaited",
    "missed": "No INR in time: no inference",
    "unreadable": "INR cannot be read: no inference",
    "responder": "Responder",
    "partial": "Partial response",
    "rebound": "Response, then a rise again",
    "non_responder": "No response",
}
NO_BASELINE = "no readable INR of the same laboratory is recorded in the seven days before the dose"
MEANINGS = {
    "responder": "Vitamin K deficiency was the main cause of the raised INR.",
    "partial": "A mixed cause: the dissociation stays “possible”.",
    "rebound": "A mixed cause: look for what keeps INR up, the liver included.",
    "non_responder": "This supports a hepatic cause, or consumption: factors V and VIII tell them apart.",
}


@dataclass(frozen=True)
class Trial:
    """One course of vitamin K. `state` is "no_test", "waiting", "missed", "unreadable" or "read".

    `mixed` is the sentence of a partial answer or a rebound, `came_down` that INR was falling before the
    dose, each "" otherwise; `answer_at` is the time of the INR that answers.
    """

    state: str
    dose_at: datetime
    doses: int
    text: str
    headline: str
    window_from: datetime | None = None
    window_to: datetime | None = None
    response: Response | None = None
    answer_at: datetime | None = None
    mixed: str = ""
    came_down: str = ""
    sources: tuple[str, ...] = SOURCES
    draws: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.response.kind if self.response else ""

    def bears_on(self, at: datetime) -> bool:
        """From 12 h after the dose to 7 days after the answer."""
        if self.answer_at is None:
            return False
        return self.dose_at + FIRST <= at <= self.answer_at + BEARS


class ReadableInrs(Protocol):
    """What a trial asks of the prepared case."""

    case: Case

    def hard(self, drawn: Sample, /) -> list[Confounder]: ...

    def masking(self, drawn: Sample, /) -> list[Confounder]: ...


def trials_of(reading: ReadableInrs, samples: Sequence[Sample]) -> tuple[Trial, ...]:
    """The trials of the record, the latest first; empty where no dose is recorded."""
    given = courses(reading.case, reading.case.as_of)
    return tuple(_Doses(reading, samples, course).trial() for course in reversed(given))


class _Doses:
    """The doses of one trial, and the INRs around them."""

    def __init__(self, reading: ReadableInrs, samples: Sequence[Sample], course: list[Event]) -> None:
        self.reading, self.course, self.at = reading, course, course[0].started_at
        self.as_of = reading.case.as_of
        self.samples = [s for s in samples if s.at >= self.at - BEFORE - BEFORE]
        self.inrs = [s for s in self.samples if "INR" in s.results]
        self.given = _doses(course)

    def trial(self) -> Trial:
        why = why_no_test(self.reading.case, self.course[0])
        if why:
            text = f"{self.given}: {why}. It does not count as a test, and a fall of INR after it proves nothing."
            return Trial("no_test", self.at, len(self.course), text, HEADLINES["no_test"])
        before, window = self._baseline(), self._between(self.at + FIRST, self.at + LAST)
        answers = [s for s in window if before and s.inr_series == before.inr_series and not self._hard(s)]
        # Hours are counted here: a draw whose hour is not known is no answer.
        answers = [s for s in answers if s.hour_known]
        if before and answers:
            return self._read(before, answers)
        if self.as_of < self.at + LAST:
            return self._waiting(window, before)
        return self._lost(window)

    # --- which INRs ---

    def _between(self, first: datetime, last: datetime) -> list[Sample]:
        return [s for s in self.inrs if first <= s.at <= last]

    def _hard(self, sample: Sample) -> bool:
        return sample.point_of_care or bool(self.reading.hard(sample))

    def _is_readable(self, sample: Sample) -> bool:
        return not self._hard(sample) and not self.reading.masking(sample)

    def _baseline(self) -> Sample | None:
        """The last readable INR in the seven days before the dose; one of its own minute was drawn first."""
        dose = self.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        before = [s for s in self.inrs if self.at - BEFORE <= s.at < dose and self._is_readable(s)]
        return before[-1] if before and before[-1].results["INR"].value > 0 else None

    def _answer(self, answers: list[Sample]) -> Sample:
        """The lowest until 48 h after the dose; without one the last."""
        soon = [s for s in answers if s.at <= self.at + ANSWER]
        return min(soon, key=lambda s: (_inr(s), s.seconds)) if soon else answers[-1]

    # --- what they say ---

    def _read(self, before: Sample, answers: list[Sample]) -> Trial:
        answered = self._answer(answers)
        why = self._why_unreadable(before, answered)
        if why:
            return self._unreadable(before, answered, why)
        found = answer(self.at, before.results["INR"], answered.results["INR"])
        again = self._rise_after(answered) if found.kind in ("responder", "partial") else None
        if again:
            found = replace(found, kind="rebound")
        shown = [s for s in answers if s.at <= self.at + LAST]
        steps = ", ".join(f"{_value(s).amount} after {_hours(s.at - self.at)}" for s in shown)
        mixed, came_down = _mixed(found, again), _came_down(self._earlier_peak(before), before)
        text = (
            f"{self.given}: INR {_value(before).amount} before ({moment(before.at)}), {steps}"
            f"{found.change}. {mixed or MEANINGS[found.kind]}"
            f"{self._late_fall(found, answered)}{came_down}"
        )
        return replace(
            self._told("read", text, (before, *shown, *([again] if again else []))),
            headline=HEADLINES[found.kind],
            response=found,
            answer_at=answered.at,
            mixed=mixed,
            came_down=came_down,
        )

    def _why_unreadable(self, before: Sample, answered: Sample) -> str:
        """A blood product between the two INRs, before the dose too, or a recovery that had begun before it."""
        given = [
            e
            for e in self.reading.case.events
            if e.kind in MASKING_HOURS and before.at < e.started_at <= answered.at
        ]
        masks = self.reading.masking(answered)
        if given or masks:
            name = _given(given[0]) if given else masks[0].words
            return f"{name} may have lowered it"
        peak = self._peak_before()
        highest = self._earlier_peak(before)
        if peak is None or highest is None:
            return ""
        enzyme, sample = peak
        return (
            f"{enzyme} had peaked at {number(sample.results[enzyme].value)} U/L ({day(sample.at)}) and INR was "
            f"already falling from {_value(highest).amount} ({day(highest.at)}): recovery and vitamin K cannot be "
            "told apart"
        )

    def _peak_before(self) -> tuple[str, Sample] | None:
        """An ALT or AST of ten times its limit in the week before the dose."""
        sex = self.reading.case.sex
        high = [
            (s.results[key].value / upper_limit(s.results[key], sex), key, s)
            for s in self.samples
            for key in ENZYMES
            if key in s.results and self.at - BEFORE <= s.at <= self.at
        ]
        top = max(high, key=lambda found: found[0], default=None)
        return None if top is None or top[0] < LIMITS.vitamin_k_peak - TOLERANCE else top[1:]

    def _earlier_peak(self, before: Sample) -> Sample | None:
        """The highest INR of the week before the dose, where the last one lies 10 % below it."""
        same = [s for s in self._between(self.at - BEFORE, before.at) if s.inr_series == before.inr_series]
        readable = [s for s in same if self._is_readable(s)]
        top = max(readable, key=lambda s: (_inr(s), s.seconds))
        fell = 1 - _inr(before) / _inr(top) if _inr(top) > 0 else 0.0
        return top if fell >= LIMITS.vitamin_k_falling - TOLERANCE else None

    def _rise_after(self, answered: Sample) -> Sample | None:
        """The first INR of the week after the answer that has risen again, with nothing new given; one of
        another laboratory too, since a doubt must not withdraw the pattern."""
        given = [
            e.started_at
            for e in self.reading.case.events
            if (e.kind in RAISING or e.kind in MASKING_HOURS) and e.started_at > answered.at
        ]
        until = min([answered.at + BEARS, *given])
        later = self._between(answered.at, until)
        rises = (s for s in later if rise(_inr(answered), _inr(s)) and self._is_readable(s))
        return next(rises, None)

    def _late_fall(self, found: Response, answered: Sample) -> str:
        """A fall first seen after two days is not the vitamin's."""
        if found.kind != "non_responder":
            return ""
        until = answered.at + BEARS
        later = [s for s in self._between(self.at + ANSWER, until) if s.inr_series == answered.inr_series]
        enough = found.inr_before * (1 - LIMITS.vitamin_k_partial) + TOLERANCE
        fallen = next((s for s in later if _inr(s) <= enough and self._is_readable(s)), None)
        if fallen is None:
            return ""
        return f" The later fall, to {_value(fallen).amount} ({day(fallen.at)}), fits recovery."

    # --- trials without an answer ---

    def _told(self, state: str, text: str, samples: Iterable[Sample] = ()) -> Trial:
        return Trial(
            state,
            self.at,
            len(self.course),
            text,
            HEADLINES.get(state, ""),
            window_from=self.at + FIRST,
            window_to=self.at + LAST,
            draws=draws_of(map(_value, samples)),
        )

    def _unreadable(self, before: Sample, answered: Sample, why: str) -> Trial:
        text = (
            f"{self.given}: INR {_value(before).amount} before ({moment(before.at)}), {_value(answered).amount} on "
            f"{moment(answered.at)}. It cannot be read as an answer: {why}."
        )
        return self._told("unreadable", text, (before, answered))

    def _waiting(self, window: list[Sample], before: Sample | None) -> Trial:
        opens, closes = self.at + FIRST, self.at + LAST
        wanted = f"from {moment(opens)} to {moment(closes)}" if opens > self.as_of else f"by {moment(closes)}"
        text = f"{self.given}. The next INR is wanted {wanted}, in the same laboratory."
        if window:
            last = window[-1]
            why = self._why_no_answer(last) or NO_BASELINE
            text += f" INR {_value(last).amount} on {moment(last.at)} cannot be read as an answer: {why}."
        elif before is None:
            text += " No readable INR of the seven days before the dose is recorded to compare it with."
        return self._told("waiting", text, window)

    def _lost(self, window: list[Sample]) -> Trial:
        hours = f"{LIMITS.vitamin_k_hours_first:.0f} and {LIMITS.vitamin_k_hours_last:.0f} hours"
        if not window:
            text = f"{self.given}. No INR was measured between {hours} after it: no inference."
            return self._told("missed", text)
        last = window[-1]
        why = self._why_no_answer(last) or NO_BASELINE
        text = f"{self.given}. INR {_value(last).amount} on {moment(last.at)} cannot be read as an answer: {why}."
        return self._told("unreadable", text, window)

    def _why_no_answer(self, sample: Sample) -> str:
        """Why an INR is no answer; "" where it is one."""
        if sample.point_of_care:
            return "it was measured at the point of care"
        found = self.reading.hard(sample) or self.reading.masking(sample)
        return "; ".join(dict.fromkeys(confounder.words for confounder in found))


def _came_down(peak: Sample | None, before: Sample) -> str:
    """Not all of the fall is the vitamin's."""
    if peak is None:
        return ""
    return (
        f" INR had already come down from {_value(peak).amount} ({day(peak.at)}) before the dose, so not all of "
        "the fall need be due to it."
    )


def _given(event: Event) -> str:
    return f"{MASKING_HOURS[event.kind][1]} on {moment(event.started_at)}"


def _mixed(found: Response, again: Sample | None) -> str:
    if again:
        return (
            f"INR has risen again since, to {_value(again).amount} ({day(again.at)}). {MEANINGS['rebound']}"
        )
    if found.kind == "partial":
        return f"INR fell{found.change} after vitamin K. {MEANINGS['partial']}"
    return ""


def _inr(sample: Sample) -> float:
    return sample.results["INR"].value


def _value(sample: Sample) -> MeasuredValue:
    return MeasuredValue(sample.draw, sample.results["INR"])


def _doses(course: list[Event]) -> str:
    route = {"iv": "by vein", "sc": "under the skin", "oral": "by mouth", "im": "into muscle"}
    routes = dict.fromkeys(dose.route for dose in course)
    how = (
        " and ".join(route.get(r, r) for r in routes)
        if all(routes)
        else "route not recorded, read as by vein"
    )
    count = f", {counted(len(course), 'dose')}" if len(course) > 1 else ""
    return f"Vitamin K on {moment(course[0].started_at)}{count} ({how})"


def _hours(time: timedelta) -> str:
    return f"{number(time.total_seconds() / 3600)} h"
