"""What people noted of the things to do: asked for, done, looked for."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User

from .people import Patient


class NotedOrder(models.Model):
    """One note on one order of the page. Append-only: the latest of an order and its item counts.

    Nothing is ordered here: a person says that it was, elsewhere. `item` is one tick of an order that has
    several, "" of the others; `until`: it is awaited and not asked again before.
    """

    class Said(models.TextChoices):
        ASKED = "asked", "Asked for"
        DONE = "done", "Done"
        OPEN = "open", "Open again"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="noted_orders")
    order = models.CharField(max_length=40)
    item = models.CharField(max_length=40, blank=True)
    said = models.CharField(max_length=8, choices=Said)
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(said__in=["asked", "done", "open"]), name="noted_said_known"),
            models.CheckConstraint(
                condition=Q(said="asked", until__isnull=False, until__gt=F("at"))
                | (~Q(said="asked") & Q(until__isnull=True)),
                name="noted_asked_until",
                violation_error_message="What is asked for is awaited until a later date.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
