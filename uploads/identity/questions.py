"""Whose results these are: what a clinic's files and messages leave open, and what people decide about it."""

from dataclasses import dataclass

import pghistory
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower

from accounts.models import Clinic, User
from patients.actions.errors import Refused, refusing
from patients.models import Patient
from patients.words import full_moment
from uploads import actions
from uploads.identity.news import open_news
from uploads.importers.mrn import without_zeros
from uploads.importers.profile import IGNORE
from uploads.importers.records import Numbers
from uploads.interfaces.messages import replay
from uploads.matching.people import fold_family
from uploads.models import IdentityDecision, IdentityQuestion, Job, Message, Upload
from uploads.profiles import learn, profile_of
from uploads.staging import jobs
from uploads.staging.waiting import ReadAgain

Verdict, Why = IdentityDecision.Verdict, IdentityQuestion.Why
# So many questions are shown at a time, the one with most rows first, and so many other patients for each.
SHOWN, OTHERS = 20, 8
_IDENTITY = ("mrn", "family", "birth_date")


@dataclass(frozen=True)
class IdentityCase:
    """One identity of one sender about which a person must decide. `record`: the patient with this number;
    `holders`: those with one of several."""

    question: IdentityQuestion
    clinic: Clinic
    rows: int
    files: int
    record: Patient | None
    others: tuple[Patient, ...]
    holders: tuple[Patient, ...] = ()

    @property
    def but_for_zeros(self) -> list[Patient]:
        """The others whose number is the same but for zeros."""
        return [person for person in self.others if _same_number(person, self.question)]

    @property
    def people(self) -> list[Patient]:
        return [person for person in (self.record, *self.holders, *self.others) if person]


def open_questions(clinics: list[Clinic]) -> QuerySet[IdentityQuestion]:
    """What waits for a decision: of stored files the latest reading, of messages those that still wait."""
    root = Coalesce(OuterRef("upload__replays"), OuterRef("upload"))
    later = Upload.objects.filter(replays=root, pk__gt=OuterRef("upload"), state=Upload.State.STORED)
    waits = Message.objects.filter(upload=OuterRef("upload"), state=Message.State.WAITING)
    found = IdentityQuestion.objects.filter(
        answer=None, upload__clinic__in=clinics, upload__state=Upload.State.STORED
    )
    return found.filter((Q(upload__system=None) & ~Exists(later)) | Exists(waits))


def cases_of(clinics: list[Clinic]) -> tuple[list[IdentityCase], int]:
    """The questions with most rows, and how many there are beyond those."""
    alike = _alike_questions(clinics).annotate(
        rows=Sum("count"), files=Count("upload", distinct=True), first=Min("id")
    )
    groups = list(alike.order_by("-rows", "first")[: SHOWN + 1])
    more = alike.count() - SHOWN if len(groups) > SHOWN else 0
    groups = groups[:SHOWN]
    rows = IdentityQuestion.objects.select_related("upload").defer("upload__before", "upload__digests")
    questions = rows.in_bulk([group["first"] for group in groups])
    people = _people([questions[group["first"]] for group in groups])
    own = {clinic.pk: clinic for clinic in clinics}
    cases = []
    for group in groups:
        question = questions[group["first"]]
        clinic = own[question.upload.clinic_id]
        there = [person for person in people if person.clinic_id == clinic.pk]
        record = next((person for person in there if person.mrn == question.mrn), None)
        numbers = _numbers(question)
        holders = tuple(person for person in there if person != record and person.mrn in numbers)
        known = {record, *holders}
        others = tuple(person for person in there if person not in known and _alike(person, question))[
            :OTHERS
        ]
        cases.append(IdentityCase(question, clinic, group["rows"], group["files"], record, others, holders))
    return cases, more


def people_waiting(clinics: list[Clinic]) -> int:
    """How many identities wait for a decision, and people of whom messages say something that is asked."""
    return _alike_questions(clinics).count() + open_news(clinics).count()


