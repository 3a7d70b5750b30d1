"""One simulated patient: true courses with log-normal noise."""

import math
from datetime import UTC, datetime, timedelta
from random import Random

from interpretation.knowledge import limits
from interpretation.record.records import Case, Diagnosis, Draw, Result

from .cells import SimulatedCell

LIMITS = limits("characteristics").read_by(__name__, "inr_step")
FIRST = datetime(2024, 1, 1, 8, tzinfo=UTC)
UPPER = {"ALT": 40.0, "AST": 40.0, "INR": 1.2, "bilirubin_total": 21.0}


def simulated(cell: SimulatedCell, seed: int, number: int) -> Case:
    """Patient `number` of the cell: the same for the same seed, whoever else is simulated."""
    chance = Random(f"{seed}/{cell.name}/{number}")
    draws = tuple(_draw(cell, place, chance) for place in range(cell.draws))
    noted = (Diagnosis(cell.diagnosis),) if cell.diagnosis else ()
    return Case(as_of=draws[-1].taken_at + timedelta(hours=1), draws=draws, diagnoses=noted)


def _draw(cell: SimulatedCell, place: int, chance: Random) -> Draw:
    """The second half comes from another laboratory, where the cell says so."""
    share = place / (cell.draws - 1) if cell.draws > 1 else 1.0
    later = cell.second_laboratory and place >= cell.draws / 2
    results = []
    for analyte, (first, last) in cell.courses.items():
        true = first + (last - first) * share
        value = _reported(analyte, true * _noise(chance, cell.cv[analyte]))
        results.append(Result(analyte, value, upper_limit=UPPER[analyte]))
    taken_at = FIRST + timedelta(days=cell.spacing * place)
    return Draw(taken_at, tuple(results), laboratory="B" if later else "A")


def _noise(chance: Random, cv: float) -> float:
    """A factor with median 1; `cv` in per cent."""
    return math.exp(chance.gauss(0, math.sqrt(math.log(1 + (cv / 100) ** 2))))


def _reported(analyte: str, value: float) -> float:
    """As laboratories write it: INR in tenths, the others in whole numbers."""
    if analyte == "INR":
        return round(round(value / LIMITS.inr_step) * LIMITS.inr_step, 6)
    return float(round(value))
