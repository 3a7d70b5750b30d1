"""What is known, and from where: loads `data/*.toml` strictly.

The files hold numbers, words, sources and who reviewed them; they hold no logic. A file with a missing
source, an unknown source or a placeholder is not loaded at all: better no page than an unsourced number.
"""

import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from .usage import USAGE

# Another version of the knowledge is tried by naming its folder: `manage.py impact` does so.
DATA = Path(os.environ.get("INTERPRETATION_DATA") or Path(__file__).parent / "data")
HEADER = ("title", "reviewed_by", "reviewed_on")
# An entry that was reviewed on its own says so itself, whatever the header of its file says.
REVIEW = ("reviewed_by", "reviewed_on")
LIMIT_KEYS = {"value", "unit", "words", "sources"}
PLACEHOLDER = re.compile(r"\b(tbc|tbd|todo|fixme|xxx|lorem)\b", re.IGNORECASE)


class KnowledgeError(Exception):
    """A data file breaks a rule. The message names file and place, never a patient."""


@dataclass(frozen=True)
class Reference:
    """Where a fact comes from. `short` is shown on the screen."""

    id: str
    short: str
    text: str


@dataclass(frozen=True)
class KnowledgeStatement:
    """A sentence for the clinician; `caveat` says what is not known about it ("" if nothing)."""

    id: str
    text: str
    sources: tuple[str, ...]
    category: str
    caveat: str


@dataclass(frozen=True)
class SourcedText:
    """A sentence with its sources; in braces stand the names that the code fills in.

    `code` names it for machines: wordings of one thing share it. `side`: "for" or "against", of evidence.
    """

    code: str
    text: str
    sources: tuple[str, ...]
    side: str = "for"


@dataclass(frozen=True)
class Limit:
    """A number with its name, unit, meaning and sources."""

    name: str
    value: float
    unit: str
    words: str
    sources: tuple[str, ...]


class Limits:
    """The limits of one file: `limits("dissociation").rise_ratio` is the number, `.of(...)` the whole."""

    def __init__(self, file: str, limits: dict[str, Limit]) -> None:
        self._file = file
        self._limits = limits
        # Plain attributes: the rule asks for its limits thousands of times a case.
        self.__dict__ |= {name: limit.value for name, limit in limits.items()}

    def __getattr__(self, name: str) -> float:
        raise AttributeError(f"{self._file}.toml: limit.{name}: no such limit")

    def read_by(self, module: str, names: str, cites: str = "") -> "Limits":
        """The module reads these limits, and cites these sources in sentences of its own."""
        for name in names.split():
            self.of(name)
        USAGE.reads_limits(module, self._file, names.split())
        USAGE.cites(module, cites.split())
        return self

    def of(self, name: str) -> Limit:
        return self._limits[name] if name in self._limits else getattr(self, name)

    def __iter__(self) -> Iterator[Limit]:
        return iter(self._limits.values())

    def __len__(self) -> int:
        return len(self._limits)


class Data(dict[str, Any]):
    """The contents of one data file. Shared by all readers: do not change it."""

    name = ""

    def read_by(self, module: str, sections: str) -> "Data":
        """The module reads these sections of the file."""
        USAGE.reads_sections(module, self.name, sections.split())
        return self


@lru_cache
def load(name: str, folder: Path = DATA) -> Data:
    """The checked contents of one data file."""
    data = Data(_read(name, folder))
    data.name = name
    for fault in (*_header_faults(name, data), *_value_faults(name, data, (), folder)):
        raise KnowledgeError(fault)
    return data


def faults(name: str, folder: Path = DATA) -> Iterator[str]:
    """Every reason for which this file would not be loaded, each with its place."""
    try:
        data = _read(name, folder)
    except KnowledgeError as error:
        yield str(error)
        return
    yield from _header_faults(name, data)
    yield from _value_faults(name, data, (), folder)
    for key, table in data.get("limit", {}).items():
        try:
            _limit(name, key, table)
        except KnowledgeError as error:
            yield str(error)


