"""Systems that send messages by themselves."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User


class Sender(models.Model):
    """A system that sends messages for one clinic. It signs in with a token, of which only the hash is kept;
    what it brings is entered in the name of its own user, who cannot sign in."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="senders")
    name = models.CharField(max_length=60)
    # SHA-256 of a random token of 256 bits: nothing slower is needed.
    token_hash = models.CharField(max_length=64, unique=True)
    # Only numbers of this authority (PID-3.4) are this clinic's MRNs; blank: the first medical record number.
    authority = models.CharField(max_length=120, blank=True)
    allowed = models.BooleanField(default=True)
    # May read the clinic's patients and results by /fhir/, beside sending.
    may_read = models.BooleanField(default=False)
    # A record system that asks by CDS Hooks signs its own tokens: as whom, and where its keys stand (JWKS).
    issuer = models.CharField(max_length=200, blank=True)
    key_set = models.URLField(max_length=300, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
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
