"""What messages say of people themselves: taken where it is harmless, asked of a person where it might be another one.

Locked in one order everywhere: the message, its news, the patients.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Clinic, User
from interpretation.words import listed
from patients.actions.bulk import lock_patients
from patients.actions.errors import Refused, refusing
from patients.actions.merging import merge
from patients.actions.merging.numbers import patient_numbered, remember, renumber
from patients.actions.people import change_patient
from patients.models import Merge, Patient
from patients.words import full_moment
from uploads.identity.likeness import changes, differing, may_be_another
from uploads.importers.hl7v2.message import UnreadableMessage
from uploads.importers.hl7v2.people import PersonSaid
from uploads.models import Message, PersonNews

State, Kind = PersonNews.State, PersonNews.Kind
# So many are shown at a time.
SHOWN = 20
WAITS = "waits for a person"


@dataclass(frozen=True)
class TakenIn:
    """What the sender is told of one person; nothing of the record in it."""

    text: str
    waits: bool = False


def take_in(*, message: Message, people: list[PersonSaid], sent_at: datetime | None) -> list[TakenIn]:
    """Raises UnreadableMessage where numbers contradict the record. All of a message, or nothing."""
    PersonNews.objects.filter(message=message, state=State.OPEN).update(state=State.LAPSED)
    with pghistory.context(user=message.sender.user_id), refusing():
        return [_News(message, said, sent_at).take_in() for said in people]


@dataclass(frozen=True)
class _News:
    message: Message
    said: PersonSaid
    sent_at: datetime | None

    @property
    def clinic(self) -> Clinic:
        return self.message.sender.clinic

    def take_in(self) -> TakenIn:
        return self._merged() if self.said.former else self._changed()

    def _changed(self) -> TakenIn:
        patient = self._here(self.said.numbers.live, "PID-3") or self._here(
            self.said.numbers.retired, "PID-3"
        )
        if patient is None:
            return TakenIn("Nobody here has this number: nothing to change.")
        patient = _held(patient)
        if self._is_older(patient):
            return TakenIn("Older than what was taken before: nothing changed.")
        fields = changes(patient, self.said)
        died = self.said.died_on is not None and self.said.died_on != patient.died_on
        why = "a death" if died else may_be_another(patient, self.said)
        if why:
            return self._ask(Kind.CHANGE, patient, why=why)
        _change(patient, fields, self.message.sender.user)
        self._keep(Kind.CHANGE, patient, State.TAKEN)
        words = listed(name.replace("_", " ").replace("mrn", "number") for name in fields)
        return TakenIn(f"Taken: {words}." if fields else "The same as in the record.")

    def _merged(self) -> TakenIn:
        here = self._here(self.said.numbers.live, "PID-3")
        before = self._here(self.said.former.all, "MRG-1")
        if here is None and before is None:
            return TakenIn("Nobody here has either number: nothing to merge.")
        if here == before:
            return TakenIn("Both numbers are one patient’s already: nothing to merge.")
        patient, other = (here, before) if here else (before, None)
        why = self._doubt(patient, other)
        if why:
            return self._ask(Kind.MERGE, patient, other, why)
        news = self._keep(Kind.MERGE, patient, State.TAKEN, other)
        return TakenIn(_join(news, self.message.sender.user))

    def _doubt(self, patient: Patient, other: Patient | None) -> str:
        """Why a person is asked before numbers become one; "" where they may at once."""
        if not other:
            return _differ(differing(patient, self.said))
        if Merge.objects.filter(survivor=patient, merged=other).exclude(undone_at=None).exists():
            return "a person has undone this merge before"
        if PersonNews.objects.filter(patient=patient, other=other, state=State.REFUSED).exists():
            return "a person has said before that these are two"
        return _differ(dict.fromkeys([*differing(patient, other), *differing(patient, self.said)]))

    def _ask(self, kind: str, patient: Patient, other: Patient | None = None, why: str = "") -> TakenIn:
        before = {
            "kind": kind,
            "patient": patient,
            "other": other,
            "state": State.REFUSED,
            "said": self._words,
        }
        if PersonNews.objects.filter(**before).exists():
            return TakenIn(f"{self.said.where}: not taken, a person has said so before.")
        self._keep(kind, patient, State.OPEN, other, why)
        return TakenIn(f"{self.said.where}: {WAITS}: {why}.", waits=True)

    def _keep(
        self, kind: str, patient: Patient, state: str, other: Patient | None = None, why: str = ""
    ) -> PersonNews:
        of = {"clinic": self.clinic, "message": self.message, "sent_at": self.sent_at, "said": self._words}
        return PersonNews.objects.create(
            kind=kind, patient=patient, other=other, state=state, why=why[:200], **of
        )

    @property
    def _words(self) -> dict:
        """As JSON."""
        said = asdict(self.said) | {"mrn": self.said.mrn}
        said |= {name: day.isoformat() if (day := said[name]) else "" for name in ("birth_date", "died_on")}
        said["former"] = self.said.former.all[0] if self.said.former else ""
        return {name: said[name] for name in WORDS}

    def _here(self, numbers: tuple[str, ...], where: str) -> Patient | None:
        found = {one for number in numbers if (one := patient_numbered(self.clinic, number))}
        if len(found) > 1:
            text = "these numbers are of several patients here. Send a merge (ADT^A40) of each."
            raise UnreadableMessage("204", where, text)
        return next(iter(found), None)

    def _is_older(self, patient: Patient) -> bool:
        taken = PersonNews.objects.filter(patient=patient, kind=Kind.CHANGE, state=State.TAKEN)
        return self.sent_at is not None and taken.filter(sent_at__gt=self.sent_at).exists()


WORDS = ("mrn", "former", "family_name", "given_name", "birth_date", "sex", "died_on")


def open_news(clinics: list[Clinic]) -> QuerySet[PersonNews]:
    return PersonNews.objects.filter(clinic__in=clinics, state=State.OPEN)


def asked(clinics: list[Clinic]) -> tuple[list[PersonNews], int]:
    """What waits, the oldest first, each with its `people`, and how much there is beyond that."""
    found = list(open_news(clinics).select_related("message__sender", "clinic")[: SHOWN + 1])
    more = open_news(clinics).count() - SHOWN if len(found) > SHOWN else 0
    found = found[:SHOWN]
    draws = Count("draws", filter=Q(draws__withdrawn_at=None))
    whose = {pk for one in found for pk in (one.patient_id, one.other_id)}
    people = Patient.objects.filter(pk__in=whose).annotate(draw_count=draws).in_bulk()
    for one in found:
        one.people = [people[pk] for pk in (one.patient_id, one.other_id) if pk]
        first = one.people[0]
        own = {name: getattr(first, name) for name in ("family_name", "given_name", "sex")}
        # What the others are compared with: what the message gives, else the patient here.
        one.shown = {name: one.said[name] or value for name, value in own.items()}
        one.born, one.died = (_day(one.said[name]) for name in ("birth_date", "died_on"))
        one.shown |= {"birth_date": one.born or first.birth_date, "died_on": one.died or first.died_on}
    return found, more


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@transaction.atomic
def decide_news(*, news: PersonNews, by: User, take: bool, reason: str = "") -> str:
    """What a person says of what was asked; gives a sentence about what was done."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=news.message_id)
    rows = PersonNews.objects.select_for_update(of=("self",)).select_related("message__sender", "clinic")
    news = rows.get(pk=news.pk)
    _refuse_decided(news)
    reason = " ".join(reason.split())[:300]
    if not take and not reason:
        raise Refused("Say why this is not taken.", "reason")
    with pghistory.context(user=by.pk), refusing():
        news.state, news.reason = State.TAKEN if take else State.REFUSED, reason
        news.answered_by, news.answered_at = by, timezone.now()
        news.save(update_fields=["state", "reason", "answered_by", "answered_at"])
        done = _apply(news, by) if take else "Not taken, also when it is sent again."
        if not message.news.filter(state=State.OPEN).exists():
            Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(
                state=Message.State.STORED
            )
    return done


