"""What the checklist may read of a record: nothing after `as_of`, no result from before a transplant."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from interpretation.knowledge import limits
from interpretation.record.records import Case, Diagnosis, Draw, Event, Result

LIMITS = limits("dissociation").read_by(__name__, "bad_sample_minutes")

ADVANCED = {
    "cirrhosis": "cirrhosis",
    "advanced_fibrosis": "advanced fibrosis",
    "portal_hypertension": "portal hypertension",
}
DECOMPENSATION = ("ascites", "encephalopathy", "variceal_bleed")


@dataclass(frozen=True)
class KnownTests:
    """What is known at `as_of`: the usable draws of each analyte since any transplant, and who it is."""

    case: Case
    flags: tuple[Event, ...]
    transplanted_at: datetime | None
    diagnoses: frozenset[str]
    decompensated: bool

    @property
    def as_of(self) -> datetime:
        return self.case.as_of

    def last(self, analyte: str) -> Draw | None:
        """The last draw that holds a usable result of it."""
        draws = self._back(analyte)
        return next((draw for draw in draws if not self.is_flagged(draw)) if self.flags else draws, None)

    def flagged(self, analyte: str) -> Draw | None:
        """The last one that a person has flagged as unsuitable."""
        return next(filter(self.is_flagged, self._back(analyte)), None)

    def times_back(self, *analytes: str) -> Iterator[datetime]:
        """When any of these was measured, the latest first."""
        each = ((d.taken_at for d in self._back(a) if not self.is_flagged(d)) for a in analytes)
        return merge(*each, reverse=True)

    def is_flagged(self, draw: Draw) -> bool:
        return any(_is_flagged(draw, flag) for flag in self.flags)

    def _back(self, analyte: str) -> Iterator[Draw]:
        """The draws with a result of it since the transplant, the latest first."""
        for draw, result in reversed(self.case.measured(analyte)):
            known = draw.taken_at <= self.as_of and _since(draw.taken_at, self.transplanted_at)
            if known and usable(result):
                yield draw


def known_at(case: Case) -> KnownTests:
    events = [event for event in case.events if event.started_at <= case.as_of]
    transplanted_at = max((e.started_at for e in events if e.kind == "transplant"), default=None)
    return KnownTests(
        case=case,
        flags=tuple(event for event in events if event.kind == "bad_sample"),
        transplanted_at=transplanted_at,
        diagnoses=frozenset(d.kind for d in case.diagnoses if _stands(d, case, transplanted_at)),
        decompensated=any(e.kind in DECOMPENSATION and _since(e.started_at, transplanted_at) for e in events),
    )


def _since(moment: datetime, transplanted_at: datetime | None) -> bool:
    return transplanted_at is None or moment > transplanted_at


def _stands(diagnosis: Diagnosis, case: Case, transplanted_at: datetime | None) -> bool:
    """Known and not resolved at `as_of`; of advanced disease, only what was noted since a transplant."""
    today = case.as_of.date()
    if diagnosis.noted_on is not None and diagnosis.noted_on > today:
        return False
    if diagnosis.resolved_on is not None and diagnosis.resolved_on <= today:
        return False
    if diagnosis.kind in ADVANCED and transplanted_at is not None:
        return diagnosis.noted_on is not None and diagnosis.noted_on > transplanted_at.date()
    return True


def _is_flagged(draw: Draw, flag: Event) -> bool:
    margin = timedelta(minutes=LIMITS.bad_sample_minutes)
    return flag.started_at - margin <= draw.taken_at <= (flag.ended_at or flag.started_at) + margin


def usable(result: Result) -> bool:
    """Any number counts, zero and "<5" too."""
    return result.value is not None and math.isfinite(result.value)
