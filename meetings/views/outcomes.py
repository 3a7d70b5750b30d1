"""The outcome of one item, saved as it is typed: decision and note, verdicts on causes, actions."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import log_access
from accounts.permissions import Can, may
from interpretation.knowledge import load
from meetings.access import item_of, meeting_for
from meetings.actions.closing import is_doubtful
from meetings.actions.outcomes import Collision, save_outcome
from meetings.actions.tasks import add_action
from meetings.actions.verdicts import judge
from meetings.forms import ActionForm
from meetings.models import AgendaItem, Meeting
from meetings.models.agenda import NOTE_LENGTH
from meetings.stage import counted_of, outstanding_of, stage_context
from patients.actions.errors import Refused, Stale
from patients.actions.reviews import NOTE_LENGTH as VERDICT_NOTE_LENGTH
from patients.words import verdict_word

load("causes").read_by(__name__, "cause")
ITEM_PAGE = "meeting-item"
REFUSED = 422
# A due day to start from; whoever gives out the action moves it.
USUAL_DAYS = 14


@login_required
@never_cache
@require_safe
def item_detail(request: HttpRequest, meeting, item) -> HttpResponse:
    """One item by itself, for whoever writes while another presents; once closed, as it was frozen."""
    found = meeting_for(request.user, meeting)
    one = item_of(found, item)
    if found.state == Meeting.State.CLOSED:
        return redirect("meetings:discussion", found.uuid, one.uuid)
    return _page(request, one)


@login_required
@require_POST
def outcome(request: HttpRequest, meeting, item) -> HttpResponse:
    """Saves what was typed. `settle` answers a collision (mine, theirs, both), or shows all of it (show)."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one = item_of(found, item)
    typed = {name: request.POST[name] for name in ("decision", "note") if name in request.POST}
    version = _number(request.POST.get("version", ""))
    settle = request.POST.get("settle", "")
    if settle and settle != "show":
        version = _number(request.POST.get("their_version", ""))
        typed = _settled(one, typed, settle)
    try:
        saved = save_outcome(item=one, by=request.user, version=version, **typed)
    except Collision as collision:
        return _not_saved(request, collision.item, typed, collision=collision)
    except Refused as refused:
        one.refresh_from_db()
        return _not_saved(request, one, typed, error=refused.sentence)
    if not request.htmx:
        messages.success(request, "Saved.")
        return redirect(_back(request, saved))
    if settle:
        response = render(request, "meetings/_outcome.html", outcome_context(request, saved, timezone.now()))
        response["HX-Retarget"], response["HX-Reswap"] = "#outcome", "outerHTML"
        return response
    same = all(getattr(saved, name) == value.rstrip() for name, value in _plain(typed).items())
    context = {"item": saved, "meeting": found, "same": same, "doubtful": is_doubtful(saved)}
    if request.POST.get("from") == "present":
        context |= {**counted_of(found), "counts_too": True}
    return render(request, "meetings/_saved.html", context)


def _settled(item: AgendaItem, typed: dict, settle: str) -> dict:
    """What to store once the writer has seen both texts."""
    if settle == "theirs":
        return {}
    if settle == "both" and "note" in typed:
        parts = [item.note.strip(), typed["note"].strip()]
        return {"note": "\n\n".join(part for part in parts if part)}
    return typed


def _plain(typed: dict) -> dict:
    return {name: value.replace("\r\n", "\n") for name, value in typed.items()}


def _not_saved(
    request: HttpRequest,
    item: AgendaItem,
    typed: dict,
    *,
    collision: Collision | None = None,
    error: str = "",
) -> HttpResponse:
    """Nothing was stored: what was typed stays where it is, beside what another has written."""
    context = {
        "item": item,
        "meeting": item.meeting,
        "collision": collision,
        "fields": collision.fields if collision else (),
        "error": error,
        "typed": typed,
    }
    if request.htmx:
        response = render(request, "meetings/_saved.html", context, status=REFUSED)
        # Also where a button asked for the whole form anew: what was typed must stay in it.
        response["HX-Retarget"], response["HX-Reswap"] = "#outcome-state", "outerHTML show:none"
        return response
    return _page(request, item, unsaved=context, status=REFUSED)


