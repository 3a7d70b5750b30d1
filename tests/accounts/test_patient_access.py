import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import PatientAccess
from accounts.permissions import Can
from patients.access import patient_for
from tests.roles import KEPT


def test_patient_is_fetched_and_the_look_logged(viewer, patient):
    assert patient_for(viewer, patient.uuid, page="detail") == patient
    look = PatientAccess.objects.get()
    assert (look.user, look.patient, look.page) == (viewer, patient, "detail")


def test_empty_page_logs_nothing(clinician, patient):
    patient_for(clinician, patient.uuid, Can.ENTER, page="")
    assert not PatientAccess.objects.exists()


def test_patient_of_another_clinic_does_not_exist(stranger, patient):
    with pytest.raises(Http404):
        patient_for(stranger, patient.uuid)
    assert not PatientAccess.objects.exists()


def test_unknown_patient_does_not_exist(viewer, patient):
    with pytest.raises(Http404):
        patient_for(viewer, uuid.uuid4())


def test_withdrawn_patient_does_not_exist(viewer, clinician, patient):
    patient.withdrawn_at, patient.withdrawn_by, patient.withdrawn_reason = timezone.now(), clinician, "test"
    patient.save()
    with pytest.raises(Http404):
        patient_for(viewer, patient.uuid)


def test_visible_patient_may_not_be_changed_by_a_viewer(viewer, patient):
    with pytest.raises(PermissionDenied):
        patient_for(viewer, patient.uuid, Can.ENTER)
    assert not PatientAccess.objects.exists()


@pytest.mark.parametrize("change", [lambda rows: rows.update(page="other"), lambda rows: rows.delete()])
def test_database_refuses_to_change_a_look(viewer, patient, change):
    patient_for(viewer, patient.uuid)
    with pytest.raises(ProgrammingError, match=KEPT), transaction.atomic():
        change(PatientAccess.objects.all())
    assert PatientAccess.objects.get().page == "detail"
