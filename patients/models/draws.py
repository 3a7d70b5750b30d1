"""Draws of blood and their results."""

from collections.abc import Iterable
from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User

from .base import CurrentQuerySet, Entered, Withdrawable, refuse, tracked
from .people import Patient


@pghistory.track(*tracked(), model_name="DrawHistory")
class Draw(Withdrawable, Entered):
    """One blood sample. Where its hour is not known, `taken_at` is the midnight that begins its day in the
    clinic, `hour_known` says that this is no time, and `ordinal` tells such draws of one day apart: 0, 1, ..."""

    # What a draw is withdrawn for once none of its results counts any more.
    EMPTY = "None of its results counts any more."

    class Source(models.TextChoices):
        HAND = "hand", "Entered by hand"
        UPLOAD = "upload", "Uploaded"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="draws")
    taken_at = models.DateTimeField()
    hour_known = models.BooleanField(default=True)
    ordinal = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(null=True, blank=True)
    laboratory = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    note = models.CharField(max_length=300, blank=True)

    objects = CurrentQuerySet.as_manager()

    class Meta:
        ordering = ["taken_at", "id"]
        constraints = [
            *Withdrawable.Meta.constraints,
            models.UniqueConstraint(
                fields=["patient", "taken_at", "laboratory", "hour_known", "ordinal"],
                condition=Q(withdrawn_at__isnull=True),
                name="draw_once",
                violation_error_message="This patient already has a draw of this laboratory at this time.",
            ),
            models.CheckConstraint(
                condition=Q(hour_known=False) | Q(ordinal=0),
                name="draw_ordinal_without_hour",
                violation_error_message="Only draws whose hour is not known are counted within their day.",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__lte=F("entered_at")),
                name="draw_not_in_future",
                violation_error_message="The draw lies in the future.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="not_before_birth",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("taken_at", "patient_id"),
                when=pgtrigger.Before,
                # 14 hours: local midnight of the birth date lies up to 14 hours before that of UTC.
                func=refuse(
                    "draw_not_before_birth",
                    "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id"
                    " AND NEW.taken_at < p.birth_date - interval '14 hours')",
                    "The draw was taken before the patient was born.",
                )
                + " RETURN NEW;",
            )
        ]


@pghistory.track(*tracked(), model_name="ResultHistory")
class Result(models.Model):
    class Status(models.TextChoices):
        FINAL = "final", "Final"
        PRELIMINARY = "preliminary", "Preliminary"
        CORRECTED = "corrected", "Corrected"
        SUPERSEDED = "superseded", "Superseded"
        WITHDRAWN = "withdrawn", "Withdrawn"

    # The statuses in which a result counts: one of each analyte in a draw.
    COUNTING = (Status.FINAL, Status.PRELIMINARY, Status.CORRECTED)

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="results")
    analyte = models.CharField(max_length=32)
    # Value and limits in the analyte's canonical unit; `<5` is value 5 with comparator "<".
    value = models.FloatField()
    comparator = models.CharField(max_length=2, blank=True)
    lower_limit = models.FloatField(null=True, blank=True)
    upper_limit = models.FloatField(null=True, blank=True)
    # As sent or typed, for people.
    reported_value = models.CharField(max_length=40)
    reported_unit = models.CharField(max_length=24, blank=True)
    reported_range = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.FINAL)
    status_reason = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    # What the laboratory says beside the value.
    comment = models.CharField(max_length=300, blank=True)
    # The laboratory's own name of the result, the same in each version: a correction finds what it replaces.
    order_key = models.CharField(max_length=120, blank=True)
    # Why a person should look at it: "1.5 on 9 Nov 2026, now 5.1". It counts and is graded all the same.
    unconfirmed = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # The upload that brought it; None when typed.
    upload = models.ForeignKey(
        "uploads.Upload", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    @staticmethod
    def one_a_test(results: Iterable["Result"]) -> dict[str, "Result"]:
        """By analyte; of a test measured in two ways the laboratory's own, not the one at the bedside."""
        bedside_first = sorted(results, key=lambda result: (result.method != "point_of_care", result.value))
        return {result.analyte: result for result in bedside_first}

    @property
    def is_marked(self) -> bool:
        """Stored, graded and still to be looked at by a person."""
        return bool(self.unconfirmed) and self.confirmed_at is None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # Measured in two ways (plasma, point of care) it is two results.
                fields=["draw", "analyte", "method"],
                condition=Q(status__in=["final", "preliminary", "corrected"]),
                name="result_once",
                violation_error_message="This draw already has a result of this analyte.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(unconfirmed=""),
                name="result_confirmed_who_when",
                violation_error_message="Who confirmed a marked result and when belong together.",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="result_not_negative",
                violation_error_message="A result cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=["", "<", ">", "<=", ">="]), name="result_comparator_known"
            ),
            models.CheckConstraint(
                condition=Q(lower_limit__isnull=True)
                | Q(upper_limit__isnull=True)
                | Q(upper_limit__gte=F("lower_limit")),
                name="result_limits_in_order",
                violation_error_message="The upper limit is below the lower limit.",
            ),
        ]
        indexes = [models.Index(fields=["order_key"], condition=~Q(order_key=""), name="result_by_order_key")]
        triggers = [
            pgtrigger.Trigger(
                name="direct_not_above_total",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Condition(
                    "NEW.analyte IN ('bilirubin_total', 'bilirubin_direct', 'bilirubin_conjugated')"
                ),
                # 5 % above total is allowed: two measurements of one quantity. [clinical.md 2.2]
                func=refuse(
                    "result_direct_not_above_total",
                    "EXISTS (SELECT 1 FROM patients_result t JOIN patients_result d ON d.draw_id = t.draw_id"
                    " WHERE t.draw_id = NEW.draw_id AND t.analyte = 'bilirubin_total'"
                    " AND d.analyte IN ('bilirubin_direct', 'bilirubin_conjugated')"
                    " AND t.status IN ('final', 'preliminary', 'corrected')"
                    " AND d.status IN ('final', 'preliminary', 'corrected')"
                    " AND t.comparator = '' AND d.comparator = ''"
                    " AND d.value > t.value * 1.05 + 1e-9)",
                    "Direct bilirubin cannot be above total bilirubin.",
                )
                + " RETURN NULL;",
            )
        ]
