"""Following up what is overdue: attempts to reach a patient, and who is left out of monitoring and why."""

from typing import Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User

from ..words import LEFT_OUT_NAMES
from .base import MAY_MOVE, CurrentQuerySet, Withdrawable, refuse
from .people import Patient

# A reason to be left out that no row states: see `LeftOut`.
DIED = "died"
REASONS = tuple(reason for reason in LEFT_OUT_NAMES if reason != DIED)
# What may change of a contact: its withdrawal. Of a leaving-out: its end.
WITHDRAWING = "ARRAY['withdrawn_at', 'withdrawn_by_id', 'withdrawn_reason']"
LIFTING = "ARRAY['lifted_at', 'lifted_by_id', 'lifted_reason']"
# The latest date anywhere on Earth at that moment; the actions know the clinic's own.
LATEST_DATE = "(NEW.at AT TIME ZONE 'UTC' + interval '14 hours')::date"


def only_once(of: str, ended: str, may_change: str, sentence: str) -> pgtrigger.Trigger:
    """Nothing of a row ever changes but its end, and that once; and, by a merge alone, whose it is."""
    old, new = (f"to_jsonb({row}) - 'patient_id'" for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name=f"{ended}_once",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        func=refuse(
            f"{of}_{ended}_once",
            f"NOT {MAY_MOVE} OR ({old} - {may_change}) IS DISTINCT FROM ({new} - {may_change})"
            f" OR (OLD.{ended}_at IS NOT NULL"
            f" AND (OLD.patient_id = NEW.patient_id OR {old} IS DISTINCT FROM {new}))",
            sentence,
        )
        + " RETURN NEW;",
    )


def not_in_future(of: str, column: str, sentence: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="not_in_future",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func=refuse(f"{of}_not_in_future", f"NEW.{column} > {LATEST_DATE}", sentence) + " RETURN NEW;",
    )


@pghistory.track(model_name="ContactHistory")
class Contact(Withdrawable):
    """One attempt to reach a patient about overdue tests, with the next one planned. Append-only.

    The latest that stands holds the plan. A mistake is withdrawn with a reason, never changed. `PLAN` is no
    attempt: it gives the next one a day and an owner before anybody was contacted, or hands it over.
    """

    class Kind(models.TextChoices):
        TELEPHONE = "telephone", "Telephone"
        LETTER = "letter", "Letter"
        MESSAGE = "message", "Message"
        IN_PERSON = "in_person", "In person"
        OTHER = "other", "Other way"
        PLAN = "plan", "Plan only, nobody contacted"

    class Outcome(models.TextChoices):
        BOOKED = "booked", "Reached, test booked"
        UNDECIDED = "undecided", "Reached, nothing agreed"
        DECLINED = "declined", "Reached, declined"
        LEFT = "left", "Message left or sent"
        NO_ANSWER = "no_answer", "No answer"
        WRONG = "wrong", "Wrong number or address"
        OTHER = "other", "Other, see the note"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=12, choices=Kind)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    # The clinic's own day of the attempt: it may be recorded later.
    made_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    next_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = CurrentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "-at", "-id"], name="contact_latest")]
        constraints = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    kind__in=["telephone", "letter", "message", "in_person", "other"],
                    outcome__in=["booked", "undecided", "declined", "left", "no_answer", "wrong", "other"],
                )
                | Q(kind="plan", outcome=""),
                name="contact_kind_and_outcome",
                violation_error_message="An attempt needs its outcome; a plan only has none.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="other") | ~Q(note=""),
                name="contact_other_has_note",
                violation_error_message="Say in the note what came of it.",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True, owner__isnull=True)
                | Q(next_on__isnull=False, owner__isnull=False),
                name="contact_next_has_day_and_owner",
                violation_error_message="A next attempt needs a day and an owner.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="plan") | Q(next_on__isnull=False),
                name="contact_plan_has_day",
                violation_error_message="A plan needs the day of the next attempt.",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gte=F("made_on")),
                name="contact_next_not_before",
                violation_error_message="The next attempt is before this one.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_once(
                "contact", "withdrawn", WITHDRAWING, "A contact is never changed, only withdrawn, once."
            ),
            not_in_future("contact", "made_on", "The day of the contact lies in the future."),
        ]


class LeftOutQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Not lifted by a person; its time may have run out."""
        return self.filter(lifted_at__isnull=True)


@pghistory.track(model_name="LeftOutHistory")
class LeftOut(models.Model):
    """Left out of monitoring, from a day on, until a last day or open-ended. Never changed; lifted once.

    Death is not among the reasons: it is the patient's own `died_on`, one fact with one home, and whoever has
    died is left out by that.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="left_out")
    reason = models.CharField(max_length=12, choices=[(key, LEFT_OUT_NAMES[key]) for key in REASONS])
    starts_on = models.DateField()
    # The last day left out; None: open-ended.
    ends_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_reason = models.CharField(max_length=300, blank=True)

    objects = LeftOutQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(lifted_at__isnull=True),
                name="left_out_once",
                violation_error_message="This patient is left out of monitoring already: lift that first.",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=REASONS),
                name="left_out_reason_known",
                violation_error_message="Choose why the patient is left out.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="left_out_ends_after_start",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_reason="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_reason=""),
                name="left_out_lifted_who_when_why",
                violation_error_message="Say why monitoring goes on.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("at")), name="left_out_lifted_after"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_once("left_out", "lifted", LIFTING, "A leaving-out is never changed, only lifted, once."),
            not_in_future("left_out", "starts_on", "The first day lies in the future."),
        ]

    def holds_on(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
