"""What every row of the record has: who entered it, who withdrew it, and a sentence for each refusal."""

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User


def refuse(name: str, condition: str, sentence: str) -> str:
    """PL/pgSQL that refuses a row, as a check constraint would, with a sentence a person can act on."""
    return (
        f"IF {condition} THEN RAISE EXCEPTION '{sentence}' "
        f"USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'; END IF;"
    )


# Whose a row is changes by a merge alone: its rows go over, and back when it is undone (migration 0020).
MAY_MOVE = "patients_may_move(OLD.patient_id, NEW.patient_id)"


def tracked() -> tuple:
    """History of what files bring: new rows come in thousands, so theirs is written a statement at a time.

    Changes a row at a time: joining a statement's old rows to its new ones by a plan made for few is slow.
    """
    return pghistory.InsertEvent(level=pghistory.Statement), pghistory.UpdateEvent()


class Withdrawable(models.Model):
    """Who withdrew the row, when and why: all three or none."""

    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
                name="%(class)s_withdrawn_who_when_why",
                violation_error_message="A withdrawal needs a reason.",
            )
        ]


class Entered(models.Model):
    """Who entered the row and when; the version tells a second editor that the row has moved on."""

    entered_at = models.DateTimeField(db_default=Now(), editable=False)
    entered_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    upload = models.ForeignKey(
        "uploads.Upload", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class CurrentQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)
