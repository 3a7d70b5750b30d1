"""Whose rows these are: what is asked, and what people have decided."""

from uuid import uuid4

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Clinic

from .base import Said, undone_who_when
from .files import Upload


@pghistory.track(model_name="WhoseHistory")
class Whose(Said):
    """Whose rows a sender means by a number, a name and a date of birth, as a person of the clinic has said.
    For exactly these: the same number with another date of birth is another question."""

    class Verdict(models.TextChoices):
        PATIENT = "patient", "This patient"
        NOBODY = "nobody", "Nobody of ours"
        # A patient of a file, where the clinic takes no new ones from files by itself.
        NEW = "new", "A new patient"

    word = "decision"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    mrn = models.CharField(max_length=200)
    # Folded, as it is compared; "" and None where the file gives none.
    family = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    verdict = models.CharField(max_length=7, choices=Verdict)
    patient = models.ForeignKey("patients.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("sender"),
                "mrn",
                "family",
                "birth_date",
                condition=Q(undone_at__isnull=True),
                nulls_distinct=False,
                name="whose_once",
                violation_error_message="Somebody has just decided whose rows these are. Look again.",
            ),
            models.CheckConstraint(
                condition=Q(verdict="patient", patient__isnull=False)
                | Q(verdict__in=["nobody", "new"], patient__isnull=True),
                name="whose_patient_named",
                violation_error_message="A decision names the patient, or says that it is none.",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="nobody") | ~Q(reason=""),
                name="whose_nobody_has_reason",
                violation_error_message="Say why these rows are nobody’s here.",
            ),
            undone_who_when(
                "whose_undone_who_when",
                violation_error_message="Who undid a decision and when belong together.",
            ),
        ]


class Doubt(models.Model):
    """Rows of an upload that wait because nobody knows whose they are: one for each identity in it."""

    class Why(models.TextChoices):
        NEAR = "near", "The number is a patient’s here, but the name or the date of birth is another"
        NOBODY = "nobody", "Nobody here has this number"
        ALONE = "alone", "Only the number speaks: no date of birth is given"
        MANY = "many", "The sender gives one person several numbers"
        NEW = "new", "A new patient: files may not add patients in this clinic by themselves"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="doubts")
    why = models.CharField(max_length=6, choices=Why)
    # As the file gives them.
    mrn = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200, blank=True)
    given_name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=10, blank=True)
    # The family name as it is compared.
    family = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField()
    # Up to three rows in words: "ALT 40 U/L, 2025-01-01 08:00".
    examples = models.JSONField(default=list)
    answer = models.ForeignKey(Whose, null=True, on_delete=models.PROTECT, related_name="doubts")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["upload"], condition=Q(answer=None), name="doubt_open")]
