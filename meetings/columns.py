"""The worklist's column of meetings: when a patient is discussed next, was asked for, or can be added."""

from datetime import datetime, tzinfo

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.permissions import Can, clinics_of, clinics_with
from interpretation.words import day_of_month
from patients.models import Assessment
from patients.plugins import Cell, Column

from .models import AgendaItem, Meeting, Nomination

OPEN = AgendaItem.objects.filter(
    patient=OuterRef("patient_id"), state=AgendaItem.State.TAKEN, meeting__withdrawn_at__isnull=True
).exclude(meeting__state=Meeting.State.CLOSED)
NEXT = OPEN.order_by("meeting__starts_at").values(
    found=JSONObject(uuid="meeting__uuid", starts_at="meeting__starts_at")
)
ASKED = Nomination.objects.filter(patient=OuterRef("patient_id"), ended_at__isnull=True)
ANNOTATIONS = {"next_meeting": Subquery(NEXT[:1]), "asked_for": Exists(ASKED)}


def meeting_cell(row: Assessment, user) -> Cell | None:
    if row.next_meeting:
        on = datetime.fromisoformat(row.next_meeting["starts_at"]).astimezone(_zone(row, user))
        return Cell(day_of_month(on), reverse("meetings:detail", args=[row.next_meeting["uuid"]]))
    if row.asked_for:
        return Cell("asked for", reverse("meetings:patient", args=[row.patient.uuid]))
    if any(clinic.pk == row.clinic_id for clinic in clinics_with(user, Can.DECIDE)):
        return Cell("add", reverse("meetings:nominate", args=[row.patient.uuid]), quiet=True)
    return None


def _zone(row: Assessment, user) -> tzinfo:
    return next(clinic.zone for clinic in clinics_of(user) if clinic.pk == row.clinic_id)


COLUMN = Column("Meeting", meeting_cell, ANNOTATIONS)
