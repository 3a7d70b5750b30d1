"""Mutants one by one through the readers or over HTTP, each within its limits; faults kept as files."""

import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.limits import TooSlow, limited_memory, limited_time
from tests.fuzz.seeds import Mutant

# Gives how many values were judged, and what is wrong.
Trial = Callable[[bytes], tuple[int, list[str]]]


@dataclass
class FuzzRun:
    """`seed` and a mutant's number make it anew; `folder`: where faults are kept."""

    seed: int
    folder: Path
    tried: int = 0
    judged: int = 0
    faults: list[str] = field(default_factory=list)

    def through(self, trial: Trial, mutants: Iterable[Mutant]) -> None:
        for mutant in mutants:
            self.tried += 1
            # Kept outside its limits: a fault of memory must still be written down.
            for wrong in self._tried(trial, mutant):
                self._keep(mutant, wrong)

    def _tried(self, trial: Trial, mutant: Mutant) -> list[str]:
        try:
            with limited_memory(), limited_time():
                judged, wrong = trial(mutant.content)
        except TooSlow as error:
            return [str(error)]
        except Exception:
            return [traceback.format_exc(limit=-4)]
        self.judged += judged
        return wrong

    def _keep(self, mutant: Mutant, wrong: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / f"{self.seed}-{mutant.number}"
        kept.write_bytes(mutant.content)
        self.faults.append(f"seed {self.seed}, number {mutant.number}, {mutant.name} ({kept}): {wrong}")
        sys.stderr.write(f"{self.faults[-1]}\n")

    @property
    def words(self) -> str:
        return f"{self.tried:,} tried, {self.judged:,} values judged, {len(self.faults):,} faults"
