"""Rows that are read several times: in memory while they are few, in a nameless file once they are many."""

import marshal
import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from itertools import islice

# So many rows stay in memory, and so many are written at a time.
HELD, BLOCK = 2000, 500
# What precedes a block in the file: of which kind it is, and its length in so many bytes.
_PLAIN, _OBJECTS, _LENGTH = b"p", b"o", 8


class OverflowFile:
    """A nameless file that several lists of rows share: no crash leaves it behind. `folder` None: where the
    system keeps such files."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder, self._file = folder, None

    def put(self, rows: list) -> int:
        """Where `get` finds them again."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        at = self._file.seek(0, 2)
        kind, words = _packed(rows)
        self._file.write(kind + len(words).to_bytes(_LENGTH, "big") + words)
        return at

    def get(self, at: int) -> list:
        """Written by this very process: nobody else can put anything there."""
        self._file.seek(at)
        kind, length = self._file.read(1), int.from_bytes(self._file.read(_LENGTH), "big")
        words = self._file.read(length)
        return marshal.loads(words) if kind == _PLAIN else pickle.loads(words)  # noqa: S301, S302


def _packed(rows: list) -> tuple[bytes, bytes]:
    """Texts and numbers alone take half the time."""
    try:
        return _PLAIN, marshal.dumps(rows)
    except ValueError:
        return _OBJECTS, pickle.dumps(rows, protocol=pickle.HIGHEST_PROTOCOL)


class RowBuffer:
    """Rows in their order, added once and read as often as one likes."""

    def __init__(self, overflow: OverflowFile) -> None:
        self._overflow, self._count = overflow, 0
        self._held: list = []
        self._block: list = []
        self._places: list[int] = []

    def add(self, row) -> None:
        self._count += 1
        if len(self._held) < HELD:
            self._held.append(row)
            return
        self._block.append(row)
        if len(self._block) == BLOCK:
            self._places.append(self._overflow.put(self._block))
            self._block = []

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator:
        yield from self._held
        for at in self._places:
            yield from self._overflow.get(at)
        yield from self._block

    def head(self, count: int) -> list:
        """The first rows, of those in memory."""
        return self._held[:count]

    def below(self, at: int) -> "RowsBelow":
        return RowsBelow(self, at)


class RowsBelow:
    """The rows from place `at` on."""

    def __init__(self, rows: RowBuffer, at: int) -> None:
        self._rows, self._at = rows, at

    def __len__(self) -> int:
        return max(len(self._rows) - self._at, 0)

    def __iter__(self) -> Iterator:
        return islice(iter(self._rows), self._at, None)

    def below(self, at: int) -> "RowsBelow":
        return RowsBelow(self._rows, self._at + at)


class Without:
    """Rows but for those with these numbers."""

    def __init__(self, rows: "RowsBelow | Without", numbers: frozenset[int]) -> None:
        self._rows, self._numbers = rows, numbers

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator:
        return (row for row in self._rows if row[0] not in self._numbers)

    def below(self, at: int) -> "Without":
        """From place `at` of all rows on."""
        return Without(self._rows.below(at), self._numbers)


class PartitionedRows:
    """Rows sorted into so many parts, each read once. Of all parts together few rows are in memory."""

    def __init__(self, count: int, overflow: OverflowFile) -> None:
        self._overflow, self._waiting = overflow, 0
        self._rows: list[list] = [[] for _ in range(count)]
        self._places: list[list[int]] = [[] for _ in range(count)]

    def add(self, part: int, row) -> None:
        self._rows[part].append(row)
        self._waiting += 1
        if self._waiting > HELD:
            self._empty()

    def take(self, part: int) -> list:
        found = [row for at in self._places[part] for row in self._overflow.get(at)]
        found += self._rows[part]
        self._rows[part] = []
        return found

    def _empty(self) -> None:
        for part, rows in enumerate(self._rows):
            if rows:
                self._places[part].append(self._overflow.put(rows))
                self._rows[part] = []
        self._waiting = 0


def buffered(rows: Iterable, overflow: OverflowFile) -> RowBuffer:
    spool = RowBuffer(overflow)
    for row in rows:
        spool.add(row)
    return spool
