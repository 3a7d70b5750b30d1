"""`/smart/`: a launch, the way back from the record system's sign-in, the visit, and our keys."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.actions import log_visit
from accounts.permissions import Can, require
from interpretation import knowledge
from patients.models import Patient
from patients.presenters.options import TABS, options_of
from uploads.interfaces import rates
from uploads.interfaces.cds import known, supplied
from uploads.interfaces.cds.problems import HookProblem
from uploads.interfaces.senders import seen
from uploads.models import LaunchClient

from . import keys, launching, tokens, visits
from .clients import client_of, user_of
from .configuration import configuration_of
from .problems import LATER, TELL, LaunchProblem
from .reading import ChartReader
from .shown import person_of, visit_context, visit_panel

# Launches and readings of visits in a minute, of one person or, of nobody known, from one address.
MOST = 60
# In the session: the launch that waits for its person to sign in.
WAITS = "launch_waits"
DENIED = "{client} was told not to let this product read the chart. Nothing was read."
REFUSED = "{client} refused the launch ({error}). Nothing was read."


def _answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whatever does not go on is a page with a sentence and what to do; nothing of it was stored."""

    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, **names: Any) -> HttpResponse:
        try:
            _slow_down(request)
            return view(request, **names)
        except LaunchProblem as problem:
            context = {"sentence": problem.text, "do": problem.do}
            response = render(request, "smart/refused.html", context, status=problem.status)
            if problem.wait:
                response["Retry-After"] = str(problem.wait)
            return response

    return answered


def _slow_down(request: HttpRequest) -> None:
    who = request.user.pk if request.user.is_authenticated else get_adapter().get_client_ip(request)
    if wait := rates.wait(f"launch:{who}", MOST):
        raise LaunchProblem(429, f"More than {MOST} launches in a minute.", LATER, wait)


@require_GET
@_answered
def launch(request: HttpRequest) -> HttpResponse:
    """From the record system; on to its sign-in, after our own where it vouches for nobody."""
    issuer, code = request.GET.get("iss", ""), request.GET.get("launch", "")
    client = client_of(issuer) if issuer else None
    if client is None:
        raise LaunchProblem(
            400, "This product knows no record system of this address, and asked it nothing.", TELL
        )
    if not code or len(code) > 2000:
        raise LaunchProblem(400, f"{client} did not say which chart is open (launch).")
    if not request.user.is_authenticated and not client.signs_on:
        request.session[WAITS] = True
        here = f"{reverse('smart-launch')}?{urlencode({'iss': issuer, 'launch': code})}"
        return redirect(f"{reverse('account_login')}?{urlencode({'next': here})}")
    if request.user.is_authenticated:
        require(request.user, Can.READ, client.sender.clinic)
    address = launching.begin(request, client, code)
    if request.session.pop(WAITS, False):
        # A form may lead to no other server (the policy of the pages), and this answers the form of the sign-in.
        return render(request, "smart/on.html", {"address": address, "system": client})
    return redirect(address)


@require_GET
@_answered
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the record system's sign-in, with a code or with a refusal."""
    asked = launching.come_back(request)
    client = LaunchClient.objects.filter(pk=asked.client, sender__allowed=True)
    client = client.select_related("sender__clinic").first()
    if client is None:
        raise LaunchProblem(400, "The record system of this launch is no longer known here.", TELL)
    configuration = configuration_of(client)
    if error := request.GET.get("error"):
        sentence = DENIED if error == "access_denied" else REFUSED
        raise LaunchProblem(403, sentence.format(client=client, error=tokens.known_error(error)))
    if request.GET.get("iss", configuration.issuer) != configuration.issuer:
        raise LaunchProblem(400, "Another server than that of the launch has answered.")
    if not (code := request.GET.get("code")):
        raise LaunchProblem(400, f"{client} sent no code.")
    given = tokens.exchange(client, configuration, asked, code=code, redirect_uri=launching.callback(request))
    seen(client.sender)
    return _let_in(request, client, given)


