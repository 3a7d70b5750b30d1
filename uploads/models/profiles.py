"""How senders write, as people have said."""

from uuid import uuid4

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Clinic, User, check_time_zone
from uploads.importers.dates import DAY_FIRST, ISO, MONTH_FIRST
from uploads.importers.profile import IGNORE, KEEP, PAD, STRIP


@pghistory.track(model_name="SenderProfileHistory")
class SenderProfile(models.Model):
    """How a sender of a clinic writes, as a person has said; of sender "" it is what holds for all of its
    senders unless their own profile says otherwise. What is empty is not decided: a file says it, or it is
    asked. Each change is a version, and its history keeps them all."""

    class DateOrder(models.TextChoices):
        DAY_FIRST = DAY_FIRST, "Day first: 28.02.2026, 28/02/2026"
        MONTH_FIRST = MONTH_FIRST, "Month first: 02/28/2026"
        ISO = ISO, "Year first: 2026-02-28"

    class Decimal(models.TextChoices):
        POINT = ".", "A point: 1.4"
        COMMA = ",", "A comma: 1,4"

    class Thousands(models.TextChoices):
        POINT = ".", "A point: 1.240"
        COMMA = ",", "A comma: 1,240"
        SPACE = "space", "A space: 1 240"
        APOSTROPHE = "apostrophe", "An apostrophe: 1'240"
        NONE = "none", "Nothing: 1240"

    class Zeros(models.TextChoices):
        KEEP = KEEP, "They count: 12345 and 0012345 are two numbers"
        IGNORE = IGNORE, "They do not count: 12345 is the patient whose number here is 0012345"
        STRIP = STRIP, "They are left out: 0012345 is 12345 here"
        PAD = PAD, "They are filled in: 12345 is 0012345 here, to so many digits"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="sender_profiles")
    sender = models.CharField(max_length=80, blank=True)
    date_order = models.CharField(max_length=14, choices=DateOrder, blank=True)
    decimal = models.CharField(max_length=1, choices=Decimal, blank=True)
    thousands = models.CharField(max_length=10, choices=Thousands, blank=True)
    # Of times without a zone; days without a time are the clinic's.
    time_zone = models.CharField(max_length=64, blank=True, validators=[check_time_zone])
    mrn_zeros = models.CharField(max_length=6, choices=Zeros, blank=True)
    mrn_width = models.PositiveSmallIntegerField(null=True, blank=True)
    # What the sender calls a laboratory -> what it is called here.
    laboratory_names = models.JSONField(default=dict, blank=True)
    # Key of an analyte -> the unit of its values where a file gives none.
    default_units = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["sender", "id"]
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("sender"),
                name="sender_profile_once",
                violation_error_message="Somebody has just made a profile of this sender. Look at it first.",
            ),
            models.CheckConstraint(
                condition=Q(date_order__in=["", DAY_FIRST, MONTH_FIRST, ISO]),
                name="sender_profile_date_order_known",
                violation_error_message="Dates are written day first, month first or year first.",
            ),
            models.CheckConstraint(
                condition=Q(decimal__in=["", ".", ","]),
                name="sender_profile_decimal_known",
                violation_error_message="The decimal mark is a point or a comma.",
            ),
            models.CheckConstraint(
                condition=Q(thousands__in=["", ".", ",", "space", "apostrophe", "none"]),
                name="sender_profile_thousands_known",
                violation_error_message="The mark between thousands is none of those in the list.",
            ),
            models.CheckConstraint(
                condition=Q(decimal="") | ~Q(thousands=F("decimal")),
                name="sender_profile_two_marks",
                violation_error_message="One mark cannot stand for decimals and for thousands. Change one.",
            ),
            models.CheckConstraint(
                condition=Q(mrn_zeros=PAD, mrn_width__isnull=False, mrn_width__range=(2, 30))
                | (~Q(mrn_zeros=PAD) & Q(mrn_width__isnull=True)),
                name="sender_profile_width_of_mrn",
                violation_error_message="Where zeros are filled in, and only there, say how many digits an "
                "MRN has: 2 to 30.",
            ),
            models.CheckConstraint(
                condition=Q(mrn_zeros__in=["", KEEP, IGNORE, STRIP, PAD]),
                name="sender_profile_zeros_known",
                violation_error_message="What zeros in front of an MRN mean is none of those in the list.",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1),
                name="sender_profile_version_from_1",
                violation_error_message="The first version of a profile is version 1.",
            ),
        ]

    def __str__(self) -> str:
        return self.sender or "all senders"
