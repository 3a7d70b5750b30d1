"""What a value of a data file may be: each shape names what is wrong with a value, and how to put it right.

`leaves` gives every number, word and sentence below a value with its shape, so with the range it may have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from ..knowledge import REVIEW

Path = tuple[str, ...]
# A file or table as TOML gives it, and all files by name.
Content = dict[str, Any]
Files = dict[str, Content]
# Allowed in every table: where it comes from and who reviewed it. Both are checked when the file is loaded.
ABOUT = {"sources", *REVIEW}


class Shape:
    """One kind of value; a shape that holds others passes them on."""

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if said := self.fault(value):
            yield path, said

    def fault(self, value: object) -> str:
        raise NotImplementedError

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, "Shape"]]:
        yield path, self


@dataclass(frozen=True)
class NumberShape(Shape):
    """From `low` to `high`, both allowed."""

    low: float
    high: float
    whole: bool = False

    def fault(self, value: object) -> str:
        kind = "whole number" if self.whole else "number"
        wanted = f"write a {kind} from {self.low:g} to {self.high:g}"
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return f"{value!r} is not a {kind}: {wanted}"
        return "" if self.low <= value <= self.high else f"{value:g} is out of range: {wanted}"


@dataclass(frozen=True)
class FlagShape(Shape):
    def fault(self, value: object) -> str:
        return "" if isinstance(value, bool) else f"{value!r} is neither true nor false: write one of them"


@dataclass(frozen=True)
class Word(Shape):
    """A name or code; one of `choices` where there are any."""

    choices: tuple[str, ...] = ()
    may_be_empty: bool = False

    def fault(self, value: object) -> str:
        if not isinstance(value, str):
            return f"{value!r} is not text: write it in quotation marks"
        if self.choices and value not in self.choices:
            return f"{value!r} is not known: use one of {', '.join(self.choices)}"
        return "" if value.strip() or self.may_be_empty else "empty: write what it is called"


@dataclass(frozen=True)
class Sentence(Shape):
    """Words for a clinician. `braces` are the names that the code fills in; a sentence may leave some out."""

    braces: str = ""
    may_be_empty: bool = False

    def fault(self, value: object) -> str:
        if not isinstance(value, str):
            return f"{value!r} is not text: write it in quotation marks"
        if not value.strip():
            return "" if self.may_be_empty else "empty: write the sentence"
        return self._brace_fault(value)

    def _brace_fault(self, text: str) -> str:
        allowed = " ".join(f"{{{name}}}" for name in self.braces.split()) or "no braces"
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            return f"a brace is not closed: use {allowed}"
        for _, name, layout, conversion in parts:
            if name not in self.braces.split() or layout or conversion:
                return f"{{{name}}} is not filled in here: use {allowed}"
        return ""


@dataclass(frozen=True)
class Many(Shape):
    """A list; `least` is how many there must be, `most` how many there may be."""

    of: Shape
    least: int = 1
    most: int = 1000

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, list):
            yield path, "not a list: write it in square brackets"
            return
        if not self.least <= len(value) <= self.most:
            yield path, f"{len(value)} of them: write from {self.least} to {self.most}"
        for number, inner in enumerate(value, start=1):
            yield from self.of.faults(inner, (*path, str(number)))

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        for number, inner in enumerate(value, start=1):
            yield from self.of.leaves(inner, (*path, str(number)))


@dataclass(frozen=True)
class TableShape(Shape):
    """These keys and no others; `may` are keys it can do without. `sourced` tables name their sources."""

    needed: dict[str, Shape]
    may: dict[str, Shape] = field(default_factory=dict)
    sourced: bool = False

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, dict):
            yield path, "not a table: write keys with their values"
            return
        known = self.needed | self.may
        yield from _missing(value, [*self.needed, *(["sources"] if self.sourced else [])], path)
        for key, inner in value.items():
            if key in known:
                yield from known[key].faults(inner, (*path, key))
            elif key not in ABOUT:
                yield (*path, key), f"unknown key: take it out, or use one of {', '.join(known)}"

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        known = self.needed | self.may
        for key, inner in value.items():
            if key in known:
                yield from known[key].leaves(inner, (*path, key))


@dataclass(frozen=True)
class Each(Shape):
    """A table of entries of one shape, by keys of any name; those of `needed` are asked for by the code."""

    of: Shape
    needed: str = ""

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, dict):
            yield path, "not a table: write keys with their values"
            return
        yield from _missing(value, self.needed.split(), path)
        for key, inner in value.items():
            if key not in ABOUT:
                yield from self.of.faults(inner, (*path, key))

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        for key, inner in value.items():
            if key not in ABOUT:
                yield from self.of.leaves(inner, (*path, key))


def _missing(value: Content, keys: list[str], path: Path) -> Iterator[tuple[Path, str]]:
    for key in keys:
        if key not in value:
            yield (*path, key), "missing: add it"


NAME = Word()
TEXT = Sentence()


def sentences(braces: dict[str, str], *, sourced: bool = True) -> TableShape:
    """A table of bare sentences, each with the names that it may use."""
    return TableShape({key: Sentence(names) for key, names in braces.items()}, sourced=sourced)


def keyed(braces: dict[str, str], text: str = "text", **more: Shape) -> TableShape:
    """A table of entries that hold a sentence under `text`, each with its sources.

    Of a key with a dot the wordings of one thing stand in a table of their own.
    """
    rows: dict[str, Shape] = {
        key: TableShape({**more, text: Sentence(names)}, sourced=True)
        for key, names in braces.items()
        if "." not in key
    }
    wordings: dict[str, dict[str, str]] = {}
    for key, names in braces.items():
        code, _, wording = key.partition(".")
        if wording:
            wordings.setdefault(code, {})[wording] = names
    return TableShape(rows | {code: keyed(inner, text, **more) for code, inner in wordings.items()})


def plain(keys: str) -> dict[str, str]:
    """Sentences without braces, by their keys."""
    return dict.fromkeys(keys.split(), "")
