"""Chart reviews: a blinded sample of draws, and what reviewers say of each."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from interpretation.urgency import LEVELS

from .draws import Draw
from .people import Patient

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class ChartReview(models.Model):
    """One sample with its two reviewers and who decides where they differ. Never changed.

    `population` says how many draws of the period there were, `read` how many of them the sample was drawn from.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="chart_reviews")
    name = models.CharField(max_length=80)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decider = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seed = models.PositiveIntegerField()
    since = models.DateField()
    population = models.PositiveIntegerField()
    read = models.PositiveIntegerField()
    knowledge_version = models.CharField(max_length=40)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second")) & ~Q(first=F("decider")) & ~Q(second=F("decider")),
                name="chart_review_three_people",
                violation_error_message="Two reviewers and who decides are three people.",
            ),
            models.CheckConstraint(condition=Q(read__lte=F("population")), name="chart_review_read_of_all"),
        ]
        triggers = [APPEND_ONLY]


class ChartItem(models.Model):
    """One draw of the sample, with what the product said of it then; `weight`: for how many draws it stands."""

    review = models.ForeignKey(ChartReview, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    stratum = models.CharField(max_length=12)
    weight = models.FloatField()
    grade = models.CharField(max_length=20)
    urgency = models.CharField(max_length=16)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "number"], name="chart_item_number_once"),
            models.UniqueConstraint(fields=["review", "draw"], name="chart_item_draw_once"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="chart_item_stands_for_itself"),
        ]
        triggers = [APPEND_ONLY]


class ChartLabel(models.Model):
    """What one reviewer says of one item. Append-only: the latest of a reviewer counts."""

    item = models.ForeignKey(ChartItem, on_delete=models.PROTECT, related_name="labels")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    dissociation = models.BooleanField()
    urgency = models.CharField(max_length=16)
    cause = models.CharField(max_length=40)
    confidence = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(urgency__in=LEVELS), name="chart_label_urgency_known"),
            models.CheckConstraint(
                condition=Q(confidence__in=[1, 2, 3]), name="chart_label_confidence_known"
            ),
        ]
        triggers = [
            APPEND_ONLY,
            pgtrigger.Trigger(
                name="by_its_reviewers",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=(
                    "IF NOT EXISTS (SELECT 1 FROM patients_chartreview r JOIN patients_chartitem i"
                    " ON i.review_id = r.id WHERE i.id = NEW.item_id"
                    " AND NEW.by_id IN (r.first_id, r.second_id, r.decider_id)) THEN"
                    " RAISE EXCEPTION 'Only its reviewers label a chart.'; END IF; RETURN NEW;"
                ),
            ),
        ]
