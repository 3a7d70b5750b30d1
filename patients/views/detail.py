"""The patient page, the fragment of it that changes, and the verdicts on causes given there."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Can
from interpretation import knowledge
from interpretation.anticoagulant import is_asked
from interpretation.knowledge import load
from interpretation.words import counted, moment
from patients.access import patient_for, record_mark, record_mark_now
from patients.actions.anticoagulant import is_standing
from patients.actions.errors import Refused, Stale
from patients.actions.reviews import NOTE_LENGTH, consider_causes, review_cause
from patients.forms.anticoagulant import AnticoagulantForm
from patients.imprints.frame import framed
from patients.imprints.memory import Made
from patients.imprints.page import TOKEN, Reader, imprint, key_of, reader_of
from patients.imprints.until import holds_until
from patients.models import Patient
from patients.presenters.options import Options, options_of
from patients.presenters.page import page_context
from patients.presenters.screen.tabs import TAB_OF
from patients.report.as_of import parse_as_of
from patients.report.panel import Panel, in_zone, shown_panel
from patients.words import discreet, verdict_word

load("causes").read_by(__name__, "cause")
# What htmx asks for without the rest of the page, by the id of its place: a tab, and the long lists in one.
ASKED_ALONE = {
    "tabs": "patients/_tabs.html",
    "causes-list": "patients/_causes_list.html",
    "requests-list": "patients/_requests_list.html",
}


@login_required
@never_cache
@require_GET
def detail(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="detail")
    options, now = options_of(request.GET), timezone.now()
    if not options.as_of:
        return _kept_page(request, patient, options, now)
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, now)
    except ValueError as error:
        return _page(request, patient, replace(options, as_of=""), now, error=str(error), status=400)
    return _page(request, patient, options, as_of)


@login_required
@require_POST
def cause_review(request: HttpRequest, uuid, cause: str) -> HttpResponse:
    patient = patient_for(request.user, uuid, capability=Can.DECIDE, page="cause-review", reading=True)
    typed = {"cause": cause, "verdict": request.POST.get("verdict", ""), "note": request.POST.get("note", "")}
    seen = request.POST.get("seen", "")
    # No number of ours has more digits, and Python reads no number of thousands.
    seen = int(seen) if seen.isdecimal() and len(seen) < 20 else None
    try:
        review_cause(patient=patient, by=request.user, seen=seen, **typed)
    except Stale as stale:
        at = stale.at.astimezone(patient.clinic.zone)
        return again(request, patient, unsaved={**typed, "by": stale.by, "shown_at": at})
    except Refused as refused:
        return again(request, patient, unsaved={**typed, "error": refused.sentence})
    name = load("causes")["cause"][cause]["name"]
    return saved(request, patient, "causes", f"{name}: {verdict_word(typed['verdict'])}, saved")


def saved(request: HttpRequest, patient: Patient, place: str, sentence: str) -> HttpResponse:
    """After a change: what was saved, announced, on the page as of now; without scripts at that place of it."""
    messages.success(request, sentence)
    if request.htmx:
        return workspace_response(request, patient, keep_entry=True)
    return _back_to(request, patient, place)


@login_required
@require_POST
def causes_consider(request: HttpRequest, uuid) -> HttpResponse:
    """Those that the page named: nothing is recorded of them, and a person has thought of them."""
    patient = patient_for(request.user, uuid, capability=Can.DECIDE, page="cause-review", reading=True)
    try:
        count = consider_causes(patient=patient, by=request.user, causes=request.POST.getlist("cause"))
    except Refused as refused:
        return again(request, patient, unsaved={"cause": "", "error": refused.sentence})
    return saved(request, patient, "causes", f"{counted(count, 'cause')} marked as considered, saved")


def workspace_response(request: HttpRequest, patient: Patient, **more) -> HttpResponse:
    """The changing part of the page after a change, as of now, with the view and scale on the screen."""
    options = replace(options_of(_came_from(request)), as_of="")
    return _page(request, patient, options, timezone.now(), fragment=True, **more)


def _back_to(request: HttpRequest, patient: Patient, place: str) -> HttpResponse:
    """Without scripts, after a change: the page as of now, at that place."""
    options = options_of(_came_from(request))
    tab = TAB_OF.get(place, options.tab)
    return redirect(f"{_address(patient)}{options.query(as_of='', tab=tab)}#{place}")


def place_on_page(patient: Patient, place: str) -> str:
    """The page as of now, with that place of it open."""
    tab = TAB_OF.get(place)
    return f"{_address(patient)}?tab={tab}#{place}" if tab else _address(patient)


def again(request: HttpRequest, patient: Patient, **unsaved: dict | str) -> HttpResponse:
    """Nothing was stored: the page as it is now, with what was typed and why."""
    options = replace(options_of(_came_from(request)), as_of="")
    return _page(
        request,
        patient,
        options,
        timezone.now(),
        **unsaved,
        fragment=bool(request.htmx),
        keep_entry=True,
        status=422,
    )


def _kept_page(request: HttpRequest, patient: Patient, options: Options, now: datetime) -> HttpResponse:
    """As of now and as it is stored: written once for all who may do the same."""
    reader = reader_of(request.user, patient)
    fragment, long_list = _is_fragment(request), _long_list(request, None)
    template = _template(request, fragment, patient.clinic.is_silent)

    def make() -> Made:
        shown = shown_panel(patient, now)
        context = page_context(shown, options, now=now) | _rights(shown, reader, is_past=False)
        context |= {"mark": record_mark(patient), "long_list": long_list, "csrf_token": TOKEN}
        return render_to_string(template, context), holds_until(shown, *context["orders"].notes_end)

    key = key_of(patient, reader, options, "page", template, long_list)
    return _answer(request, patient, imprint(request, key, now, make), now, fragment)


def _page(
    request: HttpRequest,
    patient: Patient,
    options: Options,
    as_of: datetime,
    *,
    fragment: bool | None = None,
    status: int = 200,
    error: str = "",
    unsaved: dict | None = None,
    unsigned: dict | None = None,
    keep_entry: bool = False,
    said: dict[str, str] | None = None,
    refused: dict | None = None,
) -> HttpResponse:
    """As of another moment, or with what was typed or has just been stored."""
    if fragment is None:
        fragment = _is_fragment(request)
    long_list = _long_list(request, unsaved)
    if unsaved or request.POST.get("list") == "all":
        options = replace(options, tab="why")
    elif said:
        options = replace(options, tab=TAB_OF[next(iter(said))])
    shown = shown_panel(patient, as_of, options.known_at(as_of))
    context = page_context(shown, options, now=timezone.now())
    context |= _rights(shown, reader_of(request.user, patient), is_past=context["time"].is_past)
    context |= {
        "error": error,
        "unsaved": unsaved,
        "unsigned": unsigned,
        # By the card that says it.
        "refused": refused or {},
        "long_list": long_list,
        # What was just stored, by the place of its form.
        "said": said or {},
        "mark": record_mark_now(patient) if request.method == "POST" else record_mark(patient),
        # A verdict leaves a half-typed draw alone; a stored draw empties its form.
        "empty_entry": request.method == "POST" and not keep_entry,
    }
    template = _template(request, fragment, patient.clinic.is_silent)
    text = render_to_string(template, context, request)
    return _answer(request, patient, text, shown.case.as_of, fragment, status)


def _answer(
    request: HttpRequest, patient: Patient, text: str, as_of: datetime, fragment: bool, status: int = 200
) -> HttpResponse:
    """What was written, alone or in its page."""
    if not fragment:
        clinic = patient.clinic
        slots = {
            "who": discreet(patient),
            "knowledge": knowledge.VERSION,
            "as_of": moment(in_zone(as_of, clinic.zone)),
            "zone": clinic.time_zone,
            "clinic": clinic.name,
        }
        text = framed(request, "patients/detail.html", **slots, body=mark_safe(text))
    response = HttpResponse(text, status=status)
    # One address gives the page and, to htmx, its fragment: no cache may mix them up.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _rights(shown: Panel, reader: Reader, *, is_past: bool) -> dict:
    """What this reader may do on this page."""
    return {
        "may_enter": reader.enter,
        "ask_form": _ask_form(shown) if reader.enter and not is_past else None,
        "may_decide": reader.decide and not is_past,
        "would_decide": reader.decide,
        "note_length": NOTE_LENGTH,
    }


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _long_list(request: HttpRequest, unsaved: dict | None) -> str:
    """The list that stands open: a verdict that was given in the list of all causes leaves it so."""
    in_causes = request.POST.get("list") == "all" or (unsaved or {}).get("cause")
    asked = request.GET.get("list", "")
    return "causes" if in_causes else asked if f"{asked}-list" in ASKED_ALONE else ""


def _template(request: HttpRequest, fragment: bool, silent: bool) -> str:
    if not fragment:
        return "patients/_body.html"
    asked = request.htmx.target if request.method == "GET" else None
    if silent and asked != "tabs":
        return "patients/_refreshed.html"
    return ASKED_ALONE.get(asked, "patients/_refreshed.html")


def _ask_form(shown: Panel) -> AnticoagulantForm | None:
    """Only where the page asks."""
    if not is_asked(shown.case):
        return None
    standing = [event for event in shown.rows.events if is_standing(event)]
    return AnticoagulantForm(patient=shown.patient, standing=standing, auto_id="ask-%s")


def _came_from(request: HttpRequest) -> dict[str, str]:
    """The choices of the page on which this was sent."""
    address = request.htmx.current_url if request.htmx else request.META.get("HTTP_REFERER", "")
    try:
        return {key: values[-1] for key, values in parse_qs(urlsplit(address or "").query).items()}
    except ValueError:
        # Anybody can send any header: one that is no address says nothing.
        return {}


def _address(patient: Patient) -> str:
    return reverse("patients:detail", kwargs={"uuid": patient.uuid})


urls = [
    path("patients/<uuid:uuid>/", detail, name="detail"),
    path("patients/<uuid:uuid>/causes/consider/", causes_consider, name="causes-consider"),
    path("patients/<uuid:uuid>/causes/<slug:cause>/review/", cause_review, name="cause-review"),
]
