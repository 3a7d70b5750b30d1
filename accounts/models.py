"""Staff, clinics, roles, and who looked at whom."""

import zoneinfo
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from .signing_in.models import OneTimeCode as OneTimeCode
from .signing_in.models import SignInEvent as SignInEvent

# The longest that a notice may stand without a word on every page.
MOST_HOURS = 168
DATE_TIME = models.DateTimeField()
# A last day is warned of so long before.
ENDS_SOON = timedelta(days=14)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    model_name="UserHistory",
    # Neither the password's hash nor each sign-in belongs into the history.
    exclude=["password", "last_login"],
)
class User(AbstractUser):
    """A member of staff. What they may do is decided by their memberships, clinic by clinic."""

    # Given by an administrator: at the next sign-in the person must choose their own.
    password_is_temporary = models.BooleanField(default=False, editable=False)
    password_set_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


def check_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/London.")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), model_name="ClinicHistory")
class Clinic(models.Model):
    class Units(models.TextChoices):
        SI = "si", "SI (µmol/L, g/L)"
        CONVENTIONAL = "conventional", "Conventional (mg/dL, g/dL)"

    class Scale(models.TextChoices):
        BY_RECORD = "", "units, and multiples where upper limits differ between draws"
        UNITS = "units", "units (U/L)"
        LIMIT = "limit", "multiples of the upper limit"
        BASELINE = "baseline", "multiples of the baseline"

    class SecondFactor(models.TextChoices):
        NOBODY = "nobody", "not required"
        MANAGERS = "managers", "required for administrators and data managers"
        EVERYBODY = "everybody", "required for everybody"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9-]+$", "Use small letters, digits and hyphens.")],
    )
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    display_units = models.CharField(max_length=16, choices=Units, default=Units.SI)
    # Whether files add patients by themselves; else a person accepts each.
    new_patients_from_files = models.BooleanField(default=True)
    # Told by e-mail how many notices are new, where the system may send any: no word about a patient.
    notice_email = models.EmailField("address for notices", blank=True)
    # Who signs in with a password and something else. Who has none yet sets one up before anything is shown.
    second_factor = models.CharField(max_length=16, choices=SecondFactor, default=SecondFactor.NOBODY)
    # A notice that nobody has taken for so many hours stands on every page; None: as the setting NOTICE_HOURS says.
    notice_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    # How a chart shows enzymes until somebody chooses; "": by what the record holds.
    chart_scale = models.CharField(max_length=8, choices=Scale, default=Scale.BY_RECORD, blank=True)
    # Raised by each change on the page of the clinic: two people do not overwrite each other.
    version = models.PositiveIntegerField(default=1, editable=False)
    # Shown on every page: the people of a demo clinic are invented.
    is_demo = models.BooleanField(default=False)
    # Records are read and kept as ever, and nobody is shown what was read. `silent_why`: of the last switching.
    is_silent = models.BooleanField(default=False)
    silent_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(notice_hours=None) | Q(notice_hours__range=(1, MOST_HOURS)),
                name="clinic_notice_hours",
                violation_error_message="Enter 1 to 168 hours, or nothing.",
            ),
            models.CheckConstraint(
                condition=Q(display_units__in=["si", "conventional"])
                & Q(chart_scale__in=["", "units", "limit", "baseline"]),
                name="clinic_display_known",
                violation_error_message="Choose one of the list.",
            ),
            models.CheckConstraint(
                condition=models.Q(is_silent=False) | ~models.Q(silent_why=""),
                name="clinic_silent_why",
                violation_error_message="Say why the clinic is silent.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def untaken_hours(self) -> int:
        return self.notice_hours or settings.NOTICE_HOURS

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def was_silent(self) -> Callable[[datetime], bool]:
        """Whether it was silent at a moment, by its history: one query for any number of moments."""
        said = list(self.history.order_by("pgh_id").values_list("pgh_created_at", "is_silent"))
        moments = [at for at, _ in said]

        def silent(at: datetime) -> bool:
            place = bisect_right(moments, at)
            return place > 0 and said[place - 1][1]

        return silent


def today_in(clinic: Clinic) -> date:
    """By the clocks of the clinic."""
    return timezone.now().astimezone(clinic.zone).date()


def no_clinic(code: str) -> str:
    """Why a command cannot go on, with the codes there are."""
    codes = ", ".join(Clinic.objects.order_by("code").values_list("code", flat=True)) or "none yet"
    return f"No clinic has the code “{code}”. Codes: {codes}."


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    CLINICIAN = "clinician", "Clinician"
    DATA_MANAGER = "data_manager", "Data manager"
    ADMINISTRATOR = "administrator", "Clinic administrator"
    PRIVACY_OFFICER = "privacy_officer", "Privacy officer"


class MembershipQuerySet(models.QuerySet):
    def current(self) -> "MembershipQuerySet":
        """Those that are not over, each by the clocks of its clinic."""
        here = Func(
            F("clinic__time_zone"), Value(timezone.now()), function="timezone", output_field=DATE_TIME
        )
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=Cast(here, models.DateField())))


