"""Which function searches the record for which cause: each registers itself under its key of causes.toml."""

from collections.abc import Callable, Iterator

from interpretation.causes.recorded import Recorded
from interpretation.evidence import Evidence

Facts = Callable[[Recorded], Iterator[Evidence]]

FACTS: dict[str, Facts] = {}


def facts(key: str) -> Callable[[Facts], Facts]:
    """Registers what speaks for and against the cause of this key; two functions of one key are an error."""

    def register(search: Facts) -> Facts:
        if key in FACTS:
            raise ValueError(f"cause {key!r} has facts already, in {FACTS[key].__module__}")
        FACTS[key] = search
        return search

    return register
