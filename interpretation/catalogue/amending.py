"""One value of a data file changed in its text, and nothing else of it: comments and layout stay as they are."""

import json
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from .. import knowledge
from .entries import ABOUT, KnowledgeEntry

Steps = tuple[str, ...]
# Between the keys of a place, as it is shown; no key holds it.
STEP = " › "
STRING = r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''
NUMBER = r"(?<![\w.+-])[+-]?(?:0|[1-9][\d_]*)(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?(?![\w.])"
# Strings come first, so that no number within one is taken for a value; comments are passed over.
TOKEN = re.compile(rf"#[^\n]*|{STRING}|{NUMBER}", re.DOTALL)


def values(content: str) -> dict[str, Any]:
    """The numbers and sentences of an entry by their place in it: what an amendment can change."""
    return {STEP.join(steps): value for steps, value in _leaves((), json.loads(content))}


def amended(text: str, entry: KnowledgeEntry, place: str, value: float | str) -> str:
    """The text of the entry's file with another value at this place.

    Raises KnowledgeError where no single value of the text is the one meant.
    """
    steps = (*entry.path, *place.split(STEP))
    before = tomllib.loads(text)
    wanted = repr(_with(before, steps, value))
    for start, end in _candidates(text, _at(before, steps), _header_of(text, entry.path)):
        changed = f"{text[:start]}{_literal(value)}{text[end:]}"
        # Tried on the whole file: a value is told from its like by what the file then says.
        if repr(tomllib.loads(changed)) == wanted:
            return changed
    raise knowledge.KnowledgeError(f"{entry.place}: {place}: not found in the text of the file")


def with_value(data: dict[str, Any], entry: KnowledgeEntry, place: str, value: float | str) -> dict[str, Any]:
    """The contents of a file with another value at this place of the entry."""
    return _with(data, (*entry.path, *place.split(STEP)), value)


def _leaves(steps: Steps, value: Any) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if steps or key not in ABOUT:
                yield from _leaves((*steps, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _leaves((*steps, str(number)), inner)
    elif not isinstance(value, bool):
        yield steps, value


def _with(data: dict[str, Any], steps: Steps, value: float | str) -> dict[str, Any]:
    changed = deepcopy(dict(data))
    holder = _at(changed, steps[:-1])
    holder[_key(holder, steps[-1])] = value
    return changed


def _at(data: Any, steps: Steps) -> Any:
    for step in steps:
        data = data[_key(data, step)]
    return data


def _key(holder: Any, step: str) -> int | str:
    return int(step) - 1 if isinstance(holder, list) else step


def _header_of(text: str, path: Steps) -> int:
    """From where on to look: the header of the narrowest table that has one of its own."""
    found = (text.find(f"[{'.'.join(path[:length])}]") for length in range(len(path), 0, -1))
    return next((at for at in found if at >= 0), 0)


def _candidates(text: str, value: Any, start: int) -> Iterator[tuple[int, int]]:
    for found in TOKEN.finditer(text, start):
        token = found.group()
        if not token.startswith("#") and repr(tomllib.loads(f"x = {token}")["x"]) == repr(value):
            yield found.span()


def _literal(value: float | str) -> str:
    """JSON writes strings and numbers as TOML does."""
    return json.dumps(value, ensure_ascii=False)
