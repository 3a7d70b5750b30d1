"""`/cds-services`: what there is, the cards for a patient, and what became of them."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from accounts.actions import log_access
from interpretation.report import interpret
from patients.outage import FAILURES, is_passing
from uploads.interfaces import rates
from uploads.interfaces.senders import seen
from uploads.models import LaunchClient, Sender

from . import asked, feedback, known, supplied, tokens
from .cards import CardLinks, cards
from .problems import HookProblem

SERVICE = "liver-dissociation"
PAGE = "cds-hooks"
_ISSUES = {401: "login", 405: "not-supported", 412: "incomplete", 429: "throttled", 503: "transient"}
NOT_NOW = HookProblem(503, "The database does not answer at the moment.", 5)
_METHODS = {"GET": "GET, OPTIONS", "POST": "POST, OPTIONS"}


def _endpoint(method: str, public: bool = False) -> Callable:
    """One method; its token checked; every error an OperationOutcome; for scripts of agreed origins."""

    def decorated(view: Callable[..., HttpResponse]) -> Callable:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            return for_scripts(_answer(request, view, method, public), request.headers.get("Origin", ""))

        return answered

    return decorated


def _answer(request: HttpRequest, view: Callable, method: str, public: bool) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": _METHODS[method]})
    try:
        if request.method != method:
            raise HookProblem(405, f"Use {method}.")
        return view(request) if public else view(request, _sender(request))
    except HookProblem as problem:
        return outcome(problem, method)
    except FAILURES as error:
        if not is_passing(error):
            raise
        return outcome(NOT_NOW, method)


@_endpoint("GET", public=True)
def services(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"services": [_service()]})


def _service() -> dict[str, Any]:
    return {
        "hook": asked.HOOK,
        "id": SERVICE,
        "title": "Liver dissociation",
        "description": "Says where ALT and AST fall while INR rises, how soon to act, and what to exclude first.",
        "usageRequirements": "Without drugs (statements, requests, administrations) an anticoagulant stays unseen.",
        "prefetch": supplied.queries("{{context.patientId}}"),
    }


@_endpoint("POST")
def patient_view(request: HttpRequest, sender: Sender) -> HttpResponse:
    """Reads what was supplied, beside the record where the patient is in it. Only the look is stored, and of whom
    a card was."""
    hook = asked.read(request.body)
    if sender.clinic.is_silent:
        return JsonResponse({"cards": []})
    found = supplied.read(hook, zone=sender.clinic.zone, at=timezone.now(), authority=sender.authority)
    patient = known.patient_of(sender, found)
    if patient:
        log_access(user=sender.user, patient=patient, page=PAGE)
        found = known.with_record(found, patient)
    if not found.case.draws:
        raise HookProblem(412, "No result of the liver’s tests was supplied that can be read.")
    answered = cards(found, interpret(found.case), _links(request, sender, patient))
    if patient:
        known.remember(sender, patient, answered)
    return JsonResponse({"cards": answered})


@_endpoint("POST")
def told(request: HttpRequest, sender: Sender) -> HttpResponse:
    feedback.keep(sender, feedback.read(request.body))
    return JsonResponse({})


def _sender(request: HttpRequest) -> Sender:
    sender = tokens.sender_of(
        request.headers.get("Authorization", ""), request.build_absolute_uri(request.path)
    )
    if wait := rates.wait_of(sender):
        raise HookProblem(429, f"More than {settings.SENDER_RATE} requests in a minute.", wait)
    seen(sender)
    return sender


def _links(request: HttpRequest, sender: Sender, patient: Any) -> CardLinks:
    launches = LaunchClient.objects.filter(sender=sender).exists()
    return CardLinks(
        request.build_absolute_uri(reverse("patients:knowledge")),
        request.build_absolute_uri(reverse("patients:detail", args=[patient.uuid])) if patient else "",
        request.build_absolute_uri(reverse("smart-launch")) if launches else "",
    )


def for_scripts(response: HttpResponse, origin: str) -> HttpResponse:
    """CORS: for the origins that the site has named."""
    patch_vary_headers(response, ["Origin"])
    if origin in settings.CDS_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Max-Age"] = "600"
    response["Cache-Control"] = "no-store"
    return response


def outcome(problem: HookProblem, method: str = "POST") -> HttpResponse:
    issue = {
        "severity": "error",
        "code": _ISSUES.get(problem.status, "invalid"),
        "diagnostics": problem.text,
    }
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    response = HttpResponse(body, content_type="application/fhir+json; charset=utf-8", status=problem.status)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="cds-services"'
    if problem.status == 405:
        response["Allow"] = _METHODS[method]
    if problem.wait:
        response["Retry-After"] = str(problem.wait)
    return response


urls = [
    path("cds-services", services, name="cds-services"),
    path(f"cds-services/{SERVICE}", patient_view, name="cds-service"),
    path(f"cds-services/{SERVICE}/feedback", told, name="cds-feedback"),
]
