"""Systems that send messages by themselves, and the tokens with which they sign in."""

from datetime import datetime, timedelta
from uuid import uuid4

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Clinic, User

# A new token opens for so long at most.
MOST_DAYS = 731


class Sender(models.Model):
    """A system that sends messages for one clinic. It signs in with a token; what it brings is entered in the
    name of its own user, who cannot sign in."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="senders")
    name = models.CharField(max_length=60)
    # Only numbers of this authority (PID-3.4) are this clinic's MRNs; blank: the first medical record number.
    authority = models.CharField(max_length=120, blank=True)
    allowed = models.BooleanField(default=True)
    # A record system that asks by CDS Hooks signs its own tokens: as whom, and where its keys stand (JWKS).
    issuer = models.CharField(max_length=200, blank=True)
    key_set = models.URLField(max_length=300, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # To the minute.
    last_seen = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                name="sender_once",
                violation_error_message="This clinic already has a sender of this name.",
            ),
            models.UniqueConstraint(
                fields=["issuer"],
                condition=~Q(issuer=""),
                name="sender_issuer_once",
                violation_error_message="Another sender has this issuer.",
            ),
            models.CheckConstraint(
                condition=Q(issuer="", key_set="") | (~Q(issuer="") & ~Q(key_set="")),
                name="sender_issuer_with_keys",
                violation_error_message="An issuer needs the address of its keys, and keys need their issuer.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TokenScope(models.TextChoices):
    """What a token opens."""

    SEND_HL7 = "send_hl7", "send HL7 messages"
    READ_FHIR = "read_fhir", "read patients and results by FHIR"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    model_name="SenderTokenHistory",
    # Neither the secret's hash nor each use belongs into the history.
    exclude=["token_hash", "last_used"],
)
class SenderToken(models.Model):
    """A secret by which a sender signs in, until a day and for what it names. Nothing but its hash is kept."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="tokens")
    # SHA-256 of a random token of 256 bits: nothing slower is needed.
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=16, choices=TokenScope))
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # None: made before tokens expired.
    expires_at = models.DateTimeField(null=True)
    # Another one was made in its place; this one opens until it expires.
    replaced_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # To the minute.
    last_used = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0) & Q(scopes__contained_by=list(TokenScope)),
                name="sender_token_known_scopes",
                violation_error_message="Say what the token may do.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None)
                | Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + timedelta(days=MOST_DAYS)),
                name="sender_token_expires_in_time",
                violation_error_message="A token expires after it was made, and within two years.",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(expires_at__isnull=False),
                name="sender_token_replaced_expires",
                violation_error_message="A token in whose place there is another one expires.",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                name="sender_token_ended_when",
                violation_error_message="Who ended a token has ended it at a time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender}, {self.created_at:%Y-%m-%d}"

    @property
    def may(self) -> str:
        """What it opens, in words."""
        return " and ".join(TokenScope(scope).label for scope in self.scopes)

    def is_over(self, now: datetime) -> bool:
        """Expired: it opened until then."""
        return self.expires_at is not None and self.expires_at <= now
