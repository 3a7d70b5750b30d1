"""Cards that a record system was given of a patient of this record, and what became of them."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from patients.models import Patient
from uploads.models.senders import Sender


class HookCard(models.Model):
    """Of whom a card was; what it said is worked out from the record."""

    uuid = models.UUIDField(unique=True)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class HookFeedback(models.Model):
    """`at`: when the other system says that it was; `reason`: the code of one of our reasons, "" of none."""

    card = models.ForeignKey(HookCard, on_delete=models.PROTECT, related_name="feedback")
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=60, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "outcome", "at"], name="hook_feedback_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "overridden"]), name="hook_feedback_outcome_known"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
