"""Random cases of the rule as stored patients, each value with what a laboratory may say beside it."""

import random
from datetime import UTC, date, datetime, timedelta

from accounts.models import Clinic
from interpretation.record import units
from interpretation.record.parse import case_from_json
from interpretation.record.records import Case
from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.values.validation import read_result
from tests.interpretation.random_cases import Json, random_case

SIGNS = ("", "", "", "", "<", ">", "<=", ">=")
STATUSES = ("final", "final", "final", "preliminary", "corrected")
WORDS = ("", "", "", "haemolysed", "Ärztin: „wiederholt“ ≥ 2×", 'a "quoted" \\ word & <tag>')
BORN = date(1965, 5, 5)
# Long courses end before the day of the test.
EARLIER = timedelta(days=3650)


def add_generated(clinic: Clinic, seed: int, number: int) -> Patient:
    """One patient with draws, diagnoses and events; the same for the same seed and number."""
    r = random.Random(f"{seed}/{number}")
    data = random_case(r, number)
    case, _ = case_from_json(data)
    patient = Patient.objects.create(
        clinic=clinic,
        mrn=f"G-{number}",
        family_name=r.choice(("O’Brien", "Ñúñez Ångström", "Lê")),
        given_name=r.choice(("Ada Mai", "", "Zoë")),
        birth_date=(case.birth_date or BORN) - EARLIER,
        sex=r.choice("FMXU"),
    )
    _add_draws(r, patient, data["draws"], case)
    Diagnosis.objects.bulk_create(
        Diagnosis(
            patient=patient, kind=row.kind, noted_on=row.noted_on, resolved_on=row.resolved_on,
            codes=r.choice(([], ["K74.6"], ["K74.6", "B18.2"])), note=r.choice(WORDS),
        )
        for row in {(d.kind, d.noted_on): d for d in case.diagnoses}.values()
    )  # fmt: skip
    for row in {(e.kind, e.started_at, e.label): e for e in case.events}.values():
        Event.objects.create(
            patient=patient, kind=row.kind, label=row.label, started_at=row.started_at - EARLIER,
            ended_at=row.ended_at and row.ended_at - EARLIER, grade=row.grade, route=row.route,
            stop_confirmed=row.stop_confirmed, note=r.choice(WORDS),
        )  # fmt: skip
    return patient


def _add_draws(r: random.Random, patient: Patient, written: list[Json], case: Case) -> None:
    taken: set[tuple] = set()
    for data, row in zip(written, case.draws, strict=True):
        at = row.taken_at - EARLIER
        at = at if row.hour_known else _midnight(patient.clinic, at)
        slot = (at, row.laboratory, row.hour_known)
        results = [one for one in data["results"] if _can_be_stored(one)]
        if slot in taken or not results:
            continue
        taken.add(slot)
        draw = Draw.objects.create(
            patient=patient, taken_at=at, hour_known=row.hour_known, laboratory=row.laboratory,
            method=row.method, source=Draw.Source.HAND, note=r.choice(WORDS),
            received_at=r.choice((None, at + timedelta(hours=5, seconds=7))),
        )  # fmt: skip
        Result.objects.bulk_create(_result(r, draw, one) for one in results)


def _can_be_stored(written: Json) -> bool:
    """What every way in refuses is in no record."""
    return (
        read_result(test=written["analyte"], value=str(written["value"]), unit=written["unit"])[0] is not None
    )


def _midnight(clinic: Clinic, at: datetime) -> datetime:
    return datetime.combine(at.date(), datetime.min.time(), clinic.zone).astimezone(UTC)


def _result(r: random.Random, draw: Draw, written: Json) -> Result:
    analyte, unit = written["analyte"], written["unit"]
    upper = written.get("upper_limit")
    sign = written.get("comparator") or r.choice(SIGNS)
    return Result(
        draw=draw,
        analyte=analyte,
        value=units.convert(analyte, written["value"], unit),
        comparator=sign,
        upper_limit=None if upper is None else units.convert(analyte, upper, unit),
        reported_value=f"{sign}{written['value']}",
        reported_unit=unit,
        status=r.choice(STATUSES),
        verified_at=r.choice((None, draw.taken_at + timedelta(minutes=90, seconds=1))),
        comment=r.choice(WORDS),
        order_key=r.choice(("", "", f"urn:lab {r.randrange(10**9)} 1742-6")),
    )