# The clinic's row is held by whoever writes, so that two cannot leave at once.
KEEP_AN_ADMINISTRATOR = pgtrigger.Trigger(
    name="keep_an_administrator",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("ends_on"),
    condition=pgtrigger.Q(new__ends_on__isnull=False, new__role="administrator"),
    func="""
    IF NOT EXISTS (
        SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.clinic_id = NEW.clinic_id AND m.id <> NEW.id AND m.role = 'administrator' AND m.ends_on IS NULL
        AND u.is_active
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'membership_keep_an_administrator',
            MESSAGE = 'A clinic keeps an administrator without a last day.';
    END IF;
    RETURN NEW;
    """,
)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="MembershipHistory",
)
class Membership(models.Model):
    """A role in a clinic, until the end of a day of the clinic where one is named."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    # The last day of work; the next one opens nothing.
    ends_on = models.DateField("last day", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        triggers = [KEEP_AN_ADMINISTRATOR]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic"],
                name="membership_once",
                violation_error_message="This person already works in this clinic: change the role instead.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < today_in(self.clinic)

    @property
    def ends_soon(self) -> bool:
        """Pages warn before."""
        return self.ends_on is not None and self.ends_on - today_in(self.clinic) <= ENDS_SOON


class PatientAccess(models.Model):
    """One look at one patient. Append-only: the database refuses changes and deletions."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-at"]), models.Index(fields=["user", "-at"])]
        triggers = [
            pgtrigger.Protect(
                name="append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]


class ListAccess(models.Model):
    """One look at a list: everybody on it, of one clinic. Append-only, as `PatientAccess`."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=40)
    # Primary keys: an array takes no foreign keys, and no patient is ever deleted.
    patients = ArrayField(models.BigIntegerField())
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            GinIndex(fields=["patients"], name="list_access_patients"),
            models.Index(fields=["clinic", "-at"], name="list_access_clinic"),
            models.Index(fields=["user", "-at"], name="list_access_user"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(patients__len__gt=0), name="list_access_has_people")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Purge(models.Model):
    """A statement that changed or deleted what is kept, written by the database itself (`accounts.protection`)."""

    at = models.DateTimeField()
    role = models.CharField(max_length=63)
    table_name = models.CharField(max_length=63)
    statement = models.CharField(max_length=8)
    reason = models.TextField()


class Backup(models.Model):
    """One backup that was made whole and checked, as of `at`; `head`: of the chain of audit at that moment."""

    at = models.DateTimeField(db_index=True)
    file = models.CharField(max_length=255)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    is_encrypted = models.BooleanField()


class AuditSeal(models.Model):
    """A batch of rows of one table of audit, closed for good: `head` hangs on them and on all seals before."""

    table_name = models.CharField(max_length=63)
    columns = models.JSONField()
    # Runs of numbers: [[1, 40], [43, 50]].
    ids = models.JSONField()
    # SHA-256 of each row, 32 bytes, in the order of their numbers.
    digests = models.BinaryField()
    at = models.DateTimeField()
    previous = models.CharField(max_length=64, unique=True)
    head = models.CharField(max_length=64, unique=True)
    # The highest number of this table that is sealed in this or before.
    upto = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["table_name", "-at"], name="seal_by_table")]
