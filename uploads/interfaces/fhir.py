"""The read API: FHIR R4, Patient and Observation, for systems that sign in with a token that may read.

Every error is an OperationOutcome. Each patient whose data are given out is a logged look.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.actions import log_access
from patients import fhir
from patients.codes import MRN
from patients.models import Patient, Result
from patients.outage import FAILURES, is_passing
from uploads.interfaces import fhir_search as search
from uploads.interfaces import rates
from uploads.interfaces.senders import seen
from uploads.interfaces.tokens import Unwelcome, let_in
from uploads.models import Sender, TokenScope

TYPE = "application/fhir+json; charset=utf-8"
PAGE = "fhir-api"
# Seconds after which one may ask again.
PAUSE = 5
_ISSUES = {
    400: "invalid",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    429: "throttled",
    507: "no-store",
    503: "transient",
}


class Answer(Exception):
    """An error to be given back as an OperationOutcome."""

    def __init__(self, status: int, text: str, wait: int = PAUSE, code: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.wait, self.code = status, text, wait, code


def _endpoint(view: Callable, public: bool = False) -> Callable:
    """Reads only, signed in, with the API's own errors."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, **names) -> HttpResponse:
        try:
            if request.method not in ("GET", "HEAD"):
                raise Answer(405, "This server is for reading: use GET.")
            if public:
                return _json(view(request, **names))
            return _json(view(request, _reader(request), **names))
        except search.UnclearSearch as error:
            return outcome(400, str(error))
        except Answer as answer:
            return outcome(answer.status, answer.text, answer.wait, answer.code)
        except FAILURES as error:
            if not is_passing(error):
                raise
            return outcome(503, "The database does not answer at the moment. Ask again in a minute.")

    return answered


def metadata(request: HttpRequest) -> dict:
    def resource(name: str, parameters: dict[str, str]) -> dict:
        named = [{"name": key, "type": kind} for key, kind in parameters.items()]
        codes = [{"code": "read"}, {"code": "search-type"}]
        return {"type": name, "interaction": codes, "searchParam": named}

    resources = [
        resource("Patient", {"identifier": "token", "_id": "token"}),
        resource(
            "Observation", {"patient": "reference", "code": "token", "date": "date", "category": "token"}
        ),
    ]
    security = {"description": "Authorization: Bearer TOKEN of a system that may read."}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": timezone.now().date().isoformat(),
        "kind": "instance",
        "implementation": {"description": "Liver dissociation: laboratory results of the liver clinic"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "security": security, "resource": resources}],
    }


def patient_read(request: HttpRequest, sender: Sender, id: str) -> dict:
    return fhir.patient_resource(_patient(sender, id))


def patient_search(request: HttpRequest, sender: Sender) -> dict:
    """By the MRN, or by the id of this server; never everybody."""
    search.check_names(request.GET, {"identifier", "_id", "_count", "_format"})
    if not ({"identifier", "_id"} & set(request.GET)):
        raise search.UnclearSearch("Name the patient: identifier=MRN.")
    found = Patient.objects.current().filter(clinic=sender.clinic)
    for token in request.GET.getlist("identifier"):
        system, bar, value = token.rpartition("|")
        found = found.none() if bar and system not in ("", MRN) else found.filter(mrn=value)
    for text in request.GET.getlist("_id"):
        found = found.filter(uuid=_uuid(text)) if _uuid(text) else found.none()
    rows = list(found.order_by("pk")[: search.count_of(request.GET)])
    for row in rows:
        log_access(user=sender.user, patient=row, page=PAGE)
    return _bundle(request, [fhir.patient_resource(row) for row in rows], found.count(), "")


def observation_read(request: HttpRequest, sender: Sender, id: str) -> dict:
    draw, analyte = _uuid(id[:36]), id[37:].replace("-", "_")
    rows = _results(sender).filter(draw__uuid=draw, analyte=analyte) if draw else Result.objects.none()
    row = rows.first()
    if row is None:
        raise Answer(404, "No such observation here.")
    log_access(user=sender.user, patient=row.draw.patient, page=PAGE)
    return fhir.observation_resource(row)


