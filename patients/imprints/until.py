"""Until when a page reads as it was written, if the record stays as it is.

What the rule says holds until the report's `valid_until`, and every day that is told is one of the clinic's calendar.
Between midnights a page tells how long ago something was or is due, in words that step by minutes, hours or days.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from interpretation.record.date_alone import DateAlone
from interpretation.words import DAYS_OF_MONTH, DAYS_TO, HOURS_TO
from patients.report.panel import Panel

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Up to these spans words step so. Rounded numbers turn at a half, limits at a whole one.
STEPS = (
    (2 * HOUR, MINUTE),
    (timedelta(hours=HOURS_TO), HOUR / 2),
    (timedelta(days=DAYS_TO), DAY / 2),
    (timedelta.max, timedelta(days=DAYS_OF_MONTH) / 2),
)


def holds_until(shown: Panel, *ends: datetime) -> datetime:
    """Midnight of the clinic at the latest; `ends`: of what else stands on it for a time."""
    now = shown.as_of
    told = (next_step(now, moment) for moment in _told(shown))
    return min(moment for moment in (*_known(shown), *told, *ends) if moment > now)


def _known(shown: Panel) -> Iterator[datetime]:
    """What is known beforehand."""
    zone = shown.patient.clinic.zone
    yield datetime.combine(shown.as_of.astimezone(zone).date() + DAY, time(), tzinfo=zone)
    if shown.report.valid_until:
        yield shown.report.valid_until
    # Stored already, and not yet collected.
    yield from (draw.taken_at for draw in shown.rows.draws)


def _told(shown: Panel) -> Iterator[datetime]:
    """From or to which the page may tell the time."""
    case, checks = shown.case, shown.report.monitoring
    if case.draws:
        yield max(draw.taken_at for draw in case.draws)
    for event in case.events:
        yield event.started_at
        if event.ended_at:
            yield event.ended_at
    if checks and checks.repeat:
        yield from (checks.repeat.from_at, checks.repeat.due_at)


def next_step(now: datetime, moment: datetime) -> datetime:
    """When the span between them is next told in other words."""
    if isinstance(moment, DateAlone):
        return now
    since = now - moment
    step = next(step for longest, step in STEPS if abs(since) <= longest)
    return now + step - since % step
