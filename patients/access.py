"""The one way to a patient: through the person who asks."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Subquery
from django.http import Http404
from django.utils import timezone

from accounts.actions import log_access
from accounts.models import PatientAccess
from accounts.permissions import Can, clinics_of, require, require_shown

from .models import Merge, Patient, RecordVersion, Signature
from .models.merges import numbers_before

# The record itself, the names of staff who stand on its page, and the signatures on the knowledge.
CHANGES = {
    "changed_to": F("record_version__version"),
    "staff_changed_to": Subquery(RecordVersion.objects.filter(patient=None).values("version")[:1]),
    "signed_to": Subquery(Signature.objects.order_by("-id").values("id")[:1]),
}
FOUND = Patient.objects.annotate(numbers_before=numbers_before(), **CHANGES)
# A part asked for so soon after a look at the same patient belongs to that look.
SAME_LOOK = timedelta(minutes=10)


class MergedAway(Http404):
    """Whom an address means stands in the record as somebody else now: `patients.merged_away` leads there."""

    def __init__(self, survivor: Patient) -> None:
        super().__init__("This patient was merged into another one.")
        self.survivor = survivor


def patient_for(
    user, uuid: UUID | str, capability: Can = Can.READ, page: str = "detail", reading: bool = False
) -> Patient:
    """The patient, when this user may do this with it: else 404 (not visible) or 403 (not allowed).

    `reading`: what was read of the record is shown or judged, which a silent clinic refuses. The look is logged
    under `page`; an empty `page` logs nothing (checks while a person types).
    """
    patient = FOUND.visible_to(user).filter(uuid=uuid).first()
    if patient is None:
        raise _missing(user, uuid)
    patient.clinic = next(clinic for clinic in clinics_of(user) if clinic.pk == patient.clinic_id)
    require(user, capability, patient.clinic)
    if reading:
        require_shown(patient.clinic)
    if page:
        log_access(user=user, patient=patient, page=page)
    return patient


def _missing(user, uuid: UUID | str) -> Http404:
    gone = Patient.objects.filter(uuid=uuid, clinic__in=clinics_of(user), merged_into__undone_at=None).first()
    survivor = current_of(gone) if gone else None
    return MergedAway(survivor) if survivor and survivor.withdrawn_at is None else Http404()


def current_of(patient: Patient) -> Patient:
    """Whom the patient was merged into at last; itself where it was not."""
    while merge := Merge.objects.filter(merged=patient, undone_at=None).select_related("survivor").first():
        patient = merge.survivor
    return patient


def merged_into(patient: Patient) -> list[Patient]:
    """Who went into this patient, be it by way of another one."""
    found, new = [], [patient]
    while new:
        new = list(Patient.objects.filter(merged_into__survivor__in=new, merged_into__undone_at=None))
        found += new
    return found


def record_mark(patient: Patient) -> str:
    """Of a record as `patient_for` found it: another one after each change of it."""
    return str(patient.changed_to)


def record_mark_now(patient: Patient) -> str:
    """The same after a change in this request."""
    return record_mark(FOUND.get(pk=patient.pk))


def patient_for_part(user, uuid: UUID | str, page: str, reading: bool = False) -> Patient:
    """For a part that a page loads by itself: one look is logged once, a part asked for alone as `page`."""
    patient = patient_for(user, uuid, page="", reading=reading)
    looks = PatientAccess.objects.filter(user=user, patient=patient, at__gte=timezone.now() - SAME_LOOK)
    if not looks.exists():
        log_access(user=user, patient=patient, page=page)
    return patient
