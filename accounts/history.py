"""Who changed whose role, and who switched silence, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db.models import QuerySet
from django.utils.formats import date_format

from .looks import LookChoice
from .models import Clinic, ClinicHistory, MembershipHistory, Role, User

WORDS = {
    "insert": "{who} joined as {role}",
    "update": "{who} is now {role}",
    "delete": "{who} left (was {role})",
}
SYSTEM = "the system"


@dataclass(frozen=True)
class RoleChange:
    """`change` is "insert", "update" or "delete"; `by` a name, or SYSTEM."""

    at: datetime
    clinic: Clinic
    who: str
    username: str
    change: str
    role: str
    ends_on: date | None
    by: str

    @property
    def sentence(self) -> str:
        said = WORDS[self.change].format(who=self.who, role=Role(self.role).label.lower())
        if self.ends_on is None or self.change == "delete":
            return said
        return f"{said} until the end of {date_format(self.ends_on, 'j F Y')}"


@dataclass(frozen=True)
class Silencing:
    """One switching of a clinic: silent from then on, or no longer."""

    at: datetime
    silent: bool
    why: str
    by: str


def silencings(clinic: Clinic) -> list[Silencing]:
    """Each switching, the latest first."""
    rows = list(ClinicHistory.objects.filter(pgh_obj=clinic).select_related("pgh_context").order_by("pgh_id"))
    names = _names(rows)
    switched = [
        row
        for before, row in pairwise([None, *rows])
        if row.is_silent != (before.is_silent if before else False)
    ]
    return [
        Silencing(row.pgh_created_at, row.is_silent, row.silent_why, names.get(_changed_by(row), SYSTEM))
        for row in reversed(switched)
    ]


def recent_changes(clinics: list[Clinic], limit: int = 20) -> list[RoleChange]:
    return _in_words(list(_changes(LookChoice(tuple(clinics)))[:limit]))


def all_changes(choice: LookChoice) -> Iterator[RoleChange]:
    """The latest first."""
    yield from _in_words(list(_changes(choice)))


def _changes(choice: LookChoice) -> QuerySet:
    rows = MembershipHistory.objects.filter(clinic__in=choice.clinics)
    if choice.since:
        rows = rows.filter(pgh_created_at__gte=choice.since)
    if choice.until:
        rows = rows.filter(pgh_created_at__lt=choice.until)
    return rows.select_related("user", "clinic", "pgh_context").order_by("-pgh_created_at", "-pgh_id")


def _in_words(rows: list) -> list[RoleChange]:
    names = _names(rows)
    return [
        RoleChange(
            at=row.pgh_created_at,
            clinic=row.clinic,
            who=str(row.user),
            username=row.user.username,
            change=row.pgh_label,
            role=row.role,
            ends_on=row.ends_on,
            by=names.get(_changed_by(row), SYSTEM),
        )
        for row in rows
    ]


def _changed_by(row) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def _names(rows) -> dict[int, str]:
    people = {_changed_by(row) for row in rows} - {None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
