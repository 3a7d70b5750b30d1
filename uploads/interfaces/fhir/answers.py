"""Answers of the read API: resources, bundles of them, and errors as OperationOutcomes."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from patients import fhir
from patients.outage import FAILURES, is_passing

from .search import UnclearSearch

TYPE = "application/fhir+json; charset=utf-8"
# Seconds after which one may ask again.
PAUSE = 5
_READ, _SEARCH = ("GET", "HEAD"), ("POST",)
_ISSUES = {
    400: "invalid",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    410: "deleted",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
    507: "no-store",
    503: "transient",
}
_FORMATS = ("json", "text/json", "application/json", "application/fhir+json", "application/fhir json")
_ACCEPTED = ("*/*", "application/*", "application/json", "application/fhir+json", "text/json")


class Answer(Exception):
    """An error to be given back as an OperationOutcome."""

    def __init__(self, status: int, text: str, wait: int = PAUSE, code: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.wait, self.code = status, text, wait, code


def endpoint(view: Callable[..., dict], methods: tuple[str, ...] = _READ) -> Callable[..., HttpResponse]:
    """With the API's own errors, whatever goes wrong; `methods` alone."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, **names: str) -> HttpResponse:
        try:
            if request.method not in methods:
                raise Answer(405, _wrong_method(methods))
            check_format(request)
            return _json(view(request, **names))
        except UnclearSearch as error:
            return outcome(400, str(error))
        except Answer as answer:
            found = outcome(answer.status, answer.text, answer.wait, answer.code)
            if answer.status == 405:
                found["Allow"] = ", ".join(methods)
            return found
        except FAILURES as error:
            if not is_passing(error):
                raise
            return outcome(503, "The database does not answer at the moment. Ask again in a minute.")

    return answered


def check_format(request: HttpRequest) -> None:
    """`_format` goes over `Accept`, as FHIR has it: JSON, or nothing."""
    asked = request.GET.get("_format") or (request.POST.get("_format") if request.method in _SEARCH else None)
    if asked:
        if asked.partition(";")[0].strip() not in _FORMATS:
            raise Answer(406, f"_format “{asked[:40]}” is not served: only json.")
        return
    accepted = request.headers.get("Accept", "") or "*/*"
    if not any(_is_served(one) for one in accepted.split(",")):
        raise Answer(406, "What is accepted is not served: only application/fhir+json.")


def _is_served(accepted: str) -> bool:
    kind, *parameters = (part.strip().casefold() for part in accepted.split(";"))
    refused = any(part.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for part in parameters)
    version = next((part.partition("=")[2] for part in parameters if part.startswith("fhirversion=")), "4.0")
    return kind in _ACCEPTED and not refused and version in ("4.0", "4.0.1")


def _wrong_method(methods: tuple[str, ...]) -> str:
    return "This server is for reading: use GET." if methods == _READ else "Searches by form are POST."


def _json(data: dict, status: int = 200) -> HttpResponse:
    return HttpResponse(fhir.dumps(data), content_type=TYPE, status=status)


def outcome(status: int, text: str, wait: int = PAUSE, code: str = "") -> HttpResponse:
    response = _json(
        {"resourceType": "OperationOutcome", "issue": [issue(text, code or _ISSUES[status])]}, status
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="fhir"'
    if status == 405:
        response["Allow"] = ", ".join(_READ)
    if status in (429, 503):
        response["Retry-After"] = str(wait)
    return response


def issue(text: str, code: str, severity: str = "error") -> dict:
    return {"severity": severity, "code": code, "diagnostics": text}
