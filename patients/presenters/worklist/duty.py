"""Beside the notices: who is on duty now, and who comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Clinic, User
from accounts.permissions import Can, clinics_shown, may
from interpretation.words import moment
from patients.forms.duty import DutyForm
from patients.models import OnDuty

AHEAD = timedelta(days=31)


@dataclass(frozen=True)
class DutyRow:
    uuid: UUID
    who: str
    since: str
    until: str
    now: bool


@dataclass(frozen=True)
class ClinicDuty:
    """`form` only for whoever may say who is on duty."""

    clinic: Clinic
    rows: list[DutyRow]
    form: DutyForm | None


def may_edit(user: User, clinic: Clinic) -> bool:
    return may(user, Can.DECIDE, clinic) or may(user, Can.MANAGE_STAFF, clinic)


def duties(user: User, now: datetime, bound: DutyForm | None = None) -> list[ClinicDuty]:
    """One for each clinic. `bound`: the form that was refused."""
    clinics = clinics_shown(user)
    rows = OnDuty.objects.standing().filter(clinic__in=clinics, ends_at__gt=now, starts_at__lt=now + AHEAD)
    found: dict[int, list[OnDuty]] = {}
    for duty in rows.select_related("user"):
        found.setdefault(duty.clinic_id, []).append(duty)
    return [
        ClinicDuty(
            clinic,
            [_row(duty, clinic, now) for duty in found.get(clinic.pk, [])],
            _form(user, clinic, bound),
        )
        for clinic in clinics
    ]


def _form(user: User, clinic: Clinic, bound: DutyForm | None) -> DutyForm | None:
    if not may_edit(user, clinic):
        return None
    return bound if bound and bound.clinic == clinic else DutyForm(clinic=clinic)


def _row(duty: OnDuty, clinic: Clinic, now: datetime) -> DutyRow:
    since, until = duty.starts_at.astimezone(clinic.zone), duty.ends_at.astimezone(clinic.zone)
    return DutyRow(duty.uuid, str(duty.user), moment(since), moment(until), duty.starts_at <= now)
