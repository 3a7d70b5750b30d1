"""One person who stood in the record twice, under two numbers: which went into which, and the numbers that remain."""

from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Clinic, User

from .base import refuse
from .people import Patient

# What may change of a merge: that it is undone. Of a number: whose it is, by a merge, and that it is over.
UNDOING = "ARRAY['undone_at', 'undone_by_id', 'undone_reason', 'moved', 'before']"


@pghistory.track(model_name="MergeHistory", exclude=["moved", "before"])
class Merge(models.Model):
    """`merged` went into `survivor`, as a sender or a person has said; undone, everything is where it was.

    What was signed stays with the patient of whom it was signed.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    survivor = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merged_from")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merged_into")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    # What said so: "message 4711 of LIS", and who confirmed it where it was asked.
    why = models.CharField(max_length=300)
    # By the name of the model, the rows that went over.
    moved = models.JSONField(default=dict)
    # What else was changed, and how it was: see `patients.actions.merging.rows.give_back`.
    before = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    undone_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
                name="merge_once",
                violation_error_message="This patient was merged already.",
            ),
            models.CheckConstraint(condition=~Q(merged=F("survivor")), name="merge_of_two"),
            models.CheckConstraint(condition=~Q(why=""), name="merge_why"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undone_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_reason=""),
                name="merge_undone_who_when_why",
                violation_error_message="Say why the merge is undone.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="within_a_clinic",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=refuse(
                    "merge_within_a_clinic",
                    "(SELECT count(DISTINCT clinic_id) FROM patients_patient"
                    " WHERE id IN (NEW.survivor_id, NEW.merged_id)) > 1",
                    "Patients of two clinics are not merged.",
                )
                + " RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="undone_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse(
                    "merge_undone_once",
                    "OLD.undone_at IS NOT NULL"
                    f" OR (to_jsonb(OLD) - {UNDOING}) IS DISTINCT FROM (to_jsonb(NEW) - {UNDOING})",
                    "A merge is never changed, only undone, once.",
                )
                + " RETURN NEW;",
            ),
        ]


class OtherNumberQuerySet(models.QuerySet):
    def standing(self) -> "OtherNumberQuerySet":
        return self.filter(ended_at__isnull=True)


def numbers_before() -> ArraySubquery:
    """For a query of patients: the numbers that mean them beside their own, the oldest first."""
    rows = OtherNumber.objects.standing().filter(patient=models.OuterRef("pk"))
    return ArraySubquery(rows.values("mrn"))


@pghistory.track(model_name="OtherNumberHistory")
class OtherNumber(models.Model):
    """A number under which somebody was known before: files and messages that bear it mean this patient."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="other_numbers")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    mrn = models.CharField(max_length=64)
    # None: a sender has said that this number was the patient's; nobody here had it.
    merge = models.ForeignKey(Merge, null=True, on_delete=models.PROTECT, related_name="numbers")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = OtherNumberQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "mrn"],
                condition=Q(ended_at__isnull=True),
                name="other_number_once",
                violation_error_message="This number is remembered already.",
            ),
            models.CheckConstraint(condition=~Q(mrn=""), name="other_number_given"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="other_number_ended_who_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="of_nobody_here",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=refuse(
                    "other_number_of_nobody_here",
                    "NEW.ended_at IS NULL AND EXISTS (SELECT FROM patients_patient p"
                    " WHERE (p.clinic_id, p.mrn) = (NEW.clinic_id, NEW.mrn) AND p.withdrawn_at IS NULL)",
                    "A patient here has this number now.",
                )
                + " RETURN NEW;",
            ),
        ]
