"""Results that are kept as they were sent and never interpreted."""

import pghistory
from django.db import models
from django.db.models import Exists, OuterRef, Q

from .base import tracked
from .draws import Draw, Result
from .people import Patient


class OtherResultQuerySet(models.QuerySet):
    def current(self) -> "OtherResultQuerySet":
        """Those that count; not those whose draw was withdrawn and not entered again."""
        same = Draw.objects.filter(
            patient=OuterRef("patient"),
            taken_at=OuterRef("taken_at"),
            hour_known=OuterRef("hour_known"),
            laboratory=OuterRef("laboratory"),
        )
        # Withdrawn by a person: not for want of results of ours, nor with an upload.
        withdrawn = same.exclude(withdrawn_at=None).exclude(withdrawn_reason=Draw.EMPTY)
        withdrawn = withdrawn.exclude(upload__state="undone")
        gone = Exists(withdrawn) & ~Exists(same.current())
        return self.filter(~gone, status__in=Result.COUNTING)


@pghistory.track(*tracked(), model_name="OtherResultHistory")
class OtherResult(models.Model):
    """A result of a test that is not ours, as text. It has the patient, minute and laboratory of its draw and
    hangs on no draw of ours: nothing that is read of a patient's draws may change by it.

    `hour_known` and `ordinal` are as in `Draw`; the ordinal counts the results of one test."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="other_results")
    taken_at = models.DateTimeField()
    hour_known = models.BooleanField(default=True)
    ordinal = models.PositiveSmallIntegerField(default=0)
    laboratory = models.CharField(max_length=80, blank=True)
    # Key of the list of other tests, or the folded name where the sender's own name is kept.
    test = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=20, blank=True)
    # As sent.
    value = models.CharField(max_length=200)
    unit = models.CharField(max_length=40, blank=True)
    range = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Result.Status, default=Result.Status.FINAL)
    status_reason = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    order_key = models.CharField(max_length=120, blank=True)
    upload = models.ForeignKey(
        "uploads.Upload", editable=False, on_delete=models.PROTECT, related_name="other_results"
    )

    objects = OtherResultQuerySet.as_manager()

    @property
    def counts(self) -> bool:
        return self.status in Result.COUNTING

    class Meta:
        ordering = ["-taken_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "taken_at", "laboratory", "hour_known", "ordinal", "test", "method"],
                condition=Q(status__in=["final", "preliminary", "corrected"]),
                name="other_result_once",
                violation_error_message="This draw already has a result of this test.",
            ),
            models.CheckConstraint(
                condition=~Q(test="") & ~Q(name="") & ~Q(value=""),
                name="other_result_whole",
                violation_error_message="A result needs its test and its value.",
            ),
        ]
        indexes = [
            models.Index(fields=["order_key"], condition=~Q(order_key=""), name="other_by_order_key"),
        ]
