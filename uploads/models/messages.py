"""Messages of other systems, as they came."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User

from .files import Upload
from .senders import Sender


class Message(models.Model):
    """A message as it came, byte for byte, and what became of it. It can be stored again from here."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received, not stored yet"
        STORED = "stored", "Stored"
        WAITING = "waiting", "Needs a person"
        REFUSED = "refused", "Refused"
        # A person has seen it and nothing more is to be done.
        CLOSED = "closed", "Set aside"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="messages")
    # MSH-3 and MSH-4, and MSH-10: together they name a message. Blank where the bytes hold none.
    source = models.CharField(max_length=400, blank=True)
    control_id = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    # Of what the message says, without the time of sending: a message sent again has the same.
    content_sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    # Why, without anything of the patient.
    reason = models.CharField(max_length=300, blank=True)
    # The acknowledgement code given: AA, AE or AR.
    answer = models.CharField(max_length=2, blank=True)
    upload = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "source", "control_id"], condition=~Q(control_id=""), name="message_once"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True),
                name="message_closed_who_when",
                violation_error_message="Who set a message aside and when belong together.",
            ),
        ]
        indexes = [models.Index(fields=["sender", "state", "-at"])]
