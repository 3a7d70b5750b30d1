"""What clinicians made of a report: signed off as reviewed, or overruled with a reason."""

from typing import Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from interpretation.rule.grading import GRADES

from .contacts import only_once
from .people import Patient

# What may change of an overrule: its end.
ENDING = "ARRAY['ended_at', 'ended_by_id', 'ended_reason']"


class OverruleQuerySet(models.QuerySet):
    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)


@pghistory.track(model_name="OverruleHistory")
class Overrule(models.Model):
    """A clinician's own grade in place of the rule's. Never changed; a person may end it, once.

    It speaks of the grade that the rule gave at that time: when the rule says another grade, it no longer
    holds, and stays in sight until a person ends or replaces it.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="overrules")
    # A code of `patients.review.rules`: a grade as a whole, or one thing that made it ("possible:trend_draws").
    rule = models.CharField(max_length=80)
    rule_words = models.CharField(max_length=300)
    grade_said = models.CharField(max_length=20)
    grade_given = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    knowledge_version = models.CharField(max_length=20)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_reason = models.CharField(max_length=500, blank=True)

    objects = OverruleQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(ended_at__isnull=True),
                name="overrule_one_stands",
                violation_error_message="This patient's grade is overruled already: end that overrule first.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="overrule_reason_given",
                violation_error_message="Say why: an overrule needs a reason.",
            ),
            models.CheckConstraint(
                condition=~Q(grade_given=F("grade_said")),
                name="overrule_gives_another_grade",
                violation_error_message="Choose another grade than the rule's.",
            ),
            models.CheckConstraint(
                condition=Q(grade_said__in=GRADES, grade_given__in=GRADES), name="overrule_grades_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason=""),
                name="overrule_ended_who_when_why",
                violation_error_message="Say why the overrule ends.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at")), name="overrule_ended_after"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_once("overrule", "ended", ENDING, "An overrule is never changed, only ended, once."),
        ]


class SignOff(models.Model):
    """A report as one clinician reviewed it, frozen. Append-only: later results never change it."""

    # Of the form of `basis`; a page of an older form is read as far as its keys go.
    FORMAT = 1

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sign_offs")
    note = models.CharField(max_length=1000, blank=True)
    # `interpretation.report.as_json` as text: a JSON column would lose the order of its keys.
    report = models.TextField()
    format = models.PositiveSmallIntegerField(default=FORMAT)
    # What the report was read from, in short: `patients.review.snapshot`. By it the page tells what is new since.
    basis = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    knowledge_version = models.CharField(max_length=20)
    as_of = models.DateTimeField()
    grade = models.CharField(max_length=20)
    # The codes of `patients.review.rules` that made the grade, to count overrules against.
    rules = ArrayField(models.CharField(max_length=80))
    # Entries of the knowledge behind it and how many of them were signed then; None of before it was counted.
    entries = models.PositiveIntegerField(null=True, blank=True)
    entries_signed = models.PositiveIntegerField(null=True, blank=True)
    # Why the report is not a whole one, in words; "" where it is.
    partial = models.CharField(max_length=300, blank=True)
    # The overrule that held when it was signed.
    overrule = models.ForeignKey(Overrule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at", "-id"], name="signoff_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="signoff_grade_known"),
            models.CheckConstraint(condition=~Q(report=""), name="signoff_report_kept"),
            models.CheckConstraint(
                condition=Q(entries__isnull=True, entries_signed__isnull=True)
                | Q(entries__isnull=False, entries_signed__isnull=False, entries_signed__lte=F("entries")),
                name="signoff_signed_of_entries",
            ),
            models.CheckConstraint(condition=Q(as_of__lte=F("at")), name="signoff_as_of_not_after"),
            models.CheckConstraint(
                condition=Q(partial="") | ~Q(note=""),
                name="signoff_partial_has_note",
                violation_error_message="This report is partial: say in the note what you decided.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
