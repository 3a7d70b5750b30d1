"""POST /hl7/: one HL7 v2 message in, its acknowledgement out. Senders sign in with their token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from patients.outage import FAILURES, is_passing
from uploads import room
from uploads.importers.hl7v2.ack import ERROR, REJECTED
from uploads.interfaces import rates
from uploads.interfaces.messages import not_now, receive, refused, too_often
from uploads.interfaces.tokens import Unwelcome, let_in
from uploads.models import Sender, TokenScope

TYPE = "x-application/hl7-v2+er7; charset=utf-8"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@csrf_exempt
@require_POST
def hl7(request: HttpRequest) -> HttpResponse:
    """The answer's code is in its MSA; the HTTP status is 200 whenever the message could be taken in."""
    limit = settings.MAX_MESSAGE_MB * 1024 * 1024
    raw = b"" if request.content_type in FORMS else request.read(limit + 1)
    try:
        return _take_in(request, raw, limit)
    except FAILURES as error:
        if not is_passing(error):
            raise
        return unavailable(raw)


def _take_in(request: HttpRequest, raw: bytes, limit: int) -> HttpResponse:
    try:
        sender = sender_of(request.headers.get("Authorization", ""))
    except Unwelcome as why:
        return not_let_in(why)
    if wait := rates.wait_of(sender):
        return _too_many(wait)
    if request.content_type in FORMS:
        return _plain("Send the message itself as the body, not as a form: Content-Type: text/plain.", 415)
    if len(raw) > limit:
        return too_large()
    if room.disk().is_short:
        return _no_room(raw)
    _code, answer = receive(sender=sender, raw=raw)
    return HttpResponse(answer, content_type=TYPE)


def sender_of(authorization: str) -> Sender:
    """Raises `Unwelcome` for who may not send."""
    return let_in(authorization, TokenScope.SEND_HL7)


def not_let_in(why: Unwelcome) -> HttpResponse:
    """With another token the same message is welcome: an error, unless the token is for something else."""
    code = ERROR if why.status == 401 else REJECTED
    response = HttpResponse(refused(why.sentence, code), content_type=TYPE, status=why.status)
    if why.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="hl7"'
    return response


def too_large() -> HttpResponse:
    """Sent again it is no smaller: a rejection, of a message that was not read."""
    sentence = f"the message is larger than {settings.MAX_MESSAGE_MB} MB. Send it in parts."
    return HttpResponse(refused(sentence, REJECTED), content_type=TYPE, status=413)


def _too_many(wait: int) -> HttpResponse:
    """An error and no rejection: the same message is welcome later."""
    response = HttpResponse(too_often(wait), content_type=TYPE, status=429)
    response["Retry-After"] = str(wait)
    return response


def unavailable(raw: bytes) -> HttpResponse:
    """Whether it was stored or not: the same message again changes nothing and is answered as it should be."""
    response = HttpResponse(not_now(raw), content_type=TYPE, status=503)
    response["Retry-After"] = "5"
    return response


def _no_room(raw: bytes) -> HttpResponse:
    """An error and no rejection: the same message is welcome once there is room."""
    response = HttpResponse(not_now(raw, room.NO_ROOM), content_type=TYPE, status=507)
    response["Retry-After"] = "60"
    return response


def _plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence + "\n", content_type="text/plain; charset=utf-8", status=status)


urls = [path("", hl7, name="hl7")]
