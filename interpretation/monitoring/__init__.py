"""The monitoring checklist: which test was last done when, when it is due, and what a dissociation changes.

Numbers and words are in `monitoring.toml` (due states, windows and rules are defaults of this product, [ED];
the eight items are S17). Days are calendar days in the clinic's own time: a draw's date is `taken_at.date()`
in its own zone and today is `case.as_of.date()`. A panel is as good as its worst item, and a test that was
never done is worse than any that is late: missing never means normal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from interpretation.knowledge import limits, load
from interpretation.monitoring.due import PAUSED, add_months, due_changes, due_state, worst
from interpretation.monitoring.known import ADVANCED, KnownTests, known_at
from interpretation.monitoring.repeat import PAIRED, Repeat, due_by, repeat_for
from interpretation.record.records import Case, Draw
from interpretation.words import ago_or_in, beside_now, counted, day

LIMITS = limits("monitoring").read_by(__name__, "core_interval complete_within")
load("monitoring").read_by(__name__, "item with_cirrhosis reminder")


@dataclass
class Item:
    """One test. `days` is due date minus today: below zero it is past due, None when nothing is due."""

    key: str
    name: str
    last_on: date | None
    last_draw: str | None
    due_on: date | None
    state: str
    days: int | None
    words: str
    sources: tuple[str, ...]


@dataclass
class Reminder:
    """Something that is followed outside this record, so without a date."""

    key: str
    name: str
    interval: str
    who: str
    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
    """`state` is that of the worst of the eight core items; `optional` items do not change it."""

    items: tuple[Item, ...]
    optional: tuple[Item, ...]
    reminders: tuple[Reminder, ...]
    state: str
    complete: str
    is_complete: bool
    interval_months: int
    who: str
    advanced: bool
    schedule: str
    paused: str
    repeat: Repeat | None
    sources: tuple[str, ...]
    # When time alone changes the state of an item or of the repeat; None where nothing is due.
    changes_at: datetime | None = None


def checklist(case: Case, level: str = "routine", acute: bool = False) -> Checklist:
    """The checklist as of `case.as_of`, with the level of urgency and whether the course is acute."""
    known = known_at(case)
    data = load("monitoring")
    months = int(LIMITS.core_interval)
    paused = _paused(case)
    repeat = None if paused else repeat_for(known, level, acute)
    core = [_item(key, row, known, months, repeat, paused) for key, row in data["item"].items()]
    optional = data["with_cirrhosis"] if "cirrhosis" in known.diagnoses else {}
    others = [_item(key, row, known, months, None, paused) for key, row in optional.items()]
    complete, is_complete = _completeness(core)
    return Checklist(
        items=tuple(core),
        optional=tuple(others),
        reminders=() if paused else tuple(_reminders(known)),
        state=PAUSED if paused else worst([item.state for item in core]),
        complete=complete,
        is_complete=is_complete,
        interval_months=months,
        who=_who(known),
        advanced=_is_advanced(known),
        schedule=_schedule(known),
        paused=paused,
        repeat=repeat,
        sources=tuple(data["sources"]),
        changes_at=None if paused else _changes_at(case.as_of, [*core, *others], months, repeat),
    )


def _changes_at(now: datetime, items: list[Item], months: int, repeat: Repeat | None) -> datetime | None:
    """The first change of a due state after now: days begin at midnight of the calendar of `now`."""
    last = {item.last_on for item in items if item.last_on}
    days = (day for last_on in last for day in due_changes(last_on, months) if day > now.date())
    first = min(days, default=None)
    moments = [datetime.combine(first, time(), tzinfo=now.tzinfo)] if first else []
    if repeat and repeat.changes_at:
        moments.append(repeat.changes_at)
    return min(moments, default=None)


# --- one item ---


def _item(
    key: str, row: dict[str, Any], known: KnownTests, months: int, repeat: Repeat | None, paused: str
) -> Item:
    draw = _latest(map(known.last, row["analytes"]))
    today = known.as_of.date()
    last_on = draw.taken_at.date() if draw else None
    due_on = add_months(last_on, months) if last_on else None
    state = due_state(today, last_on, months)
    if paused:
        due_on, state = None, PAUSED
    elif repeat and key in PAIRED:
        due_on, state = _earlier(due_on, state, repeat)
    days = (due_on - today).days if due_on else None
    by = due_by(key, last_on, due_on, repeat, known.as_of)
    flagged = _latest(map(known.flagged, row["analytes"])) if known.flags else None
    return Item(
        key=key,
        name=row["name"],
        last_on=last_on,
        last_draw=draw.id if draw else None,
        due_on=due_on,
        state=state,
        days=days,
        words=_words(last_on, _due_words(due_on, by, state, known.as_of), known, flagged),
        sources=tuple(row["sources"]),
    )


def _latest(draws: Iterable[Draw | None]) -> Draw | None:
    found = [draw for draw in draws if draw]
    if len(found) > 1:
        return max(found, key=lambda draw: (draw.taken_at, draw.id))
    return found[0] if found else None


def _earlier(due_on: date | None, state: str, repeat: Repeat) -> tuple[date, str]:
    """The repeat's due date where it comes before the item's own. A test never done stays never done."""
    repeat_on = repeat.due_at.date()
    if due_on is None:
        return repeat_on, state
    if repeat_on <= due_on:
        return repeat_on, repeat.state
    return due_on, state


# --- words ---


def _words(last_on: date | None, due: str, known: KnownTests, flagged: Draw | None) -> str:
    parts = [_last_words(last_on, known), *filter(None, [due])]
    if flagged and (last_on is None or flagged.taken_at.date() >= last_on):
        parts.append(
            f"the sample of {day(flagged.taken_at.date())} is flagged as unsuitable and does not count"
        )
    return "; ".join(parts) + "."


def _last_words(last_on: date | None, known: KnownTests) -> str:
    if last_on is not None:
        return f"Last {day(last_on)}"
    return "No usable result since the transplant" if known.transplanted_at else "No usable result recorded"


def _due_words(due_on: date | None, by: datetime | None, state: str, now: datetime) -> str:
    """ "due 3 May 2025, 20 days ago"; "due 6 hours ago" where hours count."""
    if due_on is None:
        return ""
    if by is not None:
        return f"due {beside_now(by.astimezone(UTC) - now.astimezone(UTC))}"
    days = (due_on - now.date()).days
    if days:
        return f"due {day(due_on)}, {ago_or_in(counted(abs(days), 'day'), days)}"
    # Of a draw without an hour the time of this day may be over.
    return f"due {day(due_on)}, {'earlier today' if state.endswith('overdue') else 'today'}"


def _completeness(items: list[Item]) -> tuple[str, bool]:
    """How many of the items fall within 30 days before the latest of them. [ED]"""
    days = int(LIMITS.complete_within)
    latest = max((item.last_on for item in items if item.last_on), default=None)
    if latest is None:
        return f"None of the {len(items)} recorded", False
    missing = [i.name for i in items if i.last_on is None or (latest - i.last_on).days > days]
    count = f"{len(items) - len(missing)} of {len(items)} within {days} days, the latest {day(latest)}"
    return (f"{count}; missing or older: {', '.join(missing)}", False) if missing else (count, True)


def _paused(case: Case) -> str:
    if case.died_on is not None and case.died_on <= case.as_of.date():
        return f"Died {day(case.died_on)}: nothing is due."
    return ""


def _is_advanced(known: KnownTests) -> bool:
    return bool(known.diagnoses & ADVANCED.keys())


def _who(known: KnownTests) -> str:
    months = int(LIMITS.core_interval)
    found = [words for kind, words in ADVANCED.items() if kind in known.diagnoses]
    if found:
        return f"Advanced liver disease recorded: {', '.join(found)}."
    since = " since the transplant" if known.transplanted_at else ""
    return (
        f"Cirrhosis or advanced fibrosis is not recorded{since}; {months} months is the interval for those."
    )


def _schedule(known: KnownTests) -> str:
    if known.transplanted_at is None:
        return f"Every {LIMITS.core_interval} months."
    return (
        f"New schedule since the liver transplant on {day(known.transplanted_at)}: only results after it "
        "count, and the transplant team sets the interval."
    )


def _reminders(known: KnownTests) -> Iterator[Reminder]:
    has = known.diagnoses
    cirrhosis = "cirrhosis" in has
    screened = cirrhosis or "hepatitis_b" in has or {"hepatitis_c", "advanced_fibrosis"} <= has
    compensated = (cirrhosis or "advanced_fibrosis" in has) and not known.decompensated
    applies = {
        "ultrasound": screened,
        "afp": screened,
        "after_hcc": "hcc" in has,
        "varices": compensated,
        "portal_hypertension": compensated,
        "decompensated": cirrhosis and known.decompensated,
        "fontan": "fontan" in has,
        "yearly": cirrhosis,
    }
    for key, row in load("monitoring")["reminder"].items():
        if applies[key]:
            words = f"{row['name']}: {row['interval']}. Not recorded here."
            yield Reminder(key, row["name"], row["interval"], row["who"], words, tuple(row["sources"]))
