"""How wide lines are and how much stands in one."""

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tests.house.files import Counts, count, files

WIDEST = 120
# Elements of running text may stand in a line with others.
OF_TEXT = re.compile(
    "a|abbr|b|bdi|bdo|br|cite|code|data|del|dfn|em|i|ins|kbd|mark"
    "|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr",
    re.IGNORECASE,
)
# What only looks like an element or a declaration.
DJANGO = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
IN_CSS = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\([^()]*\)""", re.DOTALL)
OPENED = re.compile(r"<([a-z][\w-]*)", re.IGNORECASE)


def long_lines(root: Path) -> Counts:
    written = chain.from_iterable(files(root, suffix) for suffix in (".py", ".html", ".css"))
    return count(root, written, lambda text: sum(len(line) > WIDEST for line in text.splitlines()))


def elements_on_a_line(root: Path) -> Counts:
    return count(root, files(root, ".html"), crowded_elements)


def declarations_on_a_line(root: Path) -> Counts:
    return count(root, files(root, ".css"), crowded_declarations)


def crowded_elements(text: str) -> int:
    """How many elements of a template open on the line of another, those of running text apart."""
    opened = (OPENED.findall(line) for line in _without(DJANGO, text).splitlines())
    return _crowded(sum(not OF_TEXT.fullmatch(name) for name in names) for names in opened)


def crowded_declarations(text: str) -> int:
    """How many braces and semicolons of a stylesheet stand on the line of another."""
    return _crowded(len(re.findall(r"[{};]", line)) for line in _without(IN_CSS, text).splitlines())


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what matches; its lines stay where they are."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def _crowded(numbers: Iterable[int]) -> int:
    return sum(max(0, number - 1) for number in numbers)
