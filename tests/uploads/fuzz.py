"""Hostile inputs, counted: how many were tried on each reader stands at the end of the tests.

FUZZ_INPUTS=20000 script/test tests/uploads for a long night.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import wraps

from hypothesis import HealthCheck, settings

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100"))
# Name of the test -> inputs tried in this process.
TRIED: Counter[str] = Counter()


def fuzz(test: Callable) -> Callable:
    return fuzz_times(1)(test)


def fuzz_times(times: float) -> Callable:
    """So many times INPUTS: more for what is fast, less for what starts a process each time."""

    def decorate(test: Callable) -> Callable:
        inner = test.hypothesis.inner_test

        @wraps(inner)
        def counted(*args, **kwargs):
            TRIED[test.__name__] += 1
            return inner(*args, **kwargs)

        test.hypothesis.inner_test = counted
        most = max(round(INPUTS * times), 1)
        return settings(max_examples=most, suppress_health_check=[HealthCheck.too_slow])(test)

    return decorate
