"""The months of a clinic counted from its record, patient by patient, in batches. Writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Clinic
from interpretation import knowledge
from meetings.models import Discussion, FigureMonth, Meeting
from patients.models import LeftOut, Patient
from patients.report.panel import cases_for, in_zone
from patients.report.spread import spread

from .states import Flag, MonthState, PatientMonths, course

MONTHS = 24
BATCH = 500


@dataclass
class MonthTally:
    """One month while it is being counted."""

    month: date
    until: datetime
    grades: Counter = field(default_factory=Counter)
    silent: int = 0
    followed: int = 0
    overdue: int = 0
    left_out: int = 0
    waits: list[int] = field(default_factory=list)
    waiting: int = 0
    passed: int = 0


def count_months(
    clinic: Clinic, now: datetime, months: int = MONTHS, progress: Callable[[int], None] = lambda done: None
) -> list[FigureMonth]:
    """The last so many months and the one that goes on, not stored. Memory does not grow with patients."""
    tallies = tallies_of(clinic, now, months)
    since = _first_meeting(clinic)
    last = done = 0
    patients = Patient.objects.current().filter(clinic=clinic).order_by("pk")
    with spread(_course, patients.count()) as read:
        while batch := list(patients.filter(pk__gt=last)[:BATCH]):
            _count(batch, tallies, now, since, read)
            last, done = batch[-1].pk, done + len(batch)
            progress(done)
    return [_row(clinic, tally, now) for tally in tallies]


def tallies_of(clinic: Clinic, now: datetime, months: int) -> list[MonthTally]:
    """The end of a month is the last microsecond of it on the clinic's clock."""
    month = now.astimezone(clinic.zone).date().replace(day=1)
    found = [MonthTally(month, in_zone(now, clinic.zone))]
    for _ in range(months):
        following, month = month, (month - timedelta(days=1)).replace(day=1)
        midnight = datetime.combine(following, time(), tzinfo=clinic.zone)
        end = midnight.astimezone(UTC) - timedelta(microseconds=1)
        found.append(MonthTally(month, in_zone(end, clinic.zone)))
    return found[::-1]


def _first_meeting(clinic: Clinic) -> datetime | None:
    """Before it nobody could have discussed anything here."""
    begun = Meeting.objects.filter(clinic=clinic, started_at__isnull=False).order_by("started_at")
    return begun.values_list("started_at", flat=True).first()


def _course(given: tuple) -> PatientMonths:
    return course(*given)


def _count(
    batch: list[Patient],
    tallies: list[MonthTally],
    now: datetime,
    since: datetime | None,
    read: Callable[[Iterable[tuple]], Iterator[PatientMonths]],
) -> None:
    cases = cases_for(batch, now)
    discussed, left_out = defaultdict(list), defaultdict(list)
    rows = Discussion.objects.filter(patient__in=batch).order_by("as_of")
    for patient, at in rows.values_list("patient_id", "as_of"):
        discussed[patient].append(at)
    for row in LeftOut.objects.filter(patient__in=batch):
        left_out[row.patient_id].append(row)
    untils = [tally.until for tally in tallies]
    drawn = [patient.pk for patient in batch if cases[patient.pk].draws]
    found = read([(cases[pk], untils, discussed[pk]) for pk in drawn])
    for pk, months in zip(drawn, found, strict=True):
        _add(tallies, months, left_out[pk], since)


def _add(
    tallies: list[MonthTally], found: PatientMonths, left_out: list[LeftOut], since: datetime | None
) -> None:
    for tally, state in zip(tallies, found.states, strict=True):
        if state is not None:
            _add_state(tally, state, left_out)
    for flag in found.flags:
        tally = _month_of(tallies, flag.at)
        if tally is not None and since is not None and flag.at >= since:
            _add_wait(tally, flag)


def _add_state(tally: MonthTally, state: MonthState, left_out: list[LeftOut]) -> None:
    if state.grade:
        tally.grades[state.grade] += 1
    else:
        tally.silent += 1
    if any(_is_out(row, tally.until) for row in left_out):
        tally.left_out += 1
    elif state.late is not None:
        tally.followed += 1
        tally.overdue += state.late


def _add_wait(tally: MonthTally, flag: Flag) -> None:
    if flag.days is not None:
        tally.waits.append(flag.days)
    elif flag.ended:
        tally.passed += 1
    else:
        tally.waiting += 1


def _is_out(row: LeftOut, until: datetime) -> bool:
    lifted = row.lifted_at is not None and row.lifted_at <= until
    return not lifted and row.holds_on(until.date())


def _month_of(tallies: list[MonthTally], at: datetime) -> MonthTally | None:
    """None where that moment lies before all of them."""
    month = at.date().replace(day=1)
    return next((tally for tally in tallies if tally.month == month), None)


def _row(clinic: Clinic, tally: MonthTally, now: datetime) -> FigureMonth:
    return FigureMonth(
        clinic=clinic,
        month=tally.month,
        until=tally.until,
        grades=dict(tally.grades),
        silent=tally.silent,
        followed=tally.followed,
        overdue=tally.overdue,
        left_out=tally.left_out,
        waits=sorted(tally.waits),
        waiting=tally.waiting,
        passed=tally.passed,
        counted_at=now,
        knowledge_version=knowledge.VERSION,
    )
