"""A discussion as it was: what was shown and decided, frozen when its meeting closed; and what was added."""

import json
from functools import cached_property
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from interpretation.rule.grading import GRADES
from patients.models import Overrule, Patient

from .agenda import AgendaItem
from .base import HELD, unless_closed
from .meetings import Meeting


class Discussion(models.Model):
    """One patient as discussed in one meeting. Append-only: nothing that comes later changes it.

    `report`, `basis` and what follows are frozen as in `patients.SignOff`; `as_of` is the moment at which the
    patient left the screen, so a result that arrived later in the meeting is not in it.
    """

    # Of the form of `basis`, as in SignOff.
    FORMAT = 1

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="discussion")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="discussions")
    as_of = models.DateTimeField()
    decision = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    question = models.CharField(max_length=500, blank=True)
    # [[kind, sentence], ...]: why the patient was on the agenda.
    reasons = models.JSONField(default=list)
    # What was agreed, as it stood at the close: [{kind, text, tests, owner, due_on, ended_as}, ...].
    actions = models.JSONField(default=list)
    # What the screen said beside the report: {scores: [[name, value, note], ...], drugs: [[what, when], ...],
    # imaging: "", carried: [actions of before that were outstanding then]}. Empty where it was not kept yet.
    beside = models.JSONField(default=dict)
    # `interpretation.report.as_json` as text: a JSON column would lose the order of its keys.
    report = models.TextField()
    format = models.PositiveSmallIntegerField(default=FORMAT)
    basis = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    knowledge_version = models.CharField(max_length=20)
    grade = models.CharField(max_length=20)
    # Its place in `worklist.PLACES`: the agenda proposes whoever has climbed since.
    grade_rank = models.PositiveSmallIntegerField()
    partial = models.CharField(max_length=300, blank=True)
    overrule = models.ForeignKey(Overrule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-id"]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "-as_of", "-id"],
                include=["grade_rank", "decision"],
                name="discussion_latest",
            ),
            models.Index(fields=["patient", "-as_of"], name="discussion_of_patient"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="discussion_grade_known"),
            models.CheckConstraint(condition=~Q(report=""), name="discussion_report_kept"),
            models.CheckConstraint(condition=Q(as_of__lte=F("at")), name="discussion_as_of_not_after"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="not_into_closed",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=HELD,
                func=unless_closed(
                    "discussion_locked", "(SELECT meeting_id FROM meetings_agendaitem WHERE id = NEW.item_id)"
                )
                + " RETURN NEW;",
            ),
        ]

    @property
    def decision_words(self) -> str:
        return AgendaItem.Decision(self.decision).label if self.decision else ""

    @cached_property
    def content(self) -> dict:
        return json.loads(self.report)

    @property
    def verdict(self) -> str:
        """In the words in which it was shown."""
        return self.content.get("verdict") or self.content.get("dissociation", {}).get("sentence", "")


class Addendum(models.Model):
    """What was said after the close, of one discussion or of the meeting as a whole. Append-only."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="addenda")
    item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="addenda")
    text = models.CharField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="addendum_text_given",
                violation_error_message="An addendum needs words.",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
