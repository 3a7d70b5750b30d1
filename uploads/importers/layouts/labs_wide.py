"""Laboratory results, one draw a row and one column a test. Each filled cell is one result."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from interpretation.record import analytes
from interpretation.record.spelling import fold_name
from uploads.importers import other_tests
from uploads.importers.columns import MRN, CellRow, twice
from uploads.importers.formats.table import Table, is_blank
from uploads.importers.layouts import labs_long
from uploads.importers.meanings import EXAMPLES, UNIT, Meanings
from uploads.importers.records import FileRefused, Item, LabRow, RowProblem, UnknownName, Unmapped

KIND = "labs"
WORDS = "laboratory results"
# In what a sender gets back to correct: why a row was not stored. Never read.
REASON = "Why not stored"
_FIXED = (
    "collected_at", "received_at", "verified_at", "laboratory", "method", "status",
    "family_name", "given_name", "birth_date", "full_name",
)  # fmt: skip
COLUMNS = (MRN, *(column for column in labs_long.COLUMNS if column.name in _FIXED))
DATES = labs_long.DATES
# Columns that describe the person or the sample; every other column is taken for a test.
_DESCRIBING = {
    fold_name(name)
    for name in (
        "sex", "gender", "age", "dob", "date of birth", "birth date", "name", "family name", "given name",
        "first name", "last name", "surname", "forename", "patient name", "ward", "clinic", "consultant",
        "physician", "doctor", "requester", "location", "site", "comment", "comments", "note", "notes",
        "sample id",
        "sample", "sample type", "specimen", "specimen id", "accession", "accession number", "order id",
        "visit",
        "visit id", "encounter", "encounter id", "row", "no", "id", "diagnosis", "fasting", "hadm id",
        REASON,
    )
}  # fmt: skip
SUFFIXES = {
    "unit": ("unit", "units", "uom", "einheit"),
    "lower": ("ref low", "lower limit", "lln", "low", "lower", "reference low"),
    "upper": ("ref high", "upper limit", "uln", "high", "upper", "reference high"),
    "range": (
        "range",
        "ref range",
        "reference range",
        "reference interval",
        "normal range",
        "reference",
        "ref",
        "normbereich",
        "referenzbereich",
    ),
    # Not read: the product judges each value by its own limits.
    "flag": ("flag", "flags", "abnormal", "interpretation"),
}
# A name and its unit: "ALT (U/L)", "ALT, U/L", "ALT U/L", "Quick %".
_BRACKETS = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+(?:\[[^\]]*\][^()\[\]]*)?)[)\]]")
_COMMA = re.compile(r"(.+?)\s*[,;:]\s*(\S.*)")
_SPACE = re.compile(r"(.+?)[\s_]+(\S+)")
_PERCENT = re.compile(r"(.*?)(%)")
# Units without a stroke or a figure.
_BARE_UNITS = ("s", "sec", "fl", "pg", "mg", "g", "ratio", "index", "kpa", "mmhg", "mm[hg]", "mosm")


@dataclass
class Test:
    """A test's column: where its value, unit and limits stand. `analyte` None: not a test we know; `other`
    then says which test it is, where it is one that is not interpreted. `said`: a person has said which test
    it is."""

    at: int
    title: str
    name: str
    analyte: analytes.Analyte | None
    unit: str = ""
    beside: dict[str, int] = field(default_factory=dict)
    said: bool = False
    other: other_tests.OtherTest | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.analyte or self.other)


def tests_in(header: tuple[str, ...], fixed: set[int], meanings: Meanings) -> list[Test]:
    """The columns that hold results."""
    loose = [at for at, title in enumerate(header) if at not in fixed and _may_be_test(title, meanings)]
    companions = {at: found for at in loose if (found := _companion(header[at]))}
    tests = [_test(at, header[at], meanings) for at in loose if at not in companions]
    by_key = {(test.analyte or test.other).key: test for test in tests if test.is_known}
    for at, (key, part) in companions.items():
        if key in by_key:
            by_key[key].beside[part] = at
    return tests


def _may_be_test(title: str, meanings: Meanings) -> bool:
    return bool(title) and not describes(title) and not meanings.never(KIND, title)


def describes(title: str) -> bool:
    """Whether a column tells of the person or the sample: known, and not read."""
    return fold_name(title) in _DESCRIBING


def test_name(title: str) -> str:
    """The test a column's name holds, without its unit; "" where it names none."""
    test = _test(0, title, Meanings())
    return test.name if test.analyte else ""


def named(title: str, meanings: Meanings) -> Test:
    """A test's name with or without its unit, wherever it stands."""
    return _test(0, title, meanings)


def _test(at: int, title: str, meanings: Meanings) -> Test:
    """ "ALT", "ALT (U/L)", "ALT [U/L]", "ALT, U/L", "ALT U/L"."""
    brackets = _BRACKETS.fullmatch(title)
    cut = brackets or _COMMA.fullmatch(title) or _SPACE.fullmatch(title)
    if analyte := meanings.find(title):
        known = analytes.find(title) is analyte
        # "Quick (%)" is a name of its own, and says its unit all the same.
        said = (brackets or _PERCENT.fullmatch(title)) if known else cut
        unit = said[2] if said and meanings.unit(analyte, said[2]) else ""
        return Test(at, title, title if known else analyte.key, analyte, unit, said=not known)
    if cut and (analyte := meanings.find(cut[1])):
        known = analytes.find(cut[1]) is analyte
        return Test(at, title, cut[1] if known else analyte.key, analyte, cut[2], said=not known)
    return _other_test(at, title, cut)


