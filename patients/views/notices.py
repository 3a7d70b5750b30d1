"""The clinic's notices: who must be seen to today, taken and closed by a person."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import log_accesses
from accounts.models import Clinic
from accounts.permissions import Can, clinics_shown, require
from patients.actions.duty import add_duty, remove_duty
from patients.actions.errors import Refused
from patients.actions.notices import close, give_back, take
from patients.forms.duty import DutyForm
from patients.models import Notice, OnDuty
from patients.presenters.worklist.duty import duties, may_edit
from patients.presenters.worklist.notices import CAPABILITY, notice_list


@login_required
@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    return _show(request)


@login_required
@require_POST
def notice_take(request: HttpRequest, item) -> HttpResponse:
    return _act(request, item, lambda notice: take(notice=notice, by=request.user), "Taken: it is yours now.")


@login_required
@require_POST
def notice_back(request: HttpRequest, item) -> HttpResponse:
    done = "Given back: it waits for somebody again."
    return _act(request, item, lambda notice: give_back(notice=notice, by=request.user), done)


@login_required
@require_POST
def notice_done(request: HttpRequest, item) -> HttpResponse:
    note = request.POST.get("note", "")
    return _act(request, item, lambda notice: close(notice=notice, by=request.user, note=note), "Closed.")


@login_required
@require_POST
def duty_add(request: HttpRequest, clinic: str) -> HttpResponse:
    own = next((one for one in clinics_shown(request.user) if one.code == clinic), None)
    form = DutyForm(request.POST, clinic=_editable(request, own))
    if form.is_valid():
        try:
            duty = add_duty(clinic=form.clinic, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
        else:
            messages.success(request, f"{duty.user} is on the list.")
            return redirect("patients:notices")
    return _show(request, duty=form, status=422)


@login_required
@require_POST
def duty_remove(request: HttpRequest, item) -> HttpResponse:
    found = OnDuty.objects.filter(clinic__in=clinics_shown(request.user)).select_related("clinic", "user")
    duty = get_object_or_404(found, uuid=item)
    _editable(request, duty.clinic)
    remove_duty(duty=duty, by=request.user)
    messages.success(request, f"{duty.user} is off the list.")
    return redirect("patients:notices")


def _editable(request: HttpRequest, clinic: Clinic | None) -> Clinic:
    """The clinic, for who may say who is on duty there: else 404 (not theirs) or 403."""
    if clinic is None:
        raise Http404
    if not may_edit(request.user, clinic):
        require(request.user, Can.DECIDE, clinic)
    return clinic


def _act(request: HttpRequest, item, act: Callable[[Notice], None], done: str) -> HttpResponse:
    """One action on a notice of the user's clinics; the list again, with what a refusal says at its row."""
    found = Notice.objects.filter(clinic__in=clinics_shown(request.user)).select_related("clinic")
    notice = get_object_or_404(found, uuid=item)
    require(request.user, CAPABILITY[notice.kind], notice.clinic)
    try:
        act(notice)
    except Refused as refusal:
        typed = {"item": notice.uuid, "sentence": refusal.sentence, "note": request.POST.get("note", "")}
        return _show(request, refused=typed, status=422)
    if request.htmx:
        return _show(request, said=done)
    messages.success(request, done)
    return redirect("patients:notices")


def _show(request: HttpRequest, status: int = 200, duty: DutyForm | None = None, **more) -> HttpResponse:
    """The page, or to htmx the list with the count of the bar. Whose names it shows was looked at."""
    found = notice_list(request.user, timezone.now())
    if refused := more.get("refused"):
        # A row that somebody else has just closed is no longer there to say it.
        refused["row_gone"] = all(row.uuid != refused["item"] for row in found.open)
    log_accesses(user=request.user, patients=found.patients, page="notices")
    if request.htmx:
        return render(request, "patients/_notices.html", {"list": found, **more}, status=status)
    context = {"list": found, "duties": duties(request.user, timezone.now(), duty), **more}
    return render(request, "patients/notices.html", context, status=status)


urls = [
    path("notices/", notices, name="notices"),
    path("notices/<uuid:item>/take/", notice_take, name="notice-take"),
    path("notices/<uuid:item>/give-back/", notice_back, name="notice-back"),
    path("notices/<uuid:item>/done/", notice_done, name="notice-done"),
    path("notices/duty/<slug:clinic>/add/", duty_add, name="duty-add"),
    path("notices/duty/<uuid:item>/remove/", duty_remove, name="duty-remove"),
]
