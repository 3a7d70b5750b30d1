import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interpretation import knowledge
from interpretation.characteristics import CELLS, count, rule_digest
from patients.report.characteristics import MEASURED, still_simulated, table_text

from .reassess import LINE_EVERY

# Patients between two words about how far it is.
CHUNK = 200
Job = tuple[str, int, int, int]


class Command(BaseCommand):
    help = (
        "Measures the rule on simulated patients, stable and worsening: false alarms and power by grade and "
        "urgency, beside the published figures. Writes the counts for the page under Knowledge and prints "
        "the table. Cells that are not measured keep what the file says of them, while the knowledge is the "
        "same. Needs no database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cell", action="append", metavar="NAME", help="only this cell; may be repeated")
        parser.add_argument("--count", type=int, default=6000, help="patients a cell and seed")
        parser.add_argument(
            "--seed", type=int, action="append", metavar="N", help="may be repeated; else 1, 2, 3"
        )
        parser.add_argument("--out", metavar="FILE", type=Path, default=MEASURED, help="where the counts go")

    def handle(self, **options: Any) -> None:
        names = options["cell"] or list(CELLS)
        if unknown := [name for name in names if name not in CELLS]:
            raise CommandError(f"No cell {', '.join(unknown)}. There are: {', '.join(CELLS)}.")
        if options["count"] < 1:
            raise CommandError("--count: at least 1 patient.")
        seeds, out = options["seed"] or [1, 2, 3], options["out"]
        said = kept(out)
        with Pool() as pool:
            for place, name in enumerate(names, start=1):
                self.head = f"{name}, cell {place} of {len(names)}"
                said["cells"][name] = {
                    "cell": CELLS[name].fingerprint,
                    "patients": options["count"],
                    "seeds": self.measure(pool, name, seeds, options["count"]),
                }
                # After each cell, so that a run that is stopped has not been for nothing.
                write(out, said)
        self.stdout.write(table_text(said, names))

    def measure(self, pool: Pool, name: str, seeds: list[int], patients: int) -> dict[str, dict[str, int]]:
        found: dict[int, Counter[str]] = {seed: Counter() for seed in seeds}
        todo, self.said = list(jobs(name, seeds, patients)), time.monotonic()
        for done, (seed, counted) in enumerate(pool.imap_unordered(work, todo), start=1):
            found[seed].update(counted)
            self.progress(done, len(todo))
        return {str(seed): dict(sorted(counted.items())) for seed, counted in found.items()}

    def progress(self, done: int, total: int) -> None:
        """On standard error, so that the table can be piped."""
        line = f"{self.head}: {100 * done // total}%"
        if self.stderr.isatty():
            self.stderr.write(f"\r{line:60}", ending="\n" if done == total else "")
            self.stderr.flush()
        elif done == total or time.monotonic() - self.said >= LINE_EVERY:
            self.said = time.monotonic()
            self.stderr.write(line)


def jobs(name: str, seeds: Iterable[int], patients: int) -> Iterator[Job]:
    for seed in seeds:
        for first in range(0, patients, CHUNK):
            yield name, seed, first, min(first + CHUNK, patients)


def work(job: Job) -> tuple[int, Counter[str]]:
    return job[1], count(*job)


def kept(out: Path) -> dict:
    """What the file holds, if it was measured with the knowledge in use; else nothing."""
    said = {"knowledge": knowledge.VERSION, "digest": rule_digest(), "cells": {}}
    if out.exists():
        before = json.loads(out.read_text(encoding="utf-8"))
        if all(before[key] == said[key] for key in ("knowledge", "digest")):
            said["cells"] = still_simulated(before["cells"])
    return said


def write(out: Path, said: dict) -> None:
    said["measured_on"] = date.today().isoformat()
    said["cells"] = {name: said["cells"][name] for name in CELLS if name in said["cells"]}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
