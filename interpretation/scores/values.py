"""What a record says about the time of a draw: the course, the episode, events, and what spoils an INR."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from interpretation.record.records import CHRONIC_LIVER_DISEASES, Case, Diagnosis, Draw, Event
from interpretation.rule import confounders
from interpretation.rule.soft_confounders import ACUTE_DIAGNOSES
from interpretation.scores.results import BEGINNING, Found, ScoreResults
from interpretation.scores.score import Input
from interpretation.scores.spec import LIMITS, TOLERANCE
from interpretation.words import day

LIMITS.read_by(
    __name__,
    "acute_hours course_days slow_days acute_days acute_injury dialysis_days dialysis_sessions "
    "dialysis_hours albumin_days illness_days onset_multiple baseline_values baseline_days",
)

DAY, WEEK = timedelta(hours=LIMITS.acute_hours), timedelta(days=LIMITS.course_days)
SLOW = timedelta(days=LIMITS.slow_days)
EXPOSURES = (*confounders.HARD, *confounders.MASKING_HOURS, "dialysis")
ACUTE_DAYS, ACUTE_INJURY = LIMITS.acute_days, LIMITS.acute_injury
ONSET = LIMITS.onset_multiple - TOLERANCE
Answer = TypeVar("Answer")
# Asked of the values about a time, and how far around it may be looked.
Question = Callable[["Values", datetime, timedelta], Answer]


class Values(ScoreResults):
    """The results, and what was so at the time of a draw. `case.as_of` is the clock."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        exposures = tuple(e for e in self.events if e.kind in EXPOSURES)
        self._exposed = replace(case, events=exposures) if exposures else None
        self._answers: dict[tuple[Question[Any], datetime, timedelta], Any] = {}
        # Inputs already read for another score, with the sentences they call for.
        self.taken: dict[tuple[int, int, datetime], tuple[Input | None, list[str]]] = {}
        self._onset: dict[tuple[str, str], Draw | None] = {}
        self._acute: dict[datetime, bool] = {}
        self._hard: dict[str, list[confounders.Confounder]] = {}

    def once(self, question: Question[Answer], at: datetime, reach: timedelta) -> Answer:
        """The answer to a question about this time, asked by several scores and worked out once."""
        asked = (question, at, reach)
        if asked not in self._answers:
            self._answers[asked] = question(self, at, reach)
        answer: Answer = self._answers[asked]
        return answer

    # --- the episode ---

    def onset(self, enzyme: str, draw: Draw) -> Draw | None:
        """The first draw of the run at 3 × the upper limit or more that holds the peak of 26 weeks."""
        asked = (enzyme, draw.id)
        if asked not in self._onset:
            self._onset[asked] = self._find_onset(enzyme, draw)
        return self._onset[asked]

    def _find_onset(self, enzyme: str, draw: Draw) -> Draw | None:
        first = draw.taken_at - timedelta(days=LIMITS.illness_days)
        seen = [
            (m, d)
            for d, result in self.measured(enzyme, first, draw.taken_at)
            if (m := self.multiple_of(result, d)) is not None
        ]
        multiples = [multiple for multiple, _ in seen]
        top = max(multiples, default=0)
        if top < ONSET:
            return None
        peak = multiples.index(top)
        while peak and multiples[peak - 1] >= ONSET:
            peak -= 1
        return seen[peak][1]

    def before(self, name: str, at: datetime) -> list[tuple[float, float]]:
        """Values of the 18 months before an onset, each with its multiple of the upper limit."""
        first = at - timedelta(days=LIMITS.baseline_days)
        return [
            (d.by_analyte[name].value, multiple)
            for d in self.between(first, at)
            if d.taken_at < at and (multiple := self.multiple(name, d)) is not None
        ]

    def baseline(self, name: str, at: datetime) -> float | None:
        """The mean before the onset where it is clearly abnormal: every value above the limit, none high."""
        found = self.before(name, at)
        steady = all(1 < multiple < LIMITS.onset_multiple for _, multiple in found)
        if len(found) < LIMITS.baseline_values or not steady:
            return None
        return sum(value for value, _ in found) / len(found)

    # --- the course ---

    def reach(self, window: str, at: datetime) -> timedelta:
        """How far from this draw other values may lie."""
        return DAY if window == "day" or self.acute(at) else WEEK

    def acute(self, at: datetime) -> bool:
        """Daily draws or acute injury: a value from days ago would mix two states. [ED]"""
        if at not in self._acute:
            days = {d.taken_at.date() for d in self.between(at - WEEK, at)}
            self._acute[at] = len(days) >= ACUTE_DAYS or self.acute_injury(at) is not None
        return self._acute[at]

    def acute_injury(self, at: datetime) -> Found | None:
        """The ALT near this draw, where it is above 5 × its upper limit."""
        found = self.near("ALT", at, WEEK)
        if found is None:
            return None
        multiple = self.multiple("ALT", found[1])
        return found if multiple is not None and multiple > ACUTE_INJURY + TOLERANCE else None

    # --- who ---

    def diagnosis(self, kinds: tuple[str, ...], on: date) -> Diagnosis | None:
        """A diagnosis of these kinds that stands on this day."""
        return next((d for d in self.case.diagnoses if d.kind in kinds and _stands(d, on)), None)

    def recent_diagnosis(self, kinds: tuple[str, ...], on: date, days: float) -> bool:
        """Standing or over for no longer than so many days; an acute illness passes with its day."""
        return any(
            (d.noted_on is None or d.noted_on <= on)
            and ((end := _end(d)) is None or end >= on - timedelta(days=days))
            for d in self.case.diagnoses
            if d.kind in kinds
        )

    def chronic_disease(self, on: date) -> bool:
        return self.diagnosis(CHRONIC_LIVER_DISEASES, on) is not None

    # --- events ---

    def present(self, kind: str, at: datetime, reach: timedelta) -> list[Event]:
        """Events since the transplant, going on at the draw or begun within `reach` after it, in order."""
        found = []
        for event in self.events:
            if event.kind == kind and (self.transplanted_at or BEGINNING) <= event.started_at <= at + reach:
                end = confounders.ended(event, self.case.as_of)
                if end is None or end >= at - (reach if kind in confounders.MOMENTS else timedelta()):
                    found.append(event)
        return sorted(found, key=lambda e: (e.started_at, e.grade or 0))

    def going_on(self, kind: str, at: datetime) -> Event | None:
        return next((e for e in self.events if e.kind == kind and confounders.active(e, at)), None)

    def dialysis(self, at: datetime) -> str:
        """Words for dialysis in the week before: two, continuous for a day, or going on. [R11]"""
        week = timedelta(days=LIMITS.dialysis_days)
        found = [e for e in self.events if e.kind == "dialysis" and confounders.active(e, at, week)]
        for event in found:
            end = confounders.ended(event, at)
            if end is None or end - event.started_at >= timedelta(hours=LIMITS.dialysis_hours):
                return f"dialysis since {day(event.started_at)}"
        if len(found) >= LIMITS.dialysis_sessions:
            return f"{len(found)} dialyses in the week before {day(at)}"
        return ""

    def albumin_infused(self, at: datetime) -> Event | None:
        reach = timedelta(days=LIMITS.albumin_days)
        found = [e for e in self.events if e.kind == "albumin_infusion" and confounders.active(e, at, reach)]
        return max(found, key=lambda e: e.started_at, default=None)

    # --- the INR ---

    def hard(self, draw: Draw) -> list[confounders.Confounder]:
        """Why the INR of this draw cannot be ascribed to the liver."""
        if self._exposed is None and draw.result("haematocrit") is None:
            return []
        if draw.id not in self._hard:
            results = {result.analyte: result for result in draw.results}
            self._hard[draw.id] = confounders.hard(self._exposed or self.case, draw.taken_at, results)
        return self._hard[draw.id]

    def masking(self, draw: Draw) -> list[confounders.Confounder]:
        return confounders.masking(self._exposed, draw.taken_at) if self._exposed else []


def _end(diagnosis: Diagnosis) -> date | None:
    passing = diagnosis.kind in ACUTE_DIAGNOSES
    return diagnosis.resolved_on or (diagnosis.noted_on if passing else None)


def _stands(diagnosis: Diagnosis, on: date) -> bool:
    noted = diagnosis.noted_on is None or diagnosis.noted_on <= on
    return noted and (diagnosis.resolved_on is None or diagnosis.resolved_on > on)
