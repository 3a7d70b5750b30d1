"""The files that the limits are for."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Offender (a file, a function of one, or a folder) -> by how much it offends.
Counts = dict[str, int]
# What is written at run time, and what Django writes.
LEFT_OUT = {"var", "migrations", "__pycache__"}


def files(root: Path, suffix: str) -> Iterator[Path]:
    """Every file with that ending, in order of name."""
    for folder, inside, names in os.walk(root):
        inside[:] = sorted(name for name in inside if name not in LEFT_OUT and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffix))


def is_test(root: Path, path: Path) -> bool:
    return path.relative_to(root).parts[0] == "tests"


def product(root: Path) -> Iterator[Path]:
    """The Python modules that are not tests."""
    return (path for path in files(root, ".py") if not is_test(root, path))


def count(root: Path, paths: Iterator[Path], offences: Callable[[str], int]) -> Counts:
    """How often each file offends, by its path from the root; files that do not are left out."""
    found = {path.relative_to(root).as_posix(): offences(path.read_text(encoding="utf-8")) for path in paths}
    return {name: number for name, number in found.items() if number}
