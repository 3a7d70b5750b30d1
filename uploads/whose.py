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
from uploads import actions, jobs
from uploads.importers.mrn import without_zeros
from uploads.importers.records import Numbers
from uploads.mappings import learn_zeros
from uploads.matching.people import fold_family
from uploads.messages import replay
from uploads.models import Doubt, Job, Message, Upload, Whose
from uploads.waiting import Taken

Verdict, Why = Whose.Verdict, Doubt.Why
# So many questions are shown at a time, the one with most rows first, and so many other patients for each.
SHOWN, OTHERS = 20, 8
_IDENTITY = ("mrn", "family", "birth_date")


@dataclass(frozen=True)
class Case:
    """One identity of one sender about which a person must decide. `record`: the patient with this number;
    `holders`: those with one of several."""

    doubt: Doubt
    clinic: Clinic
    rows: int
    files: int
    record: Patient | None
    others: tuple[Patient, ...]
    holders: tuple[Patient, ...] = ()

    @property
    def but_for_zeros(self) -> list[Patient]:
        """The others whose number is the same but for zeros."""
        return [person for person in self.others if _same_number(person, self.doubt)]

    @property
    def people(self) -> list[Patient]:
        return [person for person in (self.record, *self.holders, *self.others) if person]


def open_doubts(clinics: list[Clinic]) -> QuerySet[Doubt]:
    """What waits for a decision: of stored files the latest reading, of messages those that still wait."""
    root = Coalesce(OuterRef("upload__replays"), OuterRef("upload"))
    later = Upload.objects.filter(replays=root, pk__gt=OuterRef("upload"), state=Upload.State.STORED)
    waits = Message.objects.filter(upload=OuterRef("upload"), state=Message.State.WAITING)
    found = Doubt.objects.filter(answer=None, upload__clinic__in=clinics, upload__state=Upload.State.STORED)
    return found.filter((Q(upload__system=None) & ~Exists(later)) | Exists(waits))


def cases_of(clinics: list[Clinic]) -> tuple[list[Case], int]:
    """The questions with most rows, and how many there are beyond those."""
    alike = _alike_doubts(clinics).annotate(
        rows=Sum("count"), files=Count("upload", distinct=True), first=Min("id")
    )
    groups = list(alike.order_by("-rows", "first")[: SHOWN + 1])
    more = alike.count() - SHOWN if len(groups) > SHOWN else 0
    groups = groups[:SHOWN]
    rows = Doubt.objects.select_related("upload").defer("upload__before", "upload__digests")
    doubts = rows.in_bulk([group["first"] for group in groups])
    people = _people([doubts[group["first"]] for group in groups])
    own = {clinic.pk: clinic for clinic in clinics}
    cases = []
    for group in groups:
        doubt = doubts[group["first"]]
        clinic = own[doubt.upload.clinic_id]
        there = [person for person in people if person.clinic_id == clinic.pk]
        record = next((person for person in there if person.mrn == doubt.mrn), None)
        numbers = _numbers(doubt)
        holders = tuple(person for person in there if person != record and person.mrn in numbers)
        known = {record, *holders}
        others = tuple(person for person in there if person not in known and _alike(person, doubt))[:OTHERS]
        cases.append(Case(doubt, clinic, group["rows"], group["files"], record, others, holders))
    return cases, more


def people_waiting(clinics: list[Clinic]) -> int:
    """How many identities wait for a decision."""
    return _alike_doubts(clinics).count()


