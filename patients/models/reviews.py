"""What people decided about a patient."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from interpretation.record.records import VERDICTS

from .people import Patient


class CauseReview(models.Model):
    """A person's verdict on one alternate cause. Append-only: the latest of a cause counts."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reviews")
    cause = models.CharField(max_length=40)
    verdict = models.CharField(max_length=16, choices=[(v, v.capitalize()) for v in VERDICTS])
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="review_verdict_known")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
