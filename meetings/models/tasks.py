"""What somebody has to do for a patient, until it is done or dropped with a reason."""

from typing import Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from patients.models import Patient
from patients.models.base import refuse

from .agenda import AgendaItem
from .base import HELD, unless_closed

# What was decided; whose it is, until when and its end may change.
DECIDED = "patient_id, clinic_id, item_id, kind, text, tests, by_id, at"


class ActionQuerySet(models.QuerySet):
    def outstanding(self) -> Self:
        return self.filter(ended_at__isnull=True)


@pghistory.track(model_name="ActionHistory")
class Action(models.Model):
    """Belongs to a patient; `item` is the discussion that asked for it, none where no meeting did."""

    class Kind(models.TextChoices):
        TASK = "task", "Task"
        REPEAT = "repeat", "Repeat tests"
        TRANSPLANT = "transplant", "Refer for transplant evaluation"

    class End(models.TextChoices):
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="actions")
    item = models.ForeignKey(
        AgendaItem, null=True, editable=False, on_delete=models.PROTECT, related_name="actions"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TASK)
    text = models.CharField(max_length=300, blank=True)
    # Keys of `interpretation.record.analytes`: what to repeat.
    tests = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)
    ended_as = models.CharField(max_length=8, choices=End, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_reason = models.CharField(max_length=300, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "due_on"],
                condition=Q(ended_at__isnull=True),
                name="action_outstanding",
            ),
            models.Index(
                fields=["clinic", "due_on", "patient", "id"],
                condition=Q(ended_at__isnull=True),
                name="action_due",
            ),
            models.Index(
                fields=["owner", "due_on"], condition=Q(ended_at__isnull=True), name="action_of_owner"
            ),
            models.Index(fields=["patient", "-at"], name="action_of_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="task") | ~Q(text=""),
                name="action_text_given",
                violation_error_message="Say what is to be done.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="repeat") | Q(tests__len__gt=0),
                name="action_tests_given",
                violation_error_message="Choose the tests to repeat.",
            ),
            models.CheckConstraint(
                condition=Q(ended_as="", ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | Q(ended_as__in=["done", "dropped"], ended_at__isnull=False, ended_by__isnull=False),
                name="action_ended_who_when",
            ),
            models.CheckConstraint(
                condition=~Q(ended_as="dropped") | ~Q(ended_reason=""),
                name="action_dropped_reason",
                violation_error_message="Say why this is dropped.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="not_into_closed",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.item_id IS NOT NULL"),
                declare=HELD,
                func=unless_closed(
                    "action_locked", "(SELECT meeting_id FROM meetings_agendaitem WHERE id = NEW.item_id)"
                )
                + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="decided_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse(
                    "action_decided_stays",
                    f"({', '.join(f'OLD.{name.strip()}' for name in DECIDED.split(','))}) IS DISTINCT FROM "
                    f"({', '.join(f'NEW.{name.strip()}' for name in DECIDED.split(','))})",
                    "What was decided is not changed: drop it with a reason and write another.",
                )
                + " RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return self.text or self.get_kind_display()
