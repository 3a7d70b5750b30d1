"""Who changed whose role, in words."""

from dataclasses import dataclass
from datetime import datetime

from .models import Clinic, MembershipHistory, Role, User

WORDS = {
    "insert": "{who} joined as {role}",
    "update": "{who} is now {role}",
    "delete": "{who} left (was {role})",
}
SYSTEM = "the system"


@dataclass(frozen=True)
class RoleChange:
    at: datetime
    clinic: Clinic
    sentence: str
    by: str


def recent_changes(clinics: list[Clinic], limit: int = 20) -> list[RoleChange]:
    rows = MembershipHistory.objects.filter(clinic__in=clinics).select_related(
        "user", "clinic", "pgh_context"
    )
    rows = list(rows.order_by("-pgh_id")[:limit])
    names = _names(rows)
    return [
        RoleChange(row.pgh_created_at, row.clinic, _sentence(row), names.get(_changed_by(row), SYSTEM))
        for row in rows
    ]


def _sentence(row) -> str:
    return WORDS[row.pgh_label].format(who=row.user, role=Role(row.role).label.lower())


def _changed_by(row) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def _names(rows) -> dict[int, str]:
    people = {_changed_by(row) for row in rows} - {None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
