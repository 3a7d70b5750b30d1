"""What is read and searched, by type: of the sender's clinic alone, one patient at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import QueryDict

from accounts.actions import log_access
from patients import fhir
from patients.codes import MRN
from patients.fhir import histories, results
from patients.models import Diagnosis, Draw, Event, Patient, Result
from uploads.models import Sender

from . import search
from .answers import Answer

PAGE = "fhir-api"
UPDATED = "_lastUpdated"
# A resource, and when what it says was last changed here.
Row = tuple[datetime, dict]


@dataclass(frozen=True)
class FoundRows:
    """One page of a search. `after`: where the next begins, "" on the last."""

    resources: list[dict]
    total: int
    after: str = ""


@dataclass(frozen=True)
class ResourceKind:
    """`parameters`: what it is searched by, with the type of each; `sorts`: whether `_sort=date` is served."""

    name: str
    parameters: dict[str, str]
    read: Callable[[Sender, str], dict]
    search: Callable[[QueryDict, Sender], FoundRows]
    sorts: bool = False


def patient_of(sender: Sender, id: str) -> Patient:
    """One of the clinic's patients; the look is logged."""
    uuid = uuid_of(id)
    found = _patients(sender).filter(uuid=uuid).first() if uuid else None
    if found is None:
        raise Answer(404, "No such patient here.")
    if found.withdrawn_at:
        raise Answer(410, "This patient was withdrawn here.")
    log_access(user=sender.user, patient=found, page=PAGE)
    return found


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- patients ---


def _patients(sender: Sender) -> QuerySet[Patient]:
    return _stamped(Patient.objects.filter(clinic=sender.clinic))


def _read_patient(sender: Sender, id: str) -> dict:
    patient = patient_of(sender, id)
    return _with_time(patient.updated, fhir.patient_resource(patient))


def _search_patients(query: QueryDict, sender: Sender) -> FoundRows:
    """By the MRN, or by the id of this server; never everybody."""
    if not ({"identifier", "_id"} & set(query)):
        raise search.UnclearSearch("Name the patient: identifier=MRN.")
    found = _patients(sender).filter(withdrawn_at=None)
    for token in query.getlist("identifier"):
        system, bar, value = token.rpartition("|")
        found = found.none() if bar and system not in ("", MRN) else found.filter(mrn=value)
    for text in query.getlist("_id"):
        found = found.filter(uuid=uuid_of(text)) if uuid_of(text) else found.none()
    found = found.filter(_changed(query, sender))
    rows = list(found.order_by("pk")[: search.count_of(query)])
    for row in rows:
        log_access(user=sender.user, patient=row, page=PAGE)
    return FoundRows([_with_time(row.updated, fhir.patient_resource(row)) for row in rows], found.count())


# --- draws and results ---


def _read_observation(sender: Sender, id: str) -> dict:
    uuid = uuid_of(id[:36])
    rows = (
        [row for row in _results(sender).filter(draw__uuid=uuid) if results.name_of(row) == id]
        if uuid
        else []
    )
    there = next((row for row in rows if _counts(row)), None)
    if there is None:
        raise _gone("observation") if rows else Answer(404, "No such observation here.")
    log_access(user=sender.user, patient=there.draw.patient, page=PAGE)
    return _observation(there)


def _search_observations(query: QueryDict, sender: Sender) -> FoundRows:
    wanted = search.observations(query, sender.clinic.zone)
    patient = patient_of(sender, str(search.patient_id(query)))
    counting = Q(draw__patient=patient, draw__withdrawn_at=None, status__in=Result.COUNTING)
    found = _results(sender).filter(wanted, counting, _changed(query, sender))
    return _paged(query, found, "draw__taken_at", lambda row: row.draw.taken_at, _observation)


def _observation(row: Result) -> dict:
    who = {"reference": f"Patient/{row.draw.patient.uuid}"}
    return _with_time(row.updated, results.observation(row, who))


def _results(sender: Sender) -> QuerySet[Result]:
    """Of the clinic, those that no longer count, too."""
    own = Result.objects.filter(draw__patient__clinic=sender.clinic)
    times = Greatest(_last_version(Result), _last_version(Draw, "draw"))
    entered = F("draw__entered_at")
    return own.annotate(updated=Coalesce(times, entered)).select_related("draw__patient__clinic")