def _other_test(at: int, title: str, cut: re.Match[str] | None) -> Test:
    """One that is not interpreted, or none we know."""
    if other := other_tests.find(title):
        return Test(at, title, title, None, other=other)
    if cut and _is_unit(cut[2]) and (other := other_tests.find(cut[1])):
        return Test(at, title, cut[1], None, cut[2], other=other)
    return Test(at, title, title, None)


def _is_unit(text: str) -> bool:
    """Not a word that makes another test of it: "Glucose, urine" is no glucose."""
    return bool(re.search(r"[/%^]|\d", text)) or text.casefold() in _BARE_UNITS


def _companion(title: str) -> tuple[str, str] | None:
    """ "ALT unit" -> ("alt", "unit"): a column that tells about another one."""
    if analytes.find(title) or other_tests.find(title):
        return None
    folded = fold_name(title)
    for part, endings in SUFFIXES.items():
        for ending in endings:
            if folded.endswith(" " + ending) and (found := _either(folded.removesuffix(ending))):
                return found.key, part
    return None


def _either(name: str) -> analytes.Analyte | other_tests.OtherTest | None:
    return analytes.find(name) or other_tests.find(name)


def refuse_twice(tests: list[Test]) -> None:
    seen: dict[str, Test] = {}
    for test in tests:
        if test.analyte and (first := seen.setdefault(test.analyte.key, test)) is not test:
            if first.said or test.said:
                raise FileRefused(
                    f"The columns “{first.title}” and “{test.title}” are both {test.analyte.name}. Keep one, "
                    "or undo under Mappings what was said of the other."
                )
            raise twice(first.title, test.title, test.analyte.name, KIND, tests=True)


def take_units(first: tuple | None, tests: list[Test], mrn: int | None) -> bool:
    """Whether the first row is a row of units, which are then those of the tests."""
    if first is None or mrn is None:
        return False
    cells = first[1]
    named = [test for test in tests if cells[test.at]]
    heads = cells[mrn] == "" or fold_name(cells[mrn]) in ("unit", "units")
    if not heads or not named or any(re.match(r"[<>=\s]*\d+([.,]\d+)?$", cells[test.at]) for test in named):
        return False
    for test in named:
        test.unit = cells[test.at]
    return True


def refuse_without_unit(tests: list[Test], table: Table, meanings: Meanings, mrn: int) -> None:
    """A unit that a person has named for this sender stands for the one that is missing."""
    bare = []
    for test in tests:
        if test.analyte and not test.unit and "unit" not in test.beside:
            test.unit = meanings.unit(test.analyte, "") or ""
            if test.analyte.factor(test.unit) is None:
                bare.append(test)
    if not bare:
        return
    asks = [f"name it {test.name} ({test.analyte.unit_label})" for test in bare]
    sentences = [f"Column {test.title} has no unit: {ask}." for test, ask in zip(bare, asks, strict=True)]
    text = " ".join(sentences[:6]) + " Use the unit of your laboratory."
    raise Unmapped(text, KIND, unknown=tuple(_without_unit(test, table, mrn, meanings) for test in bare))


def _without_unit(test: Test, table: Table, mrn: int, meanings: Meanings) -> UnknownName:
    rows = (cells for _, cells in table.rows if not is_blank(cells[test.at]))
    filled = ((cells[test.at][:40], meanings.profile.mrn(cells[mrn])) for cells in rows)
    examples = tuple(islice(filled, EXAMPLES))
    return UnknownName(UNIT, "", "", test.analyte.key, len(examples) + sum(1 for _ in filled), examples)


def numbers_in(table: Table, tests: list[Test]) -> Iterator[tuple[int, str]]:
    places = [
        at for t in tests for at in (t.at, t.beside.get("lower"), t.beside.get("upper")) if at is not None
    ]
    return ((number, cells[at]) for number, cells in table.rows for at in places if cells[at])


def read_draw(row: CellRow, order: str, tests: list[Test]) -> list[Item]:
    """One item for each filled cell; a row without any is one problem."""
    filled = [test for test in tests if not is_blank(row.cells[test.at])]
    if not filled:
        return [row.problem("", "the row holds no result. Fill one in or remove the row.")]
    wrong = _draw_problem(row, order)
    if wrong:
        return [replace(wrong, test=(test.name, "")) for test in filled]
    times = labs_long.read_times(row, order)
    return [_result(row, test, times) for test in filled]


def _draw_problem(row: CellRow, order: str) -> RowProblem | None:
    if not row["mrn"]:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    times = labs_long.read_times(row, order)
    if isinstance(times, RowProblem):
        return times
    if fold_name(row["status"]) not in labs_long.STATUSES:
        return row.problem(
            "status",
            f"status “{row['status'][:20]}” is not known. Use final, preliminary or corrected.",
            level="waiting",
        )
    return None


def _result(row: CellRow, test: Test, times: tuple) -> LabRow:
    def beside(part: str) -> str:
        at = test.beside.get(part)
        return "" if at is None else labs_long.limit(row.cells[at])

    return LabRow(
        row.place(test.title),
        row["mrn"],
        times[0],
        test.name,
        row.cells[test.at],
        beside("unit") or test.unit,
        beside("lower"),
        beside("upper"),
        beside("range"),
        row["laboratory"][:80],
        row["method"][:40],
        "",
        labs_long.STATUSES[fold_name(row["status"])],
        *times[1:],
    )
