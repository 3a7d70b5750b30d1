"""Actions that are outstanding: mine, everybody's; done, dropped, passed on, taken up again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import log_access, log_accesses
from accounts.permissions import Can, clinics_of, clinics_with, require
from meetings.actions import tasks
from meetings.forms import PassOnForm
from meetings.models import Action, Meeting
from meetings.stage import names_of
from patients.actions.errors import Refused, Stale

LISTED = 200
ENDED = 20


@login_required
@require_safe
def action_list(request: HttpRequest) -> HttpResponse:
    clinics = clinics_of(request.user)
    everybody = request.GET.get("of") == "all"
    rows = actions_in(clinics)
    rows = rows if everybody else rows.filter(owner=request.user)
    outstanding = list(rows.outstanding()[: LISTED + 1])
    context = {
        "outstanding": with_words(outstanding[:LISTED]),
        "more": len(outstanding) > LISTED,
        "ended": with_words(rows.filter(ended_at__isnull=False).order_by("-ended_at")[:ENDED]),
        "everybody": everybody,
        "several": len(clinics) > 1,
        "today": timezone.now().astimezone(clinics[0].zone).date() if clinics else None,
        "decide_in": {clinic.pk for clinic in clinics_with(request.user, Can.DECIDE)},
        "next": request.get_full_path(),
    }
    shown = [one.patient for one in (*context["outstanding"], *context["ended"])]
    log_accesses(user=request.user, patients=shown, page="actions")
    return render(request, "meetings/actions.html", context)


@login_required
@require_safe
def next_up(request: HttpRequest) -> HttpResponse:
    """For the worklist: the next meeting and how many actions are mine. By itself it is the list of them."""
    if not request.htmx:
        return redirect("meetings:actions")
    clinics = clinics_of(request.user)
    mine = Action.objects.outstanding().filter(
        owner=request.user, clinic__in=clinics, patient__withdrawn_at__isnull=True
    )
    today = timezone.now().astimezone(clinics[0].zone).date() if clinics else None
    context = {
        "coming": Meeting.objects.ahead().filter(clinic__in=clinics).select_related("clinic")[:1],
        "mine": mine.count(),
        "late": mine.filter(due_on__lt=today).count() if today else 0,
    }
    return render(request, "meetings/_next.html", context)


@login_required
@require_POST
def action_end(request: HttpRequest, action) -> HttpResponse:
    """`as`: done, dropped (with a reason) or again (it was ended by mistake)."""
    found = action_for(request.user, action)
    wanted = request.POST.get("as", "")
    try:
        if wanted == "again":
            tasks.reopen_action(action=found, by=request.user)
        else:
            reason = request.POST.get("reason", "")
            tasks.end_action(action=found, by=request.user, done=wanted == "done", reason=reason)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        words = {"done": "Marked as done.", "again": "Outstanding again."}
        messages.success(request, words.get(wanted, "Dropped, with your reason."))
    return redirect(_back(request))


@login_required
@require_http_methods(["GET", "POST"])
def action_pass_on(request: HttpRequest, action) -> HttpResponse:
    found = action_for(request.user, action)
    initial = {"owner": found.owner_id, "due_on": found.due_on, "version": found.version}
    form = PassOnForm(request.POST or None, clinic=found.clinic, initial=initial)
    stale = False
    if request.method == "POST" and form.is_valid():
        try:
            tasks.pass_on(action=found, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused.sentence, refused.field)
        except Stale:
            stale = True
            found.refresh_from_db()
            form.data = form.data.copy()
            form.data["version"] = str(found.version)
        else:
            messages.success(request, "Passed on.")
            return redirect(_back(request))
    context = {"form": form, "action": with_words([found])[0], "stale": stale, "next": _back(request)}
    log_access(user=request.user, patient=found.patient, page="action-pass-on")
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/pass_on.html", context, status=status)


def action_for(user, uuid) -> Action:
    """The action, for whoever may decide in its clinic."""
    rows = Action.objects.filter(clinic__in=clinics_of(user), patient__withdrawn_at__isnull=True)
    found = get_object_or_404(rows.select_related("clinic", "patient", "owner"), uuid=uuid)
    require(user, Can.DECIDE, found.clinic)
    return found


def actions_in(clinics) -> QuerySet[Action]:
    rows = Action.objects.filter(clinic__in=clinics, patient__withdrawn_at__isnull=True)
    return rows.select_related("patient", "owner", "clinic", "ended_by", "item__meeting").filter(
        Q(item__isnull=True) | Q(item__meeting__withdrawn_at__isnull=True)
    )


def with_words(actions) -> list[Action]:
    actions = list(actions)
    for action in actions:
        action.tests_words = names_of(action.tests)
    return actions


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if here else reverse("meetings:actions")


urls = [
    path("actions/", action_list, name="actions"),
    path("next/", next_up, name="next"),
    path("actions/<uuid:action>/end/", action_end, name="action-end"),
    path("actions/<uuid:action>/pass-on/", action_pass_on, name="action-pass-on"),
]
