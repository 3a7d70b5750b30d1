"""Numbers for Prometheus, in its text form: what was asked, and what database, queue and disk say. Of no patient.

Requests are those of this machine, whichever of its processes is asked; the rest is the same on every machine.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import Error
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Extract, Greatest, Now
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Clinic
from config.operating import tally, vitals
from patients.models import Notice
from uploads import room
from uploads.models import Message, Sender

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


class CountRequests:
    """By the name of the address, never by the address: that may hold a patient's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Now: before the web processes part.
        self.tally = tally.shared()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        self.tally.count(_name(request), response.status_code, time.perf_counter() - began)
        return response


def _name(request: HttpRequest) -> str:
    if request.path_info.startswith(settings.STATIC_URL):
        return tally.STATIC
    found = request.resolver_match
    if found is None:
        return tally.NONE
    return tally.ADMIN if found.namespace == "admin" else found.view_name


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For who has METRICS_TOKEN; without that setting there is no such address."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _is_it(token.strip()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    return HttpResponse("".join(line + "\n" for line in lines()), content_type=TYPE)


def _is_it(token: str) -> bool:
    return secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())


def lines() -> Iterator[str]:
    yield from _requests()
    disk = room.disk()
    yield from _gauge(
        "disk_free_bytes",
        "Room in VAR_DIR, or where the embedded database lies, whichever has less.",
        [({}, disk.free)],
    )
    yield from _gauge("disk_bytes", "Size of that disk.", [({}, disk.total)])
    try:
        # All of it or nothing: half a table would look like a drop.
        found = list(_in_database())
    except Error:
        found = list(_gauge("database_up", "1: the database answers.", [({}, 0)]))
    yield from found


def _requests() -> Iterator[str]:
    rows = list(tally.shared().rows())
    yield from _head(
        "requests_total", "counter", "Requests by the name of their address and class of answer."
    )
    for name, classes, _, _ in rows:
        for of, count in zip(tally.CLASSES, classes, strict=True):
            if count:
                yield _line("requests_total", {"route": name, "status": of}, count)
    yield from _head("request_seconds", "histogram", "Seconds until an answer begins.")
    for name, _, bounds, seconds in rows:
        yield from _histogram(name, bounds, seconds)


def _histogram(route: str, bounds: list[int], seconds: float) -> Iterator[str]:
    total = 0
    for bound, count in zip(tally.BOUNDS, bounds, strict=True):
        total += count
        until = "+Inf" if bound == float("inf") else f"{bound:g}"
        yield _line("request_seconds_bucket", {"route": route, "le": until}, total)
    yield _line("request_seconds_sum", {"route": route}, round(seconds, 6))
    yield _line("request_seconds_count", {"route": route}, total)


def _in_database() -> Iterator[str]:
    seconds, queue = vitals.database_seconds(), vitals.queue()
    yield from _gauge("database_up", "1: the database answers.", [({}, 1)])
    yield from _gauge("database_seconds", "What its smallest answer takes.", [({}, round(seconds, 6))])
    yield from _gauge("queue_waiting", "Jobs that can be done now.", [({}, queue.waiting)])
    yield from _gauge("queue_oldest_seconds", "For how long the oldest of them waits.", [({}, queue.oldest)])
    yield from _gauge("workers", "Workers that were seen in the last minute.", [({}, queue.workers)])
    age = vitals.backup_seconds()
    yield from _gauge(
        "backup_age_seconds",
        "Since the moment that the last backup holds.",
        [] if age is None else [({}, round(age))],
    )
    yield from _gauge("notices_untaken", "Notices that nobody has taken.", _untaken())
    yield from _gauge("feed_age_seconds", "Since the last message of a sender, by its id.", _feeds())


def _untaken() -> list[Sample]:
    """Clinics without one too: a series that goes away is no zero."""
    counts = dict(Notice.objects.untaken().order_by().values_list("clinic").annotate(Count("pk")))
    return [({"clinic": code}, counts.get(pk, 0)) for pk, code in Clinic.objects.values_list("pk", "code")]


def _feeds() -> list[Sample]:
    """Of those that may send and have sent."""
    # By the index of sender and state: one of all messages would be read whole.
    last = Greatest(*[_last(state) for state in Message.State.values])
    rows = Sender.objects.filter(allowed=True).order_by("pk").annotate(age=Extract(Now() - last, "epoch"))
    found = rows.values_list("uuid", "clinic__code", "age")
    return [
        ({"clinic": code, "sender": str(uuid)}, float(age)) for uuid, code, age in found if age is not None
    ]


def _last(state: str) -> Subquery:
    return Subquery(
        Message.objects.filter(sender=OuterRef("pk"), state=state).order_by("-at").values("at")[:1]
    )


def _gauge(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield from _head(name, "gauge", says)
    for labels, value in samples:
        yield _line(name, labels, value)


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP liver_{name} {says}"
    yield f"# TYPE liver_{name} {kind}"


def _line(name: str, labels: dict[str, str], value: float) -> str:
    """Labels are our own names, codes of clinics and ids: nothing in them needs to be quoted."""
    said = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"liver_{name}{{{said}}} {value}" if said else f"liver_{name} {value}"


urls = [path("metrics", metrics, name="metrics")]
