"""The rows of a chunk sorted: those that are plain, and the items of all others, which are matched one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Clinic
from patients.actions.merging.numbers import known_as
from uploads.identity.decisions import decisions_of
from uploads.importers.items import Items, TableRows
from uploads.importers.profile import IGNORE
from uploads.importers.records import Item

from .files import ReadFile, Rows, StoreOptions, mrns_in
from .match import PlainRows
from .numbers import numbers_in
from .plain import PlainPeople, PlainTable
from .record_view import RecordView
from .results import ResultMatcher


@dataclass
class SortedRows:
    """Of one file and chunk."""

    items: list[Item]
    plain: PlainRows = field(default_factory=PlainRows)

    def __len__(self) -> int:
        return len(self.items) + len(self.plain)


class Sorter:
    """Of a batch, chunk by chunk."""

    def __init__(self, files: Sequence[ReadFile], clinic: Clinic, now: datetime, sender: str) -> None:
        self._files, self._clinic, self._now, self._sender = files, clinic, now, sender
        self._tables = [_table(file) for file in files]

    def __call__(self, chunk: list[Rows]) -> list[SortedRows]:
        chunk = [_taken(table, rows) for table, rows in zip(self._tables, chunk, strict=True)]
        is_any_plain = any(table and table.people for table in self._tables)
        odd = self._odd(chunk) if is_any_plain else set()
        return [self._sorted(number, rows, odd) for number, rows in enumerate(chunk)]

    def _odd(self, chunk: list[Rows]) -> set[str]:
        """Of whom several files speak, or a person has decided something."""
        own = [_mrns(rows, table) for rows, table in zip(chunk, self._tables, strict=True)]
        times = Counter(mrn for mrns in own for mrn in mrns)
        decided = decisions_of(self._clinic, self._sender, times).values()
        both = {mrn for said in decided for mrn in (said.mrn, said.patient and said.patient.mrn)}
        # Whom a number meant before: rows under both numbers may be of one draw.
        merged = {row.patient.mrn for row in known_as(self._clinic, times).values()}
        return both | merged | {mrn for mrn, count in times.items() if count > 1}

    def _sorted(self, number: int, rows: Rows, odd: set[str]) -> SortedRows:
        table = self._tables[number]
        if table is None:
            return SortedRows(rows)
        plain = PlainRows(left_out=table.left_out)
        odd = odd | table.odd | self._take_plain(number, odd, plain)
        left, mrn_of = table.left_out, rows.items.mrn_of
        others = [row for row in rows.rows if row[0] not in left and mrn_of(row) in odd] if odd else []
        return SortedRows(rows.items.read(others), plain)

    def _take_plain(self, number: int, odd: set[str], plain: PlainRows) -> set[str]:
        """Fills `plain`; gives whose rows are not."""
        people = {mrn: draws for mrn, draws in self._tables[number].people.items() if mrn not in odd}
        rows = [draw.row for draws in people.values() for draw in draws]
        if not rows:
            return set()
        view = RecordView(self._clinic, rows, self._now)
        matcher = ResultMatcher(view, self._files[number].parsed, [], number, StoreOptions())
        matcher.series.remember_stored(rows)
        judge, others = PlainPeople(view, matcher), set()
        for mrn, draws in people.items():
            new = judge.draws_of(draws)
            if new is None:
                others.add(mrn)
                continue
            plain.draws += new
            plain.numbers += [number for draw in draws for number in draw.numbers]
        return others


def _table(file: ReadFile) -> PlainTable | None:
    """None where every row is looked at: what rows share is not known, or numbers may stand for others."""
    items, parsed = file.parsed.items, file.parsed
    if not isinstance(items, Items) or items.columns is None or file.profile.mrn_zeros == IGNORE:
        return None
    return PlainTable(items, (parsed.decimal, parsed.thousands), parsed.head)


def _mrns(rows: Rows, table: PlainTable | None) -> Iterable[str]:
    if table:
        return table.people.keys() | table.odd
    return mrns_in([rows]) | numbers_in(rows)


def _taken(table: PlainTable | None, rows: Rows) -> Rows:
    if table:
        table.take(rows)
    elif isinstance(rows, TableRows):
        return rows.items.read(rows.rows)
    return rows
