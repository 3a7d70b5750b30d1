"""Imprints of the worklist: its rows and its filters, each under all that is told of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Clinic, User
from accounts.permissions import roles_of
from interpretation import knowledge
from patients.models import Assessment
from patients.plugins import cells_of, columns_for
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


def row_of(found: Assessment, clinic: Clinic, now: datetime, user: User, listed: ListShown) -> SafeString:
    """One line of the list, its cells included. `found` as `patients.worklist.page` gives it."""

    def make() -> Made:
        cells = cells_of(columns_for(listed.several), found, user)
        context = {"row": row(found, clinic, now, cells), "several": listed.several, "listed": listed}
        return render_to_string("patients/_worklist_row.html", context), min(_ends(found, clinic, now))

    return mark_safe(MEMORY.get(_key(found, clinic, user, listed), now, make))


def filters_written(context: dict, clinics: list[Clinic], now: datetime) -> SafeString:
    """The chips with their numbers and the form behind them, of the context of the list."""
    state = context["state"]
    told = [context[name] for name in ("groups", "picked", "kept", "several")]
    told += [state.dx, state.clinic, [(clinic.code, clinic.name) for clinic in clinics]]

    def make() -> Made:
        given = {**context, "clinics": clinics}
        return render_to_string("patients/_worklist_filters.html", given), now + DAY

    return mark_safe(MEMORY.get(("filters", _digest(told)), now, make))


def _key(found: Assessment, clinic: Clinic, user: User, listed: ListShown) -> Key:
    """All that is told of it: nothing has to say whether that has changed."""
    told = [value for name, value in vars(found).items() if name != "_state"]
    person = [value for name, value in vars(found.patient).items() if name != "_state"]
    told += [person, str(found.contact_owner or ""), clinic.name, clinic.time_zone]
    return ("row", _digest(told), roles_of(user)[clinic.pk], listed, knowledge.VERSION)


def _digest(told: list) -> bytes:
    return hashlib.blake2b(repr(told).encode(), digest_size=16).digest()


def _ends(found: Assessment, clinic: Clinic, now: datetime) -> Iterator[datetime]:
    """After `now`: midnight of the clinic, when the summary no longer holds, when a step is told otherwise."""
    yield datetime.combine(now.astimezone(clinic.zone).date() + DAY, time(), tzinfo=clinic.zone)
    if found.valid_until and found.valid_until > now:
        yield found.valid_until
    for step in found.next_steps:
        for value in (step.get(name) for name in MOMENTS):
            if value and "T" in value:
                yield next_step(now, datetime.fromisoformat(value))
