"""How many requests the web processes of this machine have answered, and how fast: counted in memory they share.

The first process makes the table before the others part from it (`preload_app`), so that there is one, whatever process
is asked. A process that dies holding the lock loses it: the kernel keeps it.
"""

import fcntl
import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

# Upper bounds in seconds; the last has none.
BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
CLASSES = ("2xx", "3xx", "4xx", "5xx")
# What has no name of its own: Django's admin, files of the pages, and what does not exist or is refused at the door.
ADMIN, STATIC, NONE = "admin", "static", "none"
_ROW = len(CLASSES) + len(BOUNDS) + 1
_NUMBER = 8


class Tally:
    """A row for each name of an address: requests of each class, requests of each bound, seconds in all."""

    def __init__(self, names: list[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        # Unlinked: it goes with the last process.
        self._file, name = tempfile.mkstemp()
        os.unlink(name)
        os.truncate(self._file, max(1, len(names)) * _ROW * _NUMBER)
        self._numbers = memoryview(mmap.mmap(self._file, 0)).cast("d")
        self._threads = threading.Lock()

    def count(self, name: str, status: int, seconds: float) -> None:
        start = self.places.get(name, self.places[NONE]) * _ROW
        bound = next(place for place, bound in enumerate(BOUNDS) if seconds <= bound)
        with self._alone():
            self._numbers[start + min(max(status // 100, 2), 5) - 2] += 1
            self._numbers[start + len(CLASSES) + bound] += 1
            self._numbers[start + _ROW - 1] += seconds

    def rows(self) -> Iterator[tuple[str, list[int], list[int], float]]:
        """Of each name that was asked: requests by class, by bound (each for itself), seconds."""
        with self._alone():
            numbers = list(self._numbers)
        for name, place in self.places.items():
            row = numbers[place * _ROW : (place + 1) * _ROW]
            if any(row):
                counts = [int(number) for number in row[:-1]]
                yield name, counts[: len(CLASSES)], counts[len(CLASSES) :], row[-1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The kernel's lock knows processes only."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


@cache
def shared() -> Tally:
    """Of this process and of all that part from it."""
    return Tally(sorted({*_names(get_resolver(), ""), ADMIN, STATIC, NONE}))


def _names(resolver: URLResolver, namespace: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}"
        elif one.namespace != "admin":
            yield from _names(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)
