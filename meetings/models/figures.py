"""The figures of a clinic, a row a month: counts without names, made anew by `manage.py figures`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic


class FigureMonth(models.Model):
    """How the clinic stood at the end of one month; of the month that goes on, when it was counted.

    Read from the record as it is at the count, with today's knowledge: a result corrected or uploaded later
    changes past months too. What is not in the record is not in here.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    # Its first day, and the moment up to which it was read.
    month = models.DateField()
    until = models.DateTimeField()
    # Patients by the grade at their last draw: {grade: number}; those without a draw for so long apart.
    grades = models.JSONField()
    silent = models.PositiveIntegerField()
    # Whose checklist counts then (not left out, not paused), and who of them has something late.
    followed = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    # Dissociations first shown in this month: days until each was discussed; not yet; ended before.
    waits = ArrayField(models.PositiveIntegerField())
    waiting = models.PositiveIntegerField()
    passed = models.PositiveIntegerField()
    counted_at = models.DateTimeField()
    knowledge_version = models.CharField(max_length=20)

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "month"], name="figure_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="figure_month_first_day"),
            models.CheckConstraint(condition=Q(overdue__lte=F("followed")), name="figure_month_overdue_part"),
            models.CheckConstraint(condition=Q(until__lte=F("counted_at")), name="figure_month_until"),
        ]
