"""Who is late: a sender that delivers regularly, and from which nothing has come for too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_low

from django.db.models import Max
from django.db.models.functions import TruncDate

from accounts.models import Clinic
from uploads.models import Message, Sender, SenderProfile, Upload

# So many days are looked back; of the last so many pauses so many must be no longer than the usual one.
DAYS, PAUSES, REGULAR = 60, 7, 5
# How much longer than its usual pause a sender may be silent.
PATIENCE = 2
RULE = (
    f"Late means: of the last {PAUSES} pauses between a sender’s days of delivery at least {REGULAR} were no "
    "longer than its usual pause (their median), and now nothing has come for more than twice that pause. "
    f"Saturdays and Sundays do not count for a sender that came on none in {DAYS} days."
)


@dataclass(frozen=True)
class LateSender:
    """`pause`: its usual one in days; `workdays`: Saturdays and Sundays are not counted."""

    name: str
    last: datetime
    pause: int
    workdays: bool


@dataclass(frozen=True)
class Punctuality:
    """Of the senders of a clinic. `unjudged`: those that come too seldom or too irregularly; `silent`: of
    which nothing has come in DAYS days, though a person has named them."""

    late: tuple[LateSender, ...]
    punctual: tuple[str, ...]
    unjudged: tuple[str, ...]
    silent: tuple[str, ...]


def punctuality_of(clinic: Clinic, at: datetime) -> Punctuality:
    late, punctual, unjudged = [], [], []
    deliveries = _deliveries(clinic, at)
    for name, lasts in sorted(deliveries.values(), key=lambda found: found[0].casefold()):
        pause, workdays = usual_pause(lasts)
        if not pause:
            unjudged.append(name)
        elif is_late(lasts[max(lasts)], at.astimezone(clinic.zone), pause, workdays):
            late.append(LateSender(name, lasts[max(lasts)], pause, workdays))
        else:
            punctual.append(name)
    silent = [name for key, name in _named(clinic).items() if key not in deliveries]
    return Punctuality(tuple(late), tuple(punctual), tuple(unjudged), tuple(sorted(silent)))


def usual_pause(days: Iterable[date]) -> tuple[int, bool]:
    """The usual pause in days and whether weekends are left out of it; 0 where there is none."""
    days = sorted(days)
    workdays = all(day.weekday() < 5 for day in days)
    pauses = [_pause(*pair, workdays) for pair in pairwise(days)][-PAUSES:]
    usual = median_low(pauses) if len(pauses) >= REGULAR else 0
    return (usual if sum(pause <= usual for pause in pauses) >= REGULAR else 0), workdays


def is_late(last: datetime, at: datetime, pause: int, workdays: bool) -> bool:
    """Both in the clinic's zone."""
    free = _weekend_days(last.date(), at.date()) if workdays else 0
    return at - last > timedelta(days=PATIENCE * pause + free)


def _pause(first: date, second: date, workdays: bool) -> int:
    days = (second - first).days
    return days - _weekend_days(first, second) if workdays else days


def _weekend_days(first: date, last: date) -> int:
    """Saturdays and Sundays after the first day, up to the last."""
    later = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() >= 5 for day in later)


def _deliveries(clinic: Clinic, at: datetime) -> dict[str, tuple[str, dict[date, datetime]]]:
    """By folded name: the name, and the last delivery of each day. Files that name no sender are one."""
    span = {"at__gt": at - timedelta(days=DAYS), "at__lte": at}
    files = Upload.objects.filter(clinic=clinic, system=None, replays=None, **span)
    sent = Message.objects.filter(sender__clinic=clinic, sender__allowed=True, **span)
    found: dict[str, tuple[str, dict[date, datetime]]] = {}
    for rows, name in ((files.exclude(state=Upload.State.DISCARDED), "sender"), (sent, "sender__name")):
        # The models' own order would keep the rows apart.
        by_day = rows.order_by().annotate(day=TruncDate("at", tzinfo=clinic.zone)).values_list(name, "day")
        for sender, day, last in by_day.annotate(last=Max("at")):
            _, lasts = found.setdefault(sender.casefold(), (sender or "files that name no sender", {}))
            local = last.astimezone(clinic.zone)
            lasts[day] = max(local, lasts.get(day, local))
    return found


def _named(clinic: Clinic) -> dict[str, str]:
    systems = Sender.objects.filter(clinic=clinic, allowed=True).values_list("name", flat=True)
    profiles = SenderProfile.objects.filter(clinic=clinic).exclude(sender="").values_list("sender", flat=True)
    return {name.casefold(): name for name in (*systems, *profiles)}
