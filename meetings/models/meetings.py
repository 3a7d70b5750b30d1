"""A meeting: when, where it stands, who leads it and who was there."""

from typing import Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic, User
from accounts.permissions import clinics_of
from patients.models.base import Entered, Withdrawable, refuse

from .base import CLOSED, HELD, unless_closed

UNATTENDED = "Say first who was there: the attendance of this meeting is not complete."
_THERE = "SELECT 1 FROM meetings_attendance WHERE meeting_id = NEW.id AND attended"
UNSAID, NOBODY = f"EXISTS ({_THERE} = '')", f"NOT EXISTS ({_THERE} = 'present')"


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The meetings of the clinics whose record this user may read."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(clinic__in=[clinic.pk for clinic in clinics_of(user)])

    def current(self) -> Self:
        """Those that were not called off."""
        return self.filter(withdrawn_at__isnull=True)

    def ahead(self) -> Self:
        """Planned or in progress, the next one first."""
        return self.current().exclude(state=Meeting.State.CLOSED).order_by("starts_at", "id")


@pghistory.track(model_name="MeetingHistory", exclude=["showing", "showing_since", "step"])
class Meeting(Withdrawable, Entered):
    """Withdrawn: called off, with a reason. `version` counts changes of the plan, `step` of the screen."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PROGRESS = "in_progress", "In progress"
        CLOSED = "closed", "Closed"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    chair = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attendees = models.ManyToManyField(User, through="Attendance", related_name="+")
    # Who was there without a sign-in here: "Dr Lind (surgery), two students".
    guests = models.CharField(max_length=300, blank=True)
    # Held every so many weeks: the next one is planned like this one.
    every_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    previous = models.OneToOneField(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="next"
    )
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    # When people sat together, as said by whoever closed; the two above are the clock's.
    held_from = models.DateTimeField(null=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)
    # The patient on the screen, since when; `step` grows with each move, so that a second screen can ask
    # whether it still shows the same.
    showing = models.ForeignKey(
        "meetings.AgendaItem", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    showing_since = models.DateTimeField(null=True, editable=False)
    step = models.PositiveIntegerField(default=0, editable=False)
    # A meeting is entered by hand, never by a file.
    upload = None

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["clinic", "-starts_at"], name="meeting_by_time")]
        constraints = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(title=""),
                name="meeting_title_given",
                violation_error_message="Give the meeting a title.",
            ),
            models.CheckConstraint(
                condition=Q(every_weeks__isnull=True) | Q(every_weeks__gte=1, every_weeks__lte=52),
                name="meeting_every_1_to_52_weeks",
                violation_error_message="A meeting comes back after 1 to 52 weeks.",
            ),
            models.CheckConstraint(
                condition=Q(state="planned", started_at__isnull=True)
                | ~Q(state="planned") & Q(started_at__isnull=False),
                name="meeting_started_when",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True),
                name="meeting_closed_who_when",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("started_at")),
                name="meeting_closed_after_start",
            ),
            models.CheckConstraint(
                condition=Q(held_from__isnull=True, held_until__isnull=True)
                | Q(state="closed", held_from__lte=F("held_until"), held_until__lte=F("closed_at")),
                name="meeting_held_from_until",
                violation_error_message="The meeting ends after its start, and not after now.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(state="planned"),
                name="meeting_called_off_before_start",
                violation_error_message="This meeting has begun: it can be closed, not called off.",
            ),
            models.CheckConstraint(
                condition=Q(showing__isnull=True, showing_since__isnull=True)
                | Q(showing__isnull=False, showing_since__isnull=False),
                name="meeting_showing_since",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="closed_for_good",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse("meeting_closed_for_good", "OLD.state = 'closed'", CLOSED) + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="attendance_before_close",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse(
                    "meeting_attendance_known",
                    f"NEW.state = 'closed' AND OLD.state <> 'closed' AND ({UNSAID} OR {NOBODY})",
                    UNATTENDED,
                )
                + " RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Something can still be written: neither closed nor called off."""
        return self.state != self.State.CLOSED and self.withdrawn_at is None


@pghistory.track(model_name="AttendanceHistory")
class Attendance(models.Model):
    """Somebody with a sign-in who is expected at a meeting; `attended` says what became of it."""

    class Attended(models.TextChoices):
        PRESENT = "present", "Present"
        APOLOGIES = "apologies", "Apologies"
        ABSENT = "absent", "Not there"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # "" until somebody says it; so it stays in meetings that were closed before anybody was asked.
    attended = models.CharField(max_length=9, choices=Attended, blank=True)
    # For which speciality they sit there: "Radiology". Of one meeting, as people change.
    speciality = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(attended__in=["", "present", "apologies", "absent"]), name="attendance_known"
            ),
            models.CheckConstraint(
                condition=~Q(attended="present") | ~Q(speciality=""),
                name="attendance_present_for_a_speciality",
                violation_error_message="Give the speciality of everybody who was present.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="locked_with_meeting",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=HELD,
                func=unless_closed("attendance_locked", "NEW.meeting_id") + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="kept_with_meeting",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=HELD,
                func=unless_closed("attendance_locked", "OLD.meeting_id") + " RETURN OLD;",
            ),
        ]
