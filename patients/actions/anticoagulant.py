"""Whether a patient takes an anticoagulant: said by a person, or told by a drug that is recorded.

Which drug and since when has one home, its event. The patient holds "none", "taking" or "" (not known), with who
said so and when; the two are written together, under the patient's lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from interpretation.record.records import ANTICOAGULANTS
from patients.actions.errors import AlreadyEntered, Refused
from patients.actions.writing import change, writing
from patients.models import Event, Patient
from patients.words import full_moment

UNKNOWN, NONE, TAKING = (
    Patient.Anticoagulant.UNKNOWN,
    Patient.Anticoagulant.NONE,
    Patient.Anticoagulant.TAKING,
)
FIELDS = ("anticoagulant", "anticoagulant_said_by", "anticoagulant_said_at")
# An end that nobody has confirmed is asked about for so long.
ASKED_FOR = timedelta(days=60)


@dataclass(frozen=True)
class AnticoagulantSaid:
    """What a person says. Of a drug that is not recorded: its kind, name and start. `stopped_at`: the confirmed
    stop of what is recorded. `seen`: when what the person saw had been said, None for never."""

    status: str
    kind: str = ""
    label: str = ""
    since: datetime | None = None
    stopped_at: datetime | None = None
    seen: datetime | None = None


def say_anticoagulant(*, patient: Patient, by: User, said: AnticoagulantSaid) -> None:
    with writing(by=by, patient=patient):
        if not write_said(patient, by, said):
            raise AlreadyEntered(patient)


def write_said(patient: Patient, by: User, said: AnticoagulantSaid) -> bool:
    """Of a patient that `writing` has locked; False where the very same was said in the meantime."""
    patient.refresh_from_db(fields=FIELDS)
    standing = list(standing_events(patient))
    if patient.anticoagulant_said_at != said.seen:
        if _is_known(patient, said, standing):
            return False
        raise Refused(_moved(patient), "seen")
    if said.stopped_at:
        _stop(standing, said.stopped_at)
        standing = []
    if said.status != TAKING and standing:
        raise Refused(f"{name_of(standing[0])} is recorded: confirm its stop.", "said")
    if said.kind:
        _record(patient, by, said)
    elif said.status == TAKING and not any(map(is_going_on, standing)):
        raise Refused("Say which anticoagulant is taken, and since when.", "drug")
    set_status(patient, by, said.status)
    return True


def follow_event(patient: Patient, by: User, event: Event, was: str = "") -> None:
    """After an event of a locked patient was recorded, changed (its kind `was`) or withdrawn."""
    if {event.kind, was}.isdisjoint(ANTICOAGULANTS):
        return
    patient.refresh_from_db(fields=FIELDS)
    status = status_after(patient, event)
    if status != patient.anticoagulant:
        set_status(patient, by, status)


def status_after(patient: Patient, event: Event) -> str:
    """A drug that goes on is taken. Once none is left, its confirmed stop says "none"; without one nobody knows."""
    if event.withdrawn_at is None and is_going_on(event):
        return TAKING
    if patient.anticoagulant != TAKING or standing_events(patient).exists():
        return patient.anticoagulant
    stopped = event.withdrawn_at is None and event.kind in ANTICOAGULANTS and event.stop_confirmed
    return NONE if stopped else UNKNOWN


def set_status(patient: Patient, by: User, status: str) -> None:
    said = (by, timezone.now()) if status else (None, None)
    patient.anticoagulant, patient.anticoagulant_said_by, patient.anticoagulant_said_at = status, *said
    patient.save(update_fields=FIELDS)


def set_many(*, by: User, told: Iterable[tuple[int, str]]) -> list[dict]:
    """Of locked patients, from a file: the last of each counts. Gives back how it was, for an undo."""
    before = []
    wanted = dict(told)
    if not wanted:
        return before
    for patient in Patient.objects.filter(pk__in=wanted).order_by("pk"):
        if patient.anticoagulant == wanted[patient.pk]:
            continue
        old = {
            "anticoagulant": patient.anticoagulant,
            "anticoagulant_said_by_id": patient.anticoagulant_said_by_id,
        }
        old["anticoagulant_said_at"] = patient.anticoagulant_said_at
        set_status(patient, by, wanted[patient.pk])
        became = patient.anticoagulant_said_at.isoformat()
        before.append({"kind": "anticoagulant", "pk": patient.pk, "fields": old, "became": became})
    return before


def give_back_said(item: dict) -> None:
    """Unless somebody has said otherwise since. `item`: as `set_many` gave it."""
    rows = Patient.objects.filter(pk=item["pk"], anticoagulant_said_at=item["became"])
    rows.update(**item["fields"])


def standing_events(patient: Patient) -> QuerySet[Event]:
    """Anticoagulants that go on, or whose end is near and was not confirmed by anybody."""
    recent = Q(ended_at__isnull=True) | Q(ended_at__gt=timezone.now() - ASKED_FOR)
    return patient.events.current().filter(recent, kind__in=ANTICOAGULANTS, stop_confirmed=False)


def is_standing(event: Event) -> bool:
    """As `standing_events`, of a current one at hand."""
    asked = event.kind in ANTICOAGULANTS and not event.stop_confirmed
    return asked and (event.ended_at is None or event.ended_at > timezone.now() - ASKED_FOR)


def is_going_on(event: Event) -> bool:
    now = timezone.now()
    taken = event.kind in ANTICOAGULANTS and event.started_at <= now
    return taken and (event.ended_at is None or event.ended_at > now)


def name_of(event: Event) -> str:
    return event.label.strip() or event.get_kind_display()


def _is_known(patient: Patient, said: AnticoagulantSaid, standing: list[Event]) -> bool:
    if patient.anticoagulant != said.status:
        return False
    if said.status != TAKING:
        return not standing
    same = ((event.kind, event.label.casefold()) == (said.kind, said.label.casefold()) for event in standing)
    return not said.kind or any(same)


def _moved(patient: Patient) -> str:
    if not patient.anticoagulant:
        return (
            "What was said of an anticoagulant was taken back in the meantime. Look, then store yours again."
        )
    at = full_moment(patient.anticoagulant_said_at.astimezone(patient.clinic.zone))
    said = patient.get_anticoagulant_display().lower()
    return f"{patient.anticoagulant_said_by} said “{said}” on {at}. Look, then store yours over it."


def _stop(standing: list[Event], at: datetime) -> None:
    """Confirms their stop; an end that is recorded and past stays."""
    for event in standing:
        over = event.ended_at is not None and event.ended_at <= timezone.now()
        ended_at = event.ended_at if over else max(at, event.started_at)
        change(event, version=event.version, fields={"ended_at": ended_at, "stop_confirmed": True})


def _record(patient: Patient, by: User, said: AnticoagulantSaid) -> None:
    """The drug as an event, unless it is recorded as going on already."""
    same = patient.events.current().filter(kind=said.kind, label__iexact=said.label, stop_confirmed=False)
    if not any(map(is_going_on, same)):
        Event.objects.create(
            patient=patient, entered_by=by, kind=said.kind, label=said.label, started_at=said.since
        )
