"""A letter to whoever referred a patient, kept as it was sent."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from patients.models import Patient, SignOff

from .discussions import Discussion

TEXT_LENGTH = 8000


class Letter(models.Model):
    """Everything that its sheet prints, frozen with author and time. Append-only: a second letter corrects.

    It rests on what clinicians judged: one discussion or one signed review, never on an unread report.
    """

    # Of the form of `content`.
    FORMAT = 1

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="letters")
    discussion = models.ForeignKey(Discussion, null=True, on_delete=models.PROTECT, related_name="letters")
    sign_off = models.ForeignKey(SignOff, null=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=500)
    text = models.TextField(max_length=TEXT_LENGTH)
    # Who the patient was, the numbers and their sources, as printed.
    content = models.JSONField()
    format = models.PositiveSmallIntegerField(default=FORMAT)
    # What had arrived since the discussion or review when it was sent, in sentences; printed.
    newer = models.JSONField(default=list)
    # The name as it was then.
    author = models.CharField(max_length=310)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at", "-id"], name="letter_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(discussion__isnull=True, sign_off__isnull=False)
                | Q(discussion__isnull=False, sign_off__isnull=True),
                name="letter_rests_on_one",
            ),
            models.CheckConstraint(
                condition=~Q(recipient=""),
                name="letter_recipient_given",
                violation_error_message="Say to whom the letter goes.",
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="letter_text_given",
                violation_error_message="A letter needs words.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
