"""What a clinic has said that names mean, as plain data; and which names of a file are not known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import tzinfo

from interpretation.record import analytes
from interpretation.record.spelling import fold_name, fold_unit
from patients.values.unit_in_value import apart
from uploads.importers.formats.table import is_blank

from . import other_tests
from .columns import Meant
from .profile import NOTHING_SET, WritingProfile
from .records import (
    HEADER,
    LEFT_OUT,
    REFUSED,
    TEST,
    UNIT,
    Item,
    LabRow,
    OtherRow,
    Parsed,
    Place,
    RowProblem,
    UnknownName,
)

# What is never read has this for its meaning.
NEVER = ""
# A test that is kept as it was sent, without being interpreted.
KEEP = "kept"
EXAMPLES = 3
# More names than this in one file are no list that a person works through.
MOST = 60
# Beyond so many different ones a file holds no names of tests; nobody counts them.
_NAMES = 5000
_LAB_ROW = [row.name for row in fields(LabRow)]
_DECIDED = "is never read here: the clinic decided so under Mappings."


@dataclass(frozen=True)
class Meanings:
    """`headers`: (kind of file, folded title) -> our column. `tests`: folded name -> analyte.
    `units`: (analyte, folded unit) -> unit. A unit is mapped for one analyte only. `authority`: whose numbers
    are MRNs, where a format names that (PID-3.4, the system of an identifier); blank: any. `profile`: how the
    sender writes. `zone`: the clinic's."""

    headers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    authority: str = ""
    profile: WritingProfile = NOTHING_SET
    # Nothing that anybody has said.
    zone: tzinfo | None = field(default=None, compare=False)

    def of_kind(self, kind: str) -> Meant:
        return {said: meant for (about, said), meant in self.headers.items() if about == kind}

    def find(self, name: str) -> analytes.Analyte | None:
        """The analyte of a name: of its own name ours, else as the clinic has said, else of a synonym."""
        found, said = analytes.find(name), self.said_of(name)
        return found if said is None else analytes.ANALYTES.get(said)

    def said_of(self, name: str) -> str | None:
        """What the clinic has said that a test is; None where nobody has, or it is the analyte's own name."""
        found, folded = analytes.find(name), fold_name(name)
        if found is not None and folded in (fold_name(found.key), fold_name(found.name)):
            return None
        return self.tests.get(folded)

    def unit(self, analyte: analytes.Analyte, unit: str) -> str | None:
        """What a unit means for an analyte where we do not know it; None where nobody has said."""
        if analyte.factor(unit) is not None:
            return unit
        said = self.units.get((analyte.key, fold_unit(unit)))
        return self.profile.default_units.get(analyte.key) if said is None and not unit else said

    def never(self, kind: str, title: str) -> bool:
        said = fold_name(title)
        return self.headers.get((kind, said)) == NEVER or self.tests.get(said) == NEVER

    def applied(self, item: Item) -> Item:
        """A row with its number, laboratory and times as the sender means them, a result with its test and
        unit in our words; what is never read is a problem that says so, and so is a test that is not
        interpreted here, unless the clinic keeps it as it is sent."""
        item = self.profile.applied(item)
        test = _named(item)
        if test is None:
            return item
        said = self.tests.get(fold_name(test[0]), KEEP)
        if said == KEEP and (other := other_tests.other_of(*test)):
            return self._other(item, other)
        if isinstance(item, RowProblem) or not (self.tests or self.units or self.profile.default_units):
            return item
        return self._meant(item)

    def _meant(self, item: LabRow) -> Item:
        """With its test and unit as the clinic has said."""
        name = test_of(item)
        meant = self.said_of(name)
        if meant == NEVER:
            return _never(item, "test", f"“{name[:60]}” {_DECIDED}")
        if meant == KEEP:
            return _kept(item, fold_name(name), name)
        if meant is not None:
            item = replace(item, test=meant)
        analyte = analytes.find(test_of(item))
        return self._with_unit(item, analyte) if analyte else item

    def keeps(self, test: other_tests.OtherTest) -> bool:
        return self.tests.get(test.said) == KEEP

    def _other(self, item: LabRow | RowProblem, test: other_tests.OtherTest) -> Item:
        if not self.keeps(test):
            return RowProblem(item.place, test.name, LEFT_OUT, settled=True)
        return item if isinstance(item, RowProblem) else _kept(item, test.key, test.name)

    def _with_unit(self, item: LabRow, analyte: analytes.Analyte) -> Item:
        meant = self.unit(analyte, item.unit)
        if meant is None or meant == item.unit:
            return item
        if meant == NEVER:
            return _never(item, "unit", f"{analyte.name} in “{item.unit[:24]}” {_DECIDED}")
        return replace(item, unit=meant)


