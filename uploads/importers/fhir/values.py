"""The small parts of resources: codings, texts, times, references' words."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from ..dates import YEARS, DateAlone
from ..signs import one_line
from .bundle import items

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def word(value: object) -> str:
    """Text in one line; what is no text is empty."""
    return one_line(value) if isinstance(value, str) else ""


def codings(concept: object) -> list[tuple[str, str, str]]:
    """(system, code, display) of every coding."""
    found = items(concept.get("coding")) if isinstance(concept, dict) else []
    return [(word(one.get("system")), word(one.get("code")), word(one.get("display"))) for one in found]


def code_in(concept: object, system: str) -> str:
    return next((code for own, code, _ in codings(concept) if own == system and code), "")


def words_of(concept: object) -> str:
    """What a person would call it: the text, else the first display, else the first code."""
    if not isinstance(concept, dict):
        return ""
    named = [display for _, _, display in codings(concept)] + [code for _, code, _ in codings(concept)]
    return word(concept.get("text")) or next((name for name in named if name), "")


def notes(resource: dict) -> str:
    return " ".join(filter(None, (word(one.get("text")) for one in items(resource.get("note")))))


def read_time(text: object) -> datetime | None:
    """A date alone is a `DateAlone`. ValueError: a year or month alone is no time of a draw."""
    if text is None or text == "":
        return None
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    try:
        if not found or int(found[1]) not in YEARS:
            raise ValueError
        if not found[4]:
            return DateAlone(*map(int, found.groups()[:3]))
        numbers = [int(part or 0) for part in found.groups()[:6]]
        return datetime(*numbers, tzinfo=_zone(found[7]))
    except ValueError:
        raise ValueError(
            f"“{str(text)[:30]}” is not a full date. It is written 2025-02-28T08:30:00+01:00."
        ) from None


def read_date(text: object) -> date | None:
    time = read_time(text)
    return time.date() if time else None


def effective(resource: dict, name: str = "effective") -> datetime | None:
    """DateTime, Instant, the start of a Period, or the one event of a Timing."""
    for form in ("DateTime", "Instant"):
        if time := read_time(resource.get(name + form)):
            return time
    period = resource.get(name + "Period")
    if isinstance(period, dict):
        return read_time(period.get("start") or period.get("end"))
    timing = resource.get(name + "Timing")
    events = timing.get("event") if isinstance(timing, dict) else None
    return read_time(events[0]) if isinstance(events, list) and len(events) == 1 else None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-offset if text[0] == "-" else offset)
