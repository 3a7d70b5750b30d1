"""What the record says for or against one explanation of a raised INR: a sentence with values and dates."""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation.record.measured import MeasuredValue


@dataclass(frozen=True)
class Evidence:
    """One finding, for or against. `code` names it for machines; `draws` are ids in time order."""

    code: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()
    side: str = "for"


def draws_of(values: Iterable[MeasuredValue | None]) -> tuple[str, ...]:
    """Ids of the draws behind these values, each once, in time order."""
    known = sorted((value for value in values if value), key=lambda value: (value.at, value.draw.id))
    return tuple(dict.fromkeys(value.draw.id for value in known))
