"""What to measure next: stored with its dates, so that it stays true as days pass, and read by the clock.

A step is stored as {"tests": names, "soon": from when it is said to be due soon, "from": when it becomes due,
"due": by when, "over": from when it is overdue}, each a day or, where hours count, a moment in ISO 8601, after
which it is overdue. "due" is None for what was never done; a repeat has no "soon": it is always said. "awaited": until
then somebody has asked for it. What is to do beside tests is stored as {"ask": words, "when": "now", "today" or
"dated"}, a review that presses with "state": "now".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from interpretation.knowledge import load
from interpretation.monitoring import PAIRED, Checklist, Item, Repeat
from interpretation.monitoring.due import due_changes
from interpretation.orders import OrderDue
from interpretation.words import day_of_month, hour, lower_first
from patients.follow_up.noted import TESTS
from patients.words import short_day, short_span

load("urgency").read_by(__name__, "level")

# Longer lists are cut: the page has the rest.
NAMED = 3
CORE = 8
# The most pressing first.
STATES = ("now", "overdue", "due", "soon", "never", "awaited", "fine")
DAY = timedelta(days=1)
# Orders that the summary tells otherwise; and a drug, whose conditions have no room in a row.
TOLD = ("anticoagulant", "vitamin_k", "vitamin_k_for", *TESTS)
REVIEWS = ("review", "review_pattern")


@dataclass(frozen=True)
class NextStep:
    """One line: `state` is one of STATES, `when` "Overdue 6 h", "By 9 Dec" or "", `tests` "ALT, AST, INR".

    `is_today`: to be done today, and not late.
    """

    state: str
    when: str
    tests: str
    is_today: bool = False


# --- to store ---


def steps_of(checklist: Checklist | None, awaited: datetime | None = None) -> list[dict[str, Any]]:
    """One step a due date of the core tests; of those never done one, where the checklist asks for them.

    `awaited`: until then they are asked for, all in one sample.
    """
    if checklist is None or checklist.paused:
        return []
    found: dict[tuple[date | None, bool], list[Item]] = {}
    for item in checklist.items:
        if item.due_on is not None or checklist.advanced:
            found.setdefault((item.due_on, _is_repeated(item, checklist.repeat)), []).append(item)
    asked = {"awaited": awaited.isoformat()} if awaited else {}
    return [
        {"tests": [item.name for item in items], **_dates(items[0], repeated, checklist), **asked}
        for (_, repeated), items in found.items()
    ]


def _is_repeated(item: Item, repeat: Repeat | None) -> bool:
    return repeat is not None and item.key in PAIRED and item.due_on == repeat.due_at.date()


def _dates(item: Item, repeated: bool, checklist: Checklist) -> dict[str, str | None]:
    if repeated and checklist.repeat:
        return _of_repeat(checklist.repeat)
    if item.last_on is None:
        return {"due": None}
    soon, due, over, _ = due_changes(item.last_on, checklist.interval_months)
    return {"soon": str(soon), "from": str(due), "due": str(due), "over": str(over)}


def _of_repeat(repeat: Repeat) -> dict[str, str | None]:
    start, end = repeat.from_at, repeat.due_at
    if repeat.in_hours:
        return {"from": start.isoformat(), "due": end.isoformat(), "over": end.isoformat()}
    return {"from": str(start.date()), "due": str(end.date()), "over": str(end.date() + DAY)}


def asks_of(given: Iterable[OrderDue], level: str) -> list[dict[str, Any]]:
    """What else the page asks for at this urgency; a column of the summary says the anticoagulant."""
    return [_ask(one, level) for one in given if _is_told(one)]


def _is_told(order: OrderDue) -> bool:
    """Of a review that does not press the time stands beside the grade, of tests for a cause that it is open."""
    whens = {"tests": ("today",)} | dict.fromkeys(REVIEWS, ("now", "today"))
    return order.key not in TOLD and order.when in whens.get(order.key, ("today", "dated"))


def _ask(order: OrderDue, level: str) -> dict[str, Any]:
    if order.key in REVIEWS:
        return {"ask": load("urgency")["level"][level]["short"], "when": order.when, "state": "now"}
    # The page has the day since when a drug is taken: a row has no room for it.
    return {"ask": order.text.partition(" since ")[0], "when": order.when}


# --- to read ---


def steps_at(stored: list[dict[str, Any]], now: datetime) -> list[NextStep]:
    """The steps as they stand now, in the clinic's own time, the most pressing first."""
    return sorted((_step(one, now) for one in stored), key=lambda step: STATES.index(step.state))


def _step(stored: dict[str, Any], now: datetime) -> NextStep:
    if "ask" in stored:
        today = stored["when"] == "today"
        if "state" in stored:
            return NextStep(stored["state"], "", stored["ask"], today)
        return NextStep("due" if today else "soon", "Today" if today else "Soon", stored["ask"], today)
    step = _due_step({name: value for name, value in stored.items() if name != "awaited"}, now)
    until = _read(stored["awaited"], now) if "awaited" in stored else now
    if step.state == "fine" or until <= now:
        return step
    return NextStep("awaited", f"Awaited until {short_day(until, now)}", step.tests)


def _due_step(stored: dict[str, Any], now: datetime) -> NextStep:
    tests = _named(stored["tests"])
    if stored["due"] is None:
        return NextStep("never", "Never done", tests)
    times = {name: _read(value, now) for name, value in stored.items() if name != "tests"}
    clock = now if isinstance(times["due"], datetime) else now.date()
    state = _state(times, clock)
    when = {
        "overdue": _late,
        "due": _by,
        "soon": _between,
        "fine": lambda times, clock: f"Next {short_day(times['due'], clock)}",
    }[state]
    due = times["due"]
    day = due.date() if isinstance(due, datetime) else due
    return NextStep(state, when(times, clock), tests, day == now.date() and state != "overdue")


def _read(value: str, now: datetime) -> date | datetime:
    return datetime.fromisoformat(value).astimezone(now.tzinfo) if "T" in value else date.fromisoformat(value)


def _state(times: dict, clock: date | datetime) -> str:
    is_timed = isinstance(clock, datetime)
    if clock > times["over"] if is_timed else clock >= times["over"]:
        return "overdue"
    if clock >= times["from"]:
        return "due"
    return "soon" if clock >= times.get("soon", clock) else "fine"


def _late(times: dict, clock: date | datetime) -> str:
    late = clock - times["due"]
    in_days = not isinstance(clock, datetime) and late.days < 120
    return f"Overdue {late.days} d" if in_days else f"Overdue {short_span(late)}"


def _by(times: dict, clock: date | datetime) -> str:
    due = times["due"]
    if not isinstance(clock, datetime):
        return _by_day(times, clock)
    return f"By {hour(due)}" if due.date() == clock.date() else f"By {day_of_month(due)}, {hour(due)}"


def _by_day(times: dict, today: date) -> str:
    """After its date come days of grace, in which it is not overdue."""
    due = times["due"]
    if due == today:
        return "Today"
    return f"By {short_day(due, today)}" if due > today else f"Due since {short_day(due, today)}"


def _between(times: dict, clock: date | datetime) -> str:
    start, due = times["from"], times["due"]
    if isinstance(clock, datetime) or start == due:
        return _by(times, clock)
    first = str(start.day) if (start.year, start.month) == (due.year, due.month) else day_of_month(start)
    return f"{first} to {short_day(due, clock)}"


def _named(tests: list[str]) -> str:
    if len(tests) == CORE:
        return f"all {CORE} tests"
    names = [name if name.isupper() else lower_first(name) for name in tests]
    more = len(names) - NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more} more"
