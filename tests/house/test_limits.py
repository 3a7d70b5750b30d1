"""Each limit sees what offends it and lets the rest pass."""

import pytest

from tests.house.folders import full_folders
from tests.house.functions import complex_functions, many_arguments, many_decisions, no_return_type
from tests.house.layout import crowded_declarations, crowded_elements, long_lines
from tests.house.limits import LIMITS
from tests.house.sources import ids, reference_ids
from tests.house.typing_errors import typing_errors


def put(root, texts) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def test_a_line_has_120_letters(tmp_path):
    put(
        tmp_path,
        {"app/a.py": f"{'é' * 120}\n{'é' * 121}\n", "css/b.css": "x" * 121, "app/migrations/c.py": "x" * 121},
    )
    put(tmp_path, {"templates/d.html": f"{'x' * 121}\n" * 2, "app/e.txt": "x" * 121, "var/f.py": "x" * 121})
    assert long_lines(tmp_path) == {"app/a.py": 1, "css/b.css": 1, "templates/d.html": 2}


@pytest.mark.parametrize(
    ("text", "crowded"),
    [
        ("<p>One <b>word</b>, <a href='#'>one</a> <br><small>more</small></p>\n<p>two</p>", 0),
        ("<ul><li>one</li><li>two</li></ul>", 2),
        ("{# <p><p> #}{% if a == '<p>' %}{{ b|default:'<p>' }}<p>{% endif %}", 0),
        ("{# <p>\n<p><p> #}<p>\n<!-- <p>\n<p> --><p>", 0),
        ("<tr>\n  <td>1</td>\n  <td>2</td>\n</tr>", 0),
        ("<TR><td\n  class='n'>1</td><td>2</td></TR>", 1),
    ],
)
def test_a_line_of_a_template_opens_one_element(text, crowded):
    assert crowded_elements(text) == crowded


@pytest.mark.parametrize(
    ("text", "crowded"),
    [
        ('a {\n  color: red;\n  content: "{};";\n}', 0),
        ("a {\n  color: red; /* not { this; } */\n  background: url(data:a;b;c);\n}", 0),
        ("/* a {}\n b { c: d; } */\na:not(:is(b, c)),\nb {\n}", 0),
        ("a { color: red; }", 2),
        ("a {\n  color: red; width: 0;\n}", 1),
        ("a {}", 1),
    ],
)
def test_a_line_of_a_stylesheet_has_one_declaration(text, crowded):
    assert crowded_declarations(text) == crowded


BRANCHING = (
    "def f(a):\n    class B:\n        def g(self, b):\n" + "            if b:\n                b()\n" * 8
)


def test_complexity_is_told_by_function_whatever_a_comment_excuses(tmp_path):
    put(
        tmp_path,
        {"a.py": BRANCHING.replace("b):", "b):  # noqa: C901"), "b.py": BRANCHING.replace("if b", "b", 1)},
    )
    assert complex_functions(tmp_path).get("a.py:f.B.g") == 9


def test_arguments_are_counted_with_those_by_keyword(tmp_path):
    seven = "b, c, d, *, e, f, g, h"
    methods = f"class A:\n    def f(self, {seven}): ...\n    def g(self, a, {seven}): ...\n"
    put(tmp_path, {"a.py": f"def f({seven}): ...\n{methods}"})
    assert many_arguments(tmp_path) == {"a.py:A.g": 8}


@pytest.mark.parametrize(("count", "found"), [(6, {}), (7, {"a.py:f": 16})])
def test_and_and_or_are_decisions(tmp_path, count, found):
    """One, an if, six of a comprehension with its condition and a choice in it, and what is counted."""
    text = "def f(a):\n    if {}:\n        return [b if b else a for b in a if b and b and b and b]\n"
    put(
        tmp_path,
        {"a.py": text.format(" or ".join("a" * (count + 2))) + "    def g(b):\n        return b or a\n"},
    )
    assert many_decisions(tmp_path) == found


def test_what_is_returned_is_said_outside_tests(tmp_path):
    put(
        tmp_path,
        {"a.py": "def f(): return 1\ndef g() -> int: return 1\nclass A:\n    def __init__(self): ...\n"},
    )
    put(tmp_path, {"tests/b.py": "def f(): return 1\n"})
    assert no_return_type(tmp_path) == {"a.py": 2}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('f("S24", ("R57b", "GK"), "X_confirm", ["ED"])', 5),
        ('f(("R10", "C"), ("C",))', 3),
        ('f("C", ("B", "C"), {"C": 1}, "R01", "S", "GKs", "ALT", "ISO 8601")', 0),
        ('"""From the ratio. [R21]"""\nf("[S9]")', 0),
    ],
)
def test_the_id_of_a_reference_is_seen(text, found):
    assert ids(text) == found


def test_tests_may_name_references(tmp_path):
    put(tmp_path, {"core/a.py": 'f("S1")', "tests/b.py": 'f("S1")'})
    assert reference_ids(tmp_path) == {"core/a.py": 1}


@pytest.mark.parametrize(("count", "found"), [(18, {}), (19, {"app": 19})])
def test_a_folder_has_18_modules(tmp_path, count, found):
    put(tmp_path, {"app/__init__.py": "", "app/deeper/x.py": "", "tests/x.py": ""})
    put(tmp_path, {f"app/m{number}.py": "" for number in range(count)})
    put(tmp_path, {f"tests/m{number}.py": "" for number in range(count)})
    assert full_folders(tmp_path) == found


def test_types_are_checked_strictly(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    put(tmp_path, {"pyproject.toml": '[tool.mypy]\nfiles = ["core"]\nstrict = true\n'})
    put(
        tmp_path,
        {
            "core/__init__.py": "",
            "core/a.py": 'def f(a: list) -> int:\n    return "1"\n',
            "core/b.py": "x: int = 1\n",
        },
    )
    assert typing_errors(tmp_path) == {"core/a.py": 2}


def test_every_limit_says_what_it_is():
    assert all(limit.says.endswith(".") for limit in LIMITS.values())
