"""Waiting for what must come: on a condition, and for so long that only what never comes fails a test."""

import time
from collections.abc import Callable

# Seconds. No test that passes waits them out, however slow the machine is.
PATIENCE = 300


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
