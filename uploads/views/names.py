"""Names that are not known: given a meaning, listed, and taken back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import log_accesses
from accounts.models import Clinic
from accounts.permissions import Can, require_any
from interpretation.words import counted
from patients.actions.errors import Refused
from patients.models import Patient
from uploads import actions, kept, mappings
from uploads.identity import news, questions
from uploads.models import Job, Mapping, SenderProfile, Upload
from uploads.profile_words import own_words
from uploads.staging import jobs, waiting

from .batch import batch_of, message_of

State = Upload.State
# Names of looks in the access log.
SEEN, DECIDED = "upload-waiting", "upload-decisions"


@require_POST
@login_required
def map_names(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Names given a meaning: remembered for this sender. What waits is read again at once, and messages that
    waited for these names are stored."""
    uploads = batch_of(request.user, batch)
    asked, message = mappings.questions_of(uploads), message_of(uploads)
    open_files = [upload for upload in uploads if upload.state in (State.PREVIEWED, State.UNMAPPED)]
    answers = mappings.answers_of(asked, request.POST)
    clinic, sender = uploads[0].clinic, uploads[0].sender
    try:
        with transaction.atomic():
            made = mappings.learn(clinic=clinic, sender=sender, by=request.user, answers=answers)
            if busy := bool(open_files) and actions.is_large(sum(upload.size for upload in open_files)):
                jobs.start(batch=batch, task=Job.Task.READ, by=request.user)
            elif open_files or not (message or _held(uploads)):
                actions.read_again(batch=batch)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("uploads:preview", batch)
    taken = waiting.take_up(clinic=clinic, by=request.user, named=made, beside=batch if busy else None)
    read = "The files are being read again." if busy else "The files were read again." if open_files else ""
    _tell(request, len(made), read, taken)
    if message:
        message.refresh_from_db(fields=["upload"])
        batch = message.upload.batch
    return redirect("uploads:preview", batch)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def waiting_list(request: HttpRequest) -> HttpResponse:
    """Everything in files and messages that waits for a person, and what a person says about it."""
    clinics = require_any(request.user, Can.UPLOAD)
    if request.method == "POST":
        return _answer(request, waiting.groups_of(clinics)[0])
    return show_waiting(request, clinics)


def show_waiting(request: HttpRequest, clinics: list[Clinic], typed: dict | None = None) -> HttpResponse:
    """`typed`: what a person said of one question, and the sentence that refuses it."""
    groups, more = waiting.groups_of(clinics)
    cases, more_cases = questions.cases_of(clinics)
    asked, more_news = news.asked(clinics)
    people = {*_people(groups), *(person for case in (*cases, *asked) for person in case.people)}
    log_accesses(user=request.user, patients=people, page=SEEN)
    previews = Upload.objects.filter(clinic__in=clinics, state=State.PREVIEWED).exclude(unknown=[])
    context = {
        "groups": groups,
        "asks_tests": any(group.is_test for group in groups),
        "more": more,
        "cases": cases,
        "more_cases": more_cases,
        "news": asked,
        "more_news": more_news,
        "own_clinics": clinics,
        "previews": previews.count(),
        "typed": typed,
        # What somebody else has decided is no question any more: the sentence stands above the others.
        "gone": typed and not _is_shown(typed, cases, asked),
    }
    return render(request, "uploads/waiting.html", context, status=422 if typed else 200)


def _is_shown(typed: dict, cases: list, asked: list) -> bool:
    if typed.get("news"):
        return typed["news"] in [item.pk for item in asked]
    return typed["question"] in [case.question.pk for case in cases]


@require_POST
@login_required
def let_go(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Rows of stored files that nobody will name: they stay out."""
    batch_of(request.user, batch)
    try:
        actions.let_go(batch=batch, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Given up: these rows stay out, and the file is no longer kept.")
    return redirect("uploads:preview", batch)


def _answer(request: HttpRequest, groups: list[waiting.WaitingName]) -> HttpResponse:
    answers = mappings.answers_of(groups, request.POST)
    if not answers:
        messages.error(request, "Nothing was chosen: say what at least one name means.")
        return redirect("uploads:waiting")
    try:
        made = waiting.answer(by=request.user, answers=answers)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("uploads:waiting")
    for clinic in dict.fromkeys(group.clinic for group, _ in answers):
        own = [mapping for mapping in made if mapping.clinic_id == clinic.pk]
        taken = waiting.take_up(clinic=clinic, by=request.user, named=own)
        _tell(request, len(own), "", taken)
    return redirect("uploads:waiting")


def _tell(request, names: int, read: str, taken: waiting.ReadAgain) -> None:
    said = [f"Remembered: {counted(names, 'name')}."] if names else []
    if said or read or taken.words:
        messages.success(request, " ".join(filter(None, [*said, read, taken.words])))
    for sentence in taken.refused:
        messages.error(request, sentence)


def _held(uploads: list[Upload]) -> bool:
    return any(upload.holds_rows for upload in uploads)


def _people(groups: list[waiting.WaitingName]) -> list[Patient]:
    """The patients in the record whose cells are examples on the page."""
    shown = Q()
    for group in groups:
        mrns = [mrn for _, mrn in group.question.name.examples]
        shown |= Q(clinic=group.clinic, mrn__in=mrns)
    return list(Patient.objects.current().filter(shown).only("id", "clinic")) if shown else []


@require_GET
@login_required
def mapping_list(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.UPLOAD)
    found = Mapping.objects.filter(clinic__in=clinics, undone_at=None).select_related("clinic", "by")
    found = found.exclude(kept.CHOSEN)
    rows = [(mapping, mappings.meaning_in_words(mapping)) for mapping in found.order_by("clinic", "sender")]
    profiles = SenderProfile.objects.filter(clinic__in=clinics).select_related("clinic")
    writing = [(profile, own_words(profile)) for profile in profiles.order_by("clinic", "sender")]
    decisions = list(questions.standing(clinics))
    people = {said.patient for said in decisions if said.patient}
    log_accesses(user=request.user, patients=people, page=DECIDED)
    context = {"rows": rows, "profiles": writing, "own_clinics": clinics, "decisions": decisions}
    return render(request, "uploads/mappings.html", context)


urls = [
    path("waiting/", waiting_list, name="waiting"),
    path("mappings/", mapping_list, name="mappings"),
    path("<uuid:batch>/names/", map_names, name="names"),
    path("<uuid:batch>/let-go/", let_go, name="let-go"),
]
