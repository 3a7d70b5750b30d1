"""Every entry of the data files, by a walk that knows no file by name.

An entry is a table with `sources`, or one whose values belong to no such table; a table inside an entry that
names its own sources is an entry too, any other is a line of it.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .. import knowledge
from . import sureness
from .wording import Field, fields_of, number_of, title_of

# Neither number nor sentence: they say what an entry is, not what is known.
ABOUT = ("sources", *knowledge.REVIEW)
# Names have at most so many words, and no number.
NAME_WORDS = 5


@dataclass(frozen=True)
class KnowledgeEntry:
    """One number, sentence, range or list with its sources. `path` is its place in the file."""

    file: str
    path: tuple[str, ...]
    title: str
    number: str
    text: str
    fields: tuple[Field, ...]
    sources: tuple[str, ...]
    parts: tuple[str, ...]
    sureness: str
    reviewed_by: str
    reviewed_on: str
    is_reviewed: bool
    # What it says, sources included, as JSON in one order: whoever signs it signs this.
    content: str

    @property
    def fingerprint(self) -> str:
        """Another one for another place or content, whoever reviewed it."""
        return hashlib.sha256(f"{self.place}\n{self.content}".encode()).hexdigest()

    @property
    def can_be_signed(self) -> bool:
        """A citation claims nothing of its own."""
        return self.section != "reference"

    @property
    def section(self) -> str:
        return self.path[0] if self.path else ""

    @property
    def anchor(self) -> str:
        """The entry's id on the page: that of a statement or reference is its own name."""
        if self.section in ("statement", "reference"):
            return self.path[-1]
        return "-".join((self.section, self.file, *self.path[1:])).strip("-")

    @property
    def place(self) -> str:
        return f"{self.file}.toml: {'.'.join(self.path)}"

    @property
    def surely(self) -> str:
        return sureness.in_words(self.parts) if self.parts else sureness.SURENESS[self.sureness]


@dataclass(frozen=True)
class KnowledgeFile:
    """One data file. `sources`: those of the whole file, where it names some."""

    name: str
    title: str
    reviewed_by: str
    reviewed_on: str
    is_reviewed: bool
    sources: tuple[str, ...]
    entries: tuple[KnowledgeEntry, ...]


def catalogue(folder: Path = knowledge.DATA) -> tuple[KnowledgeFile, ...]:
    """Every data file with its entries, statements first and references last."""
    contents: dict[str, dict[str, Any]] = {
        name: knowledge.load(name, folder) for name in knowledge.files(folder)
    }
    rows = contents.get("statements", {}).get("statement", {})
    own = {id: tuple(row.get("sources", ())) for id, row in rows.items()}
    order = sorted(contents, key=lambda name: ({"statements": 0, "references": 2}.get(name, 1), name))
    return tuple(_file(name, contents[name], own) for name in order)


def _file(name: str, data: dict[str, Any], own: dict[str, tuple[str, ...]]) -> KnowledgeFile:
    entries = []
    for path, table in _tables((), data):
        entries.append(_entry(name, path, table, data, own))
    return KnowledgeFile(
        name=name,
        title=data["title"],
        reviewed_by=str(data["reviewed_by"]),
        reviewed_on=str(data["reviewed_on"]),
        is_reviewed=is_review(data["reviewed_by"], data["reviewed_on"]),
        sources=tuple(data.get("sources", ())),
        entries=tuple(entries),
    )


def is_review(by: object, on: object) -> bool:
    """A person and a date: "awaiting sign-off" and "not yet" are neither."""
    return isinstance(on, date) and not str(by).casefold().startswith("awaiting")


def _tables(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """(place, own values) of every entry at and below this table."""
    inside = {key: value for key, value in table.items() if _holds_entries(path, value)}
    # At the top of a file stand its title, version and header.
    own = {key: value for key, value in table.items() if key not in inside} if path else {}
    if own.keys() - set(ABOUT):
        yield path, own
    for key, value in inside.items():
        for place, inner in _members((*path, key), value):
            yield from _tables(place, inner)


def _members(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    else:
        yield from (((*path, str(number)), inner) for number, inner in enumerate(value, start=1))


def _holds_entries(path: tuple[str, ...], value: object) -> bool:
    """A table of the top level always; deeper only one with sources in it; references have none."""
    if isinstance(value, dict):
        return (
            not path
            or path == ("reference",)
            or "sources" in value
            or any(_holds_entries((*path, "…"), inner) for inner in value.values())
        )
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(inner, dict) and _holds_entries((*path, "…"), inner) for inner in value)
    )


def _entry(
    file: str,
    path: tuple[str, ...],
    table: dict[str, Any],
    data: dict[str, Any],
    own: dict[str, tuple[str, ...]],
) -> KnowledgeEntry:
    sources = tuple(table.get("sources", ()))
    by, on = table.get("reviewed_by", data["reviewed_by"]), table.get("reviewed_on", data["reviewed_on"])
    parts = sureness.surely(sources, own)
    values = {key: value for key, value in table.items() if key not in ABOUT}
    text_key = next((key for key in ("text", "words", "why", "sentence") if _is_text(values.get(key))), "")
    return KnowledgeEntry(
        file=file,
        path=path,
        title=title_of(path, values),
        number=number_of(path, values),
        text=values.get(text_key, ""),
        fields=fields_of(path, {key: value for key, value in values.items() if key != text_key}),
        sources=sources,
        parts=parts,
        sureness=_level(path, values, parts),
        reviewed_by=str(by),
        reviewed_on=str(on),
        is_reviewed=is_review(by, on),
        content=_canonical(table),
    )


def _canonical(table: dict[str, Any]) -> str:
    said = {key: value for key, value in table.items() if key not in knowledge.REVIEW}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _level(path: tuple[str, ...], values: dict[str, Any], parts: tuple[str, ...]) -> str:
    if path[0] == "reference":
        return "reference"
    if not parts and not any(_is_claim(value) for value in values.values()):
        return "names"
    return sureness.level(parts)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_claim(value: object) -> bool:
    """A number or a sentence needs a source; what a thing is called, or how it is recognised, does not."""
    if isinstance(value, str):
        return len(value.split()) > NAME_WORDS or bool(re.search(r"\d\s*[%/]", value))
    if isinstance(value, dict | list):
        return any(_is_claim(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, bool)
