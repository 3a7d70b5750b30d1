"""Silent runs: what the product would have said of a clinic, counted; numbers without patients."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User


class SilentRun(models.Model):
    """One run over a clinic's record, by whom it was started and with which knowledge; `found` is what it counted.

    A worker writes how far it is outside of any transaction. `by` is None where a command ran it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for its turn"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Stopped"

    LIVE = (State.QUEUED, State.RUNNING)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    # The days that were asked for; None: from the first draw, to the last.
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    # What the person is told where it stopped.
    outcome = models.CharField(max_length=300, blank=True)
    knowledge_version = models.CharField(max_length=20, blank=True)
    found = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["clinic", "-id"], name="silent_run_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"],
                condition=Q(state__in=["queued", "running"]),
                name="silent_run_one_at_a_time",
                violation_error_message="A silent run of this clinic is under way already.",
            ),
            models.CheckConstraint(
                condition=Q(state="done", found__isnull=False, ended_at__isnull=False)
                | Q(state="failed", found__isnull=True, ended_at__isnull=False) & ~Q(outcome="")
                | Q(state__in=["queued", "running"], found__isnull=True, ended_at__isnull=True),
                name="silent_run_ends",
                violation_error_message="A silent run ends with what it found, or with why it stopped.",
            ),
            models.CheckConstraint(
                condition=Q(first__isnull=True) | Q(last__isnull=True) | Q(last__gte=models.F("first")),
                name="silent_run_days_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ]