def _named(item: Item) -> tuple[str, str] | None:
    """Name and code of a result; None where it is none, or one that could not even be named."""
    if isinstance(item, LabRow):
        return item.test, item.code
    return item.test if isinstance(item, RowProblem) and any(item.test) else None


def _kept(item: LabRow, key: str, name: str) -> OtherRow:
    return OtherRow(**{row: getattr(item, row) for row in _LAB_ROW}, key=key, name=name)


def test_of(item: LabRow) -> str:
    """The name; where that is not known, the code, or the name with its unit: "Quick" in % is "Quick %"."""
    if analytes.find(item.test) is not None:
        return item.test
    if item.code and analytes.find(item.code) is not None:
        return item.code
    with_unit = f"{item.test} {item.unit}"
    # A unit alone names no test.
    known = item.test and item.unit and analytes.find(with_unit) is not None
    return with_unit if known else item.test


def in_our_words(parsed: Parsed, meanings: Meanings) -> Parsed:
    """What a message or bundle says, with the clinic's meanings applied, and the names that have none."""
    items = [meanings.applied(item) for item in parsed.items]
    return replace(parsed, items=items, unknown=unknown_names(items))


def unknown_names(items: Iterable[Item]) -> tuple[UnknownName, ...]:
    names = Names()
    names.add(items)
    return names.found


class Names:
    """Tests that are not known, and units that are not known of a test, gathered from results."""

    def __init__(self) -> None:
        # Name -> how it is written first, how often, examples with the MRN of their row.
        self._found: dict[tuple[str, str, str], list] = {}
        # A file names few tests and units, many times over.
        self._seen: dict[tuple[str, str, str], tuple | None] = {}

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            if type(item) is LabRow:
                names = item.test, item.code, item.unit
                if names not in self._seen:
                    if len(self._seen) > _NAMES:
                        self._seen.clear()
                    self._seen[names] = _unknown(item)
                if (key := self._seen[names]) and not _has_its_unit(item, key):
                    self._count(key, item)

    def _count(self, key: tuple[str, str, str], item: LabRow) -> None:
        if key not in self._found and len(self._found) > _NAMES:
            return
        shown = item.test if key[0] == TEST else item.unit
        told = self._found.setdefault(key, [shown, 0, {}])
        told[1] += 1
        if len(told[2]) < EXAMPLES:
            told[2].setdefault(f"{item.value} {item.unit}".strip()[:40], item.mrn)

    @property
    def found(self) -> tuple[UnknownName, ...]:
        """Most frequent first."""
        names = [
            UnknownName(what, said, shown, about, count, tuple(examples.items()))
            for (what, said, about), (shown, count, examples) in self._found.items()
        ]
        return tuple(sorted(names, key=lambda name: -name.count))[:MOST]


def unknown_headers(
    titles: Mapping[int, str], kind: str, rows: list, mrn_of: Callable[[tuple], str]
) -> tuple[UnknownName, ...]:
    """Columns that are not read although something stands in them. `titles`: place -> title."""
    titles = {at: title for at, title in titles.items() if title}
    counts, examples = dict.fromkeys(titles, 0), {at: {} for at in titles}
    for _, cells in rows if titles else ():
        for at, shown in examples.items():
            if not is_blank(cells[at]):
                counts[at] += 1
                if len(shown) < EXAMPLES:
                    shown.setdefault(cells[at][:40], mrn_of(cells))
    found = [
        UnknownName(HEADER, fold_name(title), title, kind, counts[at], tuple(examples[at].items()))
        for at, title in titles.items()
        if counts[at]
    ]
    return tuple(name for name in found[:MOST] if name.folded)


def _unknown(item: LabRow) -> tuple[str, str, str] | None:
    analyte = analytes.find(test_of(item))
    if analyte is None:
        return (TEST, fold_name(item.test), "") if fold_name(item.test) else None
    if analyte.derived or analyte.factor(item.unit) is not None:
        return None
    return UNIT, fold_unit(item.unit), analyte.key


def _has_its_unit(item: LabRow, key: tuple[str, str, str]) -> bool:
    """ "88 U/L" beside a blank unit leaves nothing to ask."""
    return key[0] == UNIT and not item.unit and bool(apart(analytes.get(key[2]), item.value)[1])


def _never(item: LabRow, column: str, text: str) -> RowProblem:
    place = item.place if item.place.column else Place(item.place.row, column, item.place.cells)
    return RowProblem(place, text, REFUSED, settled=True)
