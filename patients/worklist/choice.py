"""What filters and search ask of the rows of one clinic: bits of their strata, their hints, and the rows themselves."""

from dataclasses import dataclass
from datetime import date

from interpretation.urgency import LEVELS
from patients.models.strata import FLAGS, GRADE, LETTERS, URGENCY, hint_of_diagnosis, hint_of_word

from .folding import words
from .places import PLACES
from .state import NEW, WorklistState

# The filters that are a bit of the stratum, by their names in the state.
IN_STRATUM = ("review", "causes", "anticoagulant", "concern", "left_out")
# From so many letters on.
TELLING = 3


@dataclass(frozen=True)
class Asked:
    """A condition on the row `a`; `column` is what it is about. `hinted`: the hints alone answer it."""

    column: str
    sql: str
    values: tuple
    hinted: bool = False


@dataclass(frozen=True)
class RowChoice:
    """The rows of a clinic where `stratum & mask = want`, with these hints, that hold what is asked."""

    clinic: int
    mask: int = 0
    want: int = 0
    hints: int = 0
    asked: tuple[Asked, ...] = ()
    # A word is searched for of which few words begin so.
    telling: bool = False

    @property
    def unhinted(self) -> tuple[Asked, ...]:
        """What only a look at the row itself answers."""
        return tuple(one for one in self.asked if not one.hinted)

    def asks(self, column: str) -> bool:
        return any(one.column == column for one in self.asked)


def choice_of(state: WorklistState, clinic: int, today: date) -> RowChoice:
    """A search needs a word (`words`); what is due is so by the clinic's own date."""
    mask, want = _bits(state)
    found = words(state.q)
    hints = hint_of_diagnosis(state.dx) if state.dx else 0
    for word in found:
        hints |= hint_of_word(word)
    asked = (*_searched(found, state.dx), *_of_the_day(state, today))
    return RowChoice(clinic, mask, want, hints, asked, any(map(_tells, found)))


def _tells(word: str) -> bool:
    return len(word) >= TELLING or word[0] not in LETTERS


def _bits(state: WorklistState) -> tuple[int, int]:
    """Which bits of a stratum are asked, and what they are to be."""
    mask = want = 0
    ranks = ((URGENCY, state.urgency, LEVELS), (GRADE, state.grade, PLACES))
    for (place, size), said, known in ranks:
        if said:
            mask |= (1 << size) - 1 << place
            want |= known.index(said) << place
    flags = {"new": state.show == NEW} | {name: getattr(state, name) for name in IN_STRATUM}
    bits = sum(1 << FLAGS[name][0] for name, on in flags.items() if on)
    return mask | bits, want | bits


def _searched(found: list[str], dx: str) -> list[Asked]:
    asked = []
    if found:
        prefixes = " & ".join(f"'{word}':*" for word in found)
        letters = all(len(word) == 1 and word in LETTERS for word in found)
        sql = "a.search @@ to_tsquery('simple', %s)"
        asked.append(Asked("search", sql, (prefixes,), hinted=letters))
    if dx:
        asked.append(Asked("diagnoses", "a.diagnoses @> ARRAY[%s]::varchar(32)[]", (dx,), hinted=True))
    return asked


def _of_the_day(state: WorklistState, today: date) -> list[Asked]:
    asked = []
    if state.mine:
        # Nobody has the number 0.
        asked.append(Asked("contact_owner_id", "a.contact_owner_id = %s", (state.me or 0,)))
    if state.overdue:
        asked.append(Asked("first_overdue_on", "a.first_overdue_on <= %s", (today,)))
    if state.contact:
        asked.append(Asked("contact_on", "a.contact_on <= %s", (today,)))
    if state.left_out:
        sql = "(a.left_out_until IS NULL OR a.left_out_until >= %s)"
        asked.append(Asked("left_out_until", sql, (today,)))
    return asked
