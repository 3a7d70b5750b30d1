"""The worklist's column of meetings: when a patient is discussed next, was asked for, or can be added."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.permissions import Can, clinics_with
from patients.extras import Cell
from patients.models import Patient

from .models import AgendaItem, Meeting, Nomination


def meeting_cells(patients: Iterable[Patient], user) -> dict[int, Cell]:
    """Two queries for all rows of a page."""
    patients = list(patients)
    deciding = {clinic.pk: clinic for clinic in clinics_with(user, Can.DECIDE)}
    cells = {
        patient.pk: Cell("add", reverse("meetings:nominate", args=[patient.uuid]), quiet=True)
        for patient in patients
        if patient.clinic_id in deciding
    }
    addresses = {patient.pk: reverse("meetings:patient", args=[patient.uuid]) for patient in patients}
    asked = Nomination.objects.filter(patient__in=patients, ended_at__isnull=True)
    cells |= {pk: Cell("asked for", addresses[pk]) for pk in asked.values_list("patient_id", flat=True)}
    return cells | _on_agendas(patients)


def _on_agendas(patients: list[Patient]) -> dict[int, Cell]:
    """The next open meeting of each."""
    rows = AgendaItem.objects.filter(patient__in=patients, state=AgendaItem.State.TAKEN)
    rows = rows.filter(meeting__withdrawn_at__isnull=True).exclude(meeting__state=Meeting.State.CLOSED)
    found = {}
    for item in rows.select_related("meeting__clinic").order_by("-meeting__starts_at"):
        on = item.meeting.starts_at.astimezone(item.meeting.clinic.zone)
        found[item.patient_id] = Cell(
            f"{on.day} {on:%b}", reverse("meetings:detail", args=[item.meeting.uuid])
        )
    return found