def observation_search(request: HttpRequest, sender: Sender) -> dict:
    names = {"patient", "subject", "code", "date", "category", "_count", "_sort", "_after", "_format"}
    search.check_names(request.GET, names)
    uuid, page = search.patient_id(request.GET), search.page_of(request.GET)
    wanted = search.observations(request.GET, sender.clinic.zone)
    patient = _patient(sender, str(uuid))
    found = _results(sender).filter(wanted, draw__patient=patient)
    rows = list(found.filter(page.rest).order_by(*page.order)[: page.count + 1])
    shown = rows[: page.count]
    more = search.next_page(request.GET, shown[-1]) if shown and len(rows) > len(shown) else ""
    return _bundle(request, [fhir.observation_resource(row) for row in shown], found.count(), more)


def nothing(request: HttpRequest, rest: str) -> dict:
    raise Answer(404, "Nothing is served here. See /fhir/metadata.")


def _reader(request: HttpRequest) -> Sender:
    try:
        sender = let_in(request.headers.get("Authorization", ""), TokenScope.READ_FHIR)
    except Unwelcome as why:
        raise Answer(why.status, why.sentence, code=why.code) from None
    if wait := rates.wait_of(sender):
        raise Answer(
            429, f"More than {settings.SENDER_RATE} requests in a minute. Ask again in {wait} s.", wait
        )
    seen(sender)
    return sender


def _patient(sender: Sender, id: str) -> Patient:
    uuid = _uuid(id)
    found = Patient.objects.current().filter(clinic=sender.clinic, uuid=uuid).first() if uuid else None
    if found is None:
        raise Answer(404, "No such patient here.")
    log_access(user=sender.user, patient=found, page=PAGE)
    return found


def _results(sender: Sender):
    """What counts in the sender's clinic."""
    return Result.objects.filter(
        draw__patient__clinic=sender.clinic,
        draw__patient__withdrawn_at__isnull=True,
        draw__withdrawn_at__isnull=True,
        status__in=Result.COUNTING,
    ).select_related("draw__patient__clinic")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _bundle(request: HttpRequest, resources: list[dict], total: int, more: str) -> dict:
    base = request.build_absolute_uri(reverse("fhir-metadata")).removesuffix("metadata")
    links = [{"relation": "self", "url": request.build_absolute_uri()}]
    if more:
        links.append({"relation": "next", "url": f"{request.build_absolute_uri(request.path)}?{more}"})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    if resources:
        bundle["entry"] = [
            {
                "fullUrl": f"{base}{one['resourceType']}/{one['id']}",
                "resource": one,
                "search": {"mode": "match"},
            }
            for one in resources
        ]
    return bundle


def _json(data: dict, status: int = 200) -> HttpResponse:
    return HttpResponse(fhir.dumps(data), content_type=TYPE, status=status)


def outcome(status: int, text: str, wait: int = PAUSE, code: str = "") -> HttpResponse:
    issue = {"severity": "error", "code": code or _ISSUES[status], "diagnostics": text}
    response = _json({"resourceType": "OperationOutcome", "issue": [issue]}, status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="fhir"'
    if status == 405:
        response["Allow"] = "GET, HEAD"
    if status in (429, 503):
        response["Retry-After"] = str(wait)
    return response


urls = [
    path("metadata", _endpoint(metadata, public=True), name="fhir-metadata"),
    path("Patient", _endpoint(patient_search), name="fhir-patient-search"),
    path("Patient/<str:id>", _endpoint(patient_read), name="fhir-patient"),
    path("Observation", _endpoint(observation_search), name="fhir-observation-search"),
    path("Observation/<str:id>", _endpoint(observation_read), name="fhir-observation"),
    re_path(r"^(?P<rest>.*)$", _endpoint(nothing, public=True), name="fhir-nothing"),
]
