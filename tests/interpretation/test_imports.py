"""Imports go one way: config -> meetings, uploads -> patients -> interpretation (design, section 2)."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Who may import whom, besides itself. Any app may use the doors of accounts named below.
ALLOWED = {
    "config": {"meetings", "uploads", "patients", "accounts", "interpretation"},
    "meetings": {"patients", "interpretation"},
    "uploads": {"patients", "interpretation"},
    "patients": {"interpretation"},
    "accounts": set(),
    "interpretation": set(),
}
# Who someone is, what they may do, and the record of whom they looked at.
ACCOUNTS_DOORS = {
    "accounts.models",
    "accounts.permissions",
    "accounts.actions",
    "accounts.ciphers",
    "accounts.context",
    "accounts.written",
}
# What comes in is parsed without Django, so that a format can be tested and measured by itself.
WITHOUT_DJANGO = ("interpretation", "uploads/importers")


def imports(path, package):
    """The dotted names that a module imports, wherever in it, relative ones resolved."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(folder):
    """Every (file, imported name) of a folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        inside = path.relative_to(ROOT)
        yield from ((str(inside), name) for name in imports(path, inside.parent.parts))


def may_import(app, name):
    target = name.split(".")[0]
    if target not in ALLOWED or target == app or target in ALLOWED[app]:
        return True
    return app != "interpretation" and ".".join(name.split(".")[:2]) in ACCOUNTS_DOORS


@pytest.mark.parametrize("app", ALLOWED)
def test_imports_go_one_way(app):
    assert [found for found in within(app) if not may_import(app, found[1])] == []


def test_the_core_needs_the_standard_library_only():
    allowed = sys.stdlib_module_names | {"interpretation"}
    assert [found for found in within("interpretation") if found[1].split(".")[0] not in allowed] == []


@pytest.mark.parametrize("folder", WITHOUT_DJANGO)
def test_no_django_where_none_is_needed(folder):
    assert [found for found in within(folder) if found[1].split(".")[0] == "django"] == []


@pytest.mark.parametrize(
    ("app", "name", "allowed"),
    [
        ("patients", "interpretation.report.interpret", True),
        ("patients", "accounts.models.User", True),
        ("patients", "accounts.views.home", False),
        ("patients", "uploads.models.Upload", False),
        ("patients", "config.settings", False),
        ("uploads", "meetings.models.Meeting", False),
        ("meetings", "uploads.models.Upload", False),
        ("uploads", "patients.actions.save_draw", True),
        ("accounts", "patients.models.Patient", False),
        ("interpretation", "accounts.models.User", False),
        ("config", "uploads.urls", True),
        ("patients", "django.db.models", True),
    ],
)
def test_the_rule_itself(app, name, allowed):
    assert may_import(app, name) is allowed


def test_imports_are_seen_inside_functions_and_relative_ones_resolved(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("import os.path\ndef f():\n    from .sibling import x\n    from ..up import y\n")
    assert list(imports(module, ("app", "part"))) == ["os.path", "app.part.sibling.x", "app.up.y"]
