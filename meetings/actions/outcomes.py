"""What comes of a discussion, saved as it is typed by one or several people."""

from django.utils import timezone

from accounts.models import User
from meetings.models import AgendaItem
from meetings.models.agenda import NOTE_LENGTH
from patients.actions.errors import Refused

from .turns import holding

FIELDS = ("decision", "note")


class Collision(Exception):
    """Somebody else wrote the same field after the writer opened it. Nothing was stored.

    `item` is as it is now, with the other's words; `fields` names what both have changed.
    """

    def __init__(self, item: AgendaItem, fields: list[str]) -> None:
        super().__init__("Somebody else wrote here at the same time.")
        self.item, self.fields = item, fields


def save_outcome(*, item: AgendaItem, by: User, version: int, **fields: str) -> AgendaItem:
    """Stores decision or note, or both. `version` is the one that the writer's page shows.

    Where others have written since, what only they or only this writer changed is kept of each; what both
    changed differently is a Collision, and the writer decides.
    """
    typed = {name: _clean(name, value) for name, value in fields.items()}
    with holding(by=by, meeting=item.meeting) as meeting:
        item.refresh_from_db()
        item.meeting = meeting
        if item.state != AgendaItem.State.TAKEN:
            raise Refused("This patient was dropped from the agenda in the meantime.")
        changed = {name: value for name, value in typed.items() if getattr(item, name) != value}
        if changed and item.version != version:
            changed = _own(item, version, changed)
        if changed:
            for name, value in changed.items():
                setattr(item, name, value)
            item.version += 1
            item.written_by, item.written_at = by, timezone.now()
            item.save(update_fields=[*changed, "version", "written_by", "written_at"])
    return item


def _own(item: AgendaItem, version: int, changed: dict[str, str]) -> dict[str, str]:
    """Of the fields that differ from what is stored, those that the writer changed; nobody else may have."""
    seen = item.history.filter(version=version).order_by("pgh_id").last()
    if seen is None:
        raise Collision(item, list(changed))
    mine = {name: value for name, value in changed.items() if value != getattr(seen, name)}
    if both := [name for name in mine if getattr(item, name) != getattr(seen, name)]:
        raise Collision(item, both)
    return mine


def _clean(name: str, value: str) -> str:
    if name == "note":
        value = value.replace("\r\n", "\n").rstrip()
        if len(value) > NOTE_LENGTH:
            raise Refused(f"The note is longer than {NOTE_LENGTH} characters: shorten it.", "note")
    elif name != "decision" or (value and value not in AgendaItem.Decision):
        raise Refused("Choose one of the decisions.", "decision")
    return value
