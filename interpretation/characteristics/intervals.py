"""How sure a counted share or rate is."""

import math
from collections.abc import Sequence

# Two-sided 95 %.
DEVIATE = 1.959964


def wilson(hits: float, of: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, as fractions. [Wilson, J Am Stat Assoc 1927]"""
    share, square = hits / of, DEVIATE**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = DEVIATE / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return (middle - half if hits else 0.0), (middle + half if hits < of else 1.0)


def poisson(events: int) -> tuple[float, float]:
    """Byar's 95 % interval of a count. [Breslow and Day, Statistical Methods in Cancer Research II, 1987]"""
    low = events * (1 - 1 / (9 * events) - DEVIATE / (3 * math.sqrt(events))) ** 3 if events else 0.0
    above = events + 1
    return max(low, 0.0), above * (1 - 1 / (9 * above) + DEVIATE / (3 * math.sqrt(above))) ** 3


def deviate(hits: int, of: int, published: float, published_of: int) -> float:
    """z of a counted share against a published one, which is a simulation too; both shares pooled."""
    pooled = (hits + published * published_of) / (of + published_of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / published_of))
    return (hits / of - published) / spread if spread else 0.0


def clustered_wilson(clusters: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Wilson's 95 % interval of a share where what one person gives counts as (hits, of) and hangs together.

    The variance among people says how many independent counts these are worth, never more than there are. Where
    all are hits or none is, each person counts once. [Korn and Graubard, Surv Methodol 1998]
    """
    people = [(hits, of) for hits, of in clusters if of]
    hits, of = sum(one[0] for one in people), sum(one[1] for one in people)
    worth = _worth(people, hits / of)
    return wilson(hits / of * worth, worth)


def _worth(people: Sequence[tuple[int, int]], share: float) -> float:
    """All counts, over how many times the variance among people is that of independent counts."""
    number, of = len(people), sum(one[1] for one in people)
    if share in (0.0, 1.0) or number == 1:
        return number
    apart = sum((hits - share * counts) ** 2 for hits, counts in people)
    variance = number / (number - 1) * apart / of**2
    return min(of, of * share * (1 - share) / (of - 1) / variance) if variance else of
