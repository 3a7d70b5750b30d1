"""Tokens of senders: listed, made, replaced, ended. A secret is shown once, in the answer that makes it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Clinic
from accounts.permissions import Can, clinics_of, may, require, require_any
from patients.actions.errors import Refused
from uploads.forms import NewSenderForm, NewTokenForm, ReplaceTokenForm, TokenForm
from uploads.interfaces import senders, tokens
from uploads.models import Sender, SenderToken

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@login_required
def token_list(request: HttpRequest) -> HttpResponse:
    clinics, now = require_any(request.user, Can.SEE_TOKENS), timezone.now()
    rows = [
        (token, tokens.state_of(token, now), may(request.user, Can.MANAGE_CLINIC, token.sender.clinic))
        for token in tokens.tokens_of(clinics)
    ]
    managed = [clinic for clinic in clinics if may(request.user, Can.MANAGE_CLINIC, clinic)]
    context = {"rows": rows, "own_clinics": clinics, "managed": managed}
    return render(request, "uploads/tokens.html", context | {"running_out": tokens.running_out(clinics, now)})


@form_page
@login_required
@never_cache
def sender_new(request: HttpRequest) -> HttpResponse:
    """A system that is new: the clinic is named in the address or in the form."""
    clinics = require_any(request.user, Can.MANAGE_CLINIC)
    code = request.POST.get("clinic") or request.GET.get("clinic") or clinics[0].code
    clinic = next((clinic for clinic in clinics if clinic.code == code), None)
    if clinic is None:
        raise Http404
    form = _form(NewSenderForm, request, clinic)

    def make(data: dict) -> tuple[Sender, str]:
        how = {name: data[name] for name in ("name", "authority", "scopes")}
        until = tokens.expiry(clinic, data["last_day"])
        return senders.add_sender(clinic=clinic, expires_at=until, by=request.user, **how)

    return _answer(request, form, make, {"title": "Add a system", "clinic": clinic, "verb": "Add it"})


@form_page
@login_required
@never_cache
def token_add(request: HttpRequest, sender: UUID) -> HttpResponse:
    """One more token of a system there is."""
    found = Sender.objects.filter(clinic__in=clinics_of(request.user)).select_related("clinic")
    chosen = get_object_or_404(found, uuid=sender)
    require(request.user, Can.MANAGE_CLINIC, chosen.clinic)
    form = _form(NewTokenForm, request, chosen.clinic)

    def make(data: dict) -> tuple[Sender, str]:
        until = tokens.expiry(chosen.clinic, data["last_day"])
        how = {"scopes": data["scopes"], "expires_at": until, "by": request.user}
        return chosen, tokens.make_token(sender=chosen, **how)

    about = {"title": f"A token for {chosen}", "clinic": chosen.clinic, "verb": "Make it"}
    return _answer(request, form, make, about)


@form_page
@login_required
@never_cache
def token_replace(request: HttpRequest, token: UUID) -> HttpResponse:
    chosen = _chosen(request, token)
    form = _form(ReplaceTokenForm, request, chosen.sender.clinic)

    def make(data: dict) -> tuple[Sender, str]:
        until = tokens.expiry(chosen.sender.clinic, data["last_day"])
        how = {"expires_at": until, "overlap": timedelta(hours=data["overlap"]), "by": request.user}
        return chosen.sender, tokens.replace_token(token=chosen, **how)

    about = {
        "title": f"A new token for {chosen.sender}",
        "clinic": chosen.sender.clinic,
        "verb": "Replace it",
    }
    return _answer(request, form, make, about)


@form_page
@login_required
def token_end(request: HttpRequest, token: UUID) -> HttpResponse:
    chosen = _chosen(request, token)
    if request.method != "POST":
        return render(request, "uploads/token_end.html", {"token": chosen})
    try:
        tokens.end_token(token=chosen, by=request.user)
    except Refused as refusal:
        messages.error(request, f"Nothing was changed. {refusal.sentence}")
    else:
        messages.success(request, f"This token of {chosen.sender} opens nothing any more.")
    return redirect("uploads:tokens")


def _chosen(request: HttpRequest, token: UUID) -> SenderToken:
    """Of a clinic that this person manages."""
    found = SenderToken.objects.filter(sender__clinic__in=clinics_of(request.user))
    chosen = get_object_or_404(found.select_related("sender__clinic", "created_by"), uuid=token)
    require(request.user, Can.MANAGE_CLINIC, chosen.sender.clinic)
    return chosen


def _form(kind: type[TokenForm], request: HttpRequest, clinic: Clinic) -> TokenForm:
    today = timezone.now().astimezone(clinic.zone).date()
    return kind(request.POST or None, zone=clinic.zone, days=tokens.last_days(today))


def _answer(
    request: HttpRequest, form: TokenForm, make: Callable[[dict], tuple[Sender, str]], about: dict
) -> HttpResponse:
    """The form, or the secret in the answer itself: it is stored nowhere, not even in the session."""
    if request.method == "POST" and form.is_valid():
        try:
            sender, secret = make(form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
        else:
            return render(request, "uploads/token_once.html", about | {"sender": sender, "secret": secret})
    status = 422 if request.method == "POST" else 200
    return render(request, "uploads/token_form.html", about | {"form": form}, status=status)


urls = [
    path("tokens/", token_list, name="tokens"),
    path("tokens/add/", sender_new, name="sender-new"),
    path("tokens/of/<uuid:sender>/add/", token_add, name="token-add"),
    path("tokens/<uuid:token>/replace/", token_replace, name="token-replace"),
    path("tokens/<uuid:token>/end/", token_end, name="token-end"),
]
