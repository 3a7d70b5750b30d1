"""Notices: what somebody of the clinic must see to now, who has taken it, and what was done."""

from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic, User

from .people import Patient

OPEN = Q(done_at__isnull=True, lapsed_at__isnull=True)


class NoticeQuerySet(models.QuerySet):
    def open(self) -> models.QuerySet:
        """Nobody has said what was done, and it has not become void by itself."""
        return self.filter(OPEN)

    def untaken(self) -> models.QuerySet:
        return self.open().filter(taken_at__isnull=True)


@pghistory.track(model_name="NoticeHistory")
class Notice(models.Model):
    """A patient has become "today", results of an upload wait for an answer, or an upload brought history.

    It is raised by the record, taken and closed by a person. One that waits for an answer lapses with it.
    """

    class Kind(models.TextChoices):
        TODAY = "today", "For today"
        WAITING = "waiting", "Results wait for an answer"
        HISTORY = "history", "History was uploaded"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="notices")
    upload = models.ForeignKey(
        "uploads.Upload", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Of the patient, as they were when it was raised or last became worse: urgency, why in a few words and in
    # one sentence, INR, and the latest ALT, AST, INR or bilirubin.
    level = models.CharField(max_length=12, blank=True)
    in_short = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    inr = models.FloatField(null=True)
    last_result_at = models.DateTimeField(null=True)
    # Of an upload: how many results wait, or how many patients its history is about.
    count = models.PositiveIntegerField(default=0)
    raised_at = models.DateTimeField()
    # The patient was seen no longer to be "today": the next time is another episode.
    eased_at = models.DateTimeField(null=True)
    # What happened to it since, for the next person: given back, worse since it was taken.
    remark = models.CharField(max_length=300, blank=True)
    mailed_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # What was done.
    note = models.CharField(max_length=300, blank=True)
    # Void without a person's word: the question was answered, the patient has died or was withdrawn.
    lapsed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            # The count on every page.
            models.Index(
                fields=["clinic", "raised_at"],
                condition=OPEN & Q(taken_at__isnull=True),
                name="notice_untaken",
            ),
            models.Index(fields=["clinic", "-raised_at"], name="notice_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=OPEN,
                name="notice_one_open",
                violation_error_message="There is an open notice of this patient already.",
            ),
            models.UniqueConstraint(
                fields=["upload", "kind"],
                condition=OPEN,
                name="notice_one_open_upload",
                violation_error_message="There is an open notice of this upload already.",
            ),
            models.CheckConstraint(
                condition=Q(kind="today", patient__isnull=False, upload__isnull=True) & ~Q(level="")
                | Q(kind__in=["waiting", "history"], patient__isnull=True, upload__isnull=False, level=""),
                name="notice_of_patient_or_upload",
                violation_error_message="A notice is of a patient with a level, or of an upload.",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="notice_taken_who_when",
                violation_error_message="Who took a notice and when belong together.",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True, note="")
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(note=""),
                name="notice_done_who_when_what",
                violation_error_message="Say what was done.",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(lapsed_at__isnull=True),
                name="notice_ends_once",
                violation_error_message="A notice is closed by a person or lapses, not both.",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("raised_at")),
                name="notice_done_after_raised",
                violation_error_message="A notice is closed after it was raised.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]


class OnDutyQuerySet(models.QuerySet):
    def standing(self) -> models.QuerySet:
        return self.filter(removed_at__isnull=True)


@pghistory.track(model_name="OnDutyHistory")
class OnDuty(models.Model):
    """Who of a clinic sees to its notices from when until when, as the clinic itself says. Removed, never changed."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = OnDutyQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["clinic", "ends_at"], name="on_duty_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="on_duty_ends_after_start",
                violation_error_message="The end is not after the beginning.",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="on_duty_removed_who_when",
                violation_error_message="Who removed a duty and when belong together.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]
