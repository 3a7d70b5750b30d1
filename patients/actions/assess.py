"""The worklist's summary of a patient, rewritten in the transaction that changed the record.

Every action ends with `assess`. The patients are locked first: of two people who change one record at the
same moment the second waits, then reads what the first has stored, so the last summary is the true one.
A large file only marks its patients there (`marks`); workers go on from the marks (`marks.work`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, F, FilteredRelation, JSONField, OuterRef, Q, QuerySet
from django.utils import timezone
from psycopg.types.json import Jsonb

from interpretation.report import brief
from patients.actions.copying import copy_rows
from patients.actions.marks import mark
from patients.actions.notices import Assessed, note
from patients.follow_up.concerns import in_short, standing_concerns
from patients.follow_up.noted import latest_notes, notes_of
from patients.follow_up.worse_before import before_of, so_far
from patients.models import Assessment, AssessmentMark, Contact, Patient, SignOff
from patients.models.merges import numbers_before
from patients.report.panel import cases_for
from patients.report.summary import Decided, summary

BATCH = 500
# Up to so many summaries are written without a COPY.
FEW = 20
# The database writes the rest itself.
OF_DATABASE = ("discussed_rank", "discuss_again")
WRITTEN = [
    one for one in Assessment._meta.concrete_fields if not one.generated and one.name not in OF_DATABASE
]
FIELDS = [one.name for one in WRITTEN if one.name not in ("patient", "assessed_at")]
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
    ordered = sorted(mark(ids))
    for start in range(0, len(ordered), BATCH):
        _assess(ordered[start : start + BATCH], now)


def assess_expired(rows: QuerySet[Assessment], *, limit: int) -> int:
    """Rewrites those of `rows` that time alone has made untrue, the longest first; how many that were."""
    expired = rows.filter(valid_until__lte=timezone.now()).order_by("valid_until", "pk")
    ids = list(expired.values_list("pk", flat=True)[:limit])
    assess(ids)
    return len(ids)


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
    marked = Exists(AssessmentMark.objects.filter(patient=OuterRef("pk")))
    patients = list(locked.select_related("clinic").annotate(marked=marked))
    if any(patient.marked for patient in patients):
        AssessmentMark.objects.filter(pk__in=ids).delete()
    current = [patient for patient in patients if patient.withdrawn_at is None]
    gone = [patient.pk for patient in patients if patient.withdrawn_at is not None]
    if gone:
        Assessment.objects.filter(pk__in=gone).delete()
    cases, decided = cases_for(current, now), _decided(ids)
    reports = {pk: brief(case) for pk, case in cases.items()}
    rows = [summary(one, cases[one.pk], reports[one.pk], decided[one.pk]) for one in current]
    assessed = [
        Assessed(one, cases[one.pk], reports[one.pk].urgency, decided[one.pk].seen_until) for one in current
    ]
    note(assessed=assessed, gone=gone, now=now)
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
    names = tuple(field.attname for field in WRITTEN)
    in_json = {field.attname for field in WRITTEN if isinstance(field, JSONField)}
    copy_rows(
        Assessment,
        names,
        ([Jsonb(vars(row)[name]) if name in in_json else vars(row)[name] for name in names] for row in rows),
    )


def _decided(ids: Iterable[int]) -> dict[int, Decided]:
    found = {pk: Decided() for pk in ids}
    signed = SignOff.objects.order_by("patient", "-at", "-id").distinct("patient")
    for row in signed.filter(patient_id__in=ids).select_related("by").defer("report"):
        found[row.patient_id].signed = row
    # At most one of each stands: a row a patient. Read after the lock, never together with it.
    standing = {
        "overruled": FilteredRelation("overrules", condition=Q(overrules__ended_at__isnull=True)),
        "lasting": FilteredRelation("left_out", condition=Q(left_out__lifted_at__isnull=True)),
    }
    before = {"open_since": F("assessment__open_since"), "seen_until": F("assessment__last_draw_at")}
    beside = {"notes": latest_notes(), "worries": standing_concerns(), "numbers": numbers_before()}
    rows = Patient.objects.filter(pk__in=ids).annotate(**standing, **so_far(), **before, **beside)
    for row in rows.select_related(*standing, "overruled__by"):
        found[row.pk].open_since, found[row.pk].seen_until = row.open_since or {}, row.seen_until
        found[row.pk].before = before_of(row)
        found[row.pk].notes = notes_of(row.notes)
        found[row.pk].concerns = in_short(row.worries)
        found[row.pk].numbers = row.numbers
        for name in standing:
            # Where there is none, Django sets nothing.
            setattr(found[row.pk], name, getattr(row, name, None))
    # Of each patient the latest attempt and the latest plan alone, in the order in which they were recorded.
    kinds = Contact.objects.current().filter(patient_id__in=ids).annotate(plan=Q(kind=Contact.Kind.PLAN))
    contacts = kinds.order_by("patient", "plan", "-at", "-id").distinct("patient", "plan")
    for row in sorted(contacts, key=lambda row: (row.at, row.pk)):
        found[row.patient_id].contact = row
        if not row.plan:
            found[row.patient_id].attempt = row
    return found
