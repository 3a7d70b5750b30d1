"""The only bridge to the clinical core: rows to records, `interpret()`, and the report for the page."""

from collections import defaultdict, namedtuple
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, prefetch_related_objects

from accounts.written import Written
from interpretation.record import records
from interpretation.record.date_alone import DateAlone
from interpretation.report import interpret
from patients import models
from patients.report.as_known import known_diagnoses, known_draws, known_events, known_person

RESULT_FIELDS = (
    "draw_id",
    "analyte",
    "value",
    "comparator",
    "lower_limit",
    "upper_limit",
    "method",
    "status",
    "status_reason",
    "reported_value",
    "reported_unit",
    "reported_range",
    "comment",
    "unconfirmed",
    "confirmed_at",
)
ResultRow = namedtuple("ResultRow", RESULT_FIELDS)
RESULTS = Written(
    lambda pk: models.Result.objects.filter(draw__patient=pk).order_by("id").values_list(*RESULT_FIELDS)
)
DRAWS = Written(lambda pk: models.Draw.objects.filter(patient=pk))
DIAGNOSES = Written(lambda pk: models.Diagnosis.objects.current().filter(patient=pk))
EVENTS = Written(lambda pk: models.Event.objects.current().filter(patient=pk))
REVIEWS = Written(lambda pk: models.CauseReview.objects.filter(patient=pk).select_related("by"), "by")


@dataclass(frozen=True)
class Rows:
    """The rows of one patient: tuples, and for the page model instances of all but results."""

    draws: list
    results: dict[int, list]
    diagnoses: list
    events: list
    reviews: list
    # Draws that stand today and were not known at the moment asked for.
    not_known: list = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """What the patient page shows. `rows` holds withdrawn draws and superseded results too."""

    patient: models.Patient
    as_of: datetime
    rows: Rows
    case: records.Case
    report: records.Report
    # Set when the record is read as it was known here at that moment.
    known_at: datetime | None = None


def case_for(patient: models.Patient, as_of: datetime) -> records.Case:
    """One patient as the core reads it, times in the clinic's zone."""
    return cases_for([patient], as_of)[patient.pk]


def cases_for(patients: Iterable[models.Patient], as_of: datetime) -> dict[int, records.Case]:
    """Case by primary key: as many queries for a thousand patients as for one."""
    patients = list(patients)
    prefetch_related_objects(patients, "clinic")
    rows = _light_rows([patient.pk for patient in patients])
    return {patient.pk: case_of(patient, rows[patient.pk], as_of) for patient in patients}


def panel(patient: models.Patient, as_of: datetime, known_at: datetime | None = None) -> Panel:
    """The rows and the report of one patient, computed now: never older than record or knowledge.

    With `known_at` only what had been received or entered here by then, as it was then.
    """
    if known_at is None:
        rows, person = _page_rows(patient), patient
    else:
        rows, person = _known_rows(patient, known_at), known_person(patient, known_at)
    case = case_of(person, rows, as_of)
    return Panel(patient, as_of, rows, case, interpret(case), known_at)


def shown_panel(patient: models.Patient, as_of: datetime, known_at: datetime | None = None) -> Panel:
    """The same for a page that a silent clinic has, too: there its report is that of an empty record."""
    if not patient.clinic.is_silent:
        return panel(patient, as_of, known_at)
    rows = _page_rows(patient) if known_at is None else _known_rows(patient, known_at)
    case = case_of(patient, rows, as_of)
    return Panel(patient, as_of, rows, case, interpret(records.Case(as_of=case.as_of)), known_at)


def _known_rows(patient: models.Patient, at: datetime) -> Rows:
    found = known_draws(patient, at, RESULT_FIELDS)
    prefetch_related_objects([d for d in found.draws if d.withdrawn_by_id], "withdrawn_by")
    return Rows(
        found.draws,
        found.results,
        known_diagnoses(patient, at),
        known_events(patient, at),
        list(_reviews([patient.pk]).filter(at__lte=at)),
        found.not_known,
    )


def _page_rows(patient: models.Patient) -> Rows:
    """Everything, also what was withdrawn: the page says so."""
    results: dict[int, list] = defaultdict(list)
    # Light tuples: a long stay has thousands of results, and the page only reads them.
    for result in map(ResultRow._make, RESULTS.tuples(patient.pk)):
        results[result.draw_id].append(result)
    draws = DRAWS.rows(patient.pk)
    # Few draws are withdrawn: only those fetch by whom.
    prefetch_related_objects([d for d in draws if d.withdrawn_by_id], "withdrawn_by")
    return Rows(draws, results, DIAGNOSES.rows(patient.pk), EVENTS.rows(patient.pk), REVIEWS.rows(patient.pk))


