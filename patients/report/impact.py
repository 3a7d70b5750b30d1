"""What another version of the knowledge would change: every patient judged by both.

Limits are read when the modules are imported, so the other version runs in a process of its own:
`python -m interpretation -` with the folder in INTERPRETATION_DATA, one case a line. A folder that holds a whole
`interpretation` of another revision is run as it is: so a changed rule is compared, not its numbers alone.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    urgency: str = ""
    # The top sentence: why, for whoever reads the list.
    why: str = field(default="", compare=False)


@dataclass(frozen=True)
class VerdictChange:
    """`what` is a field of Judged; `was` by the knowledge in use, `becomes` by the other; `why` says what is
    read now."""

    what: str
    was: str
    becomes: str
    why: str = field(default="", compare=False)


COMPARED = ("grade", "attribution", "scenario", "urgency")


def changes(before: Judged, after: Judged) -> list[VerdictChange]:
    """Only what both versions judge: a part that one of them lacks is no change of mind."""
    pairs = ((what, getattr(before, what), getattr(after, what)) for what in COMPARED)
    return [
        VerdictChange(what, was, becomes, before.why)
        for what, was, becomes in pairs
        if was and becomes and was != becomes
    ]


def totals(found: Iterable[VerdictChange]) -> list[tuple[VerdictChange, int]]:
    """Counts per transition, the most frequent first within what changed."""
    counted = Counter(found).items()
    return sorted(counted, key=lambda one: (COMPARED.index(one[0].what), -one[1], one[0].was, one[0].becomes))


def judged(report: Report) -> Judged:
    found = report.dissociation
    kind = getattr(report.scenario, "kind", "") or ""
    return Judged(found.grade, found.attribution or "", kind, report.urgency.level, report.summary)


def judged_json(report: dict) -> Judged:
    found, scenario = report["dissociation"], report.get("scenario")
    kind = scenario.get("kind", "") if isinstance(scenario, dict) else ""
    level = (report.get("urgency") or {}).get("level", "")
    return Judged(found["grade"], found.get("attribution") or "", kind or "", level)


def is_program(folder: Path) -> bool:
    """A whole `interpretation` of another revision, and not data alone."""
    return folder.name == "interpretation" and (folder / "__main__.py").is_file()


def data_of(folder: Path) -> Path:
    return folder / "data" if is_program(folder) else folder


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

    def __init__(self, process: subprocess.Popen, errors) -> None:
        self.process = process
        self.errors = errors

    def both(self, case: Case) -> tuple[Judged, Judged]:
        """The case as judged now and by the other version; the two work at the same time."""
        self._ask(case)
        before = judged(interpret(case))
        return before, judged_json(self._report())

    def report(self, case: Case) -> dict:
        """The whole report of the case as JSON."""
        self._ask(case)
        return self._report()

    def _ask(self, case: Case) -> None:
        try:
            self.process.stdin.write(json.dumps(case_as_json(case), ensure_ascii=False) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise CannotCompare(self._why()) from None

    def _report(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise CannotCompare(self._why())
        report = json.loads(line)
        if "error" in report:
            # Without the case's id: this may end in a log.
            raise CannotCompare(f"a stored record cannot be read: {report['error']}")
        return report

    def _why(self) -> str:
        self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        return f"the other version does not run: {said[-1] if said else 'it ended without a word'}"


@contextmanager
def other_version(folder: Path) -> Iterator[Other]:
    environment, place = dict(os.environ), settings.BASE_DIR
    if is_program(folder):
        environment.pop("INTERPRETATION_DATA", None)
        place = folder.resolve().parent
    else:
        check_folder(folder)
        environment["INTERPRETATION_DATA"] = str(folder.resolve())
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "interpretation", "-"],
            cwd=place,
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
