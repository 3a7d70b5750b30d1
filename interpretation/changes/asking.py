"""A case with one thing more, and what the rule says of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from interpretation.record.records import Case, Draw, Event, Result, Review
from interpretation.rule import confounders
from interpretation.rule.dissociation import Dissociation, assess
from interpretation.rule.grading import PATTERN
from interpretation.rule.pairing import ENZYMES, Pair
from interpretation.rule.reading import PreparedCase

from ..knowledge import limits, load
from ..report import known

LIMITS = limits("changes").read_by(__name__, "next_acute_days next_subacute_days next_chronic_days")
WORDS = load("changes").read_by(__name__, "outcome change")
DAY = timedelta(days=1)
AXES = ("grade", "base_grade", "attribution")


@dataclass(frozen=True)
class WhatIf:
    """One thing that would change the reading on `axis`: "grade", "base_grade" or "attribution".

    `case` is the case the rule was asked about.
    """

    kind: str
    text: str
    axis: str
    before: str
    after: str
    from_grade: str
    to_grade: str
    sources: tuple[str, ...]
    draws: tuple[str, ...]
    case: Case = field(repr=False, compare=False)


class WhatIfQuestion:
    """A case ready to be asked about: what is known of it now, and nothing that comes later."""

    def __init__(self, case: Case, found: Dissociation) -> None:
        self.case = as_known(known(case))
        self.found = found
        self.latest = PreparedCase(self.case).latest
        self.over = case.died_on is not None and case.died_on <= case.as_of.date()

    # --- cases with one thing more ---

    def case_with(
        self,
        *draws: Draw,
        at: datetime | None = None,
        event: Event | None = None,
        reviews: tuple[Review, ...] = (),
    ) -> Case:
        """`at` moves the clock on, to the draws that are added."""
        return replace(
            self.case,
            as_of=at or self.case.as_of,
            draws=self.case.draws + draws,
            events=self.case.events + ((event,) if event else ()),
            reviews=self.case.reviews + reviews,
        )

    @property
    def pair(self) -> Pair:
        """The latest pair, of a case that has one: without it there is nothing to ask."""
        if self.latest is None:
            raise ValueError("No ALT or AST is recorded with an INR.")
        return self.latest

    @property
    def laboratory(self) -> str:
        return self._drawn()[0].laboratory

    def _drawn(self) -> list[Draw]:
        """The draws of the latest pair; a source without ids may name several alike."""
        return [draw for draw in self.case.draws if draw.id in self.pair.draws]

    def next_at(self) -> datetime:
        """When a next draw would be due: never before now, nor while blood products may hide an INR."""
        regime = self.found.regime or "subacute"
        days = getattr(LIMITS, f"next_{regime}_days")
        at = max(self.case.as_of, self.pair.at + timedelta(days=days))
        while confounders.masking(self.case, at):
            at += DAY
        return at

    def next_draws(
        self, at: datetime, inr: float, laboratory: str | None = None, **enzymes: float
    ) -> list[Draw]:
        """The latest paired draw once more: same tests, limits and laboratories, other values."""
        drawn = self._drawn()
        of_inr = next(d for d in drawn if d.result("INR"))
        of_enzymes = next(d for d in drawn if any(d.result(e) for e in ENZYMES))
        measured = tuple(
            replace(result, value=enzymes.get(key, result.value), comparator="") if key in enzymes else result
            for key in ENZYMES
            if (result := self.pair.enzymes.get(key))
        )
        method = "" if self.pair.point_of_care else self.pair.inr.method
        results = (Result("INR", inr, method=method),)
        one = _source(of_inr) == _source(of_enzymes)
        made = [self._like(of_inr, at, results + (measured if one else ()), laboratory, "next")]
        if not one:
            made.append(self._like(of_enzymes, at, measured, laboratory, "next-enzymes"))
        return made

    def _like(
        self, draw: Draw, at: datetime, results: tuple[Result, ...], laboratory: str | None, id: str
    ) -> Draw:
        method = "" if self.pair.point_of_care else draw.method
        place = draw.laboratory if laboratory is None else laboratory
        return Draw(at, results, laboratory=place, method=method, id=id)

    # --- what the rule says of them ---

    def change(
        self, kind: str, case: Case, answer: Dissociation | None = None, **words: str
    ) -> WhatIf | None:
        """The change that this case would bring, in words; None where the reading stays as it is."""
        now, then = self.found, answer or assess(case)
        axis = next((axis for axis in AXES if getattr(now, axis) != getattr(then, axis)), None)
        if axis is None or then.grade == "not_assessable":
            return None
        after = getattr(then, axis)
        outcome = WORDS["outcome"][axis].get(_outcome_key(now.grade, after))
        if outcome is None:
            return None
        entry = WORDS["change"][kind]
        return WhatIf(
            kind=kind,
            text=entry["text"].format(outcome=outcome, **words),
            axis=axis,
            before=getattr(now, axis),
            after=after,
            from_grade=now.grade,
            to_grade=then.grade,
            sources=tuple(entry["sources"]),
            draws=self.pair.draws,
            case=case,
        )


def _outcome_key(before: str, after: str) -> str:
    """What never showed the pattern cannot cease to show it."""
    return "none_at_all" if after == "none" and before not in PATTERN else after


def as_known(case: Case) -> Case:
    """Ends that lie ahead are not known yet: a later clock must not bring them in."""
    at, on = case.as_of, case.as_of.date()

    def event(e: Event) -> Event:
        ahead = e.ended_at is not None and e.ended_at > at
        return replace(e, ended_at=None, stop_confirmed=False) if ahead else e

    return replace(
        case,
        events=tuple(event(e) for e in case.events),
        diagnoses=tuple(
            replace(d, resolved_on=None) if d.resolved_on and d.resolved_on > on else d
            for d in case.diagnoses
        ),
    )


def _source(draw: Draw) -> tuple[str, str]:
    return draw.laboratory, draw.method
