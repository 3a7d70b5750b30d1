"""The summary by which the worklist sorts and filters."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from interpretation.urgency import LEVELS, PRESSING

from .people import Patient
from .strata import HINTS, STRATUM

ROUTINE = LEVELS.index("routine")
# The worklist's own order within a clinic, as its indexes hold it.
IN_RANK = ("first_overdue_on", "-latest_at")
BY_URGENCY = ("urgency_rank", "grade_rank", *IN_RANK)
# Whom a meeting discusses for what the rule says, each an index: places up to "INR rising" and "possible".
FOR_MEETINGS = {
    "pressing": Q(urgency_rank__lt=len(PRESSING)),
    "critical": Q(grade_rank=0),
    "worse": Q(grade_rank__lt=F("discussed_rank"), grade_rank__lte=3),
    "undiscussed": Q(discussed_rank__isnull=True, grade_rank__gte=1, grade_rank__lte=2),
}
BY_VALUE = {
    "draw": ("-last_draw_at",),
    "overdue": ("first_overdue_on",),
    "inr": ("-inr_change_pct",),
    "contact": ("contact_on",),
}
# What a walk of an index passes over without a look at the row itself.
BESIDE = ("stratum", "hints")
# By what day it is these are due; a walk within a stratum passes over the others.
DAYS = ("first_overdue_on", "contact_on")


class Assessment(models.Model):
    """What the worklist sorts and filters by: one row a patient, rewritten with each change.

    It is a summary of `panel`, never shown as the panel. What depends on today's date (overdue) is
    stored as dates, so that the row stays true as days pass.
    """

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    # Family name, given name, MRN folded for sorting.
    sort_name = models.CharField(max_length=310)
    # Words of the names and the MRN, for search by the beginnings of words.
    search = SearchVectorField(null=True)
    grade = models.CharField(max_length=20)
    # The place in `worklist.PLACES`: the worklist's key after urgency.
    grade_rank = models.PositiveSmallIntegerField()
    base_grade = models.CharField(max_length=20)
    regime = models.CharField(max_length=10, blank=True)
    attribution = models.CharField(max_length=20, blank=True)
    # The one-sentence reason, for rows without numbers ("no INR recorded").
    reason = models.CharField(max_length=300, blank=True)
    enzyme = models.CharField(max_length=8, blank=True)
    enzyme_from = models.FloatField(null=True)
    enzyme_to = models.FloatField(null=True)
    enzyme_change_pct = models.FloatField(null=True)
    inr_from = models.FloatField(null=True)
    inr_to = models.FloatField(null=True)
    inr_change_pct = models.FloatField(null=True)
    # Comparators of the first and the last value where they are bounds: ",>" for 1.2 → >8.0.
    enzyme_signs = models.CharField(max_length=5, blank=True, default="", db_default="")
    inr_signs = models.CharField(max_length=5, blank=True, default="", db_default="")
    baseline_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    last_draw_at = models.DateTimeField(null=True)
    # [[time as ISO 8601, value], ...] of the last draws, for the two sparklines, and the enzyme they show:
    # where nothing was compared, the draws of 18 months.
    points_enzyme = models.CharField(max_length=8, blank=True, default="", db_default="")
    enzyme_points = models.JSONField(default=list)
    inr_points = models.JSONField(default=list)
    open_causes = models.PositiveSmallIntegerField(default=0)
    named_causes = ArrayField(models.CharField(max_length=40), default=list)
    # When each open cause was first seen open here (key -> date): how long it has waited for a person.
    open_since = models.JSONField(default=dict)
    causes_open_since = models.DateField(null=True)
    # The latest INR is raised, and nobody has said whether an anticoagulant is taken.
    ask_anticoagulant = models.BooleanField(default=False)
    diagnoses = ArrayField(models.CharField(max_length=32), default=list)
    # One date an overdue-able item, ascending: an item is overdue from that day on, yet none before
    # `first_overdue_on`: who is left out until a day has the day after there, who is so open-ended no date.
    overdue_on = ArrayField(models.DateField(), default=list)
    first_overdue_on = models.DateField(null=True)
    # The same without what was never done: the first day on which something done before is late.
    first_late_on = models.DateField(null=True)
    # Left out of monitoring: a reason of `LeftOut` or "died"; until a last day or open-ended.
    left_out = models.CharField(max_length=12, blank=True)
    left_out_from = models.DateField(null=True)
    left_out_until = models.DateField(null=True)
    # The latest attempt to reach the patient, and the next one while its plan is open (`patients.follow_up.contacts`).
    last_contact_on = models.DateField(null=True)
    last_contact = models.CharField(max_length=12, blank=True)
    next_contact_on = models.DateField(null=True)
    contact_owner = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # From that day on the patient is to be contacted: the next attempt or, with none planned, overdue.
    contact_on = models.DateField(null=True)
    # The latest sign-off: when, by whom, at which grade, and what is new since ("worse since, 2 new draws").
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=310, blank=True)
    reviewed_grade = models.CharField(max_length=20, blank=True)
    new_since = models.CharField(max_length=80, blank=True)
    worse_since = models.BooleanField(default=False)
    # Never signed off, or changed since.
    to_review = models.BooleanField(default=True)
    # To review, and there is something to see: a pattern, an INR that rises or cannot be read, an urgency.
    new_or_worse = models.BooleanField(default=True, db_default=True)
    # What stands of concerns, the latest first, each with its owner: "loses weight (A. Clinician)".
    concerns = ArrayField(models.CharField(max_length=520), default=list, db_default=[])
    # A clinician's grade in place of the rule's. The row keeps its place by the rule's: an overrule must not
    # take a patient out of sight.
    overruled_to = models.CharField(max_length=20, blank=True)
    overruled_by = models.CharField(max_length=310, blank=True)
    # How soon to act (`report.urgency.level`), and its place in `worklist.URGENCIES`: the worklist's first key.
    urgency = models.CharField(max_length=12, default="routine", db_default="routine")
    urgency_rank = models.PositiveSmallIntegerField(default=ROUTINE, db_default=ROUTINE)
    # Why, in a few words: "INR 2.6 rising, bilirubin 376".
    in_short = models.CharField(max_length=120, blank=True, default="", db_default="")
    # The latest total bilirubin as it is written.
    bilirubin = models.CharField(max_length=12, blank=True, default="", db_default="")
    # "INR rising slowly: 1.0 to 1.7 since 2017", where no pattern is found.
    slow_rise = models.CharField(max_length=80, blank=True, default="", db_default="")
    # What to measure next, with dates that stay true as days pass (`patients.follow_up.next_steps`).
    next_steps = models.JSONField(default=list, db_default=[])
    # Worse within 30 days: {"grade": ["critical", "2026-05-19"], "urgency": ["today", "2026-05-21"]}.
    worst_before = models.JSONField(default=dict, db_default={})
    # Its place (`grade_rank`) when a meeting last discussed it, and the day of that where it is to be discussed
    # again. Written by the database with each discussion (migration 0004 of meetings).
    discussed_rank = models.PositiveSmallIntegerField(null=True, editable=False)
    discuss_again = models.DateField(null=True, editable=False)
    # From then on time alone makes this row untrue (`report.valid_until`).
    valid_until = models.DateTimeField(null=True)
    # Set by whoever fetches rows to show them (`patients.worklist.being_assessed`): it says what to hide.
    being_assessed = False
    knowledge_version = models.CharField(max_length=20)
    assessed_at = models.DateTimeField(db_default=Now())
    # What filters and searches ask, as bits (`patients.models.strata`); written by the database.
    stratum = models.GeneratedField(expression=STRATUM, output_field=models.IntegerField(), db_persist=True)
    hints = models.GeneratedField(expression=HINTS, output_field=models.BigIntegerField(), db_persist=True)

    class Meta:
        indexes = [
            # Each order of the worklist over a whole clinic ...
            *(
                models.Index(
                    fields=["clinic", *keys, "patient"], include=BESIDE, name=f"assessment_by_{name}"
                )
                for name, keys in {
                    "urgency": BY_URGENCY,
                    "grade": ("grade_rank", "urgency_rank", *IN_RANK),
                    "name": ("sort_name",),
                    **BY_VALUE,
                }.items()
            ),
            # ... and within each stratum. Names are spread alike over the strata: a walk finds them.
            *(
                models.Index(
                    fields=["clinic", "stratum", *keys, "patient"],
                    include=tuple(day for day in DAYS if day not in keys),
                    name=f"assessment_stratum_{name}",
                )
                for name, keys in {"rank": IN_RANK, **BY_VALUE}.items()
            ),
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__isnull=False),
                name="assessment_by_validity",
            ),
            GinIndex(fields=["search"], name="assessment_search"),
            GinIndex(fields=["diagnoses"], name="assessment_diagnoses"),
            models.Index(
                fields=["contact_owner", "clinic", "contact_on", "patient"],
                condition=Q(contact_owner__isnull=False),
                name="assessment_by_owner",
            ),
            # For the agenda of a meeting: who is pressing, critical, worse than when discussed or never discussed ...
            *(
                models.Index(
                    fields=["clinic", "urgency_rank", "grade_rank", "patient"],
                    condition=asked,
                    name=f"assessment_{name}",
                )
                for name, asked in FOR_MEETINGS.items()
            ),
            models.Index(
                fields=["clinic", "discuss_again", "patient"],
                condition=Q(discuss_again__isnull=False),
                name="assessment_discuss_again",
            ),
            # ... long overdue, and causes that wait where the INR asks for them.
            models.Index(
                fields=["clinic", "first_late_on", "patient"],
                condition=Q(first_late_on__isnull=False),
                name="assessment_by_late",
            ),
            models.Index(
                fields=["clinic", "causes_open_since", "grade_rank", "patient"],
                condition=Q(causes_open_since__isnull=False),
                name="assessment_causes_waiting",
            ),
        ]
