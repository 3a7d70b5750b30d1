"""What is kept, for how long, and in how much memory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from patients.imprints.memory import OVERHEAD, Imprints

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Made:
    """Gives one text after the other, each good for an hour."""

    def __init__(self, at: datetime = NOW) -> None:
        self.count, self.at = 0, at

    def __call__(self) -> tuple[str, datetime]:
        self.count += 1
        return f"text {self.count}", self.at + HOUR


def test_it_is_made_once_until_its_end():
    memory, made = Imprints(10_000), Made()
    said = [memory.get(("a",), NOW + wait, made) for wait in (HOUR * 0, HOUR / 2, HOUR, HOUR)]
    # What was made at the end of the first holds no longer itself: each is made anew.
    assert said == ["text 1", "text 1", "text 2", "text 3"]


def test_a_clock_that_was_put_back_shows_nothing_from_ahead():
    memory, made = Imprints(10_000), Made()
    memory.get(("a",), NOW, made)
    assert memory.get(("a",), NOW - HOUR, made) == "text 2"


def test_another_key_is_another_text():
    memory, made = Imprints(10_000), Made()
    assert {memory.get((key,), NOW, made) for key in "abca"} == {"text 1", "text 2", "text 3"}


def test_memory_has_an_end_and_the_one_not_asked_for_goes_first():
    memory, made = Imprints(3 * OVERHEAD + 100), Made()
    for key in "abcad":
        memory.get((key,), NOW, made)
        assert memory.size <= 3 * OVERHEAD + 100
    assert len(memory) == 3
    # b was asked for the longest time ago.
    assert [memory.get((key,), NOW, made) for key in "acd"] == ["text 1", "text 3", "text 4"]


def test_what_is_larger_than_all_memory_is_not_kept():
    memory = Imprints(OVERHEAD + 50)
    large = "".join(map(str, range(5000)))
    assert memory.get(("a",), NOW, lambda: (large, NOW + HOUR)) == large
    assert (len(memory), memory.size) == (0, 0)


def test_no_memory_keeps_nothing():
    memory, made = Imprints(0), Made()
    assert [memory.get(("a",), NOW, made) for _ in range(2)] == ["text 1", "text 2"]


def test_threads_get_their_own_and_leave_its_size_right():
    memory = Imprints(6 * OVERHEAD)

    def ask(number: int) -> bool:
        said = str(number % 9)
        return memory.get((said,), NOW, lambda: (said, NOW + HOUR)) == said

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(5000)))
    assert memory.size == sum(one.size for one in memory._kept.values()) <= 6 * OVERHEAD
