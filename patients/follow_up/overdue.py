"""From which day on each test of the checklist is overdue: dates, so that they stay true as days pass."""

from collections.abc import Iterator
from datetime import date, timedelta

from interpretation.knowledge import load
from interpretation.monitoring import PAIRED, Checklist, Item
from patients.worklist import NEVER

load("monitoring").read_by(__name__, "timing")


def overdue_days(checklist: Checklist) -> Iterator[date]:
    """The first day on which each core item is overdue; NEVER for one never done. [clinical.md 8.3]

    A missing result never means a normal one, so in advanced disease an item that was never done stands
    beside those overdue. In anyone else the checklist is an offer, and what was never asked for is not late.
    """
    if checklist is None or checklist.paused:
        return
    for item in checklist.items:
        if item.due_on is None and checklist.advanced:
            yield NEVER
        elif item.due_on is not None:
            yield _overdue_from(item, checklist)


def _overdue_from(item: Item, checklist: Checklist) -> date:
    repeat = checklist.repeat
    if repeat is None or item.key not in PAIRED or item.due_on != repeat.due_at.date():
        return item.due_on + timedelta(days=_grace(checklist.interval_months) + 1)
    if timedelta(0) < repeat.due_at - repeat.from_at < timedelta(days=2):
        # Due within hours: the worklist counts days, so the nearest midnight stands for the hour.
        return (repeat.due_at + timedelta(hours=12)).date()
    return item.due_on + timedelta(days=1)


def _grace(months: int) -> int:
    return next(row["grace"] for row in load("monitoring")["timing"] if row.get("months") == months)
