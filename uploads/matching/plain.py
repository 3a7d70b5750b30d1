"""Rows of which nothing is odd: the first result of its test in its draw, of somebody who is here, without a word
to say; and rows of tests that are not interpreted here. What rows share is looked at once, by the same checks: the
cells of a draw, and those of a result. What is left to do for a row is to look at the value before it.

Whoever has a single row that is not plain is matched row by row (`results`), with all of theirs. So a row is plain
only where matching it would say "new" and nothing else: `tests/uploads/matching/test_plain.py` compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from interpretation.record.date_alone import DateAlone
from interpretation.record.surprise import Earlier, fold, least_fold, surprise
from patients.actions.bulk import NewDraw
from patients.values.validation import CheckedResult
from uploads.importers.items import Cells, Items, TableRows
from uploads.importers.meanings import unknown_names
from uploads.importers.records import LEFT_OUT, Item, LabRow, RowProblem

from .reading import NONE, Marks, code_clash, depends_on_draw, read_beside, read_cells
from .record_view import RecordView
from .results import ResultMatcher, as_measured, is_below_part, number_alone
from .series import as_sent

# So many different results are remembered from one chunk to the next.
MOST = 50_000
# The rows that a page shows as examples, and all of whose they are, are matched and kept row by row.
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class PlainResult:
    """What rows with the same cells of a result bring. `row`: the first of them."""

    row: LabRow
    reading: CheckedResult
    # Analyte and method.
    test: tuple[str, str]
    # What the value before it and the others of its draw can have to do with it.
    least_fold: float
    alone: bool
    shown: str


@dataclass(frozen=True, slots=True)
class SkippedResult:
    """What rows of a test that is not interpreted here bring."""

    name: str


@dataclass(slots=True)
class DrawRows:
    """What rows with the same cells of a draw share, with the result of each. `row`: the first of them."""

    row: LabRow
    numbers: list[int] = field(default_factory=list)
    results: list[PlainResult] = field(default_factory=list)


class PlainTable:
    """The rows of one table, chunk by chunk, by what they say themselves: the record is not asked."""

    def __init__(self, items: Items, marks: Marks, first: int) -> None:
        self._items, self._marks, self._beyond = items, marks, first + EXAMPLES
        self._draw_of, self._result_of = itemgetter(*items.columns.draw), itemgetter(*items.columns.result)
        self._results: dict[Cells, PlainResult | SkippedResult] = {}
        self._draws: dict[Cells, DrawRows] = {}
        # Who has a row that is not plain.
        self.odd: set[str] = set()
        self.left_out: dict[int, str] = {}

    def take(self, rows: TableRows) -> None:
        """In place of the rows before."""
        self._draws, self.odd, self.left_out = {}, set(), {}
        if len(self._results) > MOST:
            self._results.clear()
        # Said once for each of many rows.
        square, mrn_of, draw_of, result_of = (
            self._items.square,
            self._items.mrn_of,
            self._draw_of,
            self._result_of,
        )
        draws, results = self._draws, self._results
        for row in rows.rows:
            number, cells = row[0], square(*row)
            if number < self._beyond or isinstance(cells, RowProblem):
                self.odd.add(mrn_of(row))
                continue
            draw, result = draws.get(draw_of(cells)), results.get(result_of(cells))
            if result is None or (draw is None and type(result) is PlainResult):
                draw, result = self._read(number, cells)
            if type(result) is SkippedResult:
                self.left_out[number] = result.name
            elif draw is None or result is None:
                self.odd.add(mrn_of(row))
            else:
                draw.numbers.append(number)
                draw.results.append(result)

    @property
    def people(self) -> dict[str, list[DrawRows]]:
        """The draws of each MRN."""
        found: dict[str, list[DrawRows]] = {}
        for draw in self._draws.values():
            found.setdefault(draw.row.mrn, []).append(draw)
        return {mrn: draws for mrn, draws in found.items() if mrn not in self.odd}

    def _read(self, number: int, cells: Cells) -> tuple[DrawRows | None, PlainResult | SkippedResult | None]:
        """A row whose draw or result is seen for the first time, or is not plain."""
        items = self._items.of_row(number, cells)
        item = items[0] if len(items) == 1 else None
        of_result = self._result_of(cells)
        result = self._results.get(of_result) or _result_of(item, self._marks)
        if result is not None:
            self._results[of_result] = result
        if type(item) is not LabRow or isinstance(item.taken_at, DateAlone):
            return None, result if type(result) is SkippedResult else None
        return self._draws.setdefault(self._draw_of(cells), DrawRows(item)), result


def _result_of(item: Item | None, marks: Marks) -> PlainResult | SkippedResult | None:
    if isinstance(item, RowProblem):
        is_left_out = item.level == LEFT_OUT and not item.place.column
        return SkippedResult(item.text) if is_left_out else None
    if type(item) is not LabRow or _says_more(item):
        return None
    reading, troubles = read_cells(item, marks)
    if reading is None or troubles or code_clash(item) or unknown_names([item]):
        return None
    reading = as_measured(reading, item, None)
    key = reading.analyte
    test, shown = (key, reading.method), as_sent(item.value, item.unit)
    return PlainResult(item, reading, test, least_fold(key), not depends_on_draw(key), shown)


def _says_more(item: LabRow) -> bool:
    """What is looked at row by row."""
    told = item.received_at, item.verified_at, item.order, item.declared, item.draw_note, item.warning
    return any(told)


class PlainPeople:
    """Whose rows are plain beside each other and beside the record. `view`: made of all their draws."""

    def __init__(self, view: RecordView, matcher: ResultMatcher) -> None:
        self._view, self._matcher = view, matcher
        self._stored = {key[:3] for key, found in view.results.items() if found}
        self._with_values = matcher.series.people

    def draws_of(self, draws: list[DrawRows]) -> list[NewDraw] | None:
        """The draws of one person, to be stored; None where something is odd."""
        found: dict[tuple, dict[str, PlainResult]] = {}
        for draw in draws:
            key = self._matcher.draw(draw.row)
            own = {result.reading.analyte: result for result in draw.results}
            there = found.setdefault(key, {})
            if (
                len(own) < len(draw.results)
                or not own.keys().isdisjoint(there)
                or self._is_misplaced(draw.row)
            ):
                return None
            there |= own
        if not all(self._fits(key, own) for key, own in found.items()) or self._is_surprising(draws):
            return None
        return [
            NewDraw(mrn, at, laboratory, [(one.reading, one.row.comment) for one in own.values()])
            for (mrn, at, laboratory), own in found.items()
        ]

    def _is_misplaced(self, row: LabRow) -> bool:
        return number_alone(row) or self._matcher.misplaced(row) is not None

    def _fits(self, key: tuple, own: dict[str, PlainResult]) -> bool:
        """Whether the draw has none of these results yet, and none is odd beside the others."""
        stored = self._view.draws.get(key, NONE)
        if not own.keys().isdisjoint(stored):
            return False
        if key in self._stored and any(self._view.results.get((*key, *one.test)) for one in own.values()):
            return False
        return all(one.alone for one in own.values()) or self._fit_beside(own, stored)

    def _fit_beside(self, own: dict[str, PlainResult], stored: Mapping[str, float]) -> bool:
        draw = {**stored, **{name: one.reading.value for name, one in own.items()}}
        for one in own.values():
            if one.alone:
                continue
            others = read_beside(one.reading.analyte, draw)
            if others and read_cells(one.row, self._matcher.marks, others)[1]:
                return False
            if is_below_part(one.reading, stored):
                return False
        return True

    def _is_surprising(self, draws: list[DrawRows]) -> bool:
        """Whether a value surprises beside the last one before it, or nothing tells which one that is."""
        moments = [(self._view.moment(draw.row.taken_at), draw) for draw in draws]
        last: dict[tuple[str, str], tuple[datetime, PlainResult]] = {}
        series = self._matcher.series if draws[0].row.mrn in self._with_values else None
        for at, draw in sorted(moments, key=itemgetter(0)):
            for one in draw.results:
                before = last.get(one.test)
                if before and before[0] == at:
                    return True
                stored = series.before((draw.row.mrn, *one.test), at) if series else None
                if (before or stored) and _surprises(one, at, before, stored):
                    return True
                if not one.reading.comparator:
                    last[one.test] = at, one
        return False


def _surprises(
    one: PlainResult, at: datetime, brought: tuple[datetime, PlainResult] | None, stored: Earlier | None
) -> bool:
    """Beside the later one of the last values before it: in the file (`brought`), and in the record."""
    if brought and (stored is None or stored.at <= brought[0]):
        value = brought[1].reading.value
    else:
        value, brought = stored.value, None
    if fold(one.reading.value, value) < one.least_fold:
        return False
    earlier = Earlier(value, brought[0], brought[1].shown) if brought else stored
    told = {"key": one.reading.analyte, "value": one.reading.value, "unit": one.reading.reported_unit}
    return surprise(**told, shown=one.shown, at=at, earlier=earlier) is not None
