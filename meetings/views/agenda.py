"""A meeting's own page: while it is open its agenda beside the proposals, once closed its record."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import log_accesses
from accounts.permissions import Can, may
from meetings.access import item_of, may_close, meeting_for
from meetings.actions import agenda
from meetings.actions.agenda import QUESTION_LENGTH
from meetings.actions.meetings import is_early
from meetings.attendance import attendance_of
from meetings.models import AgendaItem, Meeting
from meetings.proposals import LIMIT, proposals
from meetings.stage import counts_of
from meetings.views.closing import record
from patients.actions.errors import Refused
from patients.models import Assessment, Patient
from patients.presenters.worklist.filters import capped
from patients.presenters.worklist.rows import row
from patients.worklist.being_assessed import BEING_ASSESSED


@login_required
@never_cache
@require_safe
def detail(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting)
    if found.state == Meeting.State.CLOSED:
        return record(request, found)
    return _page(request, found)


@login_required
@require_POST
def take(request: HttpRequest, meeting) -> HttpResponse:
    """Takes (or drops) what was ticked, the one whose button was pressed, or all that are proposed."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    drop = "drop" in request.POST
    one = request.POST.get("drop") or request.POST.get("take")
    wanted = {one} if one else set(request.POST.getlist("patient"))
    everybody = "all" in request.POST
    chosen = [proposal for proposal in proposals(found) if everybody or str(proposal.patient.uuid) in wanted]
    patients = {
        proposal.patient: [[reason.kind, reason.sentence] for reason in proposal.reasons]
        for proposal in chosen
    }
    return _done(request, found, lambda: _take(found, request, patients, drop))


def _take(meeting: Meeting, request: HttpRequest, patients: dict, drop: bool) -> None:
    if not patients:
        raise Refused("Choose at least one patient who is still proposed.")
    agenda.take(meeting=meeting, by=request.user, patients=patients, drop=drop)


@login_required
@require_POST
def add(request: HttpRequest, meeting) -> HttpResponse:
    """Anybody of the clinic, by MRN, with the question to the meeting."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    mrn, question = request.POST.get("mrn", "").strip(), request.POST.get("question", "")
    return _done(request, found, lambda: _add(found, request, mrn, question))


def _add(meeting: Meeting, request: HttpRequest, mrn: str, question: str) -> None:
    patient = Patient.objects.current().filter(clinic=meeting.clinic, mrn=mrn).first()
    if patient is None:
        raise Refused("No patient of this clinic has this MRN.", "mrn")
    if not question.strip():
        raise Refused("Say what the meeting is asked about this patient.", "question")
    agenda.take(
        meeting=meeting,
        by=request.user,
        patients={patient: [["asked", f"Added by {request.user}"]]},
        question=question,
    )


@login_required
@require_POST
def item_move(request: HttpRequest, meeting, item) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one, up = item_of(found, item), request.POST.get("to") == "up"
    return _done(request, found, lambda: agenda.move(item=one, by=request.user, up=up))


@login_required
@require_POST
def item_turn(request: HttpRequest, meeting, item) -> HttpResponse:
    """Drops an item, or takes a dropped one back."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one, drop = item_of(found, item), request.POST.get("to") == "dropped"
    return _done(request, found, lambda: agenda.turn(item=one, by=request.user, drop=drop))


@login_required
@require_POST
def item_question(request: HttpRequest, meeting, item) -> HttpResponse:
    return _prepare(request, meeting, item, "question")


@login_required
@require_POST
def item_imaging(request: HttpRequest, meeting, item) -> HttpResponse:
    """What images showed, in a person's words."""
    return _prepare(request, meeting, item, "imaging")


def _prepare(request: HttpRequest, meeting, item, field: str) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one, text, seen = item_of(found, item), request.POST.get(field, ""), request.POST.get("seen")

    def act() -> None:
        agenda.prepare(item=one, by=request.user, field=field, text=text, seen=seen)

    if request.POST.get("from") in ("present", "item"):
        return _on_stage(request, one, field, act)
    return _done(request, found, act)