def _light_rows(ids: list[int]) -> dict[int, Rows]:
    rows: dict[int, Rows] = {pk: Rows([], defaultdict(list), [], [], []) for pk in ids}
    owner: dict[int, int] = {}
    for draw in _named(
        models.Draw.objects.current(), ids, "uuid taken_at hour_known laboratory method withdrawn_at"
    ):
        rows[draw.patient_id].draws.append(draw)
        owner[draw.id] = draw.patient_id
    for result in _counting(ids):
        # A draw entered between the two queries is read next time.
        if result.draw_id in owner:
            rows[owner[result.draw_id]].results[result.draw_id].append(result)
    for row in _named(models.Diagnosis.objects.current(), ids, "kind noted_on resolved_on codes"):
        rows[row.patient_id].diagnoses.append(row)
    fields = "kind started_at ended_at label grade route stop_confirmed"
    for row in _named(models.Event.objects.current(), ids, fields):
        rows[row.patient_id].events.append(row)
    for row in _reviews(ids):
        rows[row.patient_id].reviews.append(row)
    return rows


def _named(queryset, ids: list[int], fields: str) -> QuerySet:
    return queryset.filter(patient_id__in=ids).values_list("id", "patient_id", *fields.split(), named=True)


def _counting(ids: list[int]) -> QuerySet:
    fields = ("draw_id", "analyte", "value", "comparator", "lower_limit", "upper_limit", "method", "status")
    return (
        models.Result.objects.filter(
            draw__patient_id__in=ids, draw__withdrawn_at__isnull=True, status__in=models.Result.COUNTING
        )
        .order_by("id")
        .values_list(*fields, named=True)
    )


def _reviews(ids: list[int]) -> QuerySet[models.CauseReview]:
    return models.CauseReview.objects.filter(patient_id__in=ids).select_related("by")


def case_of(patient: models.Patient, rows: Rows, as_of: datetime) -> records.Case:
    zone = patient.clinic.zone
    return records.Case(
        as_of=in_zone(as_of, zone),
        id=str(patient.uuid),
        sex=patient.sex if patient.sex != models.Patient.Sex.UNKNOWN else "",
        birth_date=patient.birth_date,
        died_on=patient.died_on,
        draws=tuple(
            _draw(draw, rows.results.get(draw.id, ()), zone)
            for draw in rows.draws
            if draw.withdrawn_at is None and draw.taken_at <= as_of
        ),
        diagnoses=tuple(
            records.Diagnosis(row.kind, row.noted_on, row.resolved_on, tuple(row.codes))
            for row in rows.diagnoses
        ),
        events=tuple(_event(row, zone) for row in rows.events),
        reviews=tuple(
            records.Review(row.cause, row.verdict, in_zone(row.at, zone), str(row.by), row.note)
            for row in rows.reviews
        ),
        said=tuple(_said_elsewhere(one, zone) for one in patient.said_elsewhere),
        anticoagulant=_said(patient, as_of),
    )


def _said_elsewhere(said: dict[str, str], zone: ZoneInfo) -> records.SaidElsewhere:
    at = in_zone(datetime.fromisoformat(said["on"]), zone)
    return records.SaidElsewhere(said["cause"], at, said["source"], said["note"])


def _said(patient: models.Patient, as_of: datetime) -> str:
    """What had been said by then; of what was said before that, nothing is read here."""
    said_at = patient.anticoagulant_said_at
    return patient.anticoagulant if said_at is not None and said_at <= as_of else ""


def _draw(draw, results, zone: ZoneInfo) -> records.Draw:
    return records.Draw(
        taken_at=in_zone(draw.taken_at, zone),
        results=tuple(_result(row) for row in results if row.status in models.Result.COUNTING),
        laboratory=draw.laboratory,
        method=draw.method,
        id=str(draw.uuid),
        hour_known=draw.hour_known,
    )


def _result(row) -> records.Result:
    return records.Result(
        row.analyte, row.value, row.comparator, row.lower_limit, row.upper_limit, row.method
    )


def _event(row, zone: ZoneInfo) -> records.Event:
    return records.Event(
        kind=row.kind,
        started_at=in_zone(row.started_at, zone),
        ended_at=in_zone(row.ended_at, zone) if row.ended_at else None,
        label=row.label,
        grade=row.grade,
        route=row.route,
        stop_confirmed=row.stop_confirmed,
    )


def drawn_at(draw, zone: ZoneInfo) -> datetime:
    """When a draw was taken, in the clinic's own time; a `DateAlone` where its hour is not known."""
    local = in_zone(draw.taken_at, zone)
    return local if draw.hour_known else DateAlone.of(local)


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """The clinic's own time with a fixed offset.

    Python subtracts two times of one ZoneInfo by the clock on the wall: across the end of summer time
    an hour would be lost.
    """
    local = moment.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset()))
