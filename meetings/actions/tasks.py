"""Actions: what somebody has to do for a patient, given out, passed on, done or dropped."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from accounts.models import User
from accounts.permissions import roles_of
from interpretation.record import analytes
from meetings.models import Action, AgendaItem
from patients.actions.errors import Refused, Stale
from patients.models import Patient

from .turns import holding, writing

TEXT_LENGTH = Action._meta.get_field("text").max_length
REASON_LENGTH = Action._meta.get_field("ended_reason").max_length


def add_action(
    *,
    patient: Patient,
    by: User,
    owner: User,
    due_on: date,
    kind: str = Action.Kind.TASK,
    text: str = "",
    tests: Iterable[str] = (),
    item: AgendaItem | None = None,
) -> Action:
    """Of a discussion (`item`) while its meeting is open, or of the patient alone. Sent twice, it is one."""
    fields = {
        "kind": kind,
        "text": " ".join(text.split()),
        "tests": list(dict.fromkeys(tests)) if kind == Action.Kind.REPEAT else [],
        "owner": owner,
        "due_on": due_on,
    }
    _check(patient, fields)
    with holding(by=by, meeting=item.meeting) if item else writing(by=by):
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        twin = patient.actions.outstanding().filter(item=item, by=by, **fields).first()
        return twin or Action.objects.create(
            clinic_id=patient.clinic_id, patient=patient, item=item, by=by, **fields
        )


def end_action(*, action: Action, by: User, done: bool, reason: str = "") -> Action:
    """Done or dropped. Ended twice it stays as it was ended first, and whoever comes second is told."""
    reason = " ".join(reason.split())
    if not done and not reason:
        raise Refused("Say why this is dropped.", "reason")
    if len(reason) > REASON_LENGTH:
        raise Refused(f"The reason is longer than {REASON_LENGTH} characters: shorten it.", "reason")
    wanted = Action.End.DONE if done else Action.End.DROPPED
    with writing(by=by):
        found = _locked(action)
        if found.ended_at:
            if found.ended_as != wanted:
                raise Refused(f"{found.ended_by} has marked this as {found.ended_as} in the meantime.")
            return found
        found.ended_as, found.ended_at, found.ended_by = wanted, timezone.now(), by
        found.ended_reason = reason
        found.version += 1
        found.save(update_fields=["ended_as", "ended_at", "ended_by", "ended_reason", "version"])
        return found


def reopen_action(*, action: Action, by: User) -> Action:
    """Outstanding again: it was ended by mistake. Its history keeps both."""
    with writing(by=by):
        found = _locked(action)
        if found.ended_at is not None:
            found.ended_as, found.ended_at, found.ended_by, found.ended_reason = "", None, None, ""
            found.version += 1
            found.save(update_fields=["ended_as", "ended_at", "ended_by", "ended_reason", "version"])
        return found


def pass_on(*, action: Action, by: User, version: int, owner: User, due_on: date) -> Action:
    """To another owner or another day. Raises Stale when it was changed after the editor opened it."""
    with writing(by=by):
        found = _locked(action)
        if (found.owner_id, found.due_on) == (owner.pk, due_on):
            return found
        if found.ended_at:
            raise Refused(f"{found.ended_by} has marked this as {found.ended_as} in the meantime.")
        if found.version != version:
            raise Stale()
        _check_owner(owner, found.clinic_id)
        found.owner, found.due_on, found.version = owner, due_on, found.version + 1
        found.save(update_fields=["owner", "due_on", "version"])
        return found


def _locked(action: Action) -> Action:
    rows = Action.objects.select_for_update(of=("self",)).select_related("ended_by", "owner", "patient")
    return rows.get(pk=action.pk)


def _check(patient: Patient, fields: dict) -> None:
    if len(fields["text"]) > TEXT_LENGTH:
        raise Refused(f"This is longer than {TEXT_LENGTH} characters: shorten it.", "text")
    if fields["kind"] not in Action.Kind:
        raise Refused("Choose what kind of action this is.", "kind")
    if fields["kind"] == Action.Kind.TASK and not fields["text"]:
        raise Refused("Say what is to be done.", "text")
    if fields["kind"] == Action.Kind.REPEAT and not fields["tests"]:
        raise Refused("Choose the tests to repeat.", "tests")
    if any(key not in analytes.ANALYTES for key in fields["tests"]):
        raise Refused("One of these tests is not known.", "tests")
    _check_owner(fields["owner"], patient.clinic_id)


def _check_owner(owner: User, clinic: int) -> None:
    if clinic not in roles_of(owner):
        raise Refused("The owner must work in this clinic.", "owner")
