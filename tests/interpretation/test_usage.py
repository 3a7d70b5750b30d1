"""Modules say which knowledge they use; their source is read to see that it is all of it and no more."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from interpretation import knowledge
from interpretation.catalogue.schemas import SCHEMAS
from interpretation.knowledge import Limits, limits, load
from interpretation.statements.saying import PanelSection
from interpretation.usage import USAGE, Usage
from patients.presenters.knowledge import use_of_code

use_of_code()
APPS = ("interpretation", "patients", "meetings", "uploads")
# These read every file, whatever is in it.
LEFT_OUT = (
    "interpretation.catalogue",
    "interpretation.knowledge",
    "patients.presenters.knowledge",
    "patients.report.impact",
)


def asks(module: ModuleType) -> bool:
    """Whether the module holds any means of asking for knowledge."""
    return any(
        isinstance(v, Limits) or v is limits or v is load or v is knowledge for v in vars(module).values()
    )


MODULES = {
    name: module
    for name, module in sorted(sys.modules.items())
    if name.split(".")[0] in APPS
    and not name.startswith(LEFT_OUT)
    and ".commands." not in name
    and (name.startswith("interpretation") or asks(module))
}
ID = re.compile(r"S\d+|R\d+b?|X_\w+|GK|ED|C")


@cache
def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def called(node: ast.AST) -> str:
    return (
        getattr(node.func, "attr", "") or getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    )


def file_of(node: ast.AST, names: dict[str, str]) -> str:
    """The file whose limits this is: a name that holds them, or `limits("file").read_by(...)`."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if called(node) == "read_by":
        return file_of(node.func.value, names)
    return node.args[0].value if called(node) == "limits" else ""


def limits_read(module: ModuleType) -> Iterator[tuple[str, str]]:
    names = {name: value._file for name, value in vars(module).items() if isinstance(value, Limits)}
    for node in ast.walk(tree(module)):
        home, name = asked(node)
        if file := file_of(home, names):
            yield from ((file, one.name) for one in limits(file) if fits(name, one.name))


def asked(node: ast.AST) -> tuple[ast.AST | None, ast.AST | None]:
    """What is asked, and for which name: by an attribute, by `getattr(LIMITS, name)` or `LIMITS.of(name)`."""
    if isinstance(node, ast.Attribute):
        return node.value, ast.Constant(node.attr)
    if called(node) == "getattr":
        return node.args[0], node.args[1]
    return (node.func.value, node.args[0]) if called(node) == "of" else (None, None)


def fits(node: ast.AST, name: str) -> bool:
    """Whether a text, or one with braces, can be this name."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    pattern = "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts)
    return bool(re.fullmatch(pattern, name))


def texts(node: ast.AST) -> Iterator[str]:
    """Every text of the code, but for where it says what it uses."""
    if called(node) == "read_by":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for inner in ast.iter_child_nodes(node):
        yield from texts(inner)


def loaded(module: ModuleType) -> set[str]:
    """The files of `load("file")`."""
    calls = [node for node in ast.walk(tree(module)) if called(node) == "load" and node.args]
    return {node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)}


def of_module(table: dict, name: str) -> set:
    return {key for key, users in table.items() if name in users}


def test_every_module_says_which_limits_it_reads():
    for name, module in MODULES.items():
        assert (name, set(limits_read(module))) == (name, of_module(USAGE.limits, name))


def test_every_module_says_which_sections_it_reads():
    for name, module in MODULES.items():
        said, named = of_module(USAGE.sections, name), set(texts(tree(module)))
        assert (name, loaded(module) - {file for file, _ in said}) == (name, set())
        assert (name, {section for _, section in said} - named) == (name, set())


def test_every_module_says_what_it_cites():
    for name, module in MODULES.items():
        if name.startswith(("interpretation", "patients.views.knowledge")):
            written = {text for text in texts(tree(module)) if ID.fullmatch(text)}
            assert (name, written) == (name, of_module(USAGE.ids, name))


def test_the_schemas_know_every_limit_that_is_read_and_no_other():
    listed = {
        (file, name)
        for file, schema in SCHEMAS.items()
        if "limit" in schema.SHAPE.needed
        for names in schema.SHAPE.needed["limit"].units.values()
        for name in names.split()
    }
    assert listed == USAGE.limits.keys()


# --- saying it ---


@pytest.fixture
def usage(monkeypatch):
    """A use in which nothing is said yet."""
    empty = Usage()
    monkeypatch.setattr("interpretation.knowledge.USAGE", empty)
    monkeypatch.setattr("interpretation.statements.saying.USAGE", empty)
    return empty


def test_a_limit_and_its_readers(usage):
    limits("dissociation").read_by("one", "rise_ratio rise_floor")
    limits("dissociation").read_by("two", "rise_ratio", cites="R2")
    assert usage.limit("dissociation", "rise_ratio") == ("one", "two")
    assert usage.limit("dissociation", "rise_floor") == ("one",)
    assert usage.limit("dissociation", "merge_hours") == ()
    assert usage.limit("scenario", "rise_ratio") == ()
    assert usage.users("R2") == ("two",)


def test_a_section_and_its_readers(usage):
    load("causes").read_by("one", "cause test")
    limits("causes").read_by("two", "jump")
    assert usage.readers("causes", "test") == ("one",)
    assert usage.readers("causes", "words") == ("one", "two")
    assert usage.readers("scores", "score") == ()
    assert usage.files == {"causes"}


def test_a_statement_is_said_in_its_section(usage):
    PanelSection("one", "mechanism")
    usage.cites("two", ("S3", "ED"))
    assert (usage.shown("S3"), usage.shown("ED")) == (("mechanism",), ())
    assert (usage.users("S3"), usage.users("S4"), usage.users("ED")) == (("one", "two"), ("one",), ("two",))


def test_a_limit_that_is_not_there_cannot_be_read(usage):
    with pytest.raises(AttributeError, match="dissociation.toml: limit.fall: no such limit"):
        limits("dissociation").read_by("one", "rise_ratio fall")
    assert usage.limits == {}


def test_no_limit_is_knowledge_that_nothing_reads():
    unread = [
        f"{name}.toml: limit.{limit.name}"
        for name in knowledge.files()
        for limit in knowledge.limits(name)
        if not USAGE.limit(name, limit.name)
    ]
    assert unread == []