def _on_stage(request: HttpRequest, item: AgendaItem, field: str, act) -> HttpResponse:
    """The part of the stage as it is now; what was typed stays in it where it was refused."""
    error = ""
    try:
        act()
    except Refused as refused:
        error = refused.sentence
    presenting = request.POST["from"] == "present"
    if not request.htmx:
        if error:
            messages.error(request, error)
        name, things = ("present", [item.meeting]) if presenting else ("item", [item.meeting, item])
        return redirect(f"meetings:{name}", *(thing.uuid for thing in things))
    item.refresh_from_db(fields=["question", "imaging"])
    context = {
        "item": item,
        "meeting": item.meeting,
        "decides": item.meeting.is_open,
        "presenting": presenting,
        f"{field}_error": error,
        f"{field}_saved": not error,
        f"{field}_typed": request.POST[field] if error else "",
    }
    return render(request, f"meetings/_stage_{field}.html", context, status=422 if error else 200)


@login_required
@require_POST
def order(request: HttpRequest, meeting) -> HttpResponse:
    """The order as dragged: ids of items in the order in which they stand."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    uuids = [uuid for text in request.POST.getlist("item") if (uuid := _uuid(text))]
    return _done(request, found, lambda: agenda.order(meeting=found, by=request.user, uuids=uuids))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _done(request: HttpRequest, meeting: Meeting, act) -> HttpResponse:
    """After a change: the agenda as it is now, with a sentence where it was refused."""
    try:
        act()
    except Refused as refused:
        if request.htmx:
            return _page(request, meeting, error=refused.sentence, status=422)
        messages.error(request, refused.sentence)
    if request.htmx:
        messages.success(request, "The agenda is saved.")
        return _page(request, meeting)
    return redirect("meetings:detail", meeting.uuid)


def _page(request: HttpRequest, meeting: Meeting, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "meeting": meeting,
        "early": is_early(meeting, timezone.now()),
        "attendance": attendance_of(meeting),
        "decides": may(request.user, Can.DECIDE, meeting.clinic) and meeting.is_open,
        "may_close": may_close(request.user, meeting),
        "following": Meeting.objects.current().filter(previous=meeting).first(),
        "question_length": QUESTION_LENGTH,
        "error": error,
        **_items(meeting),
        **_proposed(meeting),
    }
    on_it = [*context["taken"], *context["dropped"], *context["proposed"]]
    log_accesses(user=request.user, patients=[one.patient for one in on_it], page="meeting-agenda")
    template = "meetings/_agenda.html" if request.htmx else "meetings/agenda.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _items(meeting: Meeting) -> dict:
    """The agenda with the worklist's line of each, and its counts."""
    items = list(meeting.items.select_related("patient", "by"))
    rows = _rows(meeting, [item.patient_id for item in items])
    for item in items:
        item.row = rows.get(item.patient_id)
    taken = [item for item in items if item.state == AgendaItem.State.TAKEN]
    dropped = [item for item in items if item.state == AgendaItem.State.DROPPED]
    return {"taken": taken, "dropped": dropped, **counts_of(taken)}


def _proposed(meeting: Meeting) -> dict:
    proposed, now = proposals(meeting) if meeting.is_open else [], timezone.now()
    for proposal in proposed:
        proposal.assessment.row = row(proposal.assessment, meeting.clinic, now)
    total = proposed[0].total if proposed else 0
    return {"proposed": proposed, "total": capped(total), "more": total > len(proposed), "limit": LIMIT}


def _rows(meeting: Meeting, patients: list[int]) -> dict:
    """The worklist's line of each patient."""
    now = timezone.now()
    found = Assessment.objects.filter(pk__in=patients).select_related("patient")
    found = found.annotate(being_assessed=BEING_ASSESSED)
    return {one.pk: row(one, meeting.clinic, now) for one in found}


ITEM = "<uuid:meeting>/items/<uuid:item>"
urls = [
    path("<uuid:meeting>/", detail, name="detail"),
    path("<uuid:meeting>/take/", take, name="take"),
    path("<uuid:meeting>/add/", add, name="add"),
    path("<uuid:meeting>/order/", order, name="order"),
    path(f"{ITEM}/move/", item_move, name="item-move"),
    path(f"{ITEM}/turn/", item_turn, name="item-turn"),
    path(f"{ITEM}/question/", item_question, name="item-question"),
    path(f"{ITEM}/imaging/", item_imaging, name="item-imaging"),
]