def _let_in(request: HttpRequest, client: LaunchClient, given: tokens.GivenToken) -> HttpResponse:
    """To the visit: signed in already, by the record system's word, or by oneself first."""
    member = user_of(client, given.fhir_user) if client.signs_on and given.fhir_user else None
    if request.user.is_authenticated:
        require(request.user, Can.READ, client.sender.clinic)
        if member and member != request.user:
            raise LaunchProblem(
                409,
                f"You are signed in here as {request.user}, and in {client} as somebody else.",
                "Sign out here, then launch again.",
            )
    address = reverse("smart-visit", args=[visits.keep(request.session, client, given)])
    if request.user.is_authenticated:
        return redirect(address)
    if member is None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': address})}")
    came = Login(user=member, redirect_url=address, signal_kwargs={"record_system": str(client)})
    return perform_login(request, came)


@require_GET
@login_required
@_answered
def visit(request: HttpRequest, visit: UUID) -> HttpResponse:
    """Read anew each time. Who is in this record, by number and date of birth, is opened there instead."""
    found, client = visits.visit_of(request.session, str(visit))
    require(request.user, Can.READ, client.sender.clinic)
    reader = ChartReader(client, found)
    person = reader.patient()
    own = _supplied(client, found, {"patient": person})
    if patient := known.patient_of(client.sender, own):
        visits.end(request.session, str(visit))
        return redirect(_page_of(patient, found.show))
    number = own.numbers[0] if own.numbers else ""
    log_visit(user=request.user, clinic=client.sender.clinic, issuer=client.fhir_base, number=number)
    read = _supplied(client, found, {"patient": person, **reader.searches()})
    panel = visit_panel(person_of(person, read, client.sender), read, client.sender)
    address, now = reverse("smart-visit", args=[visit]), timezone.now()
    context = visit_context(panel, options_of(request.GET), now, address)
    told = {"system": client, "supplied": read, "read_at": now.astimezone(client.sender.clinic.zone)}
    also = {
        "knowledge": knowledge.VERSION,
        "other_birth": _has_number(client, read),
        "missing": reader.missing(),
    }
    return render(request, "smart/visit.html", {**context, **told, **also, "visit_id": visit})


@require_POST
@login_required
@_answered
def visit_end(request: HttpRequest, visit: UUID) -> HttpResponse:
    """The token is let go."""
    if not visits.end(request.session, str(visit)):
        raise Http404
    messages.success(request, "The visit is over. Nothing of the patient was kept here.")
    return redirect("/")


@require_safe
def own_keys(request: HttpRequest) -> HttpResponse:
    return JsonResponse(keys.published())


def _supplied(client: LaunchClient, found: visits.Visit, prefetch: dict[str, dict]) -> supplied.Supplied:
    sender, now = client.sender, timezone.now()
    try:
        return supplied.read_of(
            found.patient, prefetch, zone=sender.clinic.zone, at=now, authority=sender.authority
        )
    except HookProblem:
        raise LaunchProblem(502, f"What {client} gave cannot be read as FHIR R4.", TELL) from None


def _has_number(client: LaunchClient, read: supplied.Supplied) -> bool:
    """Somebody of this record has the number and another date of birth, or no single one."""
    here = Patient.objects.current().filter(clinic=client.sender.clinic, mrn__in=read.numbers)
    return bool(read.numbers) and here.exists()


def _page_of(patient: Patient, show: str) -> str:
    page = reverse("patients:detail", args=[patient.uuid])
    return f"{page}?tab={show}" if show in TABS else page


urls = [
    path("launch", launch, name="smart-launch"),
    path("callback", callback, name="smart-callback"),
    path("jwks.json", own_keys, name="smart-keys"),
    path("visits/<uuid:visit>/", visit, name="smart-visit"),
    path("visits/<uuid:visit>/end/", visit_end, name="smart-visit-end"),
]
