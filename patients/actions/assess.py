"""The worklist's summary of a patient, rewritten in the transaction that changed the record.

Every action ends with `assess`. The patients are locked first: of two people who change one record at the
same moment the second waits, then reads what the first has stored, so the last summary is the true one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, FilteredRelation, JSONField, Q, QuerySet
from django.utils import timezone
from psycopg.types.json import Jsonb

from interpretation.anticoagulant import is_asked
from interpretation.record.records import Case, Report
from interpretation.report import brief
from interpretation.urgency import LEVELS
from patients.actions.copying import copy_rows
from patients.actions.notices import Assessed, note
from patients.follow_up.contacts import plan_state
from patients.follow_up.overdue import overdue_days
from patients.follow_up.worse_before import Before, before_of, so_far, worse_before
from patients.models import Assessment, Contact, LeftOut, Overrule, Patient, SignOff
from patients.models.contacts import DIED as DIED_REASON
from patients.report.panel import cases_for
from patients.review.changes_since import new_since
from patients.review.snapshot import snapshot_of
from patients.worklist import DIED, DIED_URGENCY, NEVER, PLACES, RISING, fold, words

BATCH = 500
# Up to so many summaries are written without a COPY.
FEW = 20
# A sparkline is 62 px wide: more points than this cannot be told apart.
SPARK_POINTS = 24
FIELDS = [one.name for one in Assessment._meta.concrete_fields if one.name not in ("patient", "assessed_at")]
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
    patients = list(locked.select_related("clinic"))
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


@dataclass
class Decided:
    """What people have made of a patient beside the record: of each the latest that stands."""

    signed: SignOff | None = None
    overruled: Overrule | None = None
    # The plan may stand in a later row than the last attempt.
    contact: Contact | None = None
    attempt: Contact | None = None
    # Left out and not lifted; its last day may have passed.
    lasting: LeftOut | None = None
    # When each open cause was first seen open, as the summary so far says.
    open_since: dict[str, str] = field(default_factory=dict)
    # The last draw that the summary so far knows of.
    seen_until: datetime | None = None
    # That summary's grade and urgency.
    before: Before | None = None


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
    rows = Patient.objects.filter(pk__in=ids).annotate(**standing, **so_far(), **before)
    for row in rows.select_related(*standing, "overruled__by"):
        found[row.pk].open_since, found[row.pk].seen_until = row.open_since or {}, row.seen_until
        found[row.pk].before = before_of(row)
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


def summary(patient: Patient, case: Case, report: Report, decided: Decided) -> Assessment:
    """The row of one patient, not stored."""
    return Assessment(
        patient=patient,
        clinic_id=patient.clinic_id,
        assessed_at=case.as_of,
        knowledge_version=report.knowledge_version,
        diagnoses=_diagnoses(case),
        # Whoever has died keeps the grade but stands below everyone for whom something can be done.
        grade_rank=place_of(patient, report),
        ask_anticoagulant=is_asked(case),
        valid_until=report.valid_until,
        **_urgency(patient, report, decided.before),
        **_names(patient),
        **_dissociation(report),
        **_points(case, report),
        **_causes(report, case.as_of.date(), decided.open_since),
        **_following(patient, case, report, decided),
        **_review(case, report, decided.signed),
        **_overrule(report, decided.overruled),
    )


def _review(case: Case, report: Report, signed: SignOff | None) -> dict:
    if signed is None:
        return {}
    since = new_since(signed.basis, snapshot_of(case, report))
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


def place_of(patient: Patient, report: Report) -> int:
    """Where the row stands in the worklist's own order."""
    found = report.dissociation
    if patient.died_on:
        return DIED
    rising = found.grade == "none" and found.inr_state == "rise"
    return RISING if rising else PLACES.index(found.grade)


def _urgency(patient: Patient, report: Report, before: Before | None) -> dict:
    urgent = report.urgency
    # What has aged says so first: "was today on 3 May 2026, no result since: call".
    why = filter(None, [urgent.reasons[0].text if urgent.was else "", urgent.in_short])
    return {
        "urgency": urgent.level,
        "urgency_rank": DIED_URGENCY if patient.died_on else LEVELS.index(urgent.level),
        "in_short": "; ".join(why)[:120],
        "worst_before": {} if patient.died_on else worse_before(before, report),
    }


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
        "enzyme_signs": _signs(found.enzyme_signs),
        "inr_signs": _signs(found.inr_signs),
        "baseline_at": found.baseline_at,
        "latest_at": found.latest_at,
    }


def _signs(signs: tuple[str, str]) -> str:
    return ",".join(signs) if any(signs) else ""


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


def _causes(report: Report, today: date, open_since: dict[str, str]) -> dict:
    """Open: something is recorded that may explain the INR, and nobody has judged it yet.

    Named: what the record holds or a person has called contributing, unless a person has excluded it.
    A cause that stays open keeps the day on which it was first seen open.
    """
    open_causes = [c for c in report.causes if c.verdict == "pending" and c.recorded]
    contributing = [c for c in report.causes if c.verdict == "contributing"]
    since = {cause.key: open_since.get(cause.key, today.isoformat()) for cause in open_causes}
    return {
        "open_causes": len(open_causes),
        "named_causes": [cause.key for cause in (*contributing, *open_causes)],
        "open_since": since,
        "causes_open_since": min(map(date.fromisoformat, since.values()), default=None),
    }


def _following(patient: Patient, case: Case, report: Report, decided: Decided) -> dict:
    """What is overdue, who is left out of that, and who is asking when."""
    days = sorted(overdue_days(report.monitoring))
    left_out = decided.lasting
    if left_out and not left_out.holds_on(case.as_of.date()):
        left_out = None
    overdue, contact = _overdue(days, left_out), _contact(patient, case, decided, days)
    return {
        **overdue,
        **_left_out(patient, left_out),
        **contact,
        "contact_on": contact.get("next_contact_on") or overdue["first_overdue_on"],
    }


def _overdue(days: list[date], left_out: LeftOut | None) -> dict:
    """Nothing is overdue while the patient is left out; from the day after, what is so then."""
    if not days or (left_out and left_out.ends_on is None):
        return {"overdue_on": [], "first_overdue_on": None, "first_late_on": None}
    back = left_out.ends_on + timedelta(days=1) if left_out else NEVER
    done = [day for day in days if day > NEVER]
    return {
        "overdue_on": days,
        "first_overdue_on": max(days[0], back),
        "first_late_on": max(done[0], back) if done else None,
    }


def _left_out(patient: Patient, left_out: LeftOut | None) -> dict:
    if patient.died_on:
        return {"left_out": DIED_REASON, "left_out_from": patient.died_on}
    if left_out is None:
        return {}
    return {
        "left_out": left_out.reason,
        "left_out_from": left_out.starts_on,
        "left_out_until": left_out.ends_on,
    }


def _contact(patient: Patient, case: Case, decided: Decided, days: list[date]) -> dict:
    found = {}
    if attempt := decided.attempt:
        found = {"last_contact_on": attempt.made_on, "last_contact": attempt.outcome}
    plan = plan_state(
        decided.contact,
        left_out=decided.lasting,
        died_on=patient.died_on,
        overdue_on=days,
        last_draw_on=max((draw.taken_at.date() for draw in case.draws), default=None),
    )
    if plan == "open":
        contact = decided.contact
        found |= {"next_contact_on": contact.next_on, "contact_owner_id": contact.owner_id}
    return found
