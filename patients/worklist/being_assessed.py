"""Whose record has changed since the summary: it is shown nowhere until a worker has read the course anew."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Clinic
from patients.models import AssessmentMark

# Of a row of Assessment.
BEING_ASSESSED = Exists(AssessmentMark.objects.filter(patient=OuterRef("patient_id"), changed=True))


def being_assessed(clinics: list[Clinic]) -> QuerySet[AssessmentMark]:
    """Those of these clinics."""
    return AssessmentMark.objects.filter(clinic__in=clinics, changed=True)
