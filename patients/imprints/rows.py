"""Imprints of the rows of the worklist: whoever is told the same, by the same columns, has the same row."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Clinic
from interpretation import knowledge
from patients.models import Assessment
from patients.plugins import Shown
from patients.presenters.worklist.rows import row

from .memory import MEMORY, Key, Made
from .until import DAY, next_step

# The moments of a step; the others of its values are words.
MOMENTS = ("soon", "from", "due", "over", "awaited")


@dataclass(frozen=True)
class ListShown:
    """What of the list itself its rows tell: of more than one clinic, of those to be contacted."""

    several: bool
    contact: bool


def row_of(
    found: Assessment, clinic: Clinic, now: datetime, cells: Sequence[Shown], shown: ListShown
) -> SafeString:
    """One line of the list, its cells included. `found` as `patients.worklist.page` gives it."""

    def make() -> Made:
        context = {"row": row(found, clinic, now, cells), "several": shown.several, "state": shown}
        return render_to_string("patients/_worklist_row.html", context), min(_ends(found, clinic, now))

    return mark_safe(MEMORY.get(_key(found, clinic, cells, shown), now, make))


def _key(found: Assessment, clinic: Clinic, cells: Sequence[Shown], shown: ListShown) -> Key:
    """All that is told of it: nothing has to say whether that has changed."""
    told = [value for name, value in vars(found).items() if name != "_state"]
    person = [value for name, value in vars(found.patient).items() if name != "_state"]
    told += [person, str(found.contact_owner or ""), clinic.name, clinic.time_zone, cells]
    return ("row", hashlib.blake2b(repr(told).encode(), digest_size=16).digest(), shown, knowledge.VERSION)


def _ends(found: Assessment, clinic: Clinic, now: datetime) -> Iterator[datetime]:
    """After `now`: midnight of the clinic, when the summary no longer holds, when a step is told otherwise."""
    yield datetime.combine(now.astimezone(clinic.zone).date() + DAY, time(), tzinfo=clinic.zone)
    if found.valid_until and found.valid_until > now:
        yield found.valid_until
    for step in found.next_steps:
        for value in (step.get(name) for name in MOMENTS):
            if value and "T" in value:
                yield next_step(now, datetime.fromisoformat(value))
