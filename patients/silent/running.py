"""A clinic read silently: patient by patient, by the knowledge in use and by another beside it. Writes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, Q

from accounts.models import Clinic
from interpretation import knowledge
from interpretation.record.records import Case
from interpretation.report import brief
from patients.models import Draw, Event, Patient
from patients.report.impact import Other, data_of, other_version

from .arrivals import arrivals, kept, moments
from .counting import MONTH, Course, SilentTally
from .flags import Outcome, kind_of
from .readings import Reading, reading_of, reading_of_json

knowledge.load("references").read_by(__name__, "version")

BATCH = 100
# Whoever had a draw in so many days is followed; draws are counted over as many days back. [ED]
FOLLOWED, LATELY = timedelta(days=548), timedelta(days=183)


def silent_run(
    clinic: Clinic,
    *,
    first: date | None = None,
    last: date | None = None,
    limits: Path | None = None,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """What is counted, as JSON. `limits`: another folder of knowledge, read beside the one in use; raises
    CannotCompare."""
    start, end = _midnight(first, clinic), _midnight(last + timedelta(days=1) if last else None, clinic)
    own, others = SilentTally(start, end), SilentTally(start, end)
    with _beside(limits) as other:
        for done, total, patient in _patients(clinic):
            record = kept(patient)
            # What came later changes nothing of what was said before.
            cases = list(arrivals(record, end))
            more = tuple(_outcomes(patient)), max(moments(record), default=None)
            own.add(Course(tuple(reading_of(brief(case)) for case in cases), *more))
            if other:
                others.add(Course(tuple(_read(other, case) for case in cases), *more))
            progress(done, total)
    counted = [{"folder": "", **_in_use(None), **own.as_json()}]
    if limits:
        counted.append({"folder": limits.name, **_in_use(data_of(limits)), **others.as_json()})
    days = {"first": first and first.isoformat(), "last": last and last.isoformat()}
    return days | {"limits": counted, "clinic": numbers_of(clinic, now)}


def nothing() -> dict[str, Any]:
    """A run that found nobody."""
    own = {"folder": "", **_in_use(None), **SilentTally().as_json()}
    return {"first": None, "last": None, "limits": [own], "clinic": {"patients": 0, "draws_a_month": 0.0}}


def numbers_of(clinic: Clinic, now: datetime) -> dict[str, float]:
    """The clinic's own: patients followed, and draws a month in the half year up to the last draw."""
    draws = Draw.objects.current().filter(patient__clinic=clinic, patient__withdrawn_at__isnull=True)
    last = draws.aggregate(last=Max("taken_at", filter=Q(taken_at__lte=now)))["last"]
    if last is None:
        return {"patients": 0, "draws_a_month": 0.0}
    alive = draws.filter(patient__died_on__isnull=True, taken_at__gt=last - FOLLOWED)
    followed = alive.aggregate(count=Count("patient", distinct=True))["count"]
    lately = draws.filter(taken_at__gt=last - LATELY, taken_at__lte=last).count()
    return {"patients": followed, "draws_a_month": round(lately / (LATELY / MONTH), 2)}


def _patients(clinic: Clinic) -> Iterator[tuple[int, int, Patient]]:
    """With how many are done and how many there are; batch by batch: memory stays flat."""
    patients = Patient.objects.current().filter(clinic=clinic).order_by("pk")
    total, done, last = patients.count(), 0, 0
    while batch := list(patients.filter(pk__gt=last).select_related("clinic")[:BATCH]):
        for patient in batch:
            done += 1
            yield done, max(total, done), patient
        last = batch[-1].pk


def _outcomes(patient: Patient) -> Iterator[Outcome]:
    """As the record says today."""
    for event in Event.objects.current().filter(patient=patient):
        if kind := kind_of(event.kind, event.grade):
            yield Outcome(kind, event.started_at)
    if patient.died_on:
        # The end of its day: no reading of that day comes after it.
        midnight = _midnight(patient.died_on + timedelta(days=1), patient.clinic)
        yield Outcome("death", midnight - timedelta(microseconds=1))


def _midnight(day: date | None, clinic: Clinic) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=clinic.zone).astimezone(UTC) if day else None


def _in_use(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {"version": knowledge.VERSION, "digest": knowledge.digest()}
    return {
        "version": knowledge.load("references", folder)["version"],
        "digest": knowledge.digest(folder),
    }


@contextmanager
def _beside(limits: Path | None) -> Iterator[Other | None]:
    with other_version(limits) if limits else nullcontext() as other:
        yield other


def _read(other: Other, case: Case) -> Reading:
    return reading_of_json(case.as_of, other.report(case))