def lapse(message: Message) -> None:
    """Its message was set aside."""
    message.news.filter(state=State.OPEN).update(state=State.LAPSED)


def _refuse_decided(news: PersonNews) -> None:
    if news.state == State.OPEN:
        return
    if news.answered_by:
        at = full_moment(news.answered_at.astimezone(news.clinic.zone))
        raise Refused(f"{news.answered_by} has decided this on {at}: {news.get_state_display().lower()}.")
    raise Refused("This message was read again or set aside since: look at what waits now.")


def _apply(news: PersonNews, by: User) -> str:
    if news.kind == Kind.MERGE:
        return _join(news, by)
    patient = _held(news.patient)
    said = {name: news.said[name] for name in ("family_name", "given_name", "sex") if news.said[name]}
    said |= {
        name: date.fromisoformat(news.said[name]) for name in ("birth_date", "died_on") if news.said[name]
    }
    _change(patient, {name: value for name, value in said.items() if getattr(patient, name) != value}, by)
    return "Taken: the patient’s details are as the message says."


def _join(news: PersonNews, by: User) -> str:
    """Two patients into one; or a number that nobody here has, onto the one who is here."""
    message, said = news.message, news.said
    if news.other:
        why = f"message {message.control_id} of {message.sender}"
        why += ", confirmed by a person" if news.answered_by else ""
        merge(survivor=news.patient, merged=news.other, by=by, why=why)
        return "Merged."
    patient = _held(news.patient)
    if patient_numbered(news.clinic, said["mrn"]) == patient:
        remember(patient=patient, mrn=said["former"], by=by)
        return "Nobody here has the former number: it is remembered."
    if not said["mrn"]:
        raise Refused("The message gives several numbers for one person, and nobody here has one of them.")
    renumber(patient=patient, mrn=said["mrn"], by=by)
    return "Nobody here has the new number: the patient has it now, and the former one is remembered."


def _held(patient: Patient) -> Patient:
    """As the patient is once nobody else writes it."""
    lock_patients(pk=patient.pk)
    patient = Patient.objects.select_related("clinic").get(pk=patient.pk)
    if patient.withdrawn_at:
        raise Refused("The patient was merged or withdrawn in the meantime. Send the message again.")
    return patient


def _change(patient: Patient, fields: dict, by: User) -> None:
    fields = dict(fields)
    if number := fields.pop("mrn", ""):
        renumber(patient=patient, mrn=number, by=by)
        patient.refresh_from_db()
    if fields:
        change_patient(patient=patient, by=by, version=patient.version, **fields)


def _differ(names: Iterable[str]) -> str:
    names = list(names)
    return f"{listed(names)} {'differ' if names[1:] else 'differs'}" if names else ""
