"""How often a password may be tried: by name and address together, so that nobody locks a colleague out.

Wrong passwords are counted in the cache that all web processes share, under digests. What is under way is no failure:
attempts for one name from one address are answered one after the other.
"""

import hashlib
import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from django.core.cache import cache
from django.db import connection, transaction

MINUTE, DAY = 60, 24 * 3600
# So many wrong passwords in a row cost no wait; then it doubles with each, from a minute to an hour.
FREE, LONGEST = 4, 60 * MINUTE
# Who tries many names: so many wrong passwords from one address for names that never signed in from there.
STRANGE, WINDOW = 200, 15 * MINUTE
# A name that has signed in from an address is at home there for so long.
AT_HOME = 90 * DAY


def wait_after(failures: int) -> int:
    """Seconds from the last of so many wrong passwords in a row to the next attempt."""
    return min(MINUTE * 2 ** (failures - FREE - 1), LONGEST) if failures > FREE else 0


def place_of(address: str) -> str:
    """The address as it is counted: of IPv6 the network, of which one person has a whole one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False))


class Attempts:
    """Of one name, as somebody types it, at one address."""

    def __init__(self, name: str, address: str) -> None:
        place = place_of(address)
        self.pair = _digest(place, name.strip().casefold())
        self.place = _digest(place)

    @contextmanager
    def one_by_one(self) -> Iterator[None]:
        with transaction.atomic():
            _hold(self.pair)
            yield

    def wait(self) -> int:
        """Seconds until the next attempt is looked at; 0: now."""
        failures, at = cache.get(f"wrong:{self.pair}", (0, 0))
        until = at + wait_after(failures)
        if not self._is_at_home():
            strange, since = cache.get(f"strange:{self.place}", (0, 0))
            until = max(until, since + WINDOW if strange >= STRANGE else 0)
        return max(0, ceil(until - time.time()))

    def failed(self) -> None:
        failures, _ = cache.get(f"wrong:{self.pair}", (0, 0))
        cache.set(f"wrong:{self.pair}", (failures + 1, time.time()), DAY)
        if not self._is_at_home():
            self._failed_strange()

    def succeeded(self) -> None:
        cache.delete(f"wrong:{self.pair}")
        cache.set(f"home:{self.pair}", True, AT_HOME)

    def _is_at_home(self) -> bool:
        return cache.get(f"home:{self.pair}", False)

    def _failed_strange(self) -> None:
        _hold(self.place)
        now = time.time()
        count, since = cache.get(f"strange:{self.place}", (0, now))
        if now >= since + WINDOW:
            count, since = 0, now
        cache.set(f"strange:{self.place}", (count + 1, since), WINDOW)


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _hold(digest: str) -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])
