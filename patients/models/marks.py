"""Patients whose summary on the worklist is to be written anew by a worker."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic

from .people import Patient

# So often the reading of one patient's course may fail before it is left to a person.
TRIES = 3


class AssessmentMark(models.Model):
    """One a patient, written and taken away only by whoever holds the patient's lock: so nobody waits for it.

    `changed`: the record is newer than the summary, which is then shown nowhere. Else only the knowledge is.
    """

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    # What changed the record, for the notice of old results that it brought.
    upload = models.ForeignKey(
        "uploads.Upload", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    changed = models.BooleanField()
    # The highest INR that the file brought, else the latest one read: the highest first.
    inr = models.FloatField(null=True)
    failed = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(F("inr").desc(nulls_last=True), "patient", name="mark_most_urgent"),
            models.Index(fields=["clinic"], condition=Q(changed=True), name="mark_changed"),
        ]
