"""What one input may cost: seconds of this process, seconds by the wall, memory above what was there."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CPU_SECONDS, WALL_SECONDS, MEMORY_MB = 10, 120, 512


class TooSlow(BaseException):
    """No reader may swallow it, as it would an error."""


@contextmanager
def limited_memory() -> Iterator[None]:
    """More than MEMORY_MB above what the process has now is a MemoryError; a process that it starts, too."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY_MB * 1024 * 1024, before[1])
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def limited_time(cpu: float = CPU_SECONDS, wall: float = WALL_SECONDS) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise TooSlow(f"longer than {cpu} s of CPU or {wall} s by the wall")

    clocks = ((signal.SIGPROF, signal.ITIMER_PROF, cpu), (signal.SIGALRM, signal.ITIMER_REAL, wall))
    before = [signal.signal(number, stop) for number, _, _ in clocks]
    try:
        for _, timer, seconds in clocks:
            signal.setitimer(timer, seconds)
        yield
    finally:
        for _, timer, _ in clocks:
            signal.setitimer(timer, 0)
        for (number, _, _), handler in zip(clocks, before, strict=True):
            signal.signal(number, handler)
