"""The worklist's summary of a patient: a row made of the report and of what people have decided, not stored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from interpretation.anticoagulant import is_asked
from interpretation.knowledge import limits
from interpretation.orders import OrderDue, orders
from interpretation.record.records import Case, Draw, Report, Result
from interpretation.report import known
from interpretation.urgency import LEVELS
from interpretation.urgency.slow_rise import slow_rise
from interpretation.words import value as value_text
from patients.follow_up.contacts import plan_state
from patients.follow_up.next_steps import asks_of, steps_of
from patients.follow_up.noted import Standing, asked_until, standing_notes
from patients.follow_up.overdue import overdue_days
from patients.follow_up.worse_before import Before, worse_before
from patients.models import Assessment, Contact, LeftOut, NotedOrder, Overrule, Patient, SignOff
from patients.models.contacts import DIED as DIED_REASON
from patients.review.changes_since import new_since
from patients.review.snapshot import snapshot_of
from patients.worklist import DIED, DIED_URGENCY, NEVER, PLACES, RISING, fold, words

# A sparkline is 80 px wide: more points than this cannot be told apart.
SPARK_POINTS = 24
# Where nothing was compared, so much of the record is shown: the widest window of the rule.
SHOWN_DAYS = limits("dissociation").read_by(__name__, "chronic_lookback_days").chronic_lookback_days
# Whoever was never reviewed is new where there is something to see.
TO_SEE = ("critical", "established", "possible", "rising", "not_interpretable")


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
    # The latest note of each thing to do.
    notes: list[NotedOrder] = field(default_factory=list)
    # What stands of concerns, in short.
    concerns: list[str] = field(default_factory=list)
    # The numbers that mean the patient beside the own one.
    numbers: list[str] = field(default_factory=list)


def summary(patient: Patient, case: Case, report: Report, decided: Decided) -> Assessment:
    """The row of one patient, not stored."""
    slow = slow_rise_of(case, report)
    place = place_of(patient, report, slow)
    awaited = _awaited(case, report, decided)
    return Assessment(
        patient=patient,
        clinic_id=patient.clinic_id,
        assessed_at=case.as_of,
        knowledge_version=report.knowledge_version,
        diagnoses=_diagnoses(case),
        # Whoever has died keeps the grade but stands below everyone for whom something can be done.
        grade_rank=place,
        slow_rise=slow,
        bilirubin=_bilirubin(case),
        next_steps=[*steps_of(report.monitoring, awaited), *_asks(case, report, decided)],
        ask_anticoagulant=is_asked(case),
        valid_until=report.valid_until,
        concerns=decided.concerns,
        **_urgency(patient, report, decided.before),
        **_names(patient, decided.numbers),
        **_dissociation(report) | _points(case, report),
        **_causes(report, case.as_of.date(), decided.open_since),
        **_following(patient, case, report, decided, awaited),
        **_review(case, report, decided.signed, place),
        **_overrule(report, decided.overruled),
    )


def _asks(case: Case, report: Report, decided: Decided) -> list[dict]:
    return asks_of(_to_do(case, report, decided), report.urgency.level)


def _noted(case: Case, decided: Decided) -> Standing:
    last = max((draw.taken_at for draw in case.draws), default=None)
    return standing_notes(decided.notes, last, case.as_of)


def _to_do(case: Case, report: Report, decided: Decided) -> Iterator[OrderDue]:
    """What nobody has noted as done or asked for."""
    noted = _noted(case, decided)
    return (order for order in orders(case, report) if (order.key, "") not in noted)


def _awaited(case: Case, report: Report, decided: Decided) -> datetime | None:
    """Until when the tests that somebody has asked for are awaited, by the clinic's clock."""
    until = asked_until(_noted(case, decided), report.monitoring)
    return until and until.astimezone(case.as_of.tzinfo)


def _review(case: Case, report: Report, signed: SignOff | None, place: int) -> dict:
    """New or worse: neither signed off as it is, nor without anything to see; the dead are neither."""
    seen = place != DIED and (report.urgency.level != "routine" or PLACES[place] in TO_SEE)
    if signed is None:
        return {"new_or_worse": seen}
    since = new_since(signed.basis, snapshot_of(case, report))
    return {
        "reviewed_at": signed.at,
        "reviewed_by": str(signed.by)[:310],
        "reviewed_grade": signed.grade,
        "new_since": since.short[:80],
        "worse_since": since.worse,
        "to_review": since.changed,
        "new_or_worse": since.changed and place != DIED and (seen or since.worse),
    }


