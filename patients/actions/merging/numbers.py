"""Numbers under which patients were known before: whom they mean now."""

from collections.abc import Collection

from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.assess import assess
from patients.actions.people import change_patient
from patients.models import Merge, OtherNumber, Patient


def remember(*, patient: Patient, mrn: str, by: User, merge: Merge | None = None) -> OtherNumber | None:
    """From now on this number means this patient; None where it did already."""
    standing = OtherNumber.objects.standing().filter(clinic=patient.clinic_id, mrn=mrn)
    if standing.filter(patient=patient).exists():
        return None
    made = OtherNumber.objects.create(
        clinic_id=patient.clinic_id, patient=patient, mrn=mrn, by=by, merge=merge
    )
    # A search finds the patient by it.
    assess([patient])
    return made


def known_as(clinic: Clinic, mrns: Collection[str]) -> dict[str, OtherNumber]:
    """Of these numbers those that were a patient's before, with the patient and, of a merge, who had the number."""
    if not mrns:
        return {}
    rows = OtherNumber.objects.standing().filter(clinic=clinic, mrn__in=mrns)
    return {row.mrn: row for row in rows.select_related("patient", "merge__merged")}


def patient_numbered(clinic: Clinic, mrn: str) -> Patient | None:
    """Whom a number means here, be it the one of today or one from before."""
    found = Patient.objects.current().filter(clinic=clinic, mrn=mrn).first()
    if found is None and (row := known_as(clinic, [mrn]).get(mrn)):
        return row.patient
    return found


def renumber(*, patient: Patient, mrn: str, by: User) -> None:
    """The patient has another number from now on; the one of before is remembered."""
    before = patient.mrn
    own = OtherNumber.objects.standing().filter(patient=patient, mrn=mrn)
    own.update(ended_at=timezone.now(), ended_by=by)
    change_patient(patient=patient, by=by, version=patient.version, mrn=mrn)
    remember(patient=patient, mrn=before, by=by)