@transaction.atomic
def decide(
    *, question: IdentityQuestion, by: User, verdict: str, patient: Patient | None = None, reason: str = ""
) -> ReadAgain:
    """Remembers whose rows a sender means by this number, name and date of birth, and reads them again: those
    of a patient are stored, those of nobody are settled."""
    question = (
        IdentityQuestion.objects.select_for_update(of=("self",))
        .select_related("upload__clinic")
        .get(pk=question.pk)
    )
    clinic, sender = question.upload.clinic, question.upload.sender
    _refuse_decided(question)
    _refuse_misfit(question, verdict, patient)
    alike = open_questions([clinic]).filter(upload__sender__iexact=sender, mrn=question.mrn)
    uploads = list(Upload.objects.filter(pk__in=alike.values("upload")).defer("before", "digests"))
    identity = {name: getattr(question, name) for name in _IDENTITY}
    with pghistory.context(user=by.pk), refusing():
        given = {"clinic": clinic, "sender": sender, "verdict": verdict, "by": by}
        reason = " ".join(reason.split())[:300]
        said = IdentityDecision.objects.create(**given, **identity, patient=patient, reason=reason)
        if patient and _same_number(patient, question) and patient.mrn != question.mrn:
            if not profile_of(clinic, sender).mrn_zeros:
                learn(clinic=clinic, sender=sender, by=by, field="mrn_zeros", value=IGNORE)
            strangers = open_questions([clinic]).filter(upload__sender__iexact=sender, why=Why.NOBODY)
            known = {upload.pk for upload in uploads}
            more = Upload.objects.filter(pk__in=strangers.values("upload")).exclude(pk__in=known)
            uploads += more.defer("before", "digests")
    same = alike.filter(family=question.family, birth_date=question.birth_date)
    IdentityQuestion.objects.filter(pk__in=list(same.values_list("pk", flat=True))).update(answer=said)
    return _take_up(uploads, by)


def standing(clinics: list[Clinic]) -> QuerySet[IdentityDecision]:
    """With the family name as a file wrote it: `wrote`."""
    asked = IdentityQuestion.objects.filter(answer=OuterRef("pk")).order_by("pk")
    found = IdentityDecision.objects.filter(clinic__in=clinics, undone_at=None)
    found = found.annotate(wrote=Subquery(asked.values("family_name")[:1]))
    return found.select_related("clinic", "by", "patient").order_by("clinic", "sender", "-at", "-id")


def _alike_questions(clinics: list[Clinic]) -> QuerySet:
    """A row for each identity of each sender about which a person must decide."""
    alike = open_questions(clinics).annotate(whose=Lower("upload__sender"))
    return alike.order_by().values("upload__clinic", "whose", *_IDENTITY).distinct()


def _refuse_decided(question: IdentityQuestion) -> None:
    """Whoever comes second is told who was first."""
    if said := question.answer:
        at = said.at.astimezone(question.upload.clinic.zone)
        words = said.get_verdict_display().lower()
        raise Refused(f"{said.by} has decided this on {full_moment(at)}: {words}.")
    if not open_questions([question.upload.clinic]).filter(pk=question.pk).exists():
        raise Refused("These rows were read again since: look at what waits now.")


def _refuse_misfit(question: IdentityQuestion, verdict: str, patient: Patient | None) -> None:
    if verdict == Verdict.PATIENT and (patient is None or patient.clinic_id != question.upload.clinic_id):
        raise Refused("No patient of this clinic has this number. Look it up on the worklist.")
    if verdict == Verdict.NEW and question.why != Why.NEW:
        raise Refused("These rows do not say enough of a new patient. Add the patient by hand, then decide.")


def _take_up(uploads: list[Upload], by: User) -> ReadAgain:
    """Reads again what waited; what is large, a worker does."""
    taken, size = ReadAgain(), 0
    for message in Message.objects.filter(upload__in=[u for u in uploads if u.system_id], state="waiting"):
        replay(message=message)
        taken.messages += 1
    files = [upload for upload in uploads if not upload.system_id]
    for batch in dict.fromkeys(upload.batch for upload in files):
        own = [upload for upload in files if upload.batch == batch]
        size += sum(upload.size for upload in own)
        also = [upload.pk for upload in own]
        if actions.is_large(size):
            jobs.start(batch=batch, task=Job.Task.REPLAY, by=by, also=also)
            taken.busy += 1
        else:
            taken.uploads += actions.replay(batch=batch, by=by, also=also)
    return taken


def _people(questions: list[IdentityQuestion]) -> list[Patient]:
    """Patients with these numbers, and with these dates of birth, in the clinics of the questions."""
    asked = Q()
    for question in questions:
        who = Q(mrn__in=_numbers(question))
        if number := without_zeros(question.mrn):
            who |= Q(mrn__regex=f"^0*{number}$")
        if question.birth_date:
            who |= Q(birth_date=question.birth_date)
        asked |= Q(clinic=question.upload.clinic_id) & who
    if not asked:
        return []
    return list(Patient.objects.current().filter(asked).order_by("family_name", "given_name", "mrn"))


def _numbers(question: IdentityQuestion) -> list[str]:
    return question.mrn.split(Numbers.OR) if question.why == Why.MANY else [question.mrn]


def _alike(person: Patient, question: IdentityQuestion) -> bool:
    """Whether somebody else here might be meant: the same number but for zeros, or the same date of birth and
    family name."""
    if _same_number(person, question):
        return True
    same_day = question.birth_date is not None and person.birth_date == question.birth_date
    return same_day and bool(question.family) and fold_family(person.family_name) == question.family


def _same_number(person: Patient, question: IdentityQuestion) -> bool:
    return without_zeros(person.mrn) == without_zeros(question.mrn) != ""
