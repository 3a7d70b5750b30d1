"""Long work on files, done by a worker."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User


class Job(models.Model):
    """Work on the files of a batch that a worker does. Written outside of the transaction that stores: so
    everybody sees how far it is. Whoever works on it holds an advisory lock: see `uploads.staging.progress`."""

    class Task(models.TextChoices):
        READ = "read", "Read"
        STORE = "store", "Store"
        UNDO = "undo", "Undo"
        REPLAY = "replay", "Read again"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for its turn"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Stopped"
        CANCELLED = "cancelled", "Cancelled"

    LIVE = (State.QUEUED, State.RUNNING)

    batch = models.UUIDField(db_index=True)
    task = models.CharField(max_length=6, choices=Task)
    # What the person asked for beside: apply_changes, accept_questions; the files to undo.
    options = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    # What it is doing, a key of uploads.staging.progress.STAGES; rows done, and of how many (0: not known yet).
    stage = models.CharField(max_length=10, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # How often a worker has begun: one that dies is followed by another, but not for ever.
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel = models.BooleanField(default=False)
    # What the person is told at the end.
    outcome = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_at_a_time",
                violation_error_message="A worker is busy with these files already.",
            ),
        ]
