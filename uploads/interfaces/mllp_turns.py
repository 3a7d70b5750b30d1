"""Messages of one patient go one after the other, in the order in which they came, over all connections."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# The fields that hold numbers of a person: PID-2 to PID-4 and, of whoever is merged, MRG-1 and MRG-4.
_FIELDS = {"PID": (2, 3, 4), "MRG": (1, 4)}
_LINES = re.compile(r"[\r\n]+")


class Turns:
    """A message waits for all that came before it and name one of its numbers; for no other."""

    def __init__(self) -> None:
        self.last: dict[str, asyncio.Future] = {}

    @asynccontextmanager
    async def of(self, raw: bytes) -> AsyncIterator[None]:
        """Nothing is awaited between looking who is before and standing in line: nobody can slip in."""
        numbers = numbers_in(raw)
        mine = asyncio.get_running_loop().create_future()
        before = {self.last[number] for number in numbers if number in self.last}
        self.last.update(dict.fromkeys(numbers, mine))
        try:
            if before:
                await asyncio.wait(before)
            yield
        finally:
            mine.set_result(None)
            for number in numbers:
                if self.last[number] is mine:
                    del self.last[number]


def numbers_in(raw: bytes) -> frozenset[str]:
    """Each number of a person in a message, without zeros in front; none where it is no message.

    Only to stand in line: what is read in full reads it anew.
    """
    text = raw.decode("latin-1")
    if not text.startswith("MSH") or len(text) < 6:
        return frozenset()
    field, component, repetition = text[3], text[4], text[5]
    found = set()
    for line in _LINES.split(text):
        cells = line.split(field)
        for at in _FIELDS.get(cells[0], ()):
            for one in cells[at].split(repetition) if at < len(cells) else ():
                found.add(one.split(component)[0].strip().lstrip("0"))
    return frozenset(found - {""})
