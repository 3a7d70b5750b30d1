"""The agenda: proposals taken or dropped, items ordered, patients nominated."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from meetings.models import AgendaItem, Meeting, Nomination
from patients.actions.errors import Refused
from patients.models import Patient

from .turns import holding, writing

QUESTION_LENGTH = AgendaItem._meta.get_field("question").max_length
REASON_LENGTH = Nomination._meta.get_field("reason").max_length
PREPARED = {
    "question": QUESTION_LENGTH,
    "imaging": AgendaItem._meta.get_field("imaging").max_length,
}
MEANWHILE = "Somebody else wrote here at the same time: “{theirs}”. Yours is not stored: “{mine}”."
State = AgendaItem.State


def take(
    *, meeting: Meeting, by: User, patients: dict[Patient, list], question: str = "", drop: bool = False
) -> list[AgendaItem]:
    """Puts patients on the agenda, at its end, with the reasons [[kind, sentence], ...] for each.

    Without a `question` each brings that of whoever referred them last. Who is there already stays in place;
    who was dropped comes back. `drop`: noted as not to be discussed.
    """
    question = _short(question, QUESTION_LENGTH, "question")
    wanted = State.DROPPED if drop else State.TAKEN
    with holding(by=by, meeting=meeting) as now:
        _check_clinic(now, patients)
        there = {item.patient_id: item for item in now.items.all()}
        last = max((item.place for item in there.values()), default=0)
        asked = {} if question else questions_of(patients)
        items = []
        for place, (patient, reasons) in enumerate(patients.items(), last + 1):
            item = there.get(patient.pk)
            if item is None:
                item = AgendaItem.objects.create(
                    meeting=now,
                    patient=patient,
                    state=wanted,
                    place=place,
                    reasons=reasons,
                    question=question or asked.get(patient.pk, ""),
                    by=by,
                )
            elif item.state != wanted:
                _turn(item, wanted, place)
            items.append(item)
        return items


def questions_of(patients: Iterable[Patient]) -> dict[int, str]:
    """By patient, the question of the latest referral that stands. One query."""
    standing = Nomination.objects.filter(patient__in=list(patients), ended_at__isnull=True)
    latest = standing.select_related("carried_from").order_by("patient", "-at", "-id").distinct("patient")
    return {one.patient_id: one.question for one in latest}


def turn(*, item: AgendaItem, by: User, drop: bool) -> None:
    """Drops an item from the agenda, or takes it back at the agenda's end."""
    with holding(by=by, meeting=item.meeting) as now:
        item.refresh_from_db()
        if drop and now.showing_id == item.pk:
            raise Refused("This patient is on the screen: go to another one first.")
        wanted = State.DROPPED if drop else State.TAKEN
        if item.state != wanted:
            last = now.items.aggregate(last=Max("place"))["last"]
            _turn(item, wanted, last + 1)


def _turn(item: AgendaItem, wanted: str, place: int) -> None:
    if wanted == State.DROPPED and (item.is_decided or item.actions.exists()):
        raise Refused("Something was decided on this patient already: it stays on the agenda.")
    item.state = wanted
    if wanted == State.TAKEN:
        item.place = place
    item.save(update_fields=["state", "place"])


def move(*, item: AgendaItem, by: User, up: bool) -> None:
    """One place up or down; at the end of the list nothing moves."""
    with holding(by=by, meeting=item.meeting) as now:
        items = list(now.items.filter(state=State.TAKEN))
        at = next((place for place, one in enumerate(items) if one.pk == item.pk), None)
        if at is None:
            raise Refused("This patient was dropped from the agenda in the meantime.")
        other = at - 1 if up else at + 1
        if 0 <= other < len(items):
            items[at], items[other] = items[other], items[at]
            _number(items)


def order(*, meeting: Meeting, by: User, uuids: Iterable[UUID]) -> None:
    """The whole order at once, as dragged. Items that the sender did not know of keep their places behind."""
    wanted = {uuid: place for place, uuid in enumerate(uuids)}
    with holding(by=by, meeting=meeting) as now:
        items = list(now.items.filter(state=State.TAKEN))
        items.sort(key=lambda item: wanted.get(item.uuid, len(wanted)))
        _number(items)


def _number(items: list[AgendaItem]) -> None:
    changed = [item for place, item in enumerate(items, 1) if item.place != place]
    for place, item in enumerate(items, 1):
        item.place = place
    AgendaItem.objects.bulk_update(changed, ["place"])


def prepare(*, item: AgendaItem, by: User, field: str, text: str, seen: str | None = None) -> None:
    """The question to the meeting, or what images showed. `seen` is what stood there when the writer began:
    where somebody else has written since, nothing is stored and their words are told."""
    text = _short(text, PREPARED[field], field)
    with holding(by=by, meeting=item.meeting):
        item.refresh_from_db()
        there = getattr(item, field)
        if there == text:
            return
        if seen is not None and " ".join(seen.split()) != there:
            raise Refused(MEANWHILE.format(theirs=there, mine=text), field)
        setattr(item, field, text)
        item.save(update_fields=[field])


def ask(*, item: AgendaItem, by: User, question: str) -> None:
    """What the meeting is asked about this patient."""
    prepare(item=item, by=by, field="question", text=question)


def nominate(*, patient: Patient, by: User, reason: str) -> Nomination:
    """Refers a patient to the next meeting; `reason` is the question to it. Asked twice in the same words, it
    stands once."""
    reason = _short(reason, REASON_LENGTH, "reason")
    if not reason:
        raise Refused("Say what the meeting is asked about this patient.", "reason")
    with writing(by=by):
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        standing = patient.nominations.filter(ended_at__isnull=True, by=by, reason=reason).first()
        return standing or Nomination.objects.create(
            clinic_id=patient.clinic_id, patient=patient, by=by, reason=reason
        )


def take_back(*, nomination: Nomination, by: User) -> None:
    """Twice is once."""
    with writing(by=by):
        found = Nomination.objects.select_for_update().get(pk=nomination.pk)
        if found.ended_at is None:
            found.ended_at, found.ended_by = timezone.now(), by
            found.save(update_fields=["ended_at", "ended_by"])


def _check_clinic(meeting: Meeting, patients: Iterable[Patient]) -> None:
    if any(patient.clinic_id != meeting.clinic_id for patient in patients):
        raise Refused("This patient belongs to another clinic.")


def _short(text: str, limit: int, field: str) -> str:
    text = " ".join(text.split())
    if len(text) > limit:
        raise Refused(f"This is longer than {limit} characters: shorten it.", field)
    return text
