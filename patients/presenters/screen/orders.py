"""What to do now: the orders of the report, with what people noted of them."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.written import Written
from interpretation.orders import OrderDue, asked_items, orders
from patients.follow_up.noted import Standing, asked_until, ends_of, standing_notes
from patients.models import NotedOrder
from patients.report.panel import Panel, in_zone
from patients.words import late, short_day

FIRST = 4
NOTES = Written(lambda pk: NotedOrder.objects.filter(patient=pk).select_related("by"), "by")
# How long what was asked for is awaited, where nothing says when it is due.
AWAITED = timedelta(days=14)
AWAITED_TODAY = timedelta(days=1)
WORDS = {
    "now": "Now",
    "overdue": "Overdue",
    "today": "Today",
    "never": "Never done",
    "dated": "Soon",
    "look": "Look",
}


@dataclass(frozen=True)
class Tick:
    """One item of an order; `note` says who looked for it, None where nobody did."""

    key: str
    text: str
    note: NotedOrder | None


@dataclass(frozen=True)
class OrderLine:
    """`said` and `due` are when, in words; `note` is the one that stands."""

    order: OrderDue
    said: str
    due: str
    note: NotedOrder | None = None
    ticks: tuple[Tick, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Statements alone: there is room for no more, the others stand in the tab of sources."""
        return tuple(id for id in self.order.sources if re.fullmatch(r"S\d+", id))

    @property
    def is_open(self) -> bool:
        return self.note is None and not (self.ticks and all(tick.note for tick in self.ticks))


@dataclass(frozen=True)
class OrdersCard:
    """`first` and `more` are open, the most urgent first; `noted` are awaited or done."""

    first: tuple[OrderLine, ...] = ()
    more: tuple[OrderLine, ...] = ()
    noted: tuple[OrderLine, ...] = ()
    keys: frozenset[str] = field(default_factory=frozenset)
    # Until when the tests of the checklist are awaited, and which by their keys.
    awaited: datetime | None = None
    awaited_items: frozenset[str] = field(default_factory=frozenset)
    # When the notes on them cease to stand.
    notes_end: tuple[datetime, ...] = ()

    @property
    def open(self) -> int:
        return len(self.first) + len(self.more)


def orders_card(panel: Panel, *, left_out: bool = False) -> OrdersCard:
    """One query: the notes of this patient. `left_out` of monitoring: its tests are not asked for."""
    given = orders(panel.case, panel.report, left_out=left_out)
    standing = _standing(panel) if given else {}
    lines = [_line(order, standing, panel.case.as_of) for order in given]
    awaited = asked_until(standing, panel.report.monitoring) if not left_out else None
    open_lines = [line for line in lines if line.is_open]
    return OrdersCard(
        first=tuple(open_lines[:FIRST]),
        more=tuple(open_lines[FIRST:]),
        noted=tuple(line for line in lines if not line.is_open),
        keys=frozenset(line.order.key for line in lines),
        awaited=awaited,
        awaited_items=asked_items(panel.report.monitoring) if awaited else frozenset(),
        notes_end=tuple(ends_of(standing)),
    )


def awaited_until(order: OrderDue, now: datetime) -> datetime:
    """Until when an order that was asked for is not asked again."""
    if order.when in ("now", "overdue", "today"):
        return now + AWAITED_TODAY
    if isinstance(order.due_at, datetime):
        return order.due_at if order.due_at > now else now + AWAITED
    if order.due_at and order.due_at > now.date():
        # To the end of its day.
        return datetime.combine(order.due_at, time(23, 59), tzinfo=now.tzinfo)
    return now + AWAITED


def _standing(panel: Panel) -> Standing:
    zone = panel.patient.clinic.zone
    last = max((draw.taken_at for draw in panel.case.draws), default=None)
    found = standing_notes(NOTES.rows(panel.patient.pk), last, panel.as_of)
    for note in found.values():
        note.at = in_zone(note.at, zone)
        note.until = note.until and in_zone(note.until, zone)
    return found


def _line(order: OrderDue, standing: Standing, now: datetime) -> OrderLine:
    ticks = tuple(Tick(key, text, standing.get((order.key, key))) for key, text in order.items)
    return OrderLine(order, WORDS[order.when], _due(order, now), standing.get((order.key, "")), ticks)


def _due(order: OrderDue, now: datetime) -> str:
    """ "6 h" late, "by 19:05", "by 8 Dec"."""
    due_at = order.due_at
    if due_at is None:
        return ""
    if order.when == "overdue":
        return late(due_at, now)
    if _day(due_at) == now.date():
        return f"by {due_at:%H:%M}" if isinstance(due_at, datetime) else ""
    # After its date come days of grace, in which it is not overdue.
    return f"{'by' if _day(due_at) > now.date() else 'since'} {short_day(due_at, now)}"


def _day(at: date) -> date:
    return at.date() if isinstance(at, datetime) else at
