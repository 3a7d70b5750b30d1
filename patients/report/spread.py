"""Pure work on every core of this machine: rows are fetched here, read in other processes, and come in their order."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

# So many records keep a process busy for longer than it takes to start.
ENOUGH = 100
# Handed over at a time.
SOME = 10
Given, Found = TypeVar("Given"), TypeVar("Found")


@contextmanager
def spread(
    work: Callable[[Given], Found], count: int
) -> Iterator[Callable[[Iterable[Given]], Iterator[Found]]]:
    """`map` of this work for about so many records. The work must not touch the database."""
    processes = min(os.cpu_count() or 1, count // ENOUGH)
    if processes < 2:
        yield partial(map, work)
        return
    # Forked: settings and knowledge are there already.
    with get_context("fork").Pool(processes) as pool:
        yield partial(pool.imap, work, chunksize=SOME)
