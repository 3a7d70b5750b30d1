"""Rows that are read several times: in memory while they are few, in a nameless file once they are many."""

import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from itertools import islice

# So many rows stay in memory, and so many are written at a time.
HELD, BLOCK = 2000, 500


class Shelf:
    """A nameless file that several lists of rows share: no crash leaves it behind. `folder` None: where the
    system keeps such files."""

    def __init__(self, folder: str | None = None):
        self._folder, self._file = folder, None

    def put(self, rows: list) -> int:
        """Where `get` finds them again."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        at = self._file.seek(0, 2)
        pickle.dump(rows, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        return at

    def get(self, at: int) -> list:
        """Written by this very process: nobody else can put anything there."""
        self._file.seek(at)
        return pickle.load(self._file)  # noqa: S301


class Spool:
    """Rows in their order, added once and read as often as one likes."""

    def __init__(self, shelf: Shelf):
        self._shelf, self._count = shelf, 0
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
            self._places.append(self._shelf.put(self._block))
            self._block = []

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator:
        yield from self._held
        for at in self._places:
            yield from self._shelf.get(at)
        yield from self._block

    def head(self, count: int) -> list:
        """The first rows, of those in memory."""
        return self._held[:count]

    def below(self, at: int) -> "Below":
        return Below(self, at)


class Below:
    """The rows from place `at` on."""

    def __init__(self, rows: Spool, at: int):
        self._rows, self._at = rows, at

    def __len__(self) -> int:
        return max(len(self._rows) - self._at, 0)

    def __iter__(self) -> Iterator:
        return islice(iter(self._rows), self._at, None)

    def below(self, at: int) -> "Below":
        return Below(self._rows, self._at + at)


class Without:
    """Rows but for those with these numbers."""

    def __init__(self, rows: "Below | Without", numbers: frozenset[int]):
        self._rows, self._numbers = rows, numbers

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator:
        return (row for row in self._rows if row[0] not in self._numbers)

    def below(self, at: int) -> "Without":
        """From place `at` of all rows on."""
        return Without(self._rows.below(at), self._numbers)


class Parts:
    """Rows sorted into so many parts, each read once. Of all parts together few rows are in memory."""

    def __init__(self, count: int, shelf: Shelf):
        self._shelf, self._waiting = shelf, 0
        self._rows: list[list] = [[] for _ in range(count)]
        self._places: list[list[int]] = [[] for _ in range(count)]

    def add(self, part: int, row) -> None:
        self._rows[part].append(row)
        self._waiting += 1
        if self._waiting > HELD:
            self._empty()

    def take(self, part: int) -> list:
        found = [row for at in self._places[part] for row in self._shelf.get(at)]
        found += self._rows[part]
        self._rows[part] = []
        return found

    def _empty(self) -> None:
        for part, rows in enumerate(self._rows):
            if rows:
                self._places[part].append(self._shelf.put(rows))
                self._rows[part] = []
        self._waiting = 0


def spooled(rows: Iterable, shelf: Shelf) -> Spool:
    spool = Spool(shelf)
    for row in rows:
        spool.add(row)
    return spool