@login_required
@require_POST
def verdict(request: HttpRequest, meeting, item, cause: str) -> HttpResponse:
    """A verdict on a cause, given in the meeting, through the patient's own action."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one = item_of(found, item)
    typed = {"verdict": request.POST.get("verdict", ""), "note": request.POST.get("note", "")}
    seen = request.POST.get("seen", "")
    seen = int(seen) if seen.isdecimal() and len(seen) < 20 else None
    error = ""
    try:
        judge(item=one, by=request.user, cause=cause, seen=seen, **typed)
    except Stale as stale:
        mine = verdict_word(typed["verdict"])
        error = (
            f"{stale.by} decided at the same time: that verdict is shown. Yours, “{mine}”, is not saved. "
            "Choose again if you still disagree."
        )
    except Refused as refused:
        error = refused.sentence
    if not error:
        messages.success(request, f"{_cause_name(cause)}: {verdict_word(typed['verdict'])}, saved")
    return _part(request, one, "causes", error)


def _cause_name(cause: str) -> str:
    return load("causes")["cause"][cause]["name"]


@login_required
@require_POST
def item_action_add(request: HttpRequest, meeting, item) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    one = item_of(found, item)
    form = ActionForm(request.POST, clinic=found.clinic)
    error = "" if form.is_valid() else form.sentence
    if not error:
        try:
            add_action(patient=one.patient, item=one, by=request.user, **form.cleaned_data)
            messages.success(request, f"Action for {form.cleaned_data['owner']}: saved")
        except Refused as refused:
            error = refused.sentence
    return _part(request, one, "actions", error, form if error else None)


def _part(
    request: HttpRequest, item: AgendaItem, part: str, error: str, form: ActionForm | None = None
) -> HttpResponse:
    """One part of the stage after a change, or the page it is on."""
    status = REFUSED if error else 200
    if not request.htmx:
        if error and form is not None:
            return _page(request, item, action_form=form, action_error=error, status=REFUSED)
        if error:
            messages.error(request, error)
        return redirect(_back(request, item))
    now = timezone.now()
    item.refresh_from_db()
    context = outcome_context(request, item, now, action_form=form)
    if part == "causes":
        # The verdict of the rule may change with it: the whole patient is read anew.
        context |= stage_context(item, now)
        context["cause_error"] = error
    else:
        context |= {"actions": outstanding_of(item.patient), "action_error": error, "patient": item.patient}
        context |= {"giving": True, "presenting": request.POST.get("from") == "present"}
    response = render(request, f"meetings/_stage_{part}.html", context, status=status)
    if part == "actions" and is_doubtful(item):
        response.write(_asked_again(request, item))
    if part == "causes" and not error:
        response.write(render_to_string("meetings/_stage_changed.html", context, request))
    return response


def _asked_again(request: HttpRequest, item: AgendaItem) -> str:
    """The state of the outcome, which now asks whether the plan is changed."""
    context = {"item": item, "meeting": item.meeting, "doubtful": True, "oob": True}
    return render_to_string("meetings/_saved.html", context, request)


def outcome_context(
    request: HttpRequest, item: AgendaItem, now: datetime, *, action_form: ActionForm | None = None
) -> dict:
    """What the writing part of the stage needs."""
    clinic = item.meeting.clinic
    today = now.astimezone(clinic.zone).date()
    start = {"owner": request.user.pk, "due_on": today + timedelta(days=USUAL_DAYS)}
    return {
        "item": item,
        "meeting": item.meeting,
        "doubtful": is_doubtful(item),
        "today": today,
        "decides": may(request.user, Can.DECIDE, clinic) and item.meeting.is_open,
        "decisions": AgendaItem.Decision.choices,
        "note_length": NOTE_LENGTH,
        "verdict_note_length": VERDICT_NOTE_LENGTH,
        "action_form": action_form or ActionForm(clinic=clinic, initial=start),
        "outcome_address": reverse("meetings:outcome", args=[item.meeting.uuid, item.uuid]),
    }


def _page(request: HttpRequest, item: AgendaItem, *, status: int = 200, **more) -> HttpResponse:
    log_access(user=request.user, patient=item.patient, page=ITEM_PAGE)
    now = timezone.now()
    context = stage_context(item, now) | outcome_context(request, item, now) | more
    unsaved = more.get("unsaved")
    if unsaved:
        context |= {name: unsaved[name] for name in ("collision", "fields", "error", "typed")}
    return render(request, "meetings/item.html", context, status=status)


def _back(request: HttpRequest, item: AgendaItem) -> str:
    """Without scripts: back to the page on which it was written."""
    if request.POST.get("from") == "present":
        return reverse("meetings:present", args=[item.meeting.uuid])
    return reverse("meetings:item", args=[item.meeting.uuid, item.uuid])


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


ITEM = "<uuid:meeting>/items/<uuid:item>"
urls = [
    path(f"{ITEM}/", item_detail, name="item"),
    path(f"{ITEM}/outcome/", outcome, name="outcome"),
    path(f"{ITEM}/causes/<slug:cause>/", verdict, name="verdict"),
    path(f"{ITEM}/actions/add/", item_action_add, name="item-action-add"),
]
