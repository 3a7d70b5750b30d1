"""Where each patient stands on the plane and which of the named movements that is, worked out by the database.

Read from the worklist's summary, so that a point never says another comparison than the verdict. Where the rule
finds no pattern, that is the draw with the window's highest enzyme; with quiet enzymes, the window's first draw.
"""

import math
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Case, F, FloatField, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Ln

from accounts.models import Clinic
from interpretation.knowledge import limits
from interpretation.rule.grading import PATTERN
from interpretation.rule.variation import RCV
from patients.models import Assessment
from patients.worklist import DIED_URGENCY, WorklistState, matching

# An INR moves when it moves by as much as the rule asks of a rise.
INR_STEP = limits("dissociation").read_by(__name__, "rise_difference").rise_difference
# How far noise takes the logarithm to base 2 of an enzyme's ratio: the log-normal reference change is even.
REACH = {enzyme: math.log2(1 + change.up) for enzyme in ("ALT", "AST") if (change := RCV(enzyme))}
TOLERANCE = 1e-6
CORNERS = ("dissociation", "injury", "recovery", "new_injury", "within")
# Why somebody is not on the plane.
REASONS = ("unreadable", "few", "later", "no_change", "died")


def chosen(state: WorklistState, clinics: list[Clinic], now: datetime) -> QuerySet[Assessment]:
    """The worklist's rows, those of all these clinics together."""
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    found = [matching(state, clinic, now.astimezone(clinic.zone).date()) for clinic in here]
    rows = reduce(or_, found) if found else Assessment.objects.none()
    return rows.filter(patient__withdrawn_at__isnull=True)


def placed(rows: QuerySet[Assessment], until: datetime | None = None) -> QuerySet[Assessment]:
    """The rows with `x`, `y`, `corner` and `off` ("" on the plane).

    `until`: as the values stood then, measured from the baseline of today's comparison.
    """
    rows = rows.annotate(enzyme_then=_value("enzyme", until), inr_then=_value("inr", until))
    measured = Q(enzyme_from__gt=0, enzyme_then__gt=0)
    x = Ln(F("enzyme_then") / F("enzyme_from")) / math.log(2)
    rows = rows.annotate(x=Case(When(measured, then=x), output_field=FloatField()))
    rows = rows.annotate(y=F("inr_then") - F("inr_from"))
    return rows.annotate(corner=_corner(by_rule=until is None), off=_off(until))


def on_plane(rows: QuerySet[Assessment], corner: str = "") -> QuerySet[Assessment]:
    """Those who are drawn, the most urgent first; of one corner or of all."""
    shown = rows.filter(off="", corner=corner) if corner else rows.filter(off="")
    return shown.order_by("urgency_rank", "grade_rank", "-latest_at", "patient")


def _value(name: str, until: datetime | None) -> Combinable:
    """The latest value, or the last one up to `until` of those kept for the sparkline."""
    if until is None:
        return F(f"{name}_to")
    sql = (
        "(SELECT (point->>1)::float8"
        f' FROM jsonb_array_elements("patients_assessment"."{name}_points") WITH ORDINALITY AS p(point, place)'
        " WHERE (point->>0)::timestamptz <= %s ORDER BY place DESC LIMIT 1)"
    )
    then = RawSQL(sql, [until], output_field=FloatField())
    return Case(When(latest_at__lte=until, then=F(f"{name}_to")), default=then, output_field=FloatField())


def _corner(*, by_rule: bool) -> Case:
    """The named movement. Whom the rule grades today is counted as dissociation wherever the point lies."""
    beyond = reduce(or_, [Q(enzyme=name, x__gt=reach + TOLERANCE) for name, reach in REACH.items()])
    below = reduce(or_, [Q(enzyme=name, x__lt=-reach - TOLERANCE) for name, reach in REACH.items()])
    rises = Q(y__gte=INR_STEP - TOLERANCE)
    holds = Q(y__gt=TOLERANCE - INR_STEP) & ~rises
    graded = [When(grade__in=PATTERN, then=Value("dissociation"))] if by_rule else []
    return Case(
        *graded,
        When(holds & ~beyond & ~below, then=Value("within")),
        When(rises & Q(x__lt=0), then=Value("dissociation")),
        When(rises, then=Value("injury")),
        When(beyond, then=Value("new_injury")),
        default=Value("recovery"),
        output_field=TextField(),
    )


def _off(until: datetime | None) -> Case:
    """Why a row is not drawn: the first reason that holds."""
    later = [When(baseline_at__gt=until, then=Value("later"))] if until else []
    return Case(
        When(urgency_rank=DIED_URGENCY, then=Value("died")),
        When(grade="not_interpretable", then=Value("unreadable")),
        When(grade="not_assessable", then=Value("few")),
        *later,
        When(Q(x__isnull=True) | Q(y__isnull=True), then=Value("no_change")),
        default=Value(""),
        output_field=TextField(),
    )
