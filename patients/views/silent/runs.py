"""Silent runs: what would have been flagged of a clinic, counted. Numbers of patients, never names."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Clinic
from accounts.permissions import Can, clinics_with, require_any
from patients.actions.errors import Refused
from patients.actions.silent import start_silent_run
from patients.models import SilentRun
from patients.silent.tables import ClinicNumbers, tables, write_csv

# Earlier runs that the page leads to.
LISTED = 10


class PeriodForm(forms.Form):
    """The days of a run; both may be left out."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)


class BudgetForm(forms.Form):
    patients = forms.FloatField(required=False, min_value=0, max_value=10_000_000)
    draws = forms.FloatField(required=False, min_value=0, max_value=10_000_000)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def silent(request: HttpRequest) -> HttpResponse:
    clinics = _clinics(request)
    clinic = _chosen(clinics, (request.POST or request.GET).get("clinic"))
    if request.method == "POST":
        return _start(request, clinic)
    runs = SilentRun.objects.filter(clinic=clinic).select_related("by", "clinic")
    ended = list(runs.exclude(state__in=SilentRun.LIVE).defer("found")[:LISTED])
    shown = _shown(runs, request.GET.get("run"))
    context = {
        "clinic": clinic,
        "own_clinics": clinics if len(clinics) > 1 else [],
        "live": runs.filter(state__in=SilentRun.LIVE).defer("found").first(),
        "ended": ended,
        "run": shown,
        **(_counted(request, shown) if shown else {}),
    }
    return render(request, "patients/silent.html", context)


@login_required
@require_safe
def silent_csv(request: HttpRequest, run) -> HttpResponse:
    runs = SilentRun.objects.filter(clinic__in=_clinics(request)).select_related("clinic")
    found = _shown(runs, str(run))
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.clinic.code}-silent-run.csv"'
    write_csv(_counted(request, found)["tables"], response)
    return response


def _start(request: HttpRequest, clinic: Clinic) -> HttpResponse:
    form = PeriodForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give days as 2026-11-30, or leave them empty. Nothing was started.")
        return redirect(f"{reverse('patients:silent')}?clinic={clinic.code}")
    try:
        start_silent_run(clinic=clinic, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The run is handed to a worker.")
    return redirect(f"{reverse('patients:silent')}?clinic={clinic.code}")


def _counted(request: HttpRequest, run: SilentRun) -> dict:
    """The tables, with a budget for the numbers that the address gives, else the clinic's own."""
    own, form = run.found["clinic"], BudgetForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    numbers = ClinicNumbers(
        own["patients"] if given.get("patients") is None else given["patients"],
        own["draws_a_month"] if given.get("draws") is None else given["draws"],
    )
    return {"tables": tables(run.found, numbers), "numbers": numbers, "query": request.GET.urlencode()}


def _shown(runs, uuid: str | None) -> SilentRun | None:
    """The run that the address names, of the own clinics; the latest that is done where it names none."""
    done = runs.filter(state=SilentRun.State.DONE)
    if not uuid:
        return done.first()
    try:
        return done.get(uuid=uuid)
    except (SilentRun.DoesNotExist, forms.ValidationError):
        raise Http404 from None


def _clinics(request: HttpRequest) -> list[Clinic]:
    """For those who decide and those who administer, whether their clinic is silent or not."""
    found = {*clinics_with(request.user, Can.DECIDE), *clinics_with(request.user, Can.MANAGE_STAFF)}
    if not found:
        require_any(request.user, Can.DECIDE)
    return sorted(found, key=lambda clinic: clinic.name)


def _chosen(clinics: list[Clinic], code: str | None) -> Clinic:
    found = next((clinic for clinic in clinics if code in (None, "", clinic.code)), None)
    if found is None:
        raise Http404
    return found


urls = [path("silent/", silent, name="silent"), path("silent/<uuid:run>.csv", silent_csv, name="silent-csv")]
