"""Record systems that launch this product (SMART App Launch), whom they vouch for, and looks at their patients."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from uploads.models.senders import Sender


class LaunchClient(models.Model):
    """As whom this product is registered with a record system. A secret of "": it signs with a key of its own."""

    sender = models.OneToOneField(Sender, on_delete=models.PROTECT, related_name="launches")
    # The base address of its FHIR server: `iss` of a launch, without a slash at the end.
    fhir_base = models.URLField(max_length=300, unique=True)
    # Where people sign in there, if it is elsewhere: "https://login.hospital.example".
    sign_in_origin = models.URLField(max_length=200, blank=True)
    client_id = models.CharField(max_length=200)
    # Encrypted (`accounts.ciphers`).
    secret = models.TextField(blank=True)
    # Whether whoever is signed in there is signed in here, too.
    signs_on = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(client_id=""),
                name="launch_client_named",
                violation_error_message="Name the client id that the record system gave.",
            ),
            models.CheckConstraint(
                condition=~Q(fhir_base="") & ~Q(fhir_base__endswith="/"),
                name="launch_client_base",
                violation_error_message="The base address of the FHIR server ends without a slash.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.sender)


class LaunchKey(models.Model):
    """A key with which this product signs in at record systems. Encrypted (`accounts.ciphers`), never changed."""

    kid = models.CharField(max_length=64, unique=True)
    private = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-made_at", "-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class LaunchUser(models.Model):
    """Who a person of the record system (`fhirUser`, such as "Practitioner/7") is here."""

    client = models.ForeignKey(LaunchClient, on_delete=models.PROTECT, related_name="users")
    fhir_user = models.CharField(max_length=200)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "fhir_user"],
                condition=Q(ended_at=None),
                name="launch_user_once",
                violation_error_message="This person of the record system is somebody here already.",
            )
        ]


class VisitLook(models.Model):
    """A look at a patient who is not in this record: in whose system, and the number as a keyed hash alone."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=300)
    # "": the record system gave no number.
    number_hash = models.CharField(max_length=64, blank=True)
    page = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "-at"], name="visit_look_clinic"),
            models.Index(fields=["user", "-at"], name="visit_look_user"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
