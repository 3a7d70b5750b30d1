"""Beside the checklist: contacts recorded and withdrawn, patients left out and monitored again; call list."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_accesses
from accounts.permissions import Can, clinics_shown, people_who
from patients import searches
from patients.access import patient_for
from patients.actions import contacts
from patients.actions.errors import Refused, Stale
from patients.follow_up.contacts import in_words
from patients.forms.contacts import ContactForm, ContactWithdrawForm, LeftOutForm, LiftForm
from patients.models import Contact, Patient
from patients.models.contacts import DIED
from patients.presenters.worklist.rows import row
from patients.views import entry
from patients.worklist import DEFAULT_SORT, WorklistState, counts, page

CONTACT = ("kind", "outcome", "made_on", "note", "next_on", "owner")
LEFT_OUT = ("reason", "starts_on", "ends_on", "note")
# Where the forms stand on the patient page.
PLACE = "contact"
# As many telephone calls as fit into a day or two.
CALLS = 100
NOT_STORED = "Nothing of yours is stored: send it again if it is still right."


@login_required
@require_http_methods(["GET", "POST"])
def contact_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="contact-add")
    latest = patient.contacts.current().select_related("by", "owner").first()
    form = ContactForm(
        request.POST or None,
        zone=patient.clinic.zone,
        owners=people_who(Can.ENTER, patient.clinic),
        me=request.user,
        initial={"seen": latest.pk if latest else None, "owner": str(request.user.pk)},
    )
    form.fields["made_on"].initial = form.today
    context = entry.about(patient, form, "Record a contact", "contact-add") | {"latest": latest}

    def act(data: dict) -> str:
        fields = {name: data[name] for name in CONTACT}
        try:
            contacts.record_contact(patient=patient, by=request.user, seen=data["seen"], **fields)
        except Stale as stale:
            raise Refused(_contact_came_first(patient, form, stale)) from None
        return "The contact is stored."

    return entry.enter(request, "contact_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def contact_withdraw(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="contact-withdraw")
    found = get_object_or_404(patient.contacts.select_related("by", "owner"), uuid=item)
    form = ContactWithdrawForm(request.POST or None, zone=patient.clinic.zone)
    context = entry.about(patient, form, "Withdraw the contact", "contact-withdraw", item)
    context |= {"said": in_words(found, patient.clinic.zone), "store": "Withdraw"}

    def act(data: dict) -> str:
        contacts.withdraw_contact(contact=found, by=request.user, reason=data["reason"])
        return "The contact is withdrawn."

    return entry.enter(request, "contact_end_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def left_out_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="left-out-add")
    form = LeftOutForm(request.POST or None, zone=patient.clinic.zone, initial={"version": patient.version})
    form.fields["starts_on"].initial = form.today
    context = entry.about(patient, form, "Leave out of monitoring", "left-out-add")

    def act(data: dict) -> str:
        if data["reason"] == DIED:
            return _record_death(request, patient, form, data)
        fields = {name: data[name] for name in LEFT_OUT}
        contacts.leave_out(patient=patient, by=request.user, **fields)
        return "The patient is left out of monitoring."

    return entry.enter(request, "left_out_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def left_out_lift(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="left-out-lift")
    found = get_object_or_404(patient.left_out, uuid=item)
    form = LiftForm(request.POST or None, zone=patient.clinic.zone)
    context = entry.about(patient, form, "Monitor this patient again", "left-out-lift", item)
    context |= {"said": f"Left out: {found.get_reason_display().lower()}.", "store": "Monitor again"}

    def act(data: dict) -> str:
        contacts.lift(left_out=found, by=request.user, reason=data["reason"])
        return "The patient is monitored again."

    return entry.enter(request, "contact_end_form", context, act, place=PLACE)


@login_required
@never_cache
@require_GET
def call_list(request: HttpRequest) -> HttpResponse:
    """Whom the same worklist shows as to be contacted, longest due first, to print and to write on."""
    now, clinics = timezone.now(), clinics_shown(request.user)
    state = WorklistState.of(
        {**searches.asked(request), "contact": "due", "sort": "contact"}, me=request.user.pk
    )
    found = page(state, clinics, now, size=CALLS)
    # What is printed leaves the building: each of these patients was looked at.
    log_accesses(user=request.user, patients=[one.patient for one in found.rows], page="call-list")
    by_id = {clinic.pk: clinic for clinic in clinics}
    context = {
        "rows": [row(one, by_id[one.clinic_id], now) for one in found.rows],
        "several": len(clinics) > 1,
        "mine": state.mine,
        "total": counts(state, clinics, now)["shown"],
        "more": found.later,
        "now": now,
        "back": reverse("patients:worklist") + state.to(sort=DEFAULT_SORT),
    }
    return render(request, "patients/call_list.html", context)


def _record_death(request: HttpRequest, patient: Patient, form: LeftOutForm, data: dict) -> str:
    day, version = data["starts_on"], data["version"] or 0
    try:
        contacts.record_death(patient=patient, by=request.user, died_on=day, version=version)
    except Stale as stale:
        patient.refresh_from_db()
        form.data = form.data.copy()
        form.data["version"] = str(patient.version)
        who = stale.by or "Somebody"
        raise Refused(
            f"{who} changed the patient's own details after you opened this form. {NOT_STORED}"
        ) from None
    return "The date of death is stored; nothing is due any more."


def _contact_came_first(patient: Patient, form: ContactForm, stale: Stale) -> str:
    """What a colleague recorded meanwhile; the form then goes on from there."""
    latest: Contact | None = patient.contacts.current().select_related("by", "owner").first()
    form.data = form.data.copy()
    form.data["seen"] = str(latest.pk) if latest else ""
    told = in_words(latest, patient.clinic.zone) if latest else "The contact that you saw was withdrawn."
    return f"{told} That was after you opened this form. {NOT_STORED}"


urls = [
    path("contacts/", call_list, name="call-list"),
    path("patients/<uuid:uuid>/contacts/add/", contact_add, name="contact-add"),
    path("patients/<uuid:uuid>/contacts/<uuid:item>/withdraw/", contact_withdraw, name="contact-withdraw"),
    path("patients/<uuid:uuid>/left-out/add/", left_out_add, name="left-out-add"),
    path("patients/<uuid:uuid>/left-out/<uuid:item>/lift/", left_out_lift, name="left-out-lift"),
]