def files(folder: Path = DATA) -> tuple[str, ...]:
    """The names of the data files, without their ending."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def digest(folder: Path = DATA, but_for: str = "") -> str:
    """Ten signs that change with any change of any data file: `version` is written by hand, this is not."""
    contents = hashlib.sha256()
    for name in files(folder):
        if name == but_for:
            continue
        contents.update(name.encode() + b"\0" + (folder / f"{name}.toml").read_bytes() + b"\0")
    return contents.hexdigest()[:10]


@lru_cache
def limits(name: str, folder: Path = DATA) -> Limits:
    tables = load(name, folder).get("limit", {})
    return Limits(name, {key: _limit(name, key, table) for key, table in tables.items()})


@lru_cache
def sentences(file: str, *place: str) -> dict[str, SourcedText]:
    """Every sentence below this place of a data file, by its keys below it, joined by dots."""
    table: Any = load(file)
    for key in place:
        table = table[key]
    return {".".join(path): _sourced(path[0], row) for path, row in _worded((), table)}


def reference(id: str) -> Reference:
    return _references()[id]


def references() -> tuple[Reference, ...]:
    return tuple(_references().values())


def statement(id: str) -> KnowledgeStatement:
    return _statements()[id]


def statements() -> tuple[KnowledgeStatement, ...]:
    return tuple(_statements().values())


def sources_text(ids: Iterable[str]) -> str:
    """ "S3, S4 · Dufour 2000": statements of the source document first, then short references.

    Our own statements (X_...) have no number that a reader knows: their references are shown instead.
    """
    numbered, shorts = [], []
    for id in ids:
        if id in _references():
            shorts.append(reference(id).short)
        elif id.startswith("X_"):
            shorts += [reference(source).short for source in statement(id).sources]
        else:
            numbered.append(statement(id).id)
    parts = (", ".join(dict.fromkeys(words)) for words in (numbered, shorts))
    return " · ".join(part for part in parts if part)


def _read(name: str, folder: Path = DATA) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KnowledgeError(f"{name}.toml: no such file") from None
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{name}.toml: {error}") from None


def _header_faults(name: str, data: dict[str, Any]) -> Iterator[str]:
    for key in HEADER:
        value = data.get(key)
        if not (isinstance(value, date) or (isinstance(value, str) and value.strip())):
            yield f"{name}.toml: {key}: missing"


def _value_faults(name: str, value: object, path: tuple[str, ...], folder: Path) -> Iterator[str]:
    """Walk the whole file: no placeholder anywhere, every `sources` known and not empty."""
    place = f"{name}.toml: {'.'.join(path)}"
    if isinstance(value, str) and PLACEHOLDER.search(value):
        yield f"{place}: placeholder {value!r}"
    if path and path[-1] == "sources":
        yield from _source_faults(f"{name}.toml: {'.'.join(path[:-1]) or 'sources'}", value, folder)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _value_faults(name, inner, (*path, key), folder)
    elif isinstance(value, list):
        for position, inner in enumerate(value, start=1):
            yield from _value_faults(name, inner, (*path, str(position)), folder)


def _source_faults(place: str, sources: object, folder: Path) -> Iterator[str]:
    if not isinstance(sources, list) or not sources:
        yield f"{place}: no sources"
        return
    for source in sources:
        if source not in _known_sources(folder):
            yield f"{place}: unknown source {source!r}"


def _worded(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if path and "text" in table:
        yield path, table
        return
    for key, inner in table.items():
        if isinstance(inner, dict):
            yield from _worded((*path, key), inner)


def _sourced(code: str, row: dict[str, Any]) -> SourcedText:
    return SourcedText(code, row["text"], tuple(row["sources"]), row.get("side", "for"))


def _limit(file: str, key: str, table: dict[str, Any]) -> Limit:
    place = f"{file}.toml: limit.{key}"
    if not isinstance(table, dict):
        raise KnowledgeError(f"{place}: not a table")
    for missing in sorted(LIMIT_KEYS - table.keys()):
        raise KnowledgeError(f"{place}: no {missing}")
    for unknown in sorted(table.keys() - LIMIT_KEYS - set(REVIEW)):
        raise KnowledgeError(f"{place}: unknown key {unknown!r}")
    value = table["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KnowledgeError(f"{place}: value is not a number")
    for text in ("unit", "words"):
        if not isinstance(table[text], str):
            raise KnowledgeError(f"{place}: {text} is not text")
    if not table["words"].strip():
        raise KnowledgeError(f"{place}: no words")
    return Limit(key, value, table["unit"], table["words"], tuple(table["sources"]))


@lru_cache
def _known_sources(folder: Path) -> frozenset[str]:
    """Ids of the folder's own references and statements; where it has no such file, of ours."""
    known = {"references": "reference", "statements": "statement"}
    homes = {name: folder if (folder / f"{name}.toml").exists() else DATA for name in known}
    return frozenset(id for name, table in known.items() for id in _read(name, homes[name]).get(table, {}))


@lru_cache
def _references() -> dict[str, Reference]:
    rows = load("references")["reference"]
    return {id: Reference(id, row["short"], row["text"]) for id, row in rows.items()}


@lru_cache
def _statements() -> dict[str, KnowledgeStatement]:
    rows = load("statements")["statement"]
    return {
        id: KnowledgeStatement(id, row["text"], tuple(row["sources"]), row["category"], row.get("caveat", ""))
        for id, row in rows.items()
    }


VERSION: str = load("references")["version"]
