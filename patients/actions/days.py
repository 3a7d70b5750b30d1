"""Draws by hand of which only the day is known: several of one day stay beside each other. [clinical.md 4.4 a]"""

from dataclasses import replace

from django.db.models import QuerySet

from interpretation.record.spelling import unit_label
from interpretation.words import listed
from patients.models import Draw, Result
from patients.values.validation import CheckedResult


def slot_of(draw: Draw) -> tuple:
    """What two draws of one patient may not share, but for the ordinal of a day without hours."""
    return draw.taken_at, draw.hour_known, draw.laboratory


def same_slot(draw: Draw) -> QuerySet[Draw]:
    taken_at, hour_known, laboratory = slot_of(draw)
    return draw.patient.draws.current().filter(
        taken_at=taken_at, hour_known=hour_known, laboratory=laboratory
    )


def free_ordinal(there: QuerySet[Draw]) -> int:
    taken = set(there.values_list("ordinal", flat=True))
    return next(number for number in range(len(taken) + 1) if number not in taken)


def beside_that_day(there: QuerySet[Draw], draw: Draw, readings: list[CheckedResult]) -> list[CheckedResult]:
    """The readings, marked where another draw of this day without an hour has another value of the test."""
    others = Result.objects.filter(draw__in=there.exclude(pk=draw.pk), status__in=Result.COUNTING)
    stored = {row.analyte: row for row in others.order_by("value")}
    return [_marked(reading, stored.get(reading.analyte)) for reading in readings]


def _marked(reading: CheckedResult, other: Result | None) -> CheckedResult:
    if other is None or (other.value, other.comparator) == (reading.value, reading.comparator):
        return reading
    one, two = (_shown(each) for each in (other, reading))
    return replace(reading, unconfirmed=two_of_a_day([one, two]))


def two_of_a_day(values: list[str]) -> str:
    """Why each of them is marked."""
    return f"{len(values)} results of one day, times not known: {listed(values)}. The higher counts."


def _shown(result: Result | CheckedResult) -> str:
    return f"{result.reported_value} {unit_label(result.reported_unit)}".strip()
