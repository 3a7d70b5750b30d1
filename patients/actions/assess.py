"""The worklist's summary of a patient, rewritten in the transaction that changed the record.

Every action ends with `assess`. The patients are locked first: of two people who change one record at the
same moment the second waits, then reads what the first has stored, so the last summary is the true one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import JSONField
from django.utils import timezone
from psycopg.types.json import Jsonb

from interpretation.knowledge import load
from interpretation.monitoring import PAIRED, Checklist, Item
from interpretation.records import Case, Report
from interpretation.report import brief
from patients.actions.copying import copy_rows
from patients.basis import basis_of
from patients.models import Assessment, Overrule, Patient, SignOff
from patients.panel import cases_for
from patients.since import new_since
from patients.worklist import DIED, NEVER, PLACES, RISING, fold, words

BATCH = 500
# Up to so many summaries are written without a COPY.
FEW = 20
# A sparkline is 62 px wide: more points than this cannot be told apart.
SPARK_POINTS = 24
FIELDS = [
    field.name for field in Assessment._meta.concrete_fields if field.name not in ("patient", "assessed_at")
]
_waiting: ContextVar[set[int] | None] = ContextVar("patients waiting to be assessed", default=None)


@transaction.atomic
def assess(patient_ids: Iterable[int | Patient]) -> None:
    """Rewrites the summaries of these patients; that of a withdrawn patient goes."""
    ids = {getattr(patient, "pk", patient) for patient in patient_ids}
    waiting = _waiting.get()
    if waiting is not None:
        waiting.update(ids)
        return
    now = timezone.now()
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        _assess(ordered[start : start + BATCH], now)


@contextmanager
def assess_once() -> Iterator[None]:
    """Within the block `assess` only notes who has changed; all are assessed once, at its end."""
    if _waiting.get() is not None:
        yield
        return
    waiting: set[int] = set()
    token = _waiting.set(waiting)
    with transaction.atomic():
        try:
            yield
        finally:
            _waiting.reset(token)
        assess(waiting)


def _assess(ids: Iterable[int], now: datetime) -> None:
    locked = Patient.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
    patients = list(locked.select_related("clinic"))
    current = [patient for patient in patients if patient.withdrawn_at is None]
    if gone := [patient.pk for patient in patients if patient.withdrawn_at is not None]:
        Assessment.objects.filter(pk__in=gone).delete()
    cases = cases_for(current, now)
    signed, overruled = _signed(ids), _overruled(ids)
    rows = [
        summary(patient, cases[patient.pk], signed.get(patient.pk), overruled.get(patient.pk))
        for patient in current
    ]
    if len(rows) > FEW:
        _rewrite(rows)
        return
    Assessment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["patient"],
        update_fields=[*FIELDS, "assessed_at"],
    )


def _rewrite(rows: list[Assessment]) -> None:
    """Many at once: out and in again, by COPY. Nobody sees the state between: it is one transaction."""
    Assessment.objects.filter(pk__in=[row.pk for row in rows])._raw_delete(connection.alias)
    fields = Assessment._meta.concrete_fields
    names = tuple(field.attname for field in fields)
    in_json = {field.attname for field in fields if isinstance(field, JSONField)}
    copy_rows(
        Assessment,
        names,
        ([Jsonb(vars(row)[name]) if name in in_json else vars(row)[name] for name in names] for row in rows),
    )


def _signed(ids: Iterable[int]) -> dict[int, SignOff]:
    """The latest sign-off of each patient."""
    rows = SignOff.objects.filter(patient_id__in=ids).order_by("patient", "-at", "-id").distinct("patient")
    return {row.patient_id: row for row in rows.select_related("by").defer("report")}


def _overruled(ids: Iterable[int]) -> dict[int, Overrule]:
    return {
        row.patient_id: row
        for row in Overrule.objects.standing().filter(patient_id__in=ids).select_related("by")
    }


def summary(
    patient: Patient, case: Case, signed: SignOff | None = None, overruled: Overrule | None = None
) -> Assessment:
    """The row of one patient, not stored."""
    report = brief(case)
    return Assessment(
        patient=patient,
        clinic_id=patient.clinic_id,
        assessed_at=case.as_of,
        knowledge_version=report.knowledge_version,
        diagnoses=_diagnoses(case),
        # Whoever has died keeps the grade but stands below everyone for whom something can be done.
        grade_rank=_place(patient, report),
        **_names(patient),
        **_dissociation(report),
        **_points(case, report),
        **_causes(report),
        **_overdue(report),
        **_review(case, report, signed),
        **_overrule(report, overruled),
    )


def _review(case: Case, report: Report, signed: SignOff | None) -> dict:
    if signed is None:
        return {}
    since = new_since(signed.basis, basis_of(case, report))
    return {
        "reviewed_at": signed.at,
        "reviewed_by": str(signed.by)[:310],
        "reviewed_grade": signed.grade,
        "new_since": since.short[:80],
        "worse_since": since.worse,
        "to_review": since.changed,
    }


def _overrule(report: Report, overruled: Overrule | None) -> dict:
    """Only while the rule still says the grade that was overruled."""
    if overruled is None or overruled.grade_said != report.dissociation.grade:
        return {}
    return {"overruled_to": overruled.grade_given, "overruled_by": str(overruled.by)[:310]}


def _names(patient: Patient) -> dict:
    text = f"{patient.family_name} {patient.given_name} {patient.mrn}"
    return {
        "sort_name": fold(f"{patient.family_name}, {patient.given_name}, {patient.mrn}")[:310],
        # Each word quoted as PostgreSQL writes a tsvector; words hold letters and digits only.
        "search": " ".join(f"'{word}'" for word in sorted(search_words(text))),
    }


def search_words(text: str) -> set[str]:
    """Every word in its parts and as a whole: O’Connor is found by "connor" and by "oconnor"."""
    found = set()
    for word in text.split():
        parts = words(word)
        found |= {*parts, "".join(parts)} - {""}
    return found


def _place(patient: Patient, report: Report) -> int:
    """Where the row stands in the worklist's own order."""
    found = report.dissociation
    if patient.died_on:
        return DIED
    rising = found.grade == "none" and found.inr_state == "rise"
    return RISING if rising else PLACES.index(found.grade)


