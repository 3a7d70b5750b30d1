"""interpret() and past grades by the number of draws: CPU time, every length in turn, the best of some rounds.

Without Django and without a database. [design.md 9]
"""

import math
import time
from collections.abc import Callable, Iterator

from interpretation import Case, interpret
from interpretation.episodes import grades
from tests.benchmarks.courses import case

LENGTHS = (15, 30, 60, 120, 250, 500)
USUAL, LONG = 60, 500
MILLISECONDS, GROWTH = 1.5, 10
ROUNDS, PAST_ROUNDS = 60, 6
# What, measured, against, ratio, budget with verdict.
Row = tuple[str, str, str, str, str]


def run() -> Iterator[Row]:
    yield from _interpret(best_of(interpret, ROUNDS))
    yield from _past(best_of(grades, PAST_ROUNDS))


def best_of(work: Callable[[Case], object], rounds: int) -> dict[int, float]:
    """Milliseconds of CPU time for each length. A case keeps what was once worked out of it: each time a new one."""
    work(case(LENGTHS[0]))
    best = dict.fromkeys(LENGTHS, math.inf)
    for _ in range(rounds):
        for count in LENGTHS:
            given = case(count)
            start = time.process_time()
            work(given)
            best[count] = min(best[count], (time.process_time() - start) * 1000)
    return best


def _interpret(best: dict[int, float]) -> Iterator[Row]:
    usual = best[USUAL]
    for count, took in best.items():
        ratio, most = took / usual, _n_log_n(count) / _n_log_n(USUAL)
        budget = ""
        if count == USUAL:
            budget = f"at most {MILLISECONDS} ms idle: {_verdict(usual, MILLISECONDS)}"
        if count > USUAL:
            budget = f"at most {most:.1f}, n log n: {_verdict(ratio, most)}"
        yield f"interpret(), {count} draws", f"{took:.2f} ms", f"{usual:.2f} ms", f"{ratio:.2f}", budget


def _past(best: dict[int, float]) -> Iterator[Row]:
    usual = best[USUAL]
    for count, took in best.items():
        ratio = took / usual
        budget = f"at most {GROWTH}: {_verdict(ratio, GROWTH)}" if count == LONG else ""
        yield f"past grades, {count} draws", f"{took:.1f} ms", f"{usual:.1f} ms", f"{ratio:.2f}", budget


def _n_log_n(count: int) -> float:
    return count * math.log(count)


def _verdict(measured: float, budget: float) -> str:
    return "met" if measured <= budget else "MISSED"
