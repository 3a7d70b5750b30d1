"""The safety case as data: what it is for, what could harm, and the tests that hold each control.

Read from `docs/safety/`. A risk is worked out from severity and likelihood and never written down.
"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from interpretation.words import counted

ROOT = Path(__file__).parents[2]
SAFETY = ROOT / "docs" / "safety"
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very_low", "low", "medium", "high", "very_high")
# The risk matrix of DCB0129: a row is a likelihood, a column a severity, both in the order above.
RISKS = ((1, 1, 2, 2, 3), (1, 2, 2, 3, 4), (2, 2, 3, 3, 4), (2, 3, 3, 4, 5), (3, 4, 4, 5, 5))
TOLERABLE = 3


class HazardError(ValueError):
    """A hazard that is not as the file's head says; its words name it and the remedy."""


@dataclass(frozen=True)
class Control:
    text: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Hazard:
    id: str
    title: str
    harm: str
    cause: str
    severity: str
    before: str
    after: str
    remains: str
    controls: tuple[Control, ...]

    @property
    def risk_before(self) -> int:
        return risk(self.severity, self.before)

    @property
    def risk_after(self) -> int:
        return risk(self.severity, self.after)

    @property
    def before_words(self) -> str:
        return self.before.replace("_", " ")

    @property
    def after_words(self) -> str:
        return self.after.replace("_", " ")


def risk(severity: str, likelihood: str) -> int:
    """From 1 to 5."""
    return RISKS[LIKELIHOODS.index(likelihood)][SEVERITIES.index(severity)]


@cache
def hazards(folder: Path = SAFETY) -> tuple[Hazard, ...]:
    """Every hazard in the order of the file; raises HazardError."""
    read = tomllib.loads((folder / "hazards.toml").read_text(encoding="utf-8"))
    found = tuple(_hazard(entry) for entry in read["hazard"])
    ids = [hazard.id for hazard in found]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise HazardError(f"{', '.join(sorted(twice))}: there twice. Give one another id.")
    return found


@cache
def intended_use(folder: Path = SAFETY) -> dict[str, Any]:
    """Keys purpose, users and exclusion, a list of who and what."""
    return tomllib.loads((folder / "intended_use.toml").read_text(encoding="utf-8"))


def _hazard(entry: dict[str, Any]) -> Hazard:
    name = entry.get("id", "a hazard without id")
    words = [key for key in Hazard.__dataclass_fields__ if key != "controls"]
    wrong = sorted(set(entry) ^ {*words, "control"})
    if wrong:
        raise HazardError(
            f"{name}: {', '.join(wrong)} missing or unknown. A hazard has {', '.join(words)}, control."
        )
    _check_levels(name, entry)
    return Hazard(**{key: entry[key] for key in words}, controls=tuple(_controls(name, entry["control"])))


def _check_levels(name: str, entry: dict[str, Any]) -> None:
    for key, levels in {"severity": SEVERITIES, "before": LIKELIHOODS, "after": LIKELIHOODS}.items():
        if entry[key] not in levels:
            raise HazardError(f"{name}: {key} is {entry[key]!r}. Write one of {', '.join(levels)}.")
    if LIKELIHOODS.index(entry["after"]) > LIKELIHOODS.index(entry["before"]):
        raise HazardError(f"{name}: likelier after its controls than before. Mend one of them.")


def _controls(name: str, entries: list[dict[str, Any]]) -> Iterator[Control]:
    for entry in entries:
        if not entry.get("text") or not entry.get("tests"):
            raise HazardError(f"{name}: a control without text or without tests. Give it both.")
        yield Control(entry["text"], tuple(entry["tests"]))


def faults(folder: Path = SAFETY, root: Path = ROOT) -> list[str]:
    """Each control whose test is not where it says, in one line with the remedy."""
    try:
        found = hazards(folder)
    except HazardError as error:
        return [str(error)]
    named = [(hazard.id, test) for hazard in found for control in hazard.controls for test in control.tests]
    return [f"{id}: {fault}" for id, test in named if (fault := _gone(test, root))]


def _gone(test: str, root: Path) -> str:
    file, _, name = test.partition("::")
    if not name:
        return f"{file} names no test. Write FILE::TEST."
    if not (root / file).is_file():
        return f"{file} is not there. Name the file that holds {name} now."
    if name not in _tests_of(root / file):
        return f"{file} has no {name}. Name the test that holds this control now, or write it."
    return ""


@cache
def _tests_of(file: Path) -> frozenset[str]:
    """Functions that pytest runs, those of a class by both names; nested ones are none."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(name for name in _functions(tree) if name.rpartition("::")[2].startswith("test_"))


def _functions(tree: ast.Module | ast.ClassDef, before: str = "") -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{before}{node.name}"
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{before}{node.name}::")


def summary() -> str:
    """How many, and how many remain above what DCB0129 calls acceptable."""
    found = hazards()
    above = sum(hazard.risk_after >= TOLERABLE for hazard in found)
    tests = sum(len(control.tests) for hazard in found for control in hazard.controls)
    return f"{counted(len(found), 'hazard')}, {counted(tests, 'test')} behind their controls, {above} above risk 2"
