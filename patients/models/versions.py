"""Whether anything that a patient's page shows has changed."""

from django.db import models

from .people import Patient


class RecordVersion(models.Model):
    """Another one after each change of the rows that a patient's page rests on; no row: never changed.

    Written by the database alone, whoever changes them and how (migration 0013 has the list of tables), for a
    statement at a time: whoever changes a record holds its patient, so nobody waits here whom nobody waits for
    there. The row without a patient is of the names of staff, which stand beside what they decided.
    """

    patient = models.OneToOneField(
        Patient, null=True, on_delete=models.CASCADE, related_name="record_version"
    )
    # By chance, not counted: after a restore no number comes a second time.
    version = models.UUIDField()