def _dissociation(report: Report) -> dict:
    found = report.dissociation
    return {
        "grade": found.grade,
        "base_grade": found.base_grade,
        "regime": found.regime,
        "attribution": found.attribution,
        "reason": (found.reasons[0].text if found.reasons else found.sentence)[:300],
        "enzyme": found.enzyme,
        "enzyme_from": found.enzyme_from,
        "enzyme_to": found.enzyme_to,
        "enzyme_change_pct": found.enzyme_change_pct,
        "inr_from": found.inr_from,
        "inr_to": found.inr_to,
        "inr_change_pct": found.inr_change_pct,
        "baseline_at": found.baseline_at,
        "latest_at": found.latest_at,
    }


def _points(case: Case, report: Report) -> dict:
    """The draws between baseline and latest draw, for the sparklines; and when the last draw was."""
    found = report.dissociation
    known = [draw for draw in case.draws if draw.taken_at <= case.as_of]
    window = []
    if found.baseline_at and found.latest_at:
        window = [draw for draw in known if found.baseline_at <= draw.taken_at <= found.latest_at]
    return {
        "enzyme_points": _series(window, found.enzyme),
        "inr_points": _series(window, "INR"),
        "last_draw_at": max((draw.taken_at for draw in known), default=None),
    }


def _series(draws: list, analyte: str) -> list:
    results = [(draw.taken_at, draw.result(analyte)) for draw in sorted(draws, key=lambda d: d.taken_at)]
    points = [[taken_at.isoformat(), result.value] for taken_at, result in results if result]
    if len(points) <= SPARK_POINTS:
        return points
    step = (len(points) - 1) / (SPARK_POINTS - 1)
    return [points[round(step * place)] for place in range(SPARK_POINTS)]


def _diagnoses(case: Case) -> list[str]:
    """Kinds that stand, each once, in the order in which they were noted."""
    today = case.as_of.date()
    standing = [d for d in case.diagnoses if d.resolved_on is None or d.resolved_on > today]
    standing.sort(key=lambda d: d.noted_on or date.min)
    return list(dict.fromkeys(d.kind for d in standing))


def _causes(report: Report) -> dict:
    """Open: something is recorded that may explain the INR, and nobody has judged it yet.

    Named: what the record holds or a person has called contributing, unless a person has excluded it.
    """
    open_causes = [c for c in report.causes if c.verdict == "pending" and c.recorded]
    contributing = [c for c in report.causes if c.verdict == "contributing"]
    return {
        "open_causes": len(open_causes),
        "named_causes": [cause.key for cause in (*contributing, *open_causes)],
    }


def _overdue(report: Report) -> dict:
    days = sorted(overdue_days(report.monitoring))
    return {"overdue_on": days, "first_overdue_on": days[0] if days else None}


def overdue_days(checklist: Checklist) -> Iterator[date]:
    """The first day on which each core item is overdue; NEVER for one never done. [clinical.md 8.3]

    A missing result never means a normal one, so in advanced disease an item that was never done stands
    beside those overdue. In anyone else the checklist is an offer, and what was never asked for is not late.
    """
    if checklist is None or checklist.paused:
        return
    for item in checklist.items:
        if item.due_on is None and checklist.advanced:
            yield NEVER
        elif item.due_on is not None:
            yield _overdue_from(item, checklist)


def _overdue_from(item: Item, checklist: Checklist) -> date:
    repeat = checklist.repeat
    if repeat is None or item.key not in PAIRED or item.due_on != repeat.due_at.date():
        return item.due_on + timedelta(days=_grace(checklist.interval_months) + 1)
    if timedelta(0) < repeat.due_at - repeat.from_at < timedelta(days=2):
        # Due within hours: the worklist counts days, so the nearest midnight stands for the hour.
        return (repeat.due_at + timedelta(hours=12)).date()
    return item.due_on + timedelta(days=1)


def _grace(months: int) -> int:
    return next(row["grace"] for row in load("monitoring")["timing"] if row.get("months") == months)
