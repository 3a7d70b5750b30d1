"""What a clinic has said that names mean, as plain data; and which names of a file are not known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from interpretation import analytes
from interpretation.spelling import fold_name, fold_unit

from .columns import Meant
from .records import REFUSED, Item, LabRow, Parsed, Place, Problem, Unknown
from .table import is_blank

HEADER, TEST, UNIT = "header", "test", "unit"
# What is never read has this for its meaning.
NEVER = ""
EXAMPLES = 3
# More names than this in one file are no list that a person works through.
MOST = 60
_DECIDED = "is never read here: the clinic decided so under Mappings."


@dataclass(frozen=True)
class Meanings:
    """`headers`: (kind of file, folded title) -> our column. `tests`: folded name -> analyte.
    `units`: (analyte, folded unit) -> unit. A unit is mapped for one analyte only. `authority`: whose numbers
    are MRNs, where a format names that (PID-3.4, the system of an identifier); blank: any."""

    headers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    authority: str = ""

    def of_kind(self, kind: str) -> Meant:
        return {said: meant for (about, said), meant in self.headers.items() if about == kind}

    def find(self, name: str) -> analytes.Analyte | None:
        """The analyte of a name: ours first, then as the clinic has said."""
        return analytes.find(name) or analytes.ANALYTES.get(self.tests.get(fold_name(name), NEVER))

    def unit(self, analyte: analytes.Analyte, unit: str) -> str | None:
        """What a unit means for an analyte where we do not know it; None where nobody has said."""
        if analyte.factor(unit) is not None:
            return unit
        return self.units.get((analyte.key, fold_unit(unit)))

    def never(self, kind: str, title: str) -> bool:
        said = fold_name(title)
        return self.headers.get((kind, said)) == NEVER or self.tests.get(said) == NEVER

    def applied(self, item: Item) -> Item:
        """A result with its test and unit in our words; what is never read is a problem that says so."""
        if not isinstance(item, LabRow) or not (self.tests or self.units):
            return item
        name = test_of(item)
        if analytes.find(name) is None:
            meant = self.tests.get(fold_name(name))
            if meant is None:
                return item
            if meant == NEVER:
                return _never(item, "test", f"“{name[:60]}” {_DECIDED}")
            item = replace(item, test=meant)
        return self._with_unit(item, analytes.find(test_of(item)))

    def _with_unit(self, item: LabRow, analyte: analytes.Analyte) -> Item:
        meant = self.unit(analyte, item.unit)
        if meant is None or meant == item.unit:
            return item
        if meant == NEVER:
            return _never(item, "unit", f"{analyte.name} in “{item.unit[:24]}” {_DECIDED}")
        return replace(item, unit=meant)


def test_of(item: LabRow) -> str:
    """The name; the code where the name is not known."""
    if item.code and analytes.find(item.test) is None and analytes.find(item.code) is not None:
        return item.code
    return item.test


def in_our_words(parsed: Parsed, meanings: Meanings) -> Parsed:
    """What a message or bundle says, with the clinic's meanings applied, and the names that have none."""
    items = [meanings.applied(item) for item in parsed.items]
    return replace(parsed, items=items, unknown=unknown_names(items))


def unknown_names(items: Iterable[Item]) -> tuple[Unknown, ...]:
    """Tests that are not known, and units that are not known of a test, most frequent first."""
    found: dict[tuple[str, str, str], list] = {}
    # A file names few tests and units, many times over.
    seen: dict[tuple[str, str, str], tuple | None] = {}
    for item in items:
        if not isinstance(item, LabRow):
            continue
        names = item.test, item.code, item.unit
        if names not in seen:
            seen[names] = _unknown(item)
        if key := seen[names]:
            found.setdefault(key, []).append(item)
    names = [_counted(key, rows) for key, rows in found.items()]
    return tuple(sorted(names, key=lambda name: -name.count))[:MOST]


def unknown_headers(
    titles: Mapping[int, str], kind: str, rows: list, mrn_of: Callable[[tuple], str]
) -> tuple[Unknown, ...]:
    """Columns that are not read although something stands in them. `titles`: place -> title."""
    found = []
    for at, title in titles.items():
        filled = [cells for _, cells in rows if not is_blank(cells[at])]
        if title and filled:
            examples = _examples((cells[at], mrn_of(cells)) for cells in filled)
            found.append(Unknown(HEADER, fold_name(title), title, kind, len(filled), examples))
    return tuple(name for name in found[:MOST] if name.said)


def _unknown(item: LabRow) -> tuple[str, str, str] | None:
    analyte = analytes.find(test_of(item))
    if analyte is None:
        return (TEST, fold_name(item.test), "") if fold_name(item.test) else None
    if analyte.derived or analyte.factor(item.unit) is not None:
        return None
    return UNIT, fold_unit(item.unit), analyte.key


def _counted(key: tuple[str, str, str], rows: list[LabRow]) -> Unknown:
    what, said, about = key
    shown = rows[0].test if what == TEST else rows[0].unit
    examples = _examples((f"{row.value} {row.unit}".strip(), row.mrn) for row in rows)
    return Unknown(what, said, shown, about, len(rows), examples)


def _examples(cells: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    seen: dict[str, str] = {}
    for text, mrn in cells:
        seen.setdefault(text[:40], mrn)
        if len(seen) == EXAMPLES:
            break
    return tuple(seen.items())


def _never(item: LabRow, column: str, text: str) -> Problem:
    place = item.place if item.place.column else Place(item.place.row, column, item.place.cells)
    return Problem(place, text, REFUSED, settled=True)
