"""How a table writes its numbers and its days: told by its own cells and the sender's profile, or asked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from operator import itemgetter

from uploads.importers import identity
from uploads.importers.formats.table import Sheet, Table, TableLines

from .columns import CLOCK, joined
from .dates import ISO, POINTS, order_of
from .meanings import Meanings
from .numbers import OTHER, Marks, marks_of
from .profile import WritingProfile
from .records import Item, UnknownName, Unmapped

_LATELY = 20_000
Cells = tuple[str, ...]
DaysRead = Callable[[Cells], Cells]


def writing_of(
    numbers: Iterable[tuple[int, str]],
    dates: Iterable[tuple[int, str]],
    lines: TableLines,
    profile: WritingProfile,
) -> tuple[Marks, str]:
    """The marks of the numbers and the order of the dates; what neither the file nor the sender's profile
    tells is asked, all of it at once."""
    asked, points = [], []
    order, marks = ISO, Marks()
    try:
        order = order_of(_watched(dates, points), profile.date_order)
    except Unmapped as question:
        asked.append(question)
    try:
        marks = marks_of(numbers, profile.mark, "semicolon" in lines.words or bool(points))
    except Unmapped as question:
        asked.append(question)
    if asked:
        unknown = tuple(name for question in asked for name in question.unknown)
        raise Unmapped(" ".join(map(str, asked)), unknown=unknown)
    if profile.thousands:
        # Spaces and apostrophes between thousands are always read.
        marks = replace(marks, thousands=profile.thousands if profile.thousands in OTHER else "")
    return marks, order


def _watched(dates: Iterable[tuple[int, str]], points: list) -> Iterator[tuple[int, str]]:
    """The dates, noting the first one with points between its numbers: who writes them so may group thousands
    by a point too."""
    for row, text in dates:
        if not points and POINTS.match(text):
            points.append(row)
        yield row, text


def person_reader(
    table: Table, where: dict[str, int], with_days: DaysRead, order: str, meanings: Meanings
) -> tuple[Callable[[Item, Cells], Item] | None, tuple[UnknownName, ...]]:
    """Dates of birth may be in another order than times; where they do not tell, `order` is theirs; where
    that tells nothing either, it is asked beside the rows that are read."""
    asked: tuple[UnknownName, ...] = ()
    try:
        own = order_of(told_in(table, where, ("birth_date",), with_days), meanings.profile.date_order)
    except Unmapped as question:
        own, asked = ISO, question.unknown if order == ISO else ()
    return identity.reader(where, order if own == ISO else own), asked


def told_in(
    table: Table, where: dict[str, int], names: tuple[str, ...], with_days: DaysRead
) -> Iterator[tuple[int, str]]:
    """Row number and text of what stands in these columns. A text that was told lately is not told again."""
    # As `CellRow` gives them, for every row of large files.
    places = [(where[n], where.get(n + CLOCK) if n[-3:] == "_at" else None) for n in names if n in where]
    seen: set[str] = set()
    for number, cells in _unlike(table, {at for both in places for at in both if at is not None}):
        cells = with_days(cells)
        for at, clock in places:
            text = cells[at] if clock is None else joined(cells[at], cells[clock])
            if not text or text in seen:
                continue
            # A cell that holds a number says less than the same text.
            if type(text) is str:
                if len(seen) > _LATELY:
                    seen.clear()
                seen.add(text)
            yield number, text


def _unlike(table: Table, places: set[int]) -> Iterator[tuple[int, Cells]]:
    """The rows in which these cells are together what they were in no row lately: few of a large file. In a
    workbook a cell may be a number or the same text."""
    if not places or isinstance(table, Sheet):
        yield from table.rows if places else ()
        return
    told, seen = itemgetter(*places), set()
    for row in table.rows:
        if (cells := told(row[1])) not in seen:
            if len(seen) > _LATELY:
                seen.clear()
            seen.add(cells)
            yield row
