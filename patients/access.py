"""The one way to a patient: through the person who asks."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from accounts.actions import log_access
from accounts.permissions import Can, require

from .models import Patient


def patient_for(user, uuid: UUID | str, capability: Can = Can.READ, page: str = "detail") -> Patient:
    """The patient, when this user may do this with it: else 404 (not visible) or 403 (not allowed).

    The look is logged under `page`; an empty `page` logs nothing (checks while a person types).
    """
    found = Patient.objects.visible_to(user).select_related("clinic")
    patient = get_object_or_404(found, uuid=uuid)
    require(user, capability, patient.clinic)
    if page:
        log_access(user=user, patient=patient, page=page)
    return patient
