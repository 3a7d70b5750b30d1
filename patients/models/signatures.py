"""What clinicians say of the knowledge: of an entry as it was worded, signed with a name."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User


class Signature(models.Model):
    """One person's stance on one entry of the knowledge in one wording. Append-only: the latest counts.

    `fingerprint` is that of the wording, `content` the wording itself, so that it can still be read once the
    entry says something else. `place` and `proposed` are of an amendment: which value, and what in its stead,
    as JSON. It is knowledge of the whole installation; the clinic is the one in which the person decides.
    """

    class Stance(models.TextChoices):
        AGREE = "agree", "Agreed"
        AMEND = "amend", "Amendment proposed"
        DISPUTE = "dispute", "Disputed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    # The entry's anchor on the pages of the knowledge.
    entry = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    content = models.TextField()
    stance = models.CharField(max_length=10, choices=Stance)
    reason = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=120, blank=True)
    proposed = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["entry", "by", "-id"], name="signature_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(stance__in=["agree", "amend", "dispute", "withdrawn"]),
                name="signature_stance_known",
                violation_error_message="Choose agree, amend or dispute.",
            ),
            models.CheckConstraint(
                condition=~Q(stance__in=["amend", "dispute"]) | ~Q(reason=""),
                name="signature_reason_given",
                violation_error_message="Say why: an amendment or a dispute needs a reason.",
            ),
            models.CheckConstraint(
                condition=Q(stance="amend") & ~Q(place="") & ~Q(proposed="")
                | ~Q(stance="amend") & Q(place="", proposed=""),
                name="signature_amends_something",
                violation_error_message="Say what it should say instead.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class ShownEntry(models.Model):
    """How many of so many patients have this entry behind their reading. Counted at night, anew each time."""

    entry = models.CharField(max_length=120, unique=True)
    patients = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(patients__lte=models.F("of")), name="shown_entry_part_of_all")
        ]
