"""The published figures of the rule in full: three seeds of 6,000 patients each, and their z."""

import multiprocessing
from collections.abc import Iterator

from interpretation.characteristics import CELLS, count, deviate
from interpretation.knowledge import limits

SEEDS = (1, 2, 3)
PATIENTS = 6000
CHUNK = 200
Job = tuple[str, int, int, int]


def run(patients: int = PATIENTS) -> Iterator[tuple[str, str, float, float, list[float]]]:
    """(cell, measure, measured and published per cent, z of each seed) of every published figure."""
    with multiprocessing.Pool() as pool:
        for name, cell in CELLS.items():
            if not cell.published:
                continue
            runs = [pool.starmap(count, _jobs(name, seed, patients)) for seed in SEEDS]
            for measure, published in cell.published.items():
                hits = [sum(part[measure] for part in parts) for parts in runs]
                against = (published / 100, int(limits("characteristics").published_patients))
                z = [deviate(one, patients, *against) for one in hits]
                yield name, measure, 100 * sum(hits) / (patients * len(SEEDS)), published, z


def _jobs(name: str, seed: int, patients: int) -> Iterator[Job]:
    for first in range(0, patients, CHUNK):
        yield name, seed, first, min(first + CHUNK, patients)
