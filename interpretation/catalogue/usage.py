"""Where the code uses an entry: read from the source files by their syntax tree, never run.

A limit is used where `limits("file").name` is read, by whatever name the module knows the limits; a statement
where it is said, a reference where a sentence put together in code names it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORE = Path(__file__).parents[1]
# This package reads every file, so it says nothing about use.
LEFT_OUT = (CORE / "catalogue", CORE / "knowledge.py")
SAYS = {"say", "statement"}
ID = re.compile(r"S\d+|R\d+b?|X_\w+|GK|ED|C")


@dataclass(frozen=True)
class Usage:
    """Modules by what they use. `said`: sections of the panel by statement."""

    limits: dict[tuple[str, str], tuple[str, ...]]
    files: dict[str, tuple[str, ...]]
    words: dict[str, frozenset[str]]
    said: dict[str, tuple[str, ...]]
    ids: dict[str, tuple[str, ...]]

    def limit(self, file: str, name: str) -> tuple[str, ...]:
        """Modules that read the limit by its name, or by one put together: f"falling_{enzyme}"."""
        found = [users for (home, key), users in self.limits.items() if home == file and _fits(key, name)]
        return tuple(dict.fromkeys(module for users in found for module in users))

    def readers(self, file: str, section: str) -> tuple[str, ...]:
        """Modules that load the file and name the section; where none names it, all that load the file."""
        loading = self.files.get(file, ())
        return tuple(module for module in loading if section in self.words[module]) or loading


@cache
def usage(folders: tuple[Path, ...] = (CORE,)) -> Usage:
    """What the modules of these folders use."""
    trees = {_module(path): ast.parse(path.read_text(encoding="utf-8")) for path in _sources(folders)}
    names = {module: _names_of_limits(tree) for module, tree in trees.items()}
    _follow_imports(trees, names)
    return Usage(
        limits=_users(trees, lambda module: _limits_read(trees[module], names[module])),
        files=_users(trees, lambda module: _files_loaded(trees[module])),
        words={module: frozenset(_texts(tree)) for module, tree in trees.items()},
        said=_said(trees.values()),
        ids=_users(trees, lambda module: _ids(trees[module])),
    )


def _users(modules: Iterable[str], used: Callable[[str], Iterable]) -> dict:
    """The modules by each thing that they use."""
    found = defaultdict(list)
    for module in modules:
        for thing in dict.fromkeys(used(module)):
            found[thing].append(module)
    return {thing: tuple(users) for thing, users in found.items()}


def _sources(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            left_out = "migrations" in path.parts or any(o in (path, *path.parents) for o in LEFT_OUT)
            if not left_out:
                yield path


def _module(path: Path) -> str:
    """ "interpretation.statements.meaning", counted from the outermost package."""
    parts = [path.stem] if path.stem != "__init__" else []
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


# --- limits ---


def _names_of_limits(tree: ast.Module) -> dict[str, set[str]]:
    """Names, functions included, that stand for the limits of a file: {"LIMITS": {"dissociation"}}."""
    names = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (file := _limits_call(node.value)):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    names[target.id].add(file)
        elif isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and (file := _limits_call(inner.value)):
                    names[node.name].add(file)
    return names


def _limits_call(node) -> str:
    """The file of `limits("file")`, else ""."""
    if not isinstance(node, ast.Call) or _called(node) != "limits" or not node.args:
        return ""
    return node.args[0].value if isinstance(node.args[0], ast.Constant) else ""


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _follow_imports(trees: dict[str, ast.Module], names: dict[str, dict[str, set[str]]]) -> None:
    """`from .saying import LIMITS` means what it means there; also through a second module."""
    for _ in range(3):
        for module, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    home = _home(module, node, trees)
                    for alias in node.names:
                        if alias.name in names.get(home, {}):
                            names[module][alias.asname or alias.name] |= names[home][alias.name]


def _home(module: str, node: ast.ImportFrom, trees: dict) -> str:
    if not node.level:
        return node.module or ""
    inside = any(other.startswith(f"{module}.") for other in trees)
    base = module.split(".")
    base = base[: len(base) - node.level + (1 if inside else 0)]
    return ".".join([*base, *([node.module] if node.module else [])])


def _limits_read(tree: ast.Module, names: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield from ((file, node.attr) for file in _files_of(node.value, names))
        elif isinstance(node, ast.Call) and _called(node) in ("getattr", "of") and node.args:
            holder = node.args[0] if _called(node) == "getattr" else node.func.value
            name = _pattern(node.args[1 if _called(node) == "getattr" else 0])
            yield from ((file, name) for file in _files_of(holder, names) if name)


def _files_of(node, names: dict[str, set[str]]) -> set[str]:
    if file := _limits_call(node):
        return {file}
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Name):
        return names.get(node.id, set())
    # `saying.LIMITS.name`
    return names.get(node.attr, set()) if isinstance(node, ast.Attribute) else set()


def _pattern(node) -> str:
    """A text as it is, an f-string with "*" for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
        return "" if text.strip("*") == "" else text
    return ""


def _fits(pattern: str, name: str) -> bool:
    return bool(re.fullmatch(".+".join(map(re.escape, pattern.split("*"))), name))


# --- files, statements and references ---


def _files_loaded(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("load", "limits") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value


def _texts(tree: ast.Module) -> Iterator[str]:
    return (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _ids(tree: ast.Module) -> Iterator[str]:
    return (text for text in _texts(tree) if ID.fullmatch(text))


def _said(trees: Iterable[ast.Module]) -> dict[str, tuple[str, ...]]:
    """Sections by statement: `say("S8", "meaning")`, `statement("S26")` within another sentence."""
    found = defaultdict(list)
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _called(node) not in SAYS or not node.args:
                continue
            texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
            if texts and isinstance(texts[0], str):
                found[texts[0]] += texts[1:] if _called(node) == "say" else []
    return {id: tuple(dict.fromkeys(sections)) for id, sections in found.items()}
