"""The clock of a page: "as of" which moment the record is read."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.values.dates import impossible

# The first years that exist fit into no other time zone.
FIRST_YEAR = 1850
WRITE = "Write the date as 2025-08-17, or with a time as 2025-08-17T10:00."


def parse_as_of(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment meant by `text` in the clinic's zone; empty is now, a date alone the end of that day."""
    text = text.strip()
    now = now.astimezone(zone)
    if not text:
        return now
    moment = _moment(text, zone)
    if moment.year < FIRST_YEAR:
        raise ValueError(f"No record is that old. {WRITE}")
    # The end of today lies ahead of the clock: it is still today that is meant.
    if moment > now and moment.date() == now.date():
        return now
    if moment > now:
        raise ValueError("This moment lies in the future. Choose today or an earlier date.")
    return moment


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return end_of_day(date.fromisoformat(text), zone)
        # A "+" in an address reads as a space.
        moment = datetime.fromisoformat(re.sub(r" (\d{2}:?\d{2})$", r"+\1", text) if "T" in text else text)
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        why = impossible(text) or f"“{text[:40]}” is not a date."
        raise ValueError(f"{why} {WRITE}") from None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of a day in that zone."""
    try:
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    except OverflowError:
        raise ValueError("no day after the last") from None
    return midnight - timedelta(microseconds=1)


def text_of(moment: datetime, zone: ZoneInfo) -> str:
    """The shortest text that `parse_as_of` reads as this very moment: to the minute, or with all it has."""
    local = moment.astimezone(zone)
    short = f"{local:%Y-%m-%dT%H:%M}"
    # Not "==": Python calls two times unequal where the clock goes back, whatever they are.
    same = _moment(short, zone).timestamp() == moment.timestamp()
    return short if same else local.isoformat()
