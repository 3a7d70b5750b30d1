"""The agenda: whom a meeting discusses, why, and what comes of it while the meeting is open."""

from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from patients.models import Patient
from patients.models.base import refuse

from .base import HELD, unless_closed
from .meetings import Meeting

NOTE_LENGTH = 4000


@pghistory.track(model_name="AgendaItemHistory", exclude=["place", "shown_at", "seconds"])
class AgendaItem(models.Model):
    """One patient of one meeting: taken or dropped by the chair; the outcome is written here until the close.

    `version` grows with each change of the outcome; the history holds every one, so that what two people
    typed at once can be told apart.
    """

    class State(models.TextChoices):
        TAKEN = "taken", "On the agenda"
        DROPPED = "dropped", "Dropped"

    class Decision(models.TextChoices):
        NO_CHANGE = "no_change", "No change"
        CHANGE = "change", "Plan changed"
        AGAIN = "again", "Discuss again"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="agenda_items")
    state = models.CharField(max_length=8, choices=State, default=State.TAKEN)
    # The order of the agenda; ties (two people who add at once) fall to the id.
    place = models.PositiveIntegerField()
    # Why the agenda proposed this patient, in the words of that moment: [[kind, sentence], ...].
    reasons = models.JSONField(default=list)
    # What the meeting is asked, in a person's own words.
    question = models.CharField(max_length=500, blank=True)
    # What was found on images, in a person's words: the record holds no reports of them.
    imaging = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(null=True)
    # When it last left the screen (or came on it, while it is there), and its seconds on the screen so far.
    shown_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["place", "id"]
        indexes = [models.Index(fields=["patient", "meeting"], name="agenda_item_of_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "patient"],
                name="agenda_item_once",
                violation_error_message="This patient is on the agenda already.",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "no_change", "change", "again"]),
                name="agenda_item_decision_known",
                violation_error_message="Choose one of the decisions.",
            ),
            models.CheckConstraint(
                condition=Q(state="taken") | Q(decision="", note=""), name="agenda_item_dropped_undecided"
            ),
            models.CheckConstraint(
                condition=Q(written_by__isnull=True, written_at__isnull=True)
                | Q(written_by__isnull=False, written_at__isnull=False),
                name="agenda_item_written_who_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="locked_with_meeting",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=HELD,
                func=unless_closed("agenda_item_locked", "NEW.meeting_id") + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="stays_with_meeting",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse(
                    "agenda_item_stays",
                    "(OLD.meeting_id, OLD.patient_id) IS DISTINCT FROM (NEW.meeting_id, NEW.patient_id)",
                    "An item of an agenda stays with its meeting and its patient.",
                )
                + " RETURN NEW;",
            ),
        ]

    @property
    def is_decided(self) -> bool:
        return bool(self.decision or self.note)


@pghistory.track(model_name="NominationHistory")
class Nomination(models.Model):
    """A clinician refers a patient to the meeting; `reason` is the question. Stands until discussed or taken
    back."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="nominations")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Whom a meeting did not reach is asked for again, with that item's question.
    carried_from = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="+")
    # The discussion that answered it; none where it was taken back.
    item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="nominations")

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(
                fields=["clinic", "patient"], condition=Q(ended_at__isnull=True), name="nomination_open"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "by", "reason"],
                condition=Q(ended_at__isnull=True),
                name="nomination_once",
                violation_error_message="You have asked for this already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="nomination_reason_given",
                violation_error_message="Say what the meeting is asked about this patient.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, item__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="nomination_ended_who_when",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    @property
    def question(self) -> str:
        """What the meeting is asked; of somebody carried over what was asked then."""
        return self.carried_from.question if self.carried_from else self.reason