def _counts(row: Result) -> bool:
    is_here = row.draw.withdrawn_at is None and row.draw.patient.withdrawn_at is None
    return is_here and row.status in Result.COUNTING


def _read_report(sender: Sender, id: str) -> dict:
    uuid = uuid_of(id)
    draw = _draws(sender).filter(uuid=uuid).first() if uuid else None
    if draw is None:
        raise Answer(404, "No such report here.")
    if draw.withdrawn_at or draw.patient.withdrawn_at:
        raise _gone("report")
    log_access(user=sender.user, patient=draw.patient, page=PAGE)
    return _report(draw)


def _search_reports(query: QueryDict, sender: Sender) -> FoundRows:
    spans = [search.date_search("date", text, sender.clinic.zone) for text in query.getlist("date")]
    patient = patient_of(sender, str(search.patient_id(query)))
    found = _draws(sender).filter(_changed(query, sender), patient=patient, withdrawn_at=None)
    for span in spans:
        found = found.filter(span.q("taken_at"))
    return _paged(query, found, "taken_at", lambda row: row.taken_at, _report)


def _report(draw: Draw) -> dict:
    return _with_time(draw.updated, results.report(draw, {"reference": f"Patient/{draw.patient.uuid}"}))


def _draws(sender: Sender) -> QuerySet[Draw]:
    return _stamped(fhir.with_results(Draw.objects.filter(patient__clinic=sender.clinic)))


def _paged(
    query: QueryDict,
    found: QuerySet,
    at: str,
    time_of: Callable[[Model], datetime],
    write: Callable[[Model], dict],
) -> FoundRows:
    page = search.page_of(query)
    rows = list(found.filter(page.rest(at)).order_by(*page.order(at))[: page.count + 1])
    shown = rows[: page.count]
    is_more = shown and len(rows) > len(shown)
    after = f"{time_of(shown[-1]).isoformat()}_{shown[-1].pk}" if is_more else ""
    return FoundRows([write(row) for row in shown], found.count(), after)


# --- what a patient has few of ---


@dataclass(frozen=True)
class _Listed:
    """Rows of some models, few enough to be sorted here. `of`: all of a patient."""

    name: str
    models: tuple[type[Model], ...]
    of: Callable[[Patient], Iterable[Row]]
    parameters: dict[str, str] = field(
        default_factory=lambda: {"patient": "reference", "subject": "reference"}
    )

    @property
    def kind(self) -> ResourceKind:
        return ResourceKind(self.name, {**self.parameters, UPDATED: "date"}, self.read, self.search)

    def read(self, sender: Sender, id: str) -> dict:
        patient = patient_of(sender, self._whose(sender, id))
        row = next((row for row in self.of(patient) if row[1]["id"] == id), None)
        if row is None:
            raise Answer(404, f"No such {self.name} here.")
        return _with_time(*row)

    def search(self, query: QueryDict, sender: Sender) -> FoundRows:
        patient = patient_of(sender, str(search.patient_id(query)))
        return listed(query, sender, self.of(patient))

    def _whose(self, sender: Sender, id: str) -> str:
        """The patient's own id. What is of one patient's record as a whole begins with it."""
        uuid = uuid_of(id)
        for model in self.models if uuid else ():
            row = (
                model.objects.filter(uuid=uuid, patient__clinic=sender.clinic)
                .select_related("patient")
                .first()
            )
            if row and row.withdrawn_at:
                raise _gone(self.name)
            if row:
                return str(row.patient.uuid)
        if uuid is None and uuid_of(id[:32]):
            return id[:32]
        raise Answer(404, f"No such {self.name} here.")


def listed(query: QueryDict, sender: Sender, rows: Iterable[Row]) -> FoundRows:
    """The page of these rows, in the order of their last change."""
    spans = [search.date_search(UPDATED, text, sender.clinic.zone) for text in query.getlist(UPDATED)]
    found = sorted((row for row in rows if all(span.holds(row[0]) for span in spans)), key=_place)
    after, count = query.get("_after", ""), search.count_of(query)
    rest = [row for row in found if _place(row) > after]
    shown = rest[:count]
    return FoundRows(
        [_with_time(*row) for row in shown],
        len(found),
        _place(shown[-1]) if shown and len(rest) > count else "",
    )


