"""Who looked at whom, for the clinic administrator."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts.looks import looks_in, people_of
from accounts.permissions import Can, require_any


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def access(request):
    clinics = require_any(request.user, Can.MANAGE_STAFF)
    if request.method == "POST":
        return _find(request, clinics)
    person = request.GET.get("person", "")
    patients = _patients(request)
    looks, more = looks_in(clinics, person=person, patients=patients, before=_before(request))
    chosen = {"person": person, "patient": patients}
    context = {
        "looks": looks,
        "people": people_of(clinics),
        "person": person,
        "patients": patients,
        "several": len(clinics) > 1,
        "older": _address(chosen | {"before": more}) if more else "",
    }
    return render(request, "accounts/access.html", context)


def _find(request, clinics):
    """From an MRN to the address with the patient's public identifier: no MRN in addresses."""
    mrn, person = request.POST.get("mrn", "").strip(), request.POST.get("person", "")
    # Withdrawn patients too: looks at them are looks.
    found = [uuid for clinic in clinics for uuid in _with_mrn(clinic, mrn)]
    if mrn and not found:
        messages.error(request, "No patient of your clinics has this MRN.")
    return redirect(_address({"person": person, "patient": found}))


def _with_mrn(clinic, mrn: str):
    return clinic.patients.filter(mrn=mrn).values_list("uuid", flat=True)


def _address(chosen: dict) -> str:
    given = {key: value for key, value in chosen.items() if value}
    return reverse("accounts:access") + ("?" + urlencode(given, doseq=True) if given else "")


def _patients(request) -> list[UUID]:
    try:
        return [UUID(text) for text in request.GET.getlist("patient")]
    except ValueError:
        raise Http404 from None


def _before(request) -> int | None:
    text = request.GET.get("before", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


urls = [path("access/", access, name="access")]
