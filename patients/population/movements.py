"""Where each patient stands on the plane and which of the named movements that is.

Read from the worklist's summary, so that a point never says another comparison than the verdict. Where the rule
finds no pattern, that is the draw with the window's highest enzyme; with quiet enzymes, the window's first draw.

Today's places are worked out by the database, which can put many together; those at the end of a month here, from
the draws that are kept for the sparklines.
"""

import math
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Case, F, FloatField, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Ln

from accounts.models import Clinic
from interpretation.knowledge import limits
from interpretation.rule.grading import PATTERN
from interpretation.rule.variation import RCV
from patients.models import Assessment
from patients.worklist import DIED_URGENCY, WorklistState, matching
from patients.worklist.being_assessed import BEING_ASSESSED

# An INR moves when it moves by as much as the rule asks of a rise.
INR_STEP = limits("dissociation").read_by(__name__, "rise_difference").rise_difference
# How far noise takes the logarithm to base 2 of an enzyme's ratio: the log-normal reference change is even.
REACH = {enzyme: math.log2(1 + change.up) for enzyme in ("ALT", "AST") if (change := RCV(enzyme))}
TOLERANCE = 1e-6
CORNERS = ("dissociation", "injury", "recovery", "new_injury", "within")
ORDER = ("urgency_rank", "grade_rank", "-latest_at", "patient")


def chosen(state: WorklistState, clinics: list[Clinic], now: datetime) -> QuerySet[Assessment]:
    """The worklist's rows, those of all these clinics together."""
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    found = [matching(state, clinic, now.astimezone(clinic.zone).date()) for clinic in here]
    rows = reduce(or_, found) if found else Assessment.objects.none()
    return rows.filter(patient__withdrawn_at__isnull=True)


# --- now ---


def placed(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """The rows with `x`, `y`, `corner` and `off`: why somebody is not drawn, "" on the plane."""
    measured = Q(enzyme_from__gt=0, enzyme_to__gt=0)
    x = Ln(F("enzyme_to") / F("enzyme_from")) / math.log(2)
    rows = rows.annotate(x=Case(When(measured, then=x), output_field=FloatField()))
    rows = rows.annotate(y=F("inr_to") - F("inr_from"))
    return rows.annotate(corner=_corner(), off=off_reason())


def on_plane(rows: QuerySet[Assessment], corner: str = "") -> QuerySet[Assessment]:
    """Those who are drawn, the most urgent first; of one corner or of all."""
    shown = rows.filter(off="", corner=corner) if corner else rows.filter(off="")
    return shown.order_by(*ORDER)


def _corner() -> Case:
    """`corner_of` for the database. Whom the rule grades counts as dissociation wherever the point lies."""
    beyond = reduce(or_, [Q(enzyme=name, x__gt=reach + TOLERANCE) for name, reach in REACH.items()])
    below = reduce(or_, [Q(enzyme=name, x__lt=-reach - TOLERANCE) for name, reach in REACH.items()])
    rises = Q(y__gte=INR_STEP - TOLERANCE)
    holds = Q(y__gt=TOLERANCE - INR_STEP) & ~rises
    return Case(
        When(grade__in=PATTERN, then=Value("dissociation")),
        When(holds & ~beyond & ~below, then=Value("within")),
        When(rises & Q(x__lt=0), then=Value("dissociation")),
        When(rises, then=Value("injury")),
        When(beyond, then=Value("new_injury")),
        default=Value("recovery"),
        output_field=TextField(),
    )


def off_reason() -> Case:
    """Why a row is not drawn: the first reason that holds, or ""."""
    nothing = Q(enzyme_to__isnull=True) | Q(inr_to__isnull=True) | Q(inr_from__isnull=True)
    return Case(
        When(BEING_ASSESSED, then=Value("being_assessed")),
        When(urgency_rank=DIED_URGENCY, then=Value("died")),
        When(grade="not_interpretable", then=Value("unreadable")),
        When(grade="not_assessable", then=Value("few")),
        When(nothing | ~Q(enzyme_from__gt=0, enzyme_to__gt=0), then=Value("no_change")),
        default=Value(""),
        output_field=TextField(),
    )


# --- at the end of a month ---


def as_then(rows: QuerySet[Assessment], until: datetime) -> QuerySet[Assessment]:
    """The rows with `enzyme_then` and `inr_then`, the latest values or the last ones kept up to then, and `off`.

    To be selected, never filtered by: each mention would read the kept draws again.
    """
    return rows.annotate(enzyme_then=_value("enzyme", until), inr_then=_value("inr", until), off=off_reason())


def _value(name: str, until: datetime) -> Case:
    """Points carry the clinic's own time, as text that sorts by itself."""
    following = (until + timedelta(microseconds=1)).date().isoformat()
    sql = (
        f'(jsonb_path_query_array("patients_assessment"."{name}_points", \'strict $[*] ? (@[0] < $day)\','
        " jsonb_build_object('day', %s::text))->-1->>1)::float8"
    )
    kept = RawSQL(sql, [following], output_field=FloatField())
    return Case(When(latest_at__lte=until, then=F(f"{name}_to")), default=kept, output_field=FloatField())


def place_of(
    enzyme_from: float | None, enzyme_to: float | None, inr_from: float | None, inr_to: float | None
) -> tuple[float, float] | None:
    """Doublings of the enzyme and change of INR; None where there is nothing to compare."""
    if not enzyme_from or not enzyme_to or inr_from is None or inr_to is None:
        return None
    return math.log2(enzyme_to / enzyme_from), inr_to - inr_from


def corner_of(enzyme: str, x: float, y: float) -> str:
    """The named movement by place alone."""
    reach = REACH[enzyme] + TOLERANCE
    if abs(y) < INR_STEP - TOLERANCE and abs(x) <= reach:
        return "within"
    if y >= INR_STEP - TOLERANCE:
        return "dissociation" if x < 0 else "injury"
    return "new_injury" if x > reach else "recovery"
