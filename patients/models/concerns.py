"""What people worry about and what they write down: standing concerns, and notes with their addenda."""

from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User

from .base import refuse
from .contacts import not_in_future, only_once
from .people import Patient

# What may change of a concern: its end. Of a note: that it is struck out.
CLOSING = "ARRAY['closed_at', 'closed_by_id', 'closed_reason']"
STRIKING = "ARRAY['struck_at', 'struck_by_id', 'struck_reason']"


class ConcernQuerySet(models.QuerySet):
    def standing(self) -> "ConcernQuerySet":
        return self.filter(closed_at__isnull=True)


@pghistory.track(model_name="ConcernHistory")
class Concern(models.Model):
    """What somebody worries about whatever the numbers say, with who follows it. Never changed; closed once."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="concerns")
    reason = models.CharField(max_length=200)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # The clinic's own day: it may be recorded later.
    starts_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_reason = models.CharField(max_length=300, blank=True)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at", "-id"], name="concern_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "reason"],
                condition=Q(closed_at__isnull=True),
                name="concern_once",
                violation_error_message="This concern stands already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="concern_reason_given",
                violation_error_message="Say what the concern is.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, closed_reason="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_reason=""),
                name="concern_closed_who_when_why",
                violation_error_message="Say why the concern is closed.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("at")), name="concern_closed_after"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_once("concern", "closed", CLOSING, "A concern is never changed, only closed, once."),
            not_in_future("concern", "starts_on", "The first day lies in the future."),
        ]


@pghistory.track(model_name="NoteHistory")
class Note(models.Model):
    """Free words about a patient, or an addendum to such. Never changed; struck out once, and still readable."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="free_notes")
    text = models.CharField(max_length=2000)
    addendum_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="addenda"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    struck_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at", "-id"], name="note_latest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="note_text_given",
                violation_error_message="Write something first.",
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_by__isnull=True, struck_reason="")
                | Q(struck_at__isnull=False, struck_by__isnull=False) & ~Q(struck_reason=""),
                name="note_struck_who_when_why",
                violation_error_message="Say why it is struck out.",
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | Q(struck_at__gte=F("at")), name="note_struck_after"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_once("note", "struck", STRIKING, "A note is never changed, only struck out, once."),
            pgtrigger.Trigger(
                name="addendum_of_own",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=refuse(
                    "note_addendum_of_own",
                    "NEW.addendum_to_id IS NOT NULL AND NOT EXISTS (SELECT FROM patients_note n"
                    " WHERE n.id = NEW.addendum_to_id AND n.patient_id = NEW.patient_id"
                    " AND n.addendum_to_id IS NULL)",
                    "An addendum belongs to a note of the same patient.",
                )
                + " RETURN NEW;",
            ),
        ]
