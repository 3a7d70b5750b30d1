"""When a test is due and how late it is, from the day it was last done. Product defaults [ED]."""

import calendar
from datetime import date, timedelta
from functools import cache

from interpretation.knowledge import load

load("monitoring").read_by(__name__, "timing")

# From best to worst. "paused" stands apart: nothing is due.
STATES = ("up_to_date", "due_soon", "due", "overdue", "long_overdue", "never_done")
PAUSED = "paused"
SHORTEST_MONTH = 28
# Of a limit whose last moment still counts, the first one beyond it.
JUST_AFTER = timedelta.resolution


def worst(states: list[str]) -> str:
    return max(states, key=STATES.index)


def due_state(today: date, last_on: date | None, months: int | None = None, days: int | None = None) -> str:
    """The state of a test last done on `last_on`, by an interval in calendar months or in days. [ED]"""
    if last_on is None:
        return "never_done"
    return STATES[sum(day <= today for day in due_changes(last_on, months, days))]


def due_changes(last_on: date, months: int | None = None, days: int | None = None) -> tuple[date, ...]:
    """The days on which its state becomes due soon, due, overdue and long overdue."""
    soon, grace = _timing(months, days)
    due_on = add_months(last_on, months) if months else last_on + timedelta(days=days or 0)
    late_on = due_on + timedelta(days=grace + 1)
    long_on = _long_after(last_on, due_on, months) + timedelta(days=1)
    return due_on - timedelta(days=soon), due_on, late_on, max(late_on, long_on)


@cache
def _timing(months: int | None, days: int | None) -> tuple[int, int]:
    for row in load("monitoring")["timing"]:
        if row.get("months") == months and row.get("days") == days:
            return row["soon"], row["grace"]
    raise ValueError(f"monitoring.toml: no timing for {months} months, {days} days")


def _long_after(last_on: date, due_on: date, months: int | None) -> date:
    """Half an interval after the due date: in calendar months where that is whole, else in whole days."""
    if months and months % 2 == 0:
        return add_months(due_on, months // 2)
    return due_on + timedelta(days=(due_on - last_on).days // 2)


def add_months(day: date, months: int) -> date:
    """Calendar months later; the last day of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
