"""How much a function holds: branches, arguments; and whether it says what it returns."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.files import Counts, files, is_test

BRANCHES, ARGUMENTS, DECISIONS = 8, 7, 15
RETURNS = "ANN201,ANN202,ANN204,ANN205,ANN206"
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
HOLD_FUNCTIONS = ast.stmt | ast.ExceptHandler | ast.match_case
# Where a function can go one way or another; `and` and `or` are counted apart.
FORKS = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


def complex_functions(root: Path) -> Counts:
    return _by_function(root, "C901")


def many_arguments(root: Path) -> Counts:
    return _by_function(root, "PLR0913")


def many_decisions(root: Path) -> Counts:
    found = {
        f"{path.relative_to(root).as_posix()}:{name}": decisions(node)
        for path in files(root, ".py")
        for name, node in named(ast.parse(path.read_text(encoding="utf-8")))
    }
    return {name: number for name, number in found.items() if number > DECISIONS}


def no_return_type(root: Path) -> Counts:
    found: Counts = {}
    for path in (_path(root, one) for one in _ruff(root) if one["code"] in RETURNS):
        if not is_test(root, root / path):
            found[path] = found.get(path, 0) + 1
    return found


def decisions(function: ast.AST) -> int:
    """One, and one for each fork, each `and` and `or`; a function inside is counted for itself."""
    return 1 + sum(_forks(node) for node in _of_its_own(function))


def named(node: ast.AST, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every function of a module with its dotted name."""
    for child in (child for child in ast.iter_child_nodes(node) if isinstance(child, HOLD_FUNCTIONS)):
        if isinstance(child, FUNCTIONS):
            yield f"{within}{child.name}", child
        named_so = isinstance(child, FUNCTIONS | ast.ClassDef)
        yield from named(child, f"{within}{child.name}." if named_so else within)


def _of_its_own(function: ast.AST) -> Iterator[ast.AST]:
    waiting = [function]
    while waiting:
        inside = [child for child in ast.iter_child_nodes(waiting.pop()) if not isinstance(child, FUNCTIONS)]
        waiting += inside
        yield from inside


def _forks(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, FORKS))


def _by_function(root: Path, code: str) -> Counts:
    found: Counts = {}
    for one in (one for one in _ruff(root) if one["code"] == code):
        path = _path(root, one)
        name = f"{path}:{_names(root / path).get(one['location']['row'], '?')}"
        number = int(re.search(r"\((\d+) > \d+\)", one["message"])[1])
        found[name] = max(found.get(name, 0), number)
    return found


@cache
def _names(path: Path) -> dict[int, str]:
    """The function that starts on a line."""
    return {node.lineno: name for name, node in named(ast.parse(path.read_text(encoding="utf-8")))}


def _path(root: Path, one: dict) -> str:
    return Path(one["filename"]).relative_to(root.resolve()).as_posix()


@cache
def _ruff(root: Path) -> list[dict]:
    """What ruff finds, whatever a comment excuses. It leaves out what pyproject.toml says."""
    limits = (f"lint.mccabe.max-complexity={BRANCHES}", f"lint.pylint.max-args={ARGUMENTS}")
    asked = ["--select", f"C901,PLR0913,{RETURNS}", "--ignore-noqa", "--exit-zero", "--output-format", "json"]
    asked += [part for limit in limits for part in ("--config", limit)]
    command = [sys.executable, "-m", "ruff", "check", *asked, "."]
    return json.loads(subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout)
