"""How large a body may be, by its address and by who sends it, and what is answered to more."""

from collections.abc import Mapping
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.urls import reverse
from waitress.utilities import Error

from config import errors
from config.operating import request_ids
from patients.outage import FAILURES
from uploads import room
from uploads.interfaces import fhir, hl7
from uploads.interfaces.cds import tokens
from uploads.interfaces.cds.problems import HookProblem
from uploads.interfaces.cds.views import NOT_NOW, for_scripts, outcome
from uploads.interfaces.tokens import Unwelcome

KB, MB = 1024, 1024 * 1024
# Of whoever is not signed in: names and passwords.
ANONYMOUS = 16 * KB
SIGN_IN = "Sign in, then send it again. Without a sign-in only little is taken."
TOO_LARGE = "At most {} are taken at this address."
UPLOADS_TOO_LARGE = "At most {} MB are taken at once. Upload fewer files at a time, or split them."


class SiteDoor:
    """Asked before a body is read on: by waitress's threads, so that a slow database holds up no other connection."""

    free = ANONYMOUS

    def most(self, path: str) -> int:
        if path == reverse("uploads:list"):
            # Half as much again as is taken, so that the page can say which file is too large.
            return settings.MAX_UPLOAD_MB * MB * 3 // 2
        if path.startswith((reverse("hl7"), reverse("cds-services"))):
            return settings.MAX_MESSAGE_MB * MB
        return ANONYMOUS if _is_fhir(path) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def too_large(self, path: str) -> Error:
        request_ids.begin()
        if path.startswith(reverse("hl7")):
            return Refusal(hl7.too_large())
        if path == reverse("uploads:list"):
            return Refusal(errors.too_large(UPLOADS_TOO_LARGE.format(settings.MAX_UPLOAD_MB)))
        return _refused(path, TOO_LARGE.format(_said(self.most(path))))

    def refusal(self, path: str, headers: Mapping[str, str]) -> Error | None:
        request_ids.begin()
        close_old_connections()
        try:
            if self._is_known(path, headers):
                return _no_room(path)
        except Unwelcome as why:
            return Refusal(hl7.not_let_in(why))
        except HookProblem as problem:
            return _hook_refusal(problem, headers)
        except FAILURES:
            return _not_now(path, headers)
        finally:
            close_old_connections()
        return _refused(path, SIGN_IN)

    def _is_known(self, path: str, headers: Mapping[str, str]) -> bool:
        if path.startswith(reverse("hl7")):
            return bool(hl7.sender_of(headers.get("AUTHORIZATION", "")))
        if path.startswith(reverse("cds-services")):
            # For whichever address it is: the page looks at that.
            return bool(tokens.signed(headers.get("AUTHORIZATION", "")))
        key = parse_cookie(headers.get("COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
        return bool(key) and SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(key)


class Refusal(Error):
    """A page of ours as the answer of the server, which has not read what was sent."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__("")
        self.code, self.reason = response.status_code, response.reason_phrase
        response["Cache-Control"] = "no-store"
        response[request_ids.HEADER] = request_ids.current()
        self.response = response

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        return f"{self.code} {self.reason}", list(self.response.items()), self.response.content


def _no_room(path: str) -> Refusal | None:
    """A file would lie on the disk before anybody looks at it."""
    if path == reverse("uploads:list") and room.disk().is_short:
        return Refusal(errors.no_room(HttpRequest(), takes_some=True))
    return None


def _refused(path: str, sentence: str) -> Refusal:
    return Refusal(fhir.outcome(413, sentence) if _is_fhir(path) else errors.too_large(sentence))


def _not_now(path: str, headers: Mapping[str, str]) -> Refusal:
    if path.startswith(reverse("cds-services")):
        return _hook_refusal(NOT_NOW, headers)
    return Refusal(hl7.unavailable(b"") if path.startswith(reverse("hl7")) else errors.not_now())


def _hook_refusal(problem: HookProblem, headers: Mapping[str, str]) -> Refusal:
    """What the page itself would answer, so that a record system learns why its token is not accepted."""
    return Refusal(for_scripts(outcome(problem), headers.get("ORIGIN", "")))


def _is_fhir(path: str) -> bool:
    """What is answered with an OperationOutcome."""
    return path.startswith((reverse("fhir-metadata").removesuffix("metadata"), reverse("cds-services")))


def _said(size: int) -> str:
    return f"{size / MB:.1f} MB" if size >= MB else f"{size // KB} kB"
