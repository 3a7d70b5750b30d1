"""Which notes on the things to do still stand. Pure: rows, the latest draw and the moment are the input."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from interpretation.knowledge import limits
from interpretation.monitoring import Checklist
from patients.models import NotedOrder

# A search for the precipitant belongs to one episode, not to one draw.
TICK_HOLDS = timedelta(days=limits("urgency").read_by(__name__, "new_days").new_days)
AFTER = timedelta(microseconds=1)
# The orders that hold the tests of the checklist.
TESTS = ("repeat", "checklist")
Standing = dict[tuple[str, str], NotedOrder]


def latest_notes() -> ArraySubquery:
    """The latest note of each order, for a query of patients; `notes_of` reads it. Ticks stand on the page alone."""
    fields = {name: name for name in ("order", "item", "said", "until", "at")}
    rows = NotedOrder.objects.filter(patient=OuterRef("pk"), item="").order_by("order", "-at", "-id")
    return ArraySubquery(rows.distinct("order").values_list(JSONObject(**fields)))


def notes_of(found: list[dict[str, str | None]]) -> list[NotedOrder]:
    return [NotedOrder(**one | {name: _moment(one[name]) for name in ("until", "at")}) for one in found]


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def standing_notes(notes: Iterable[NotedOrder], last_draw_at: datetime | None, at: datetime) -> Standing:
    """The latest note of each order and item up to `at`, where it still says something.

    What is asked for is awaited until its date; asked for or done, a draw taken later asks anew. A tick holds
    28 days.
    """
    latest = {(note.order, note.item): note for note in notes if note.at <= at}
    return {key: note for key, note in latest.items() if _stands(note, last_draw_at, at)}


def ends_of(standing: Standing) -> Iterator[datetime]:
    """When each of them ceases to stand."""
    for note in standing.values():
        if note.until:
            yield note.until
        elif note.item:
            yield note.at + TICK_HOLDS + AFTER


def asked_until(standing: Standing, checklist: Checklist | None) -> datetime | None:
    """Until when the tests of the checklist are awaited; None where nobody has asked for them."""
    note = standing.get(("repeat" if checklist and checklist.repeat else "checklist", ""))
    return note.until if note else None


def _stands(note: NotedOrder, last_draw_at: datetime | None, at: datetime) -> bool:
    if note.said == NotedOrder.Said.OPEN:
        return False
    if note.item:
        return at - note.at <= TICK_HOLDS
    if last_draw_at is not None and last_draw_at > note.at:
        return False
    return note.until is None or at < note.until
