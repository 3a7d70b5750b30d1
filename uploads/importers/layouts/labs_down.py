"""Laboratory results of one person: tests down the side, dates across the top."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from interpretation.record.spelling import fold_name
from uploads.importers.columns import MRN, joined, locate, plain_mrn
from uploads.importers.dates import is_time, read_time, serial
from uploads.importers.formats.table import is_blank
from uploads.importers.identity import BORN
from uploads.importers.layouts import labs_long, labs_wide
from uploads.importers.meanings import Meanings
from uploads.importers.numbers import Number
from uploads.importers.records import FileRefused, Item, LabRow, Place, RowProblem

KIND = "labs"
WORDS = "laboratory results"
_BESIDE = ("test", "unit", "ref_low", "ref_high", "range", "loinc", "laboratory", "method")
COLUMNS = (MRN, *(column for column in labs_long.COLUMNS if column.name in _BESIDE))
# "Patient" alone stands before a name as often as before a number.
_MRN_NAMES = {*MRN.names()} - {"patient"}
_CLOCK_NAMES = {"time", "collection time", "sample time", "time collected", "collected time", "clock"}
_CLOCK = re.compile(r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?")
_LONG = 80
# So many rows below a header tell whether a column names tests.
_NEAR = 30
_NO_MRN = (
    "This looks like the results of one person, with tests down the side and dates across the top, but the "
    "MRN is missing. Write it above the table as “MRN: 12345”, name the sheet “MRN 12345”, or add a column "
    "“mrn”."
)


@dataclass(frozen=True)
class DatesAcross:
    """`days`: place of a column of results -> its day, as a text that can be read."""

    where: dict[str, int]
    days: dict[int, str]


def fit(header: tuple[str, ...], rows: list, meanings: Meanings, epoch: int) -> DatesAcross | None:
    """None where this is no such table. `rows`: what stands below."""
    where = locate(header, COLUMNS, meanings.of_kind(KIND))
    titles = [serial(title, epoch) if isinstance(title, Number) else title for title in header]
    days = {at: title for at, title in enumerate(titles) if at not in where.values() and is_time(title)}
    if not days:
        return None
    if "test" not in where:
        side = _side(header, rows, where, days, meanings, epoch)
        if side is None:
            return None
        where = {**where, "test": side}
    return DatesAcross(where, days)


def _side(header, rows, where: dict[str, int], days, meanings: Meanings, epoch: int) -> int | None:
    """The column before the days that names tests, whatever its title.

    A row of a table in long form is no header: it names a test itself, or has days below its day.
    """
    near = [cells for _, cells in islice(rows, _NEAR)]
    if any(_all_days([cells[at] for cells in near if len(cells) > at], epoch) for at in days):
        return None
    free = [at for at in range(min(days)) if at not in where.values()]
    free = [at for at in free if not labs_wide.named(header[at], meanings).analyte]
    return next((at for at in free if _names_tests(near, at, meanings)), None)


def _all_days(cells: list[str], epoch: int) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    return bool(filled) and all(
        is_time(serial(cell, epoch) if isinstance(cell, Number) else cell) for cell in filled
    )


def mrn_of(above: list, sheet: str) -> str:
    """The MRN in a cell above the table or in the name of the sheet, each with its word. Never guessed."""
    found = {mrn for _, cells in above for mrn in _named(cells)}
    found |= set(_named((sheet,)))
    if len(found) > 1:
        raise FileRefused(
            "Above the table and in the name of the sheet stand different MRNs. Keep the right one."
        )
    if not found:
        raise FileRefused(_NO_MRN)
    return plain_mrn(found.pop())


def born_of(above: list, epoch: int) -> str:
    """The date of birth in a cell above the table, "" where none is named."""
    for _, cells in above:
        filled = [cell for cell in cells if cell]
        for at, cell in enumerate(filled):
            name, colon, rest = cell.partition(":")
            if fold_name(name) in BORN.names() and (
                found := rest.strip() if colon and rest else _next(filled, at)
            ):
                return serial(found, epoch) if isinstance(found, Number) else found
    return ""


def _next(cells: list[str], at: int) -> str:
    return cells[at + 1] if at + 1 < len(cells) else ""


def with_clocks(fit: DatesAcross, rows: list) -> tuple[DatesAcross, list]:
    """The times of day where the first row holds them."""
    if not rows or not _holds_clocks(rows[0][1], fit):
        return fit, rows
    cells = rows[0][1]
    return DatesAcross(fit.where, {at: joined(day, cells[at]) for at, day in fit.days.items()}), rows[1:]


def _holds_clocks(cells: tuple[str, ...], fit: DatesAcross) -> bool:
    """A row named “time”, or one without a name that holds nothing but times of day."""
    name, filled = cells[fit.where["test"]], [cells[at] for at in fit.days if not is_blank(cells[at])]
    return fold_name(name) in _CLOCK_NAMES or (
        is_blank(name) and bool(filled) and all(map(_CLOCK.fullmatch, filled))
    )


def read(
    header, rows: list, fit: DatesAcross, mrn: str, order: str, meanings: Meanings
) -> tuple[list[Item], int]:
    """An item for each filled cell, and how many rows held none: headings of groups, tests not done."""
    items, empty = [], 0
    times = {at: _time(day, order) for at, day in fit.days.items()}
    for number, cells in rows:
        filled = [at for at in fit.days if not is_blank(cells[at])]
        empty += not filled
        items += [_item(number, cells, header[at], at, times[at], fit, mrn, meanings) for at in filled]
    return items, empty


def numbers_in(rows: list, fit: DatesAcross) -> list[tuple[int, str]]:
    places = [*fit.days, *(fit.where[name] for name in ("ref_low", "ref_high") if name in fit.where)]
    return [(number, cells[at]) for number, cells in rows for at in places if not is_blank(cells[at])]


def _item(number, cells, title, at, time, fit: DatesAcross, mrn, meanings) -> Item:
    def beside(name: str) -> str:
        return labs_long.limit(cells[fit.where[name]]) if name in fit.where else ""

    place = Place(number, title, cells)
    mrn = plain_mrn(beside("mrn")) if "mrn" in fit.where else mrn
    name = beside("test") or beside("loinc")
    test = labs_wide.named(name, meanings)
    told = test.name, beside("loinc")
    if not mrn:
        return RowProblem(Place(number, "mrn", cells), "the MRN is missing. Fill it in.", test=told)
    if isinstance(time, str):
        return RowProblem(place, time, test=told)
    if not name:
        return RowProblem(Place(number, "test", cells), "the name of the test is missing. Fill it in.")
    return LabRow(
        place, mrn, time, test.name, cells[at], beside("unit") or test.unit,
        beside("ref_low"), beside("ref_high"), beside("range"),
        beside("laboratory")[:80], beside("method")[:40], beside("loinc"),
    )  # fmt: skip


def _time(day: str, order: str) -> datetime | str:
    """The moment, or the sentence that says why there is none."""
    try:
        return read_time(day, order)
    except ValueError as error:
        return str(error)


def _names_tests(rows: list, side: int, meanings: Meanings) -> bool:
    return any(labs_wide.named(cells[side], meanings).is_known for cells in rows if len(cells) > side)


def _named(cells: tuple[str, ...]) -> Iterator[str]:
    """ "MRN: N-100", "MRN N-100", or a cell "MRN" and the next one that is filled."""
    filled = [cell for cell in cells if cell and len(cell) <= _LONG]
    for at, cell in enumerate(filled):
        if fold_name(cell) in _MRN_NAMES:
            yield from filled[at + 1 : at + 2]
        elif (found := re.fullmatch(r"(.+?)\s*(?::|#|=|\s)\s*(\S*\d\S*)", cell)) and (
            fold_name(found[1]) in _MRN_NAMES
        ):
            yield found[2]