def _place(row: Row) -> str:
    return f"{row[0].timestamp():020.6f}_{row[1]['id']}"


def _events_of(name: str) -> Callable[[Patient], list[Row]]:
    def rows(patient: Patient) -> list[Row]:
        events = [row for row in _stamped(patient.events.current()) if histories.type_of(row) == name]
        return [(row.updated, histories.event(row, _who(patient))) for row in events]

    return rows


def _conditions_of(patient: Patient) -> list[Row]:
    diagnoses = _stamped(patient.diagnoses.current())
    own = [(row.updated, histories.diagnosis(row, _who(patient))) for row in diagnoses]
    return own + _events_of("Condition")(patient)


def _drugs_of(patient: Patient) -> list[Row]:
    said = fhir.said_of_anticoagulant(patient, _who(patient))
    return [(patient.anticoagulant_said_at, one) for one in said] + _events_of("MedicationStatement")(patient)


def _provenance_of(patient: Patient) -> list[Row]:
    return [(datetime.fromisoformat(one["recorded"]), one) for one in fhir.provenance_of(patient)]


def _search_provenance(query: QueryDict, sender: Sender) -> FoundRows:
    """Of one resource, which is named: Observation/ID, Condition/ID and so on."""
    targets = query.getlist("target")
    kind, _, id = targets[0].partition("/") if len(targets) == 1 else ("", "", "")
    if kind not in KINDS or kind in ("Patient", "Provenance"):
        raise search.UnclearSearch("Name one resource: target=Observation/ID.")
    reference = KINDS[kind].read(sender, id)["subject"]["reference"]
    patient = _patients(sender).get(uuid=UUID(reference.removeprefix("Patient/")))
    rows = [row for row in _provenance_of(patient) if {"reference": targets[0]} in row[1]["target"]]
    return listed(query, sender, rows)


# --- times ---


def _stamped(found: QuerySet) -> QuerySet:
    """With `updated`: when the row was last changed."""
    return found.annotate(updated=Coalesce(_last_version(found.model), F("entered_at")))


def _last_version(model: type[Model], of: str = "pk") -> Subquery:
    history = apps.get_model("patients", f"{model.__name__}History")
    versions = history.objects.filter(pgh_obj=OuterRef(of)).order_by("-pgh_created_at")
    return Subquery(versions.values("pgh_created_at")[:1])


def _changed(query: QueryDict, sender: Sender) -> Q:
    found = Q()
    for text in query.getlist(UPDATED):
        found &= search.date_search(UPDATED, text, sender.clinic.zone).q("updated")
    return found


def _with_time(updated: datetime, resource: dict) -> dict:
    return {**resource, "meta": {"lastUpdated": updated.isoformat()}}


def _who(patient: Patient) -> dict:
    return {"reference": f"Patient/{patient.uuid}"}


def _gone(what: str) -> Answer:
    return Answer(410, f"This {what} was withdrawn here, or another version of it counts.")


_OF_PATIENT = {"patient": "reference", "subject": "reference"}
_DRAWN = {**_OF_PATIENT, "date": "date", UPDATED: "date"}
KINDS = {
    kind.name: kind
    for kind in (
        ResourceKind(
            "Patient", {"identifier": "token", "_id": "token", UPDATED: "date"}, _read_patient, _search_patients
        ),
        ResourceKind(
            "Observation", {**_DRAWN, "code": "token", "category": "token"}, _read_observation, _search_observations,
            sorts=True,
        ),
        ResourceKind("DiagnosticReport", _DRAWN, _read_report, _search_reports, sorts=True),
        _Listed("Condition", (Diagnosis, Event), _conditions_of).kind,
        _Listed("MedicationStatement", (Event,), _drugs_of).kind,
        _Listed("Procedure", (Event,), _events_of("Procedure")).kind,
        ResourceKind(
            "Provenance", {"target": "reference", UPDATED: "date"}, _Listed("Provenance", (), _provenance_of).read,
            _search_provenance,
        ),
    )
}  # fmt: skip
