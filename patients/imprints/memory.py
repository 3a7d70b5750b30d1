"""Where imprints are kept: compressed, in so much memory, the one not asked for the longest goes first."""

import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.conf import settings

MEGABYTE = 1_000_000
# Of what holds a small one together; little beside a page.
OVERHEAD = 1000
# Fast; the next levels cost twice as much for a tenth less.
LEVEL = 1
Key = tuple[Hashable, ...]
# The text, and the moment from which on it would read otherwise.
Made = tuple[str, datetime]


@dataclass(frozen=True)
class Imprint:
    packed: bytes
    made: datetime
    until: datetime

    @property
    def size(self) -> int:
        return len(self.packed) + OVERHEAD

    def holds(self, now: datetime) -> bool:
        """Not before it was made either: a clock can be put back."""
        return self.made <= now < self.until


class Imprints:
    """For all threads of this process. What is no longer asked for needs nobody to throw it away."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[Key, Imprint] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, now: datetime, make: Callable[[], Made]) -> str:
        """As kept under `key`, else made now. Two threads may both make it: neither waits for the other."""
        found = self._found(key)
        if found and found.holds(now):
            return zlib.decompress(found.packed).decode()
        text, until = make()
        self._keep(key, Imprint(zlib.compress(text.encode(), LEVEL), now, until))
        return text

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.size = 0

    def _found(self, key: Key) -> Imprint | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Key, imprint: Imprint) -> None:
        with self._lock:
            if before := self._kept.pop(key, None):
                self.size -= before.size
            self._kept[key] = imprint
            self.size += imprint.size
            while self.size > self._room:
                self.size -= self._kept.popitem(last=False)[1].size


# Whoever works on the templates sees each change of them.
MEMORY = Imprints(0 if settings.DEBUG else settings.IMPRINT_MB * MEGABYTE)
