"""What messages say of people themselves: another name, another number, two numbers that are one person."""

from uuid import uuid4

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Clinic, User

from .messages import Message


@pghistory.track(model_name="PersonNewsHistory")
class PersonNews(models.Model):
    """One person of a message about people (ADT), and what became of it: taken, asked of a person, or refused."""

    class Kind(models.TextChoices):
        CHANGE = "change", "Name, date of birth, sex or number changed"
        MERGE = "merge", "Two numbers are one person"

    class State(models.TextChoices):
        OPEN = "open", "Waits for a person"
        TAKEN = "taken", "Taken"
        REFUSED = "refused", "Not taken: a person has said so"
        # Read again since, or its message was set aside.
        LAPSED = "lapsed", "Void"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="news")
    kind = models.CharField(max_length=6, choices=Kind)
    # Who is meant, and in a merge who goes into this patient; None: nobody here has that number.
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey("patients.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    # As the message gives them: number, names, date of birth, sex, day of death.
    said = models.JSONField()
    # The time of the message (MSH-7): what is older than what was taken changes nothing.
    sent_at = models.DateTimeField(null=True)
    # Why a person is asked.
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=7, choices=State)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(reason="")
                | Q(state="taken") & Q(answered_by=None, answered_at=None)
                | Q(state="taken", answered_by__isnull=False, answered_at__isnull=False)
                | Q(state__in=["open", "lapsed"], answered_by=None, answered_at=None),
                name="person_news_answered_who_when",
                violation_error_message="Say why this is not taken.",
            ),
            models.CheckConstraint(condition=~Q(state="open") | ~Q(why=""), name="person_news_asked_why"),
            models.CheckConstraint(
                condition=Q(kind="merge") | Q(other=None), name="person_news_merge_of_two"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic"], condition=Q(state="open"), name="person_news_open"),
            models.Index(
                fields=["patient", "-sent_at"], condition=Q(state="taken"), name="person_news_taken"
            ),
        ]
