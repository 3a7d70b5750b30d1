"""The list of meetings; a meeting is planned, changed, called off, planned again."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Clinic
from accounts.permissions import Can, clinics_of, require_any, require_shown
from meetings.access import meeting_for
from meetings.actions import meetings as plans
from meetings.forms import MeetingForm
from meetings.models import Meeting
from patients.actions.errors import Refused, Stale
from patients.forms.fields import WithdrawForm
from patients.views.entry import REFUSED, take_newer

PAST = 50
# A meeting proposed to whoever plans one: a week ahead, at the hour at which such meetings start.
USUAL_HOUR = 13


@login_required
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    clinics = clinics_of(request.user)
    taken = Count("items", filter=Q(items__state="taken"))
    found = Meeting.objects.filter(clinic__in=clinics).annotate(patients=taken)
    found = found.select_related("clinic", "chair")
    context = {
        "ahead": found.ahead(),
        "past": found.current().filter(state=Meeting.State.CLOSED)[:PAST],
        "called_off": found.filter(withdrawn_at__isnull=False, starts_at__gte=timezone.now()),
        "several": len(clinics) > 1,
    }
    return render(request, "meetings/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.DECIDE)
    clinic = _chosen(request, clinics)
    require_shown(clinic)
    form = MeetingForm(request.POST or None, clinic=clinic, initial=_usual(request, clinic))
    context = {"form": form, "clinic": clinic, "own_clinics": clinics, "address": reverse("meetings:plan")}
    if request.method == "POST" and form.is_valid():
        try:
            meeting = plans.plan_meeting(clinic=clinic, by=request.user, **form.plan())
        except Refused as refused:
            form.refuse(refused.sentence, refused.field)
        else:
            messages.success(request, "The meeting is planned. Now choose whom it discusses.")
            return redirect("meetings:detail", meeting.uuid)
    return _form(request, context, title="Plan a meeting")


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    initial = {name: getattr(found, name) for name in (*plans.FIELDS, "version")}
    initial["attendees"] = found.attendees.all()
    form = MeetingForm(request.POST or None, clinic=found.clinic, initial=initial)
    context = {
        "form": form,
        "clinic": found.clinic,
        "meeting": found,
        "address": reverse("meetings:edit", args=[found.uuid]),
    }
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            plans.change_meeting(meeting=found, by=request.user, version=version, **form.plan())
        except Refused as refused:
            form.refuse(refused.sentence, refused.field)
        except Stale as stale:
            context |= {"stale": stale, "differences": _newer(form, found)}
        else:
            messages.success(request, "The meeting is changed.")
            return redirect("meetings:detail", found.uuid)
    return _form(request, context, title="Change the meeting")


@login_required
@require_http_methods(["GET", "POST"])
def call_off(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    form = WithdrawForm(request.POST or None, zone=found.clinic.zone)
    if request.method == "POST" and form.is_valid():
        try:
            plans.call_off(meeting=found, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.refuse(refused.sentence, refused.field)
        else:
            messages.success(request, "The meeting is called off.")
            return redirect("meetings:list")
    status = REFUSED if form.errors else 200
    return render(request, "meetings/call_off.html", {"form": form, "meeting": found}, status=status)


@login_required
@require_POST
def plan_next(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    try:
        following = plans.plan_next(meeting=found, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("meetings:detail", found.uuid)
    messages.success(request, "The next meeting is planned like this one.")
    return redirect("meetings:detail", following.uuid)


def _form(request: HttpRequest, context: dict, *, title: str) -> HttpResponse:
    refused = request.method == "POST" and (context["form"].errors or "stale" in context)
    context |= {"title": title, "stale": context.get("stale")}
    return render(request, "meetings/form.html", context, status=REFUSED if refused else 200)


def _chosen(request: HttpRequest, clinics: list[Clinic]) -> Clinic:
    code = request.POST.get("clinic") or request.GET.get("clinic")
    return next((clinic for clinic in clinics if clinic.code == code), clinics[0])


def _usual(request: HttpRequest, clinic: Clinic) -> dict:
    day = (timezone.now() + timedelta(days=7)).astimezone(clinic.zone)
    starts_at = day.replace(hour=USUAL_HOUR, minute=0, second=0, microsecond=0)
    return {"title": "Hepatology meeting", "starts_at": starts_at, "chair": request.user.pk}


def _newer(form: MeetingForm, meeting: Meeting) -> list[tuple[str, str]]:
    """What is stored now, where it differs from what was typed; attendees are compared as names."""
    found = [pair for pair in take_newer(form, meeting) if pair[0] != form["attendees"].label]
    stored = ", ".join(str(user) for user in meeting.attendees.all())
    if set(meeting.attendees.all()) != set(form.cleaned_data["attendees"]) | {form.cleaned_data["chair"]}:
        found.append(("Attendees", stored))
    return found


urls = [
    path("", meeting_list, name="list"),
    path("plan/", plan, name="plan"),
    path("<uuid:meeting>/edit/", edit, name="edit"),
    path("<uuid:meeting>/call-off/", call_off, name="call-off"),
    path("<uuid:meeting>/plan-next/", plan_next, name="plan-next"),
]
