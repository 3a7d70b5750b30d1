"""What another version of the knowledge would change: every patient judged by both.

Limits are read when the modules are imported, so the other version runs in a process of its own:
`python -m interpretation -` with the folder in INTERPRETATION_DATA, one case a line.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from interpretation import knowledge
from interpretation.record.case_json import case_as_json
from interpretation.record.records import Case, Report
from interpretation.report import interpret


class CannotCompare(Exception):
    """The other version cannot be read or run; the message says why and where."""


@dataclass(frozen=True)
class Judged:
    """What of a report is compared; "" where a version does not judge it."""

    grade: str
    attribution: str = ""
    scenario: str = ""


@dataclass(frozen=True)
class VerdictChange:
    """`what` is a field of Judged; `was` by the knowledge in use, `becomes` by the other."""

    what: str
    was: str
    becomes: str


def changes(before: Judged, after: Judged) -> list[VerdictChange]:
    """Only what both versions judge: a part that one of them lacks is no change of mind."""
    pairs = ((what, getattr(before, what), getattr(after, what)) for what in Judged.__dataclass_fields__)
    return [
        VerdictChange(what, was, becomes)
        for what, was, becomes in pairs
        if was and becomes and was != becomes
    ]


def totals(found: Iterable[VerdictChange]) -> list[tuple[VerdictChange, int]]:
    """Counts per transition, the most frequent first within what changed."""
    order = list(Judged.__dataclass_fields__)
    counted = Counter(found).items()
    return sorted(counted, key=lambda one: (order.index(one[0].what), -one[1], one[0].was, one[0].becomes))


def judged(report: Report) -> Judged:
    found = report.dissociation
    return Judged(found.grade, found.attribution or "", getattr(report.scenario, "kind", "") or "")


def judged_json(report: dict) -> Judged:
    found, scenario = report["dissociation"], report.get("scenario")
    kind = scenario.get("kind", "") if isinstance(scenario, dict) else ""
    return Judged(found["grade"], found.get("attribution") or "", kind or "")


def check_folder(folder: Path) -> None:
    """The folder can be loaded by this code, as far as its files tell."""
    if not folder.is_dir():
        raise CannotCompare(f"{folder}: no such folder.")
    missing = sorted(set(knowledge.files()) - set(knowledge.files(folder)))
    if missing:
        raise CannotCompare(f"{folder}: missing {', '.join(f'{name}.toml' for name in missing)}.")
    faults = [fault for name in knowledge.files(folder) for fault in knowledge.faults(name, folder)]
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise CannotCompare(f"{folder}: {faults[0]}{more}")


class Other:
    """The other version, answering case by case."""

    def __init__(self, process: subprocess.Popen, errors):
        self.process = process
        self.errors = errors

    def both(self, case: Case) -> tuple[Judged, Judged]:
        """The case as judged now and by the other version; the two work at the same time."""
        self._ask(case)
        before = judged(interpret(case))
        return before, self._answer()

    def _ask(self, case: Case) -> None:
        try:
            self.process.stdin.write(json.dumps(case_as_json(case), ensure_ascii=False) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise CannotCompare(self._why()) from None

    def _answer(self) -> Judged:
        line = self.process.stdout.readline()
        if not line:
            raise CannotCompare(self._why())
        report = json.loads(line)
        if "error" in report:
            # Without the case's id: this may end in a log.
            raise CannotCompare(f"a stored record cannot be read: {report['error']}")
        return judged_json(report)

    def _why(self) -> str:
        self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        return f"the other version does not run: {said[-1] if said else 'it ended without a word'}"


@contextmanager
def other_version(folder: Path) -> Iterator[Other]:
    check_folder(folder)
    environment = {**os.environ, "INTERPRETATION_DATA": str(folder.resolve())}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "interpretation", "-"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
        try:
            yield Other(process, errors)
        finally:
            process.kill()
            process.communicate()
