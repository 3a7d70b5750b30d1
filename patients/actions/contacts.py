"""Attempts to reach a patient, and who is left out of monitoring: appended, ended, never changed."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Can, people_who
from interpretation.words import moment
from patients.models import Contact, LeftOut, Patient
from patients.models.contacts import DIED
from patients.words import LEFT_OUT_NAMES

from .errors import Refused, Stale
from .writing import change, writing

NOTE_LENGTH = Contact._meta.get_field("note").max_length
# A next attempt further ahead is more likely a slip of the year, and would hide the patient from the list.
LONGEST_WAIT = timedelta(days=366)
# The caller has not said which contact it saw.
ANY = object()
RUN_OUT = "Its last day had passed; left out anew."


def record_contact(
    *,
    patient: Patient,
    by: User,
    kind: str,
    made_on: date,
    outcome: str = "",
    note: str = "",
    next_on: date | None = None,
    owner: User | None = None,
    seen: int | None | object = ANY,
) -> Contact:
    """Adds an attempt, or a plan alone. `seen` is the id of the latest contact that the person saw.

    Raises Stale when a colleague has recorded or withdrawn one since; the same form sent twice adds one.
    """
    fields = {
        "kind": kind,
        "outcome": outcome,
        "made_on": made_on,
        "note": _plain(note),
        "next_on": next_on,
        "owner": owner,
    }
    with writing(by=by, patient=patient):
        now = timezone.now()
        latest = patient.contacts.current().select_related("by", "owner").first()
        if latest and latest.pk != seen and latest.by_id == by.pk and _same(latest, fields):
            return latest
        _refuse_if_newer(latest, by, seen)
        _check_contact(patient, fields, _today(patient, now))
        return Contact.objects.create(patient=patient, by=by, at=now, **fields)


def withdraw_contact(*, contact: Contact, by: User, reason: str) -> None:
    """It was never made, or not with this patient. The one before it holds the plan again."""
    reason = _plain(reason, "reason")
    if not reason:
        raise Refused("A withdrawal needs a reason.", "reason")
    with writing(by=by, patient=contact.patient):
        contact.refresh_from_db()
        if contact.withdrawn_at:
            raise Refused(f"{contact.withdrawn_by} has withdrawn this already: {contact.withdrawn_reason}")
        contact.withdrawn_at, contact.withdrawn_by, contact.withdrawn_reason = timezone.now(), by, reason
        contact.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def leave_out(
    *,
    patient: Patient,
    by: User,
    reason: str,
    starts_on: date,
    ends_on: date | None = None,
    note: str = "",
) -> LeftOut:
    """Nothing of this patient counts as overdue from `starts_on` until `ends_on`, or until it is lifted.

    Refused where the patient is left out already; the same form sent twice adds one. Who has died is left out
    by that: see `record_death`.
    """
    fields = {"reason": reason, "starts_on": starts_on, "ends_on": ends_on, "note": _plain(note)}
    with writing(by=by, patient=patient):
        now = timezone.now()
        today = _today(patient, now)
        standing = patient.left_out.standing().select_related("by").first()
        if standing and standing.by_id == by.pk and _same(standing, fields):
            return standing
        _check_left_out(patient, fields, today)
        if standing and standing.holds_on(today):
            raise Refused(_already(standing))
        if standing:
            _lift(standing, by, RUN_OUT)
        return LeftOut.objects.create(patient=patient, by=by, at=now, **fields)


def lift(*, left_out: LeftOut, by: User, reason: str) -> None:
    """The patient is monitored again; the row is kept. The same lift again changes nothing."""
    reason = _plain(reason, "reason")
    if not reason:
        raise Refused("Say why monitoring goes on.", "reason")
    with writing(by=by, patient=left_out.patient):
        left_out.refresh_from_db()
        if (left_out.lifted_by_id, left_out.lifted_reason) == (by.pk, reason):
            return
        if left_out.lifted_at:
            raise Refused(f"{left_out.lifted_by} has lifted this already: {left_out.lifted_reason}")
        _lift(left_out, by, reason)


def record_death(*, patient: Patient, by: User, died_on: date, version: int) -> None:
    """The patient's own date of death, by which monitoring ends. Raises Stale as `change_patient` does."""
    with writing(by=by, patient=patient):
        if died_on > _today(patient, timezone.now()):
            raise Refused("The date of death lies in the future.", "starts_on")
        change(patient, version=version, fields={"died_on": died_on})


# --- checks ---


def _refuse_if_newer(latest: Contact | None, by: User, seen) -> None:
    if seen is ANY or (latest.pk if latest else None) == seen or (latest and latest.by_id == by.pk):
        return
    raise Stale(by=latest.by if latest else None, at=latest.at if latest else None)


def _check_contact(patient: Patient, fields: dict, today: date) -> None:
    patient.refresh_from_db(fields=["died_on"])
    next_on, owner = fields["next_on"], fields["owner"]
    if fields["kind"] not in Contact.Kind.values:
        raise Refused("Choose how the patient was contacted.", "kind")
    if fields["outcome"] and fields["outcome"] not in Contact.Outcome.values:
        raise Refused("Choose what came of it.", "outcome")
    if fields["made_on"] > today:
        raise Refused("The day of the contact lies in the future.", "made_on")
    if fields["made_on"] < patient.birth_date:
        raise Refused("The day of the contact is before the patient was born.", "made_on")
    if next_on and patient.died_on:
        raise Refused("The patient has died: no further attempt is planned.", "next_on")
    if next_on and next_on > today + LONGEST_WAIT:
        raise Refused("A next attempt is at most a year ahead: choose an earlier day.", "next_on")
    if owner and not people_who(Can.ENTER, patient.clinic).filter(pk=owner.pk).exists():
        raise Refused(f"{owner} cannot record contacts in this clinic: choose another owner.", "owner")


def _check_left_out(patient: Patient, fields: dict, today: date) -> None:
    patient.refresh_from_db(fields=["died_on"])
    if fields["reason"] == DIED:
        raise Refused("Death is recorded as the patient's own date of death.", "reason")
    if patient.died_on:
        raise Refused("The patient has died and is left out of monitoring by that.")
    if fields["starts_on"] > today:
        raise Refused("The first day lies in the future.", "starts_on")
    if fields["starts_on"] < patient.birth_date:
        raise Refused("The first day is before the patient was born.", "starts_on")
    if fields["ends_on"] and fields["starts_on"] <= fields["ends_on"] < today:
        raise Refused("The last day has passed already: nothing would change.", "ends_on")


def _already(standing: LeftOut) -> str:
    name = LEFT_OUT_NAMES[standing.reason].lower()
    at = standing.at.astimezone(standing.patient.clinic.zone)
    when = f"recorded on {moment(at)}"
    return f"{standing.by} has left this patient out already ({name}, {when}). Lift that first."


def _lift(left_out: LeftOut, by: User, reason: str) -> None:
    left_out.lifted_at, left_out.lifted_by, left_out.lifted_reason = timezone.now(), by, reason
    left_out.save(update_fields=["lifted_at", "lifted_by", "lifted_reason"])


def _same(row, fields: dict) -> bool:
    return all(getattr(row, name) == value for name, value in fields.items())


def _today(patient: Patient, now) -> date:
    return now.astimezone(patient.clinic.zone).date()


def _plain(text: str, field: str = "note") -> str:
    """One line, short enough for the record: notes and reasons have the same length."""
    text = " ".join(text.split())
    if len(text) > NOTE_LENGTH:
        raise Refused(f"This is longer than {NOTE_LENGTH} characters: shorten it.", field)
    return text
