"""Knowledge edited within its stated ranges: which edits there are, and the folder that they make."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path

from interpretation import knowledge
from interpretation.catalogue import schemas
from interpretation.catalogue.shape import FlagShape, NumberShape, Sentence, Shape, Word

Place = tuple[str, ...]


def leaves(files: dict[str, dict]) -> list[tuple[Place, Shape]]:
    """(file and path, shape) of every value that an edit may change."""
    found = [((name, *path), shape) for name in files for path, shape in schemas.leaves(name, files[name])]
    return [(place, shape) for place, shape in found if not isinstance(shape, Word) or shape.choices]


def value_of(shape: Shape, how: str, chance: random.Random) -> object:
    """A value that the shape allows: the lowest, the highest, or any."""
    if isinstance(shape, NumberShape):
        ends = {"lowest": shape.low, "highest": shape.high}
        value = ends.get(how, chance.uniform(shape.low, shape.high))
        return round(value) if shape.whole else value
    if isinstance(shape, FlagShape):
        return chance.random() < 0.5
    if isinstance(shape, Sentence):
        named = " ".join(f"{{{name}}}" for name in shape.braces.split())
        return chance.choice(["Edited.", f"Edited {named}."])
    return chance.choice(shape.choices)


def edited(files: dict[str, dict], how: str, share: float, chance: random.Random) -> dict[Place, object]:
    """Allowed edits of about this share of all values: those that do not agree are taken back."""
    chosen = [(place, shape) for place, shape in leaves(files) if chance.random() < share]
    edits = {place: value_of(shape, how, chance) for place, shape in chosen}
    while found := list(schemas.faults(applied(files, edits))):
        named = {place for place in edits if any(_is_named(place, fault) for fault in found)}
        assert named, found
        edits = {place: value for place, value in edits.items() if place not in named}
    return edits


def _is_named(place: Place, fault: str) -> bool:
    file, _, rest = fault.partition(".toml: ")
    return place[0] == file and any(".".join(place[1:n]) in rest for n in (2, 3) if len(place) >= n)


def applied(files: dict[str, dict], edits: dict[Place, object]) -> dict[str, dict]:
    new = deepcopy(files)
    for (name, *path, last), value in edits.items():
        holder = new[name]
        for key in path:
            holder = holder[int(key) - 1] if isinstance(holder, list) else holder[key]
        if isinstance(holder, list):
            holder[int(last) - 1] = value
        else:
            holder[last] = value
    return new


def reviewed(files: dict[str, dict], chance: random.Random) -> dict[str, dict]:
    """Some entries signed off on their own."""
    new = deepcopy(files)
    for table in (table for data in new.values() for inner in data.values() for table in _sourced(inner)):
        if chance.random() < 0.3:
            table |= {"reviewed_by": "A. Hepatologist", "reviewed_on": date(2026, 12, 1)}
    return new


def _sourced(value) -> Iterator[dict]:
    if isinstance(value, dict):
        if "sources" in value:
            yield value
        for inner in value.values():
            yield from _sourced(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sourced(inner)


def write(files: dict[str, dict], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        lines = [f"{json.dumps(key)} = {toml(value)}" for key, value in data.items()]
        (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def toml(value: object) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def files_in_use() -> dict[str, dict]:
    return {name: knowledge.load(name) for name in knowledge.files()}
