"""Which notes on the things to do still stand. Pure: rows, the latest draw and the moment are the input."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from interpretation.knowledge import limits
from patients.models import NotedOrder

# A search for the precipitant belongs to one episode, not to one draw.
TICK_HOLDS = timedelta(days=limits("urgency").read_by(__name__, "new_days").new_days)
Standing = dict[tuple[str, str], NotedOrder]


def standing_notes(notes: Iterable[NotedOrder], last_draw_at: datetime | None, at: datetime) -> Standing:
    """The latest note of each order and item up to `at`, where it still says something.

    What is asked for is awaited until its date; asked for or done, a draw taken later asks anew. A tick holds
    28 days.
    """
    latest = {(note.order, note.item): note for note in notes if note.at <= at}
    return {key: note for key, note in latest.items() if _stands(note, last_draw_at, at)}


def _stands(note: NotedOrder, last_draw_at: datetime | None, at: datetime) -> bool:
    if note.said == NotedOrder.Said.OPEN:
        return False
    if note.item:
        return at - note.at <= TICK_HOLDS
    if last_draw_at is not None and last_draw_at > note.at:
        return False
    return note.until is None or at < note.until
