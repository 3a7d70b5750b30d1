"""Which draws are reviewed: drawn by chance within strata, so that those without a flag are there too."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Generic, TypeVar

from interpretation.rule.grading import PATTERN

# A draw that nobody reads is not drawn from: so many are read for one sample.
MOST_READ = 600
# In the order in which places are given: a sample without quiet draws says nothing of what was missed.
STRATA = ("quiet", "pattern", "urgent", "unreadable")
T = TypeVar("T")


@dataclass(frozen=True)
class CandidateDraw:
    """One draw and what the product said of it as of then."""

    draw: int
    patient: int
    as_of: datetime
    grade: str
    urgency: str

    @property
    def stratum(self) -> str:
        if self.grade in PATTERN:
            return "pattern"
        if self.grade == "not_interpretable":
            return "unreadable"
        return "quiet" if self.urgency == "routine" else "urgent"


@dataclass(frozen=True)
class Sampled(Generic[T]):
    """`weight`: how many draws of the period it stands for."""

    candidate: T
    weight: float


def sample(
    candidates: Sequence[CandidateDraw], *, size: int, seed: int, population: int
) -> list[Sampled[CandidateDraw]]:
    """At most `size`, in an order that says nothing: the same for the same candidates and seed."""
    chance = Random(seed)
    strata = {name: [one for one in candidates if one.stratum == name] for name in STRATA}
    places = allocate({name: len(found) for name, found in strata.items()}, size)
    stands_for = population / len(candidates) if candidates else 1.0
    drawn = [
        Sampled(one, stands_for * len(found) / places[name])
        for name, found in strata.items()
        if places[name]
        for one in chance.sample(found, places[name])
    ]
    chance.shuffle(drawn)
    return drawn


def allocate(sizes: dict[str, int], places: int) -> dict[str, int]:
    """One place to each stratum in turn, as long as it has draws left."""
    given: Counter[str] = Counter()
    while sum(given.values()) < min(places, sum(sizes.values())):
        for name, there in sizes.items():
            if given[name] < there and sum(given.values()) < places:
                given[name] += 1
    return {name: given[name] for name in sizes}
