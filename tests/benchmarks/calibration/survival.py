"""Kaplan-Meier estimates with log-log intervals."""

import math
from collections import Counter
from collections.abc import Sequence

from interpretation.characteristics.intervals import DEVIATE

# A person's days from the landmark on, and whether they ended in death or transplant.
Followed = tuple[float, bool]
Step = tuple[float, float, float, float]


def kaplan_meier(people: Sequence[Followed]) -> list[Step]:
    """(day, share without an event, lower, upper) at each day with an event, from (0, 1, 1, 1) on."""
    ends, events = Counter(day for day, _ in people), Counter(day for day, event in people if event)
    at_risk, share, spread = len(people), 1.0, 0.0
    steps: list[Step] = [(0.0, 1.0, 1.0, 1.0)]
    for day in sorted(ends):
        if events[day]:
            share *= 1 - events[day] / at_risk
            if at_risk > events[day]:
                spread += events[day] / (at_risk * (at_risk - events[day]))
            steps.append((day, share, *_log_log(share, spread)))
        at_risk -= ends[day]
    return steps


def _log_log(share: float, spread: float) -> tuple[float, float]:
    """95 % interval: Greenwood's variance on the scale of log(-log). [Kalbfleisch and Prentice]"""
    if share in (0.0, 1.0):
        return share, share
    half = DEVIATE * math.sqrt(spread) / abs(math.log(share))
    return share ** math.exp(half), share ** math.exp(-half)


def at_risk(people: Sequence[Followed], day: float) -> int:
    """How many are still followed as that day begins."""
    return sum(end >= day for end, _ in people)
