"""Common tests of a laboratory that this product does not interpret: recognised, counted, named, left out.

Only names and codes of the list (`data/other_tests.toml`). Ours are looked up first, so that a wrong entry of
the list hides nothing of ours; a name in neither is asked of a person, never guessed.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from interpretation.record import analytes
from interpretation.record.spelling import fold_name

FILE = Path(__file__).parent.parent / "data" / "other_tests.toml"
_CODE = re.compile(r"\d{1,6}-\d")


@dataclass(frozen=True)
class OtherTest:
    """A test of the list. `group`: its heading, in words; `names`: what else laboratories call it."""

    key: str
    name: str
    group: str
    loinc: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def said(self) -> str:
        """What stands for it where a clinic says that it keeps it."""
        return fold_name(self.key)

    @property
    def all_names(self) -> set[str]:
        """Folded."""
        return {fold_name(name) for name in (self.key, self.name, *self.names)}


def load(path: Path = FILE) -> Mapping[str, OtherTest]:
    """The list by key. Raises TypeError or ValueError for whatever is not as it should be."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if unknown := data.keys() - {"title", "group", "test"}:
        raise ValueError(f"{path.name}: unknown {', '.join(sorted(unknown))}")
    return {key: _test(key, row, data["group"]) for key, row in data["test"].items()}


def _test(key: str, row: dict, groups: dict[str, str]) -> OtherTest:
    if row["group"] not in groups:
        raise ValueError(f"{key}: the group {row['group']} has no words")
    lists = {name: tuple(row[name]) for name in ("loinc", "names")}
    return OtherTest(**{**row, **lists, "key": key, "group": groups[row["group"]]})


def _once(pairs: list[tuple[str, OtherTest]]) -> dict[str, OtherTest]:
    found: dict[str, OtherTest] = {}
    for name, test in pairs:
        if found.setdefault(name, test) is not test:
            raise ValueError(f"{name} is {found[name].name} and {test.name}")
    return found


TESTS = load()
_BY_NAME = _once([(name, test) for test in TESTS.values() for name in test.all_names])
_BY_CODE = _once([(code, test) for test in TESTS.values() for code in test.loinc])


def find(text: str) -> OtherTest | None:
    """The test of a code, or of a name; "Potassium (K)" where every part names the same one."""
    text = text.strip()
    if _CODE.fullmatch(text):
        return of_code(text)
    if found := _BY_NAME.get(fold_name(text)):
        return found
    parts = [fold_name(part) for part in re.split(r"[()\[\]/]", text)]
    named = {_BY_NAME.get(part) for part in parts if part}
    return named.pop() if len(named) == 1 else None


def of_code(code: str) -> OtherTest | None:
    return _BY_CODE.get(code)


@lru_cache(maxsize=65536)
def other_of(name: str, code: str) -> OtherTest | None:
    """The test of a row that is none of ours by its name or code."""
    if analytes.find(name) or (code and analytes.find(code)):
        return None
    return find(name) or of_code(code)
