"""What was changed of a clinic: by whom, when, and what it was before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.conf import settings

from accounts.models import Clinic, User

LABELS = {
    "name": "Name",
    "time_zone": "Time zone",
    "display_units": "Units",
    "chart_scale": "Charts",
    "notice_hours": "Hours of notices",
    "second_factor": "Second factor",
    "new_patients_from_files": "Files may add patients",
    "notice_email": "Told of notices",
}
# The latest that are shown.
MOST = 30
SYSTEM = "the system"


@dataclass(frozen=True)
class SettingChange:
    at: datetime
    by: str
    label: str
    was: str
    now: str


def changes_of(clinic: Clinic) -> list[SettingChange]:
    """The latest first."""
    rows = list(clinic.history.select_related("pgh_context").order_by("-pgh_id")[: MOST + 1])
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={_by(row) for row in rows} - {None})}
    return [
        change
        for later, earlier in pairwise(rows)
        for change in _between(earlier, later, names.get(_by(later), SYSTEM))
    ]


def _between(earlier: object, later: object, by: str) -> Iterator[SettingChange]:
    for name, label in LABELS.items():
        was, now = getattr(earlier, name), getattr(later, name)
        if was != now:
            yield SettingChange(later.pgh_created_at, by, label, _word(name, was), _word(name, now))


def _word(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "notice_hours" and value is None:
        return f"as the installation says, {settings.NOTICE_HOURS}"
    choices = dict(Clinic._meta.get_field(name).flatchoices)
    return str(choices.get(value, value)) or "nobody"


def _by(row: object) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context else None
