"""The draws of a period as the product reads them as of then, and one of them as a reviewer sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import QuerySet

from accounts.models import Clinic
from interpretation.record.records import Case
from interpretation.report import brief, known
from patients.models import ChartItem, Draw, Patient, Result
from patients.report.panel import case_for, cases_for

from .sampling import MOST_READ, CandidateDraw

AT_ONCE = 100


def draws_since(clinic: Clinic, since: date) -> QuerySet[Draw]:
    """Every draw with an INR: without one there is nothing to judge."""
    start = datetime.combine(since, datetime.min.time(), tzinfo=clinic.zone)
    return (
        Draw.objects.current()
        .filter(
            patient__clinic=clinic,
            patient__withdrawn_at=None,
            taken_at__gte=start,
            results__analyte="INR",
            results__status__in=Result.COUNTING,
        )
        .distinct()
    )


def candidates(clinic: Clinic, since: date, seed: int) -> tuple[list[CandidateDraw], int]:
    """Those of a period, or as many as are read drawn by chance; and how many there are."""
    found = list(draws_since(clinic, since).order_by("pk").values_list("pk", flat=True))
    chosen = found if len(found) <= MOST_READ else sorted(Random(seed).sample(found, MOST_READ))
    draws = list(Draw.objects.filter(pk__in=chosen).order_by("pk"))
    return sorted(_read(draws), key=lambda one: one.draw), len(found)


def _read(draws: Sequence[Draw]) -> Iterator[CandidateDraw]:
    people = sorted({draw.patient_id for draw in draws})
    for first in range(0, len(people), AT_ONCE):
        patients = Patient.objects.filter(pk__in=people[first : first + AT_ONCE])
        cases = cases_for(patients, max(_as_of(draw) for draw in draws))
        for draw in draws:
            if draw.patient_id in cases:
                yield _candidate(draw, cases[draw.patient_id])


def _candidate(draw: Draw, case: Case) -> CandidateDraw:
    as_of = _as_of(draw)
    report = brief(replace(case, as_of=as_of.astimezone(case.as_of.tzinfo)))
    return CandidateDraw(draw.pk, draw.patient_id, as_of, report.dissociation.grade, report.urgency.level)


def _as_of(draw: Draw) -> datetime:
    """The draw itself; where only its day is known, the end of that day."""
    return draw.taken_at if draw.hour_known else draw.taken_at + timedelta(days=1, microseconds=-1)


def case_of(item: ChartItem) -> Case:
    """What the record held of that day and before; what came later is cut off."""
    return known(case_for(item.patient, item.as_of))
