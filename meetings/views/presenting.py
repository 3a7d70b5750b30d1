"""Present mode: one patient a screen for whoever leads, the same for the room, in step."""

from zlib import crc32

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import log_access, log_accesses
from accounts.permissions import Can
from meetings.access import item_of, may_close, meeting_for
from meetings.actions import meetings as plans
from meetings.actions import presenting
from meetings.models import AgendaItem, Meeting
from meetings.stage import counted_of, position_of, stage_context
from meetings.views.outcomes import outcome_context
from patients.actions.errors import Refused
from patients.models import CauseReview

PRESENT, AUDIENCE = "meeting-present", "meeting-audience"
# htmx asks no more when it gets this.
STOP_ASKING = 286
State = Meeting.State


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, meeting) -> HttpResponse:
    """Starts it; before its day only where that was asked and confirmed."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    if request.method == "POST":
        try:
            plans.start(meeting=found, by=request.user, early="early" in request.POST)
        except Refused as refused:
            if refused.field != "early":
                messages.error(request, refused.sentence)
                return redirect("meetings:detail", found.uuid)
        else:
            return redirect("meetings:present", found.uuid)
    if found.state != State.PLANNED or not found.is_open:
        return redirect("meetings:detail", found.uuid)
    now = timezone.now().astimezone(found.clinic.zone)
    context = {"meeting": found, "early": plans.is_early(found, now), "now": now}
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/start_early.html", context, status=status)


@login_required
@never_cache
@require_safe
def present(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    if found.state != State.IN_PROGRESS:
        return redirect("meetings:detail", found.uuid)
    return _present(request, found)


@login_required
@require_POST
def step(request: HttpRequest, meeting) -> HttpResponse:
    """Another patient on every screen of this meeting."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    error = ""
    try:
        presenting.show(item=item_of(found, request.POST.get("item", "")), by=request.user)
    except Http404:
        error = "This patient is not on the agenda."
    except Refused as refused:
        error = refused.sentence
    if not request.htmx:
        if error:
            messages.error(request, error)
        return redirect("meetings:present", found.uuid)
    found.refresh_from_db(fields=["showing", "showing_since", "step", "state"])
    return _present(request, found, error=error)


@login_required
@require_safe
def position(request: HttpRequest, meeting) -> HttpResponse:
    """For a presenter's window: nothing while it shows what every screen shows, else where they are."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    if found.state != State.IN_PROGRESS:
        return render(request, "meetings/_moved.html", {"meeting": found}, status=STOP_ASKING)
    if request.GET.get("step") == str(found.step):
        return HttpResponse(status=204)
    item = _showing(found)
    if item is not None:
        log_access(user=request.user, patient=item.patient, page=PRESENT)
    return render(request, "meetings/_moved.html", {"meeting": found, "item": item})


@login_required
@never_cache
@require_safe
def audience(request: HttpRequest, meeting) -> HttpResponse:
    """What the room sees; asked by htmx every other second, it answers only when something has changed."""
    found = meeting_for(request.user, meeting)
    item = _showing(found)
    seen = _seen(found, item)
    if request.htmx and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = {"meeting": found, "seen": seen, "watching": True, **position_of(found)}
    if item is not None and found.state == State.IN_PROGRESS:
        log_access(user=request.user, patient=item.patient, page=AUDIENCE)
        context |= stage_context(item, timezone.now(), watching=True)
    context["poll"] = found.is_open
    template = "meetings/_audience.html" if request.htmx else "meetings/audience.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@never_cache
@require_safe
def counts(request: HttpRequest, meeting) -> HttpResponse:
    """How many of the agenda are decided, as open pages ask every few seconds."""
    found = meeting_for(request.user, meeting)
    status = 200 if found.is_open else STOP_ASKING
    return render(request, "meetings/_counts.html", {"meeting": found, **counted_of(found)}, status=status)


def _present(request: HttpRequest, meeting: Meeting, *, error: str = "") -> HttpResponse:
    item = _showing(meeting)
    context = {
        "meeting": meeting,
        "error": error,
        "may_close": may_close(request.user, meeting),
        "presenting": True,
        **position_of(meeting),
    }
    log_accesses(user=request.user, patients=[one.patient for one in context["items"]], page="meeting-list")
    if item is not None:
        log_access(user=request.user, patient=item.patient, page=PRESENT)
        now = timezone.now()
        context |= stage_context(item, now) | outcome_context(request, item, now)
        context["seconds"] = item.seconds + _since(meeting.showing_since, now)
    context["whole_seconds"] = _since(meeting.started_at, timezone.now())
    template = "meetings/_present.html" if request.htmx else "meetings/present.html"
    response = render(request, template, context, status=422 if error else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _showing(meeting: Meeting) -> AgendaItem | None:
    if meeting.showing_id is None:
        return None
    found = meeting.items.select_related("patient__clinic", "written_by")
    item = found.filter(pk=meeting.showing_id, patient__withdrawn_at__isnull=True).first()
    if item is not None:
        item.meeting = meeting
    return item


def _seen(meeting: Meeting, item: AgendaItem | None) -> str:
    """Differs when the room would see something else: a patient, a word, a question, an action, a verdict."""
    if item is None:
        return f"{meeting.state}-{meeting.step}"
    verdict = CauseReview.objects.filter(patient_id=item.patient_id).order_by("-id").values("id").first()
    actions = "-".join(f"{pk}.{version}" for pk, version in item.actions.values_list("pk", "version"))
    last = verdict["id"] if verdict else 0
    prepared = crc32(f"{item.question}\n{item.imaging}".encode())
    return f"{meeting.state}-{meeting.step}-{item.version}-{prepared}-{last}-{actions}"


def _since(moment, now) -> int:
    return max(0, round((now - moment).total_seconds())) if moment else 0


urls = [
    path("<uuid:meeting>/start/", start, name="start"),
    path("<uuid:meeting>/present/", present, name="present"),
    path("<uuid:meeting>/step/", step, name="step"),
    path("<uuid:meeting>/position/", position, name="position"),
    path("<uuid:meeting>/counts/", counts, name="counts"),
    path("<uuid:meeting>/audience/", audience, name="audience"),
]
