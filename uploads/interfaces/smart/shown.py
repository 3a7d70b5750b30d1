"""The page of a visit: the patient's page on what a record system gave, of which nothing is stored."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from interpretation.record import analytes
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case, Draw
from interpretation.report import interpret
from patients import models
from patients.presenters.options import Options
from patients.presenters.page import page_context
from patients.report.panel import Panel, ResultRow, Rows
from uploads.importers.fhir.people import cells_of
from uploads.interfaces.cds.supplied import Supplied
from uploads.models import Sender

# No row has this key: whatever is asked of the record beside what was given finds nothing.
NOBODY = 0


@dataclass(frozen=True)
class VisitPerson:
    """`number` is "" where the record system gave none."""

    family: str
    given: str
    number: str


def person_of(resource: dict[str, Any], found: Supplied, sender: Sender) -> VisitPerson:
    _, family, given, *_ = cells_of(resource, sender.authority)
    return VisitPerson(family, given, found.numbers[0] if found.numbers else "")


def visit_panel(person: VisitPerson, found: Supplied, sender: Sender) -> Panel:
    """As `shown_panel` of a patient of this record: in a silent clinic the report is that of an empty one."""
    case = _with_ids(found.case)
    patient = _patient(person, case, sender)
    read = Case(as_of=case.as_of) if sender.clinic.is_silent else case
    return Panel(patient, case.as_of, _rows(case), case, interpret(read))


def visit_context(panel: Panel, options: Options, now: datetime, address: str) -> dict[str, Any]:
    """What the templates of the patient's page read, without what belongs to a record: links, forms, decisions."""
    context = page_context(panel, replace(options, tab="all", as_of="", known=""), now=now, address=address)
    chart = replace(context["chart"], figures_link="", file_link="", page_link="")
    lines = tuple(replace(line, href="") for line in context["scores"].given)
    scores = replace(context["scores"], given=lines)
    return context | {
        "chart": chart,
        "scores": scores,
        "visit": True,
        "parts": {},
        "behind": None,
        "brings_lists": True,
    }


def _with_ids(case: Case) -> Case:
    draws = sorted(case.draws, key=lambda draw: draw.taken_at)
    return replace(case, draws=tuple(replace(draw, id=str(uuid4())) for draw in draws))


def _patient(person: VisitPerson, case: Case, sender: Sender) -> models.Patient:
    patient = models.Patient(
        pk=NOBODY,
        clinic=sender.clinic,
        mrn=person.number,
        family_name=person.family,
        given_name=person.given,
        birth_date=case.birth_date,
        sex=case.sex or models.Patient.Sex.UNKNOWN,
        died_on=case.died_on,
        anticoagulant=case.anticoagulant,
    )
    patient.changed_to = 0
    return patient


def _rows(case: Case) -> Rows:
    draws = [_draw(number, draw) for number, draw in enumerate(case.draws, 1)]
    results = {number: _results(number, draw) for number, draw in enumerate(case.draws, 1)}
    return Rows(
        draws, results, [_diagnosis(one) for one in case.diagnoses], [_event(one) for one in case.events], []
    )


def _draw(number: int, draw: Draw) -> models.Draw:
    return models.Draw(
        pk=number,
        uuid=UUID(draw.id),
        taken_at=draw.taken_at,
        hour_known=draw.hour_known and not isinstance(draw.taken_at, DateAlone),
        laboratory=draw.laboratory,
        method=draw.method,
        source=models.Draw.Source.UPLOAD,
    )


def _results(number: int, draw: Draw) -> list[ResultRow]:
    usual = dict.fromkeys(ResultRow._fields, "") | {
        "confirmed_at": None,
        "status": models.Result.Status.FINAL,
    }
    return [
        ResultRow(
            **usual
            | {
                "draw_id": number,
                "analyte": one.analyte,
                "value": one.value,
                "comparator": one.comparator,
                "lower_limit": one.lower_limit,
                "upper_limit": one.upper_limit,
                "method": one.method,
                "reported_value": f"{one.comparator}{one.value:g}",
                "reported_unit": analytes.get(one.analyte).unit,
            }
        )
        for one in draw.results
    ]


def _diagnosis(one: Any) -> models.Diagnosis:
    return models.Diagnosis(
        kind=one.kind, noted_on=one.noted_on, resolved_on=one.resolved_on, codes=list(one.codes)
    )


def _event(one: Any) -> models.Event:
    return models.Event(
        kind=one.kind,
        started_at=one.started_at,
        ended_at=one.ended_at,
        label=one.label,
        grade=one.grade,
        route=one.route,
        stop_confirmed=one.stop_confirmed,
    )
