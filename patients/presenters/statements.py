"""The sentences of a report by the section of the page that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation.orders import covered
from interpretation.record.records import Statement


@dataclass(frozen=True)
class Folded:
    """The first of them, and those that open on demand."""

    first: tuple[Statement, ...] = ()
    more: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class StatementsCard:
    """A field is a section of that name; a sentence of any other section stands elsewhere."""

    scenario: tuple[Statement, ...]
    meaning: Folded
    corroboration: tuple[Statement, ...]
    prognosis: tuple[Statement, ...]
    mechanism: tuple[Statement, ...]
    other_causes: Folded
    now: tuple[Statement, ...]
    caveats: Folded


def statements_card(statements: Iterable[Statement]) -> StatementsCard:
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.section, []).append(statement)
    # What this patient's own draws say stands before what is true of everyone.
    meaning = sorted(found.get("meaning", ()), key=lambda statement: not statement.draws)
    plain = ("scenario", "corroboration", "prognosis", "mechanism", "now")
    return StatementsCard(
        **{section: tuple(found.get(section, ())) for section in plain},
        meaning=_folded(meaning, 3),
        other_causes=_folded(found.get("other_causes", []), 1),
        caveats=_folded(found.get("caveats", []), 3),
    )


def _folded(statements: list[Statement], first: int) -> Folded:
    return Folded(tuple(statements[:first]), tuple(statements[first:]))


def kept_in_mind(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """What is to be done and is no order: how to read, look for and repeat."""
    return tuple(one for one in statements if one.section == "now" and one.id not in covered())