@transaction.atomic
def decide(
    *, doubt: Doubt, by: User, verdict: str, patient: Patient | None = None, reason: str = ""
) -> Taken:
    """Remembers whose rows a sender means by this number, name and date of birth, and reads them again: those
    of a patient are stored, those of nobody are settled."""
    doubt = Doubt.objects.select_for_update(of=("self",)).select_related("upload__clinic").get(pk=doubt.pk)
    clinic, sender = doubt.upload.clinic, doubt.upload.sender
    _refuse_decided(doubt)
    _refuse_misfit(doubt, verdict, patient)
    alike = open_doubts([clinic]).filter(upload__sender__iexact=sender, mrn=doubt.mrn)
    uploads = list(Upload.objects.filter(pk__in=alike.values("upload")).defer("before", "digests"))
    identity = {name: getattr(doubt, name) for name in _IDENTITY}
    with pghistory.context(user=by.pk), refusing():
        given = {"clinic": clinic, "sender": sender, "verdict": verdict, "by": by}
        reason = " ".join(reason.split())[:300]
        said = Whose.objects.create(**given, **identity, patient=patient, reason=reason)
        if patient and _same_number(patient, doubt) and patient.mrn != doubt.mrn:
            learn_zeros(clinic=clinic, sender=sender, by=by)
            strangers = open_doubts([clinic]).filter(upload__sender__iexact=sender, why=Why.NOBODY)
            known = {upload.pk for upload in uploads}
            more = Upload.objects.filter(pk__in=strangers.values("upload")).exclude(pk__in=known)
            uploads += more.defer("before", "digests")
    same = alike.filter(family=doubt.family, birth_date=doubt.birth_date)
    Doubt.objects.filter(pk__in=list(same.values_list("pk", flat=True))).update(answer=said)
    return _take_up(uploads, by)


def standing(clinics: list[Clinic]) -> QuerySet[Whose]:
    """With the family name as a file wrote it: `wrote`."""
    asked = Doubt.objects.filter(answer=OuterRef("pk")).order_by("pk")
    found = Whose.objects.filter(clinic__in=clinics, undone_at=None)
    found = found.annotate(wrote=Subquery(asked.values("family_name")[:1]))
    return found.select_related("clinic", "by", "patient").order_by("clinic", "sender", "-at", "-id")


def _alike_doubts(clinics: list[Clinic]) -> QuerySet:
    """A row for each identity of each sender about which a person must decide."""
    alike = open_doubts(clinics).annotate(whose=Lower("upload__sender"))
    return alike.order_by().values("upload__clinic", "whose", *_IDENTITY).distinct()


def _refuse_decided(doubt: Doubt) -> None:
    """Whoever comes second is told who was first."""
    if said := doubt.answer:
        at = said.at.astimezone(doubt.upload.clinic.zone)
        words = said.get_verdict_display().lower()
        raise Refused(f"{said.by} has decided this on {full_moment(at)}: {words}.")
    if not open_doubts([doubt.upload.clinic]).filter(pk=doubt.pk).exists():
        raise Refused("These rows were read again since: look at what waits now.")


def _refuse_misfit(doubt: Doubt, verdict: str, patient: Patient | None) -> None:
    if verdict == Verdict.PATIENT and (patient is None or patient.clinic_id != doubt.upload.clinic_id):
        raise Refused("No patient of this clinic has this number. Look it up on the worklist.")
    if verdict == Verdict.NEW and doubt.why != Why.NEW:
        raise Refused("These rows do not say enough of a new patient. Add the patient by hand, then decide.")


def _take_up(uploads: list[Upload], by: User) -> Taken:
    """Reads again what waited; what is large, a worker does."""
    taken, size = Taken(), 0
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


def _people(doubts: list[Doubt]) -> list[Patient]:
    """Patients with these numbers, and with these dates of birth, in the clinics of the doubts."""
    asked = Q()
    for doubt in doubts:
        who = Q(mrn__in=_numbers(doubt))
        if number := without_zeros(doubt.mrn):
            who |= Q(mrn__regex=f"^0*{number}$")
        if doubt.birth_date:
            who |= Q(birth_date=doubt.birth_date)
        asked |= Q(clinic=doubt.upload.clinic_id) & who
    if not asked:
        return []
    return list(Patient.objects.current().filter(asked).order_by("family_name", "given_name", "mrn"))


def _numbers(doubt: Doubt) -> list[str]:
    return doubt.mrn.split(Numbers.OR) if doubt.why == Why.MANY else [doubt.mrn]


def _alike(person: Patient, doubt: Doubt) -> bool:
    """Whether somebody else here might be meant: the same number but for zeros, or the same date of birth and
    family name."""
    if _same_number(person, doubt):
        return True
    same_day = doubt.birth_date is not None and person.birth_date == doubt.birth_date
    return same_day and bool(doubt.family) and fold_family(person.family_name) == doubt.family


def _same_number(person: Patient, doubt: Doubt) -> bool:
    return without_zeros(person.mrn) == without_zeros(doubt.mrn) != ""
