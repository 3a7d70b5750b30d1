"""How senders write: listed, said, changed, and an earlier version taken again."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Clinic
from accounts.permissions import Can, clinics_of, require, require_any
from patients.actions.errors import Refused
from uploads import profiles
from uploads.forms import ProfileForm
from uploads.mappings import clean_sender
from uploads.models import Mapping, SenderProfile
from uploads.profile_words import own_words
from uploads.profiles import known_senders
from uploads.staging import waiting


@require_GET
@login_required
def sender_list(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.UPLOAD)
    found = SenderProfile.objects.filter(clinic__in=clinics).select_related("clinic", "by")
    rows = [(profile, own_words(profile)) for profile in found.order_by("clinic", "sender")]
    have = {(profile.clinic_id, profile.sender.casefold()) for profile in found}
    without = [
        (clinic, name)
        for clinic in clinics
        for name in known_senders([clinic])
        if (clinic.pk, name.casefold()) not in have
    ]
    open_clinics = [clinic for clinic in clinics if (clinic.pk, "") not in have]
    context = {"rows": rows, "without": without, "no_defaults": open_clinics, "own_clinics": clinics}
    return render(request, "uploads/senders.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sender_add(request: HttpRequest) -> HttpResponse:
    """A first profile. The sender is named in the address or in the form; without a name: of all senders."""
    clinics = require_any(request.user, Can.UPLOAD)
    asked = request.POST or request.GET
    code = asked.get("clinic") or (clinics[0].code if len(clinics) == 1 else "")
    clinic = next((clinic for clinic in clinics if clinic.code == code), None)
    sender = clean_sender(asked.get("sender", ""))
    there = SenderProfile.objects.filter(clinic=clinic, sender__iexact=sender).first()
    if there and "sender" in request.GET:
        return redirect("uploads:sender-edit", there.uuid)
    form = ProfileForm(request.POST or None)
    sentence = "" if clinic or request.method != "POST" else "Choose the clinic."
    if clinic and request.method == "POST" and form.is_valid() and _save(request, form, clinic, sender):
        return redirect("uploads:senders")
    context = {"clinic": clinic, "sender": sender, "own_clinics": clinics, "sentence": sentence}
    return _page(request, form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sender_edit(request: HttpRequest, profile: UUID) -> HttpResponse:
    chosen = _chosen(request, profile)
    form = ProfileForm(request.POST or None, profile=chosen)
    if request.method == "POST" and form.is_valid() and _save(request, form, chosen.clinic, chosen.sender):
        return redirect("uploads:senders")
    names = Mapping.objects.filter(clinic=chosen.clinic, sender__iexact=chosen.sender, undone_at=None)
    versions = [(row, own_words(row)) for row in profiles.versions_of(chosen)]
    context = {"profile": chosen, "clinic": chosen.clinic, "sender": chosen.sender}
    return _page(request, form, context | {"versions": versions, "names": names.count()})


@require_POST
@login_required
def sender_back(request: HttpRequest, profile: UUID) -> HttpResponse:
    chosen = _chosen(request, profile)
    version = request.POST.get("version", "")
    try:
        if not version.isdecimal() or len(version) > 9:
            raise Refused("Choose one of the versions.")
        now = profiles.go_back(profile=chosen, to=int(version), by=request.user)
    except Refused as refusal:
        messages.error(request, f"Nothing was changed. {refusal.sentence}")
    else:
        _tell(request, now)
    return redirect("uploads:sender-edit", chosen.uuid)


def _chosen(request, profile: UUID) -> SenderProfile:
    """Of a clinic of this person, who may upload there."""
    found = SenderProfile.objects.filter(uuid=profile, clinic__in=clinics_of(request.user))
    chosen = found.select_related("clinic", "by").first()
    if chosen is None:
        raise Http404
    require(request.user, Can.UPLOAD, chosen.clinic)
    return chosen


def _save(request, form: ProfileForm, clinic: Clinic, sender: str) -> bool:
    try:
        said = profiles.set_profile(clinic=clinic, sender=sender, by=request.user, **form.said)
    except Refused as refusal:
        form.refuse(refusal.sentence, refusal.field)
        return False
    _tell(request, said)
    return True


def _tell(request, profile: SenderProfile) -> None:
    """What waited for what is said now is read again."""
    taken = waiting.take_up(clinic=profile.clinic, by=request.user, named=[])
    words = f"Remembered as version {profile.version}: files to come are read so."
    messages.success(request, f"{words} {taken.words}".strip())
    for sentence in taken.refused:
        messages.error(request, sentence)


def _page(request: HttpRequest, form: ProfileForm, context: dict) -> HttpResponse:
    wrong = request.method == "POST"
    return render(request, "uploads/sender.html", context | {"form": form}, status=422 if wrong else 200)


urls = [
    path("senders/", sender_list, name="senders"),
    path("senders/add/", sender_add, name="sender-add"),
    path("senders/<uuid:profile>/", sender_edit, name="sender-edit"),
    path("senders/<uuid:profile>/back/", sender_back, name="sender-back"),
]
