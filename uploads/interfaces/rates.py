"""How many requests a sender may make in a minute, over all web processes: one that runs wild holds up nobody else."""

import threading
import time
from collections import Counter

from django.conf import settings
from django.core.cache import cache

from uploads.models import Sender

MINUTE = 60
# Each process tells the others of so many at once: to write for each message would cost as much as the message.
STEP = 10
_own: Counter[str] = Counter()
_lock = threading.Lock()


def wait_of(sender: Sender) -> int:
    """Counts a request; the seconds until the sender may go on, 0: it may now."""
    return wait(f"asked:{sender.pk}", settings.SENDER_RATE)


def wait(who: str, most: int) -> int:
    """The same of whoever may ask so often in a minute."""
    minute, second = divmod(int(time.time()), MINUTE)
    key = f"{who}:{minute}"
    told = cache.get(key, 0)
    if told + _own[key] >= most:
        return MINUTE - second
    _count(key, told)
    return 0


def _count(key: str, told: int) -> None:
    with _lock:
        if key not in _own:
            _forget(key)
        _own[key] += 1
        if _own[key] < STEP:
            return
        own, _own[key] = _own[key], 0
    cache.set(key, told + own, 2 * MINUTE)


def _forget(key: str) -> None:
    """Minutes that are over."""
    for other in [one for one in _own if one.rpartition(":")[2] != key.rpartition(":")[2]]:
        del _own[other]
