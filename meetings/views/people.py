"""What meetings know of one patient: every discussion with then and now, who asked for it, what is to do."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Can, clinics_of, may
from meetings.actions import agenda
from meetings.actions.tasks import add_action
from meetings.comparison import compared
from meetings.forms import ActionForm
from meetings.models import Action, AgendaItem, Discussion, Nomination
from meetings.reading import read
from meetings.views.tasks import with_words
from meetings.words import in_words
from patients.access import patient_for, patient_for_part
from patients.actions.errors import Refused
from patients.models import Patient
from patients.values.display import Units

# The name of the look in the log: the same whether the page or its part on the patient's page was asked for.
PAGE = "patient"
FIRST = 3


@login_required
@require_safe
def patient_detail(request: HttpRequest, uuid) -> HttpResponse:
    """The whole page; to htmx the short part of it that the patient's page loads."""
    if request.htmx and not request.htmx.history_restore_request:
        patient = patient_for_part(request.user, uuid, page=PAGE, reading=True)
        response = render(request, "meetings/_of_patient.html", _short(request, patient))
    else:
        patient = patient_for(request.user, uuid, page=PAGE, reading=True)
        response = render(request, "meetings/patient.html", _whole(request, patient))
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="nominate", reading=True)
    error, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            agenda.nominate(patient=patient, by=request.user, reason=reason)
        except Refused as refused:
            error = refused.sentence
        else:
            messages.success(request, "Referred: the next agenda proposes this patient with your question.")
            return redirect("meetings:patient", patient.uuid)
    context = _short(request, patient) | {
        "error": error,
        "reason": reason,
        "reason_length": agenda.REASON_LENGTH,
    }
    return render(request, "meetings/nominate.html", context, status=422 if error else 200)


@login_required
@require_POST
def nomination_end(request: HttpRequest, nomination) -> HttpResponse:
    rows = Nomination.objects.filter(clinic__in=clinics_of(request.user))
    found = get_object_or_404(rows.select_related("patient"), uuid=nomination)
    uuid = found.patient.uuid
    patient = patient_for(request.user, uuid, Can.DECIDE, page="nomination-end", reading=True)
    agenda.take_back(nomination=found, by=request.user)
    messages.success(request, "Taken back.")
    return redirect("meetings:patient", patient.uuid)


@login_required
@require_POST
def patient_action_add(request: HttpRequest, uuid) -> HttpResponse:
    """An action without a meeting."""
    patient = patient_for(request.user, uuid, Can.DECIDE, page="action-add", reading=True)
    form = ActionForm(request.POST, clinic=patient.clinic)
    if form.is_valid():
        try:
            add_action(patient=patient, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused.sentence, refused.field)
        else:
            messages.success(request, "The action is stored.")
            return redirect("meetings:patient", patient.uuid)
    context = _whole(request, patient, form) | {"action_error": form.sentence}
    return render(request, "meetings/patient.html", context, status=422)


def _short(request: HttpRequest, patient: Patient) -> dict:
    zone = patient.clinic.zone
    found = Discussion.objects.filter(patient=patient).select_related("item__meeting", "by")
    discussions = list(found.defer("report", "basis")[: FIRST + 1])
    return {
        "patient": patient,
        "discussions": discussions[:FIRST],
        "more": len(discussions) > FIRST,
        "zone": zone,
        "today": timezone.now().astimezone(zone).date(),
        "actions": with_words(Action.objects.outstanding().filter(patient=patient).select_related("owner")),
        "nominations": Nomination.objects.filter(patient=patient, ended_at__isnull=True).select_related("by"),
        "ahead": _ahead(patient),
        "may_decide": may(request.user, Can.DECIDE, patient.clinic),
    }


def _ahead(patient: Patient) -> QuerySet[AgendaItem]:
    """The open meetings that have this patient on the agenda."""
    rows = AgendaItem.objects.filter(patient=patient, state=AgendaItem.State.TAKEN)
    rows = rows.filter(meeting__withdrawn_at__isnull=True).exclude(meeting__state="closed")
    return rows.select_related("meeting").order_by("meeting__starts_at")


def _whole(request: HttpRequest, patient: Patient, form: ActionForm | None = None) -> dict:
    """Then and now: each discussion's numbers beside today's, and what is new since."""
    page, signing = read(patient, timezone.now())
    now = signing.present.basis
    units = Units(patient.clinic.display_units)
    found = Discussion.objects.filter(patient=patient).select_related("item__meeting", "by").defer("report")
    shown = [
        {
            "discussion": one,
            "at": one.as_of.astimezone(patient.clinic.zone),
            "since": compared(one.basis, now, units),
            "agreed": [in_words(action) for action in one.actions],
            "addenda": one.item.addenda.all(),
        }
        for one in found.prefetch_related("item__addenda__by")
    ]
    start = {"owner": request.user.pk}
    return _short(request, patient) | {
        "shown": shown,
        "verdict": page.report.dissociation,
        "action_form": form or ActionForm(clinic=patient.clinic, initial=start),
        "ended": with_words(
            Action.objects.filter(patient=patient, ended_at__isnull=False)
            .select_related("owner", "ended_by")
            .order_by("-ended_at")
        ),
        "letters": patient.letters.all(),
        "next": request.path,
    }


urls = [
    path("patients/<uuid:uuid>/", patient_detail, name="patient"),
    path("patients/<uuid:uuid>/nominate/", nominate, name="nominate"),
    path("patients/<uuid:uuid>/actions/add/", patient_action_add, name="action-add"),
    path("nominations/<uuid:nomination>/end/", nomination_end, name="nomination-end"),
]
