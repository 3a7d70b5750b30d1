"""Agreement of two reviewers, and shares with intervals. Plain Python, no Django.

Draws of one patient hang together: every interval counts patients. Shares may be weighted by how many draws each
of the sample stands for.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from interpretation.characteristics.intervals import DEVIATE, wilson

# (patient, counts as a hit, weight)
Row = tuple[Hashable, bool, float]
# (patient, what one says, what the other says)
Pair = tuple[Hashable, Hashable, Hashable]


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval, all fractions; None where there is nothing to count."""

    hits: int
    of: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa with its 95 % interval; kappa is None where both said one thing of all, or of none."""

    agreed: int
    of: int
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def estimate(rows: Iterable[Row]) -> Estimate:
    """The weighted share of hits; Wilson's interval over the counts that the rows are worth. [Korn and Graubard,
    Surv Methodol 1998]"""
    rows = list(rows)
    hits = sum(hit for _, hit, _ in rows)
    if not rows:
        return Estimate(0, 0)
    people: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for person, hit, weight in rows:
        people[person][0] += hit * weight
        people[person][1] += weight
    sums = [(of_hits, of) for of_hits, of in people.values()]
    # Rounding must not make a part of the whole.
    share = sum(one[0] for one in sums) / sum(one[1] for one in sums) if hits < len(rows) else 1.0
    worth = _worth(sums, share, len(rows))
    return Estimate(hits, len(rows), share, *wilson(share * worth, worth))


def _worth(sums: Sequence[tuple[float, float]], share: float, count: int) -> float:
    """As many independent counts as have the variance found among patients; each patient one at most where all
    are hits or none is."""
    total = sum(of for _, of in sums)
    if share in (0.0, 1.0) or len(sums) == 1:
        return total**2 / sum(of**2 for _, of in sums)
    apart = sum((hits - share * of) ** 2 for hits, of in sums)
    variance = len(sums) / (len(sums) - 1) * apart / total**2
    return min(count, count * share * (1 - share) / (count - 1) / variance) if variance else count


def agreement(pairs: Iterable[Pair]) -> Agreement:
    """Cohen's kappa, its standard error by leaving out one patient after the other (jackknife)."""
    pairs = list(pairs)
    agreed = sum(one == other for _, one, other in pairs)
    kappa = _kappa(pairs)
    if kappa is None:
        return Agreement(agreed, len(pairs))
    half = _half_width(pairs)
    if not half:
        return Agreement(agreed, len(pairs), kappa)
    return Agreement(agreed, len(pairs), kappa, max(-1.0, kappa - half), min(1.0, kappa + half))


def _kappa(pairs: Sequence[Pair]) -> float | None:
    if not pairs:
        return None
    said = {one for _, one, _ in pairs} | {other for _, _, other in pairs}
    number = len(pairs)
    observed = sum(one == other for _, one, other in pairs) / number
    by_chance = sum(
        sum(one == word for _, one, _ in pairs) * sum(other == word for _, _, other in pairs) for word in said
    )
    expected = by_chance / number**2
    return None if by_chance == number**2 else (observed - expected) / (1 - expected)


def _half_width(pairs: Sequence[Pair]) -> float | None:
    """None where there is no interval: leaving somebody out leaves no kappa, or always the same."""
    people = {person for person, _, _ in pairs}
    without = [_kappa([pair for pair in pairs if pair[0] != person]) for person in people]
    found = [kappa for kappa in without if kappa is not None]
    if len(found) < len(without) or len(found) < 2:
        return None
    mean = sum(found) / len(found)
    variance = (len(found) - 1) / len(found) * sum((kappa - mean) ** 2 for kappa in found)
    return DEVIATE * math.sqrt(variance)
