"""What the entry views share: the form alone for htmx, else a page around it; what follows a stored form."""

from collections.abc import Callable
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from interpretation.record.date_alone import DateAlone
from interpretation.words import day, moment
from patients.actions.errors import AlreadyEntered, Refused, Stale
from patients.forms.fields import EntryForm, WithdrawForm
from patients.models import Patient
from patients.report.panel import drawn_at
from patients.views import detail

REFUSED = 422
# Where forms stand on the patient page, unless beside what they speak of.
ENTRY = "entry"


def about(patient: Patient, form: EntryForm, title: str, name: str, *more: object) -> dict:
    """What a form of a patient's page is shown with: `name` is of its address, `more` the rest of that."""
    address = reverse(f"patients:{name}", args=[patient.uuid, *more])
    return {"patient": patient, "form": form, "title": title, "address": address}


def show(request: HttpRequest, name: str, context: dict, *, status: int = 200) -> HttpResponse:
    """The fragment alone for htmx, else a page around it. A refusal goes back to where the form is."""
    place = context.get("place", ENTRY)
    context = context | {"fragment": f"patients/_{name}.html"}
    if not request.htmx:
        return render(request, f"patients/{name}.html", context, status=status)
    response = render(request, context["fragment"], context, status=status)
    if request.method == "POST":
        response["HX-Retarget"], response["HX-Reswap"] = f"#{place}", "innerHTML"
    return response


def stored(request: HttpRequest, patient: Patient, sentence: str, place: str = ENTRY) -> HttpResponse:
    """The patient's page, changed, and a word over it that moves nothing; to htmx its workspace."""
    if request.htmx and place != ENTRY:
        # That part of the workspace shows it itself; a half-typed draw stays where it is.
        messages.success(request, sentence, extra_tags="heard")
        return detail.workspace_response(request, patient, keep_entry=True, said={place: sentence})
    messages.success(request, sentence)
    if request.htmx:
        return detail.workspace_response(request, patient)
    return redirect(detail.place_on_page(patient, place))


def attempt(form: EntryForm, act: Callable[[dict], str]) -> str:
    """The sentence of success; "" where the record refused, which the form then says at its field."""
    try:
        return act(form.cleaned_data)
    except AlreadyEntered:
        return "This was already entered; nothing was stored twice."
    except Refused as refusal:
        form.refuse(refusal.sentence, refusal.field)
    return ""


def enter(
    request: HttpRequest,
    name: str,
    context: dict,
    act: Callable[[dict], str],
    row=None,
    place: str = ENTRY,
) -> HttpResponse:
    """One form of one patient: shown, checked, stored by `act`, or shown again with what is wrong.

    `row` is what is edited. Where someone else has changed it, the form stays as typed, beside what is
    stored now, and carries the new version: storing it again is then a choice.
    """
    context |= {"place": place}
    form, patient = context["form"], context["patient"]
    if request.method == "POST" and form.is_valid():
        try:
            if sentence := attempt(form, act):
                return stored(request, patient, sentence, place)
        except Stale as error:
            context |= {"stale": error, "differences": take_newer(form, row)}
    if row is not None:
        # A refused change must not show as if it were stored.
        row.refresh_from_db()
    refused = request.method == "POST" and (not form.is_valid() or "stale" in context)
    return show(request, name, context, status=REFUSED if refused else 200)


def take_newer(form: EntryForm, row) -> list[tuple[str, str]]:
    """Moves the form to the stored version; gives label and stored value of the fields that differ."""
    row.refresh_from_db()
    form.data = form.data.copy()
    form.data["version"] = str(row.version)
    names = [name for name in form.fields if name != "version" and hasattr(row, name)]
    differing = [name for name in names if getattr(row, name) != form.cleaned_data.get(name)]
    return [(form[name].label, words(form, name, _stored(form, row, name))) for name in differing]


def words(form: EntryForm, name: str, value) -> str:
    """A stored value as the form would show it."""
    if value in (None, "", []):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value if isinstance(value, DateAlone) else value.astimezone(form.zone))
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list):
        return ", ".join(value)
    return str(_labels(form.fields[name]).get(value, value))


def _stored(form: EntryForm, row, name: str) -> object:
    return drawn_at(row, form.zone) if name == "taken_at" else getattr(row, name)


def withdraw(
    request: HttpRequest, patient: Patient, what: str, act: Callable[[dict], str], address: str
) -> HttpResponse:
    """Asks for the reason, then withdraws."""
    form = WithdrawForm(request.POST or None, zone=patient.clinic.zone)
    context = {"patient": patient, "form": form, "title": f"Withdraw {what}", "address": address}
    return enter(request, "withdraw_form", context, act)


def _labels(field) -> dict:
    pairs = []
    for key, label in getattr(field, "choices", ()):
        pairs += label if isinstance(label, list | tuple) else [(key, label)]
    return dict(pairs)
