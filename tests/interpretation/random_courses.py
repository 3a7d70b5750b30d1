"""Random courses of the analytes: one number a draw, in canonical units, near the limits of the rule."""

import random
from collections.abc import Callable, Iterator

Course = Iterator[float]
Maker = Callable[[random.Random], Course]


def _factors(r: random.Random, start: float, factors: tuple[float, ...]) -> Course:
    value = start
    while True:
        yield value
        value = max(5, value * r.choice(factors))


def _steps(r: random.Random, start: float, steps: tuple[float, ...]) -> Course:
    value = start
    while True:
        yield round(value, 1)
        value = min(9.8, max(0.8, value + r.choice(steps)))


# --- Enzymes ----------------------------------------------------------------------------------------------


def quiet(r: random.Random) -> Course:
    """Within or just above the limit of 40: 60 is 1.5 times."""
    level = r.choice((18, 25, 35, 40, 45))
    while True:
        yield r.choice((level, level * 0.9, level * 1.1, *(() if r.random() < 0.9 else (41, 59, 60))))


def falling(r: random.Random) -> Course:
    factors = (0.8, 0.725, 0.7249, 0.626, 0.625, 0.6, 0.5, 0.49, 0.4, 0.9)
    return _factors(r, r.choice((58, 60, 80, 100, 120, 199, 200, 260)), factors)


def falling_steadily(r: random.Random) -> Course:
    return _factors(r, r.choice((80, 112, 200, 260)), (0.8, 0.75, 0.7, 0.6))


def peak(r: random.Random) -> Course:
    return _factors(r, r.choice((399, 400, 800, 2000, 5000, 9000)), (0.9, 0.75, 0.6, 0.5, 0.5, 0.4, 0.3))


def flare(r: random.Random) -> Course:
    return _factors(r, r.choice((30, 40, 70, 100)), (0.5, 0.7, 1, 1, 1.38, 1.6, 1.7, 3, 0.9))


def steady(r: random.Random) -> Course:
    return _factors(r, r.choice((55, 61, 79, 80, 150)), (1, 0.95, 1.05, 0.9, 1.1))


def late_peak(r: random.Random) -> Course:
    """Quiet, then thousands."""
    low, turn = r.choice((25, 40, 70)), r.randint(1, 4)
    for _ in range(turn):
        yield low
    yield from peak(r)


# --- INR --------------------------------------------------------------------------------------------------


def inr_flat(r: random.Random) -> Course:
    return _steps(r, r.choice((1.0, 1.2, 1.3, 1.5, 1.7, 2.1, 2.5)), (0, 0, 0.1, -0.1))


def inr_noisy(r: random.Random) -> Course:
    level = r.choice((1.1, 1.3, 1.4, 1.6, 2.0, 2.4))
    while True:
        yield round(level * r.choice((0.93, 0.96, 1, 1, 1.04, 1.08, 1.15, 1.2)), 1)


def inr_normal(r: random.Random) -> Course:
    return _steps(r, r.choice((0.9, 1.0, 1.1, 1.2)), (0, 0, 0.1, 0.1, 0.2, -0.1))


def inr_creeping(r: random.Random) -> Course:
    return _steps(r, r.choice((1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.7)), (0, 0.1, 0.1, 0.2, 0.2, 0.3, -0.1))


def inr_rising_steadily(r: random.Random) -> Course:
    return _steps(r, r.choice((1.0, 1.1, 1.2, 1.3)), (0.1, 0.1, 0.2))


def inr_rising(r: random.Random) -> Course:
    return _steps(r, r.choice((1.1, 1.2, 1.4, 1.6, 1.9)), (0.2, 0.3, 0.4, 0.5, 0.6, 1.0))


def inr_recovering(r: random.Random) -> Course:
    return _steps(r, r.choice((1.6, 2.0, 2.6, 3.5, 5.0)), (-0.1, -0.2, -0.3, -0.5, -1.0, 0, 0.1))


def inr_swinging(r: random.Random) -> Course:
    return _steps(r, r.choice((1.3, 1.9, 2.5)), (-1.2, -0.6, -0.4, 0.4, 0.5, 0.7, 1.2))


def inr_on_drug(r: random.Random) -> Course:
    while True:
        yield r.choice((1.1, 1.2, 1.3, 1.9, 2.3, 2.8, 3.4, 4.9, 5.0, 6.5))


def inr_halving(r: random.Random) -> Course:
    """High, and at a draw gone by half."""
    high = r.choice((1.8, 2.4, 3.0, 4.0))
    for _ in range(r.randint(1, 3)):
        yield high
    yield round(high * r.choice((0.45, 0.5, 0.5, 0.52)), 1)
    yield from inr_flat(r)


def inr_answering(r: random.Random) -> Course:
    """Rises to the second draw, answers vitamin K by about 10, 20 or 30%, and perhaps rises again."""
    value = r.choice((1.6, 1.8, 2.0, 2.4, 3.0))
    yield r.choice((1.2, 1.4, value))
    yield value
    yield round(value * r.choice((0.5, 0.65, 0.7, 0.75, 0.8, 0.88, 0.9)), 1)
    yield from _steps(r, value * 0.7, (0, 0.1, 0.3, 0.5, -0.1))


# --- The others -------------------------------------------------------------------------------------------

BILIRUBINS = (
    (15, (1, 0.9, 1.1)),
    (30, (1, 1.1, 0.9)),
    (85.5, (1, 1, 0.99, 1.01)),
    (110, (1, 0.95, 1.1, 1.2)),
    (60, (1.2, 1.5, 1.72, 1.711, 2)),
    (90, (1.3, 1.6, 1.8)),
    (300, (0.8, 0.585, 0.58, 0.4)),
    (200, (1, 1, 1.03, 0.97)),
    (118, (1, 1.02, 1.74)),
)


def bilirubin(r: random.Random) -> Course:
    return _factors(r, *r.choice(BILIRUBINS))


def bilirubin_up_50(r: random.Random) -> Course:
    """By 50 umol/L but within its reference change of 71%."""
    return _factors(r, r.choice((86, 100, 130)), (1.2, 1.3, 1.4, 1.5))


def creatinine(r: random.Random) -> Course:
    return _factors(r, r.choice((70, 90, 154, 157, 176.8)), (1, 1, 1.02, 0.95, 1.5, 2.3))


def albumin(r: random.Random) -> Course:
    return _factors(r, r.choice((30, 38, 42)), (1, 0.99, 0.93, 0.92, 0.85))


def alp(r: random.Random) -> Course:
    return _factors(r, r.choice((90, 179, 180, 400)), (1, 0.9, 1.1))


ENZYMES = (quiet, quiet, quiet, falling, falling, falling, peak, peak, flare, steady, late_peak)
INRS = (
    *(inr_flat, inr_noisy, inr_normal, inr_creeping, inr_creeping, inr_rising),
    *(inr_recovering, inr_swinging, inr_halving),
)
# Analyte: how many cases have it, and its course.
BESIDE = {
    "bilirubin_total": (0.5, bilirubin),
    "creatinine": (0.2, creatinine),
    "albumin": (0.2, albumin),
    "ALP": (0.15, alp),
}
