"""As of when the page reads the record, and the ways to other moments."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

from patients.models import Draw
from patients.report.panel import Panel

from .options import Options

# A page that took its time to be made is still of now.
NOW_SECONDS = 60


@dataclass(frozen=True)
class Step:
    """Another day of draws."""

    day: date
    href: str


@dataclass(frozen=True)
class Known:
    """What was known here then: draws collected by then and not known yet, `nothing` where that is all."""

    unknown: int
    nothing: bool
    first_entered: datetime | None


@dataclass(frozen=True)
class TimeCard:
    """Times are the clinic's. `known` is None where the page reads what was collected by then."""

    as_of: datetime
    is_past: bool
    # Draws after that moment.
    later: int
    known: Known | None
    known_link: str
    now_link: str
    before: Step | None
    after: Step | None
    # The form keeps what was chosen, and the time of day where one was given.
    options: Options
    with_time: bool
    # The same moment at another address: "?as_of=..." or "".
    query: str


def time_card(panel: Panel, options: Options, now: datetime, address: str) -> TimeCard:
    as_of = panel.case.as_of
    is_past = (now - as_of).total_seconds() > NOW_SECONDS
    before, after = _steps(panel, options, address)
    return TimeCard(
        as_of=as_of,
        is_past=is_past,
        later=len(_kept(panel)) - len(panel.case.draws) - len(_unknown(panel)),
        known=_known(panel),
        known_link=address + options.query(known="" if options.known else "then"),
        now_link=address + options.query(as_of=""),
        before=before,
        after=after,
        options=options,
        with_time=is_past and len(options.as_of) > len("2025-01-01"),
        query=options.only("as_of"),
    )


def _kept(panel: Panel) -> list[Draw]:
    """All draws that stand, known here then or not."""
    return [draw for draw in (*panel.rows.draws, *panel.rows.not_known) if draw.withdrawn_at is None]


def _unknown(panel: Panel) -> list[Draw]:
    return [draw for draw in panel.rows.not_known if draw.taken_at <= panel.as_of]


def _known(panel: Panel) -> Known | None:
    if panel.known_at is None:
        return None
    missing = _unknown(panel)
    first = min((draw.entered_at for draw in missing), default=None)
    return Known(
        unknown=len(missing),
        nothing=bool(missing) and not any(draw.withdrawn_at is None for draw in panel.rows.draws),
        first_entered=first.astimezone(panel.patient.clinic.zone) if first else None,
    )


def _steps(panel: Panel, options: Options, address: str) -> tuple[Step | None, Step | None]:
    """To the day of draws before the one on the page and to the day after it."""
    zone = panel.patient.clinic.zone
    days = sorted({draw.taken_at.astimezone(zone).date() for draw in _kept(panel)})
    shown = bisect_right(days, panel.as_of.astimezone(zone).date())
    before = days[shown - 2] if shown > 1 else None
    after = days[shown] if shown < len(days) else None
    steps = (
        Step(day, address + options.query(as_of=day.isoformat())) if day else None for day in (before, after)
    )
    return next(steps), next(steps)