def _overrule(report: Report, overruled: Overrule | None) -> dict:
    """Only while the rule still says the grade that was overruled."""
    if overruled is None or overruled.grade_said != report.dissociation.grade:
        return {}
    return {"overruled_to": overruled.grade_given, "overruled_by": str(overruled.by)[:310]}


def _names(patient: Patient, numbers: list[str]) -> dict:
    text = " ".join([patient.family_name, patient.given_name, patient.mrn, *numbers])
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


def slow_rise_of(case: Case, report: Report) -> str:
    """What climbs over years, in words; "" where a pattern or a rise is found anyway."""
    if report.dissociation.grade != "none" or report.urgency.course:
        return ""
    slow = slow_rise(known(case))
    return slow.words if slow else ""


def place_of(patient: Patient, report: Report, slow: str = "") -> int:
    """Where the row stands in the worklist's own order."""
    found = report.dissociation
    if patient.died_on:
        return DIED
    rising = found.grade == "none" and (found.inr_state == "rise" or slow)
    return RISING if rising else PLACES.index(found.grade)


def _urgency(patient: Patient, report: Report, before: Before | None) -> dict:
    urgent = report.urgency
    # What has aged says so first: "was today on 3 May 2026, no result since: call". Nobody calls the dead.
    aged = urgent.reasons[0].text if urgent.was and not patient.died_on else ""
    why = filter(None, [aged, urgent.in_short])
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
    draws = [draw for draw in case.timeline if draw.taken_at <= case.as_of]
    last_at = draws[-1].taken_at if draws else None
    if found.baseline_at and found.latest_at:
        window = _between(draws, found.baseline_at, found.latest_at)
        return {"last_draw_at": last_at, **_courses(window, found.enzyme)}
    window = _between(draws, last_at - timedelta(days=SHOWN_DAYS), last_at) if last_at else []
    enzyme = next((one for one in ("ALT", "AST") if any(map(_of(one), window))), "")
    signs = {"enzyme_signs": _signs(_ends(window, enzyme)), "inr_signs": _signs(_ends(window, "INR"))}
    return {"last_draw_at": last_at, **_courses(window, enzyme), **signs}


def _between(draws: list[Draw], first: datetime, last: datetime) -> list[Draw]:
    return [draw for draw in draws if first <= draw.taken_at <= last]


def _courses(window: list[Draw], enzyme: str) -> dict:
    return {
        "points_enzyme": enzyme,
        "enzyme_points": _series(window, enzyme),
        "inr_points": _series(window, "INR"),
    }


def _ends(window: list[Draw], analyte: str) -> tuple[str, str]:
    """The comparators of the first and the last result."""
    results = [result for result in map(_of(analyte), window) if result]
    return (results[0].comparator, results[-1].comparator) if results else ("", "")


def _of(analyte: str) -> Callable[[Draw], Result | None]:
    return lambda draw: draw.result(analyte)


def _bilirubin(case: Case) -> str:
    measured = [result for draw, result in case.measured("bilirubin_total") if draw.taken_at <= case.as_of]
    return value_text(measured[-1])[:12] if measured else ""


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


def _following(
    patient: Patient, case: Case, report: Report, decided: Decided, awaited: datetime | None
) -> dict:
    """What is overdue, who is left out of that, and who is asking when."""
    days = sorted(overdue_days(report.monitoring))
    left_out = decided.lasting
    if left_out and not left_out.holds_on(case.as_of.date()):
        left_out = None
    overdue, contact = _overdue(days, left_out, awaited), _contact(patient, case, decided, days)
    return {
        **overdue,
        **_left_out(patient, left_out),
        **contact,
        "contact_on": contact.get("next_contact_on") or overdue["first_overdue_on"],
    }


def _overdue(days: list[date], left_out: LeftOut | None, awaited: datetime | None) -> dict:
    """Nothing is overdue while the patient is left out or the tests are awaited; from the day after, what is
    so then."""
    if not days or (left_out and left_out.ends_on is None):
        return {"overdue_on": [], "first_overdue_on": None, "first_late_on": None}
    held = [left_out.ends_on] if left_out else []
    held += [awaited.date()] if awaited else []
    back = max(held) + timedelta(days=1) if held else NEVER
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
