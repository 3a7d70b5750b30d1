"""How sure a counted share or rate is."""

import math

# Two-sided 95 %.
DEVIATE = 1.959964


def wilson(hits: int, of: int) -> tuple[float, float]:
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
