"""Who looked at whom: the latest first, in steps, of the given clinics only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from .models import Clinic, MembershipHistory, PatientAccess, User

STEP = 50
# What a logged name of a page is called where the name itself would not do.
PAGES = {
    "detail": "Patient page",
    "signoff": "Signed review",
    "signoff-add": "Review signed off",
    "overrule-add": "Grade overruled",
    "overrule-end": "Overrule ended",
    "overrules": "List of overrules",
    "notices": "List of notices",
    "population": "List beside the population plane",
    "population-point": "Point of the population plane",
    "patient": "Meetings of the patient",
    "nominate": "Asked to discuss",
    "nomination-end": "Asking taken back",
    "action-add": "Action added",
    "meeting-present": "Shown in a meeting",
    "meeting-audience": "Followed in a meeting",
    "meeting-item": "Outcome in a meeting",
    "meeting-record": "Record of a meeting",
    "meeting-discussion": "Discussion as it was shown",
    "meeting-paper-agenda": "Agenda of a meeting, for paper",
    "meeting-paper-minutes": "Minutes of a meeting, for paper",
    "summary": "Summary on one page",
    "letter-write": "Letter written",
    "letter": "Letter sent",
}


@dataclass(frozen=True)
class Look:
    who: str
    patient: str
    mrn: str
    page: str
    at: datetime
    clinic: Clinic


def looks_in(
    clinics: list[Clinic], *, person: str = "", patients: Iterable = (), before: int | None = None
) -> tuple[list[Look], int | None]:
    """One step of looks, and where the next step starts (None at the end)."""
    found = PatientAccess.objects.filter(patient__clinic__in=clinics)
    if person:
        found = found.filter(user__username=person)
    if patients:
        found = found.filter(patient__uuid__in=patients)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("user", "patient__clinic").order_by("-pk")[: STEP + 1])
    more = rows[STEP - 1].pk if len(rows) > STEP else None
    return [_look(row) for row in rows[:STEP]], more


def people_of(clinics: list[Clinic]) -> QuerySet[User]:
    """Everybody who works or has worked in these clinics."""
    once = MembershipHistory.objects.filter(clinic__in=clinics).values("user_id")
    here = Q(memberships__clinic__in=clinics) | Q(pk__in=once)
    return User.objects.filter(here).distinct().order_by("last_name", "first_name", "username")


def _look(row: PatientAccess) -> Look:
    patient = row.patient
    return Look(
        who=f"{row.user} ({row.user.username})",
        patient=", ".join(name for name in (patient.family_name, patient.given_name) if name),
        mrn=patient.mrn,
        page=PAGES.get(row.page) or row.page.replace("-", " ").capitalize(),
        at=row.at,
        clinic=patient.clinic,
    )
