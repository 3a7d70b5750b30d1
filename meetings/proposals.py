"""Whom a meeting should discuss and why: one query over the worklist's summaries.

Each reason is one walk of an index ("arm") in its own order, as far as a total is counted out; PostgreSQL puts
the arms together, sorts patients by their most urgent reason and gives back as many as a meeting can look at,
each with all its reasons. They become sentences here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils import timezone

from accounts.models import Clinic
from interpretation.urgency import PRESSING
from interpretation.words import counted, day, moment
from patients.models import Assessment, Patient
from patients.words import GRADE_WORDS, URGENCY_WORDS
from patients.worklist import COUNTED, NEVER, PLACES, RISING

from .models import Meeting

# A cause that nobody has judged for so long comes before the meeting. [ED: a monthly meeting sees it once]
PENDING_DAYS = 28
# No meeting goes through more; the page says how many there are in all.
LIMIT = 60
# The reasons, the most urgent first: the order of proposals.
UNTAKEN, URGENT, ASKED, CRITICAL, WORSE, NEW, AGAIN, DUE, WAITING, LATE, OUTSTANDING = range(11)
KINDS = (
    "untaken",
    "urgent",
    "asked",
    "critical",
    "worse",
    "new",
    "again",
    "due",
    "waiting",
    "late",
    "outstanding",
)
POSSIBLE, UNREADABLE = PLACES.index("possible"), PLACES.index("not_interpretable")


@dataclass(frozen=True)
class ProposalReason:
    kind: str
    sentence: str


@dataclass(frozen=True)
class Proposal:
    """One patient; `total` counts all that could be proposed, up to one above `COUNTED`."""

    assessment: Assessment
    day: date
    today: date
    zone: object

    @property
    def patient(self) -> Patient:
        return self.assessment.patient

    @property
    def total(self) -> int:
        return self.assessment.total

    @cached_property
    def reasons(self) -> list[ProposalReason]:
        """The most urgent first."""
        kinds = [kind for kind in range(len(KINDS)) if self.assessment.kinds & 1 << kind]
        return [ProposalReason(KINDS[kind], sentence) for kind in kinds for sentence in self._sentences(kind)]

    @property
    def discussed_on(self) -> date | None:
        at = self.assessment.discussed_at
        return at.astimezone(self.zone).date() if at else None

    def _sentences(self, kind: int) -> list[str]:
        found = self.assessment
        if kind == ASKED:
            return [f"{by}: {reason}" for reason, by in found.asked]
        return [
            {
                UNTAKEN: self._untaken,
                URGENT: self._urgent,
                CRITICAL: lambda: "Critical",
                WORSE: self._worse,
                NEW: lambda: f"{GRADE_WORDS[found.grade]}, not discussed before",
                AGAIN: lambda: f"To be discussed again, as decided on {day(self.discussed_on)}",
                DUE: self._outstanding,
                WAITING: self._waiting,
                LATE: self._late,
                OUTSTANDING: self._outstanding,
            }[kind]()
        ]

    def _untaken(self) -> str:
        since = moment(self.assessment.noticed_at.astimezone(self.zone))
        return f"For today since {since}, taken by nobody: {self.assessment.noticed}"

    def _urgent(self) -> str:
        """ "Today: INR 2.6 rising, bilirubin 376"."""
        found = self.assessment
        return ": ".join(filter(None, [URGENCY_WORDS[found.urgency], found.in_short]))

    def _worse(self) -> str:
        then = _place_word(self.assessment.discussed_rank)
        now = _place_word(self.assessment.grade_rank)
        return f"Worse: {now} now, {then} when discussed on {day(self.discussed_on)}"

    def _outstanding(self) -> str:
        number, first = self.assessment.outstanding, self.assessment.first_due_on
        overdue = f"overdue {self._since(first)}" if first < self.day else f"due {day(first)}"
        the_first = "the first " if number > 1 else ""
        return f"{counted(number, 'action')} outstanding, {the_first}{overdue}"

    def _waiting(self) -> str:
        since = self.assessment.causes_open_since
        return f"{counted(self.assessment.open_causes, 'cause')} without a verdict since {day(since)}"

    def _late(self) -> str:
        late = [on for on in self.assessment.overdue_on if NEVER < on <= self.day]
        the_first = ", the first" if len(late) > 1 else ""
        since = self._since(self.assessment.first_late_on)
        return f"{counted(len(late), 'test')} overdue{the_first} {since}"

    def _since(self, on: date) -> str:
        """Between now and the meeting it is not overdue yet, but will be."""
        return f"{'since' if on <= self.today else 'from'} {day(on)}"


def proposals(meeting: Meeting, *, limit: int = LIMIT) -> list[Proposal]:
    """Those who are not on this meeting's agenda yet (nor dropped from it), the most urgent first.

    Days are counted to the day of the meeting: what will be overdue by then is proposed now.
    """
    clinic = meeting.clinic
    on = meeting.starts_at.astimezone(clinic.zone).date()
    today = timezone.now().astimezone(clinic.zone).date()
    found = Assessment.objects.raw(SQL, _parameters(clinic, on, meeting.pk, limit))
    return [Proposal(one, on, today, clinic.zone) for one in found.prefetch_related("patient")]


def _parameters(clinic: Clinic, on: date, meeting: int | None, limit: int) -> dict:
    return {
        "clinic": clinic.pk,
        "meeting": meeting,
        "day": on,
        "waiting": on - timedelta(days=PENDING_DAYS),
        "untaken": timezone.now() - timedelta(hours=clinic.untaken_hours),
        "limit": limit,
        "most": max(limit, COUNTED + 1),
    }


def _place_word(rank: int) -> str:
    place = PLACES[rank]
    return "INR rising" if place == "rising" else GRADE_WORDS.get(place, "died").lower()


def _arm(kind: int, key: str, rows: str, order: str) -> str:
    """The first rows `x` of one reason: as many as a total is counted out, none that the agenda has already."""
    return (
        f"(SELECT x.patient_id, {kind}, {key} FROM {rows} AND NOT EXISTS (SELECT FROM meetings_agendaitem i"
        " WHERE i.meeting_id = %(meeting)s AND i.patient_id = x.patient_id)"
        f" ORDER BY {order}, x.patient_id LIMIT %(most)s)"
    )


def _days(column: str) -> str:
    return f"{column} - date 'epoch'"


# What each reason asks of a row of the worklist, as the conditions of an index of it.
PRESSED = f"urgency_rank < {len(PRESSING)}"
IS_CRITICAL = "grade_rank = 0"
IS_WORSE = f"grade_rank < discussed_rank AND grade_rank <= {RISING}"
IS_NEW = f"discussed_rank IS NULL AND grade_rank >= 1 AND grade_rank <= {POSSIBLE}"
WAITS = f"causes_open_since <= %(waiting)s AND grade_rank <= {UNREADABLE}"
IS_LATE = "first_late_on <= %(day)s"
SUMMED = "patients_assessment x WHERE clinic_id = %(clinic)s AND"
# Nobody is proposed for what was read from an older record.
MARKED = "EXISTS (SELECT FROM patients_assessmentmark m WHERE m.patient_id = {}.patient_id AND m.changed)"
READ = f"NOT {MARKED.format('x')}"
# Within these the more urgent and then the worse grade comes first; within the others the longer wait.
PLACE, BY_PLACE = "urgency_rank * 10 + grade_rank", "urgency_rank, grade_rank"
NOTICED = """clinic_id = %(clinic)s AND patient_id IS NOT NULL AND raised_at <= %(untaken)s
    AND taken_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL"""
OPEN = "clinic_id = %(clinic)s AND ended_at IS NULL"
# Of each patient the first action alone.
ACTING = f"""meetings_action x WHERE {OPEN} AND NOT EXISTS (SELECT FROM meetings_action e
    WHERE e.clinic_id = x.clinic_id AND e.patient_id = x.patient_id AND e.ended_at IS NULL
    AND (e.due_on, e.id) < (x.due_on, x.id))"""
ASKING = f"(SELECT patient_id, min(at)::date AS on_day FROM meetings_nomination WHERE {OPEN} GROUP BY 1) x WHERE true"
ARMS = (
    _arm(UNTAKEN, _days("raised_at::date"), f"patients_notice x WHERE {NOTICED}", "raised_at::date"),
    _arm(ASKED, _days("on_day"), ASKING, "on_day"),
    _arm(URGENT, PLACE, f"{SUMMED} {PRESSED} AND {READ}", BY_PLACE),
    _arm(CRITICAL, PLACE, f"{SUMMED} {IS_CRITICAL} AND {READ}", BY_PLACE),
    _arm(WORSE, PLACE, f"{SUMMED} {IS_WORSE} AND {READ}", BY_PLACE),
    _arm(NEW, PLACE, f"{SUMMED} {IS_NEW} AND {READ}", BY_PLACE),
    _arm(AGAIN, _days("discuss_again"), f"{SUMMED} discuss_again IS NOT NULL", "discuss_again"),
    _arm(DUE, _days("due_on"), f"{ACTING} AND due_on < %(day)s", "due_on"),
    _arm(OUTSTANDING, _days("due_on"), f"{ACTING} AND due_on >= %(day)s", "due_on"),
    _arm(WAITING, _days("causes_open_since"), f"{SUMMED} {WAITS} AND {READ}", "causes_open_since"),
    _arm(LATE, _days("first_late_on"), f"{SUMMED} {IS_LATE} AND {READ}", "first_late_on"),
)
# All reasons of one patient `a`, whichever arm found it.
HOLDS = {
    UNTAKEN: "noticing.raised_at IS NOT NULL",
    ASKED: "asking.asked IS NOT NULL",
    URGENT: PRESSED,
    CRITICAL: IS_CRITICAL,
    WORSE: IS_WORSE,
    NEW: IS_NEW,
    AGAIN: "discuss_again IS NOT NULL",
    DUE: "first_due_on < %(day)s",
    WAITING: WAITS,
    LATE: IS_LATE,
    OUTSTANDING: "first_due_on >= %(day)s",
}
OF_SUMMARY = (URGENT, CRITICAL, WORSE, NEW, WAITING, LATE)
IS_READ = f" AND NOT {MARKED.format('a')}"
KINDS_OF_ONE = " | ".join(
    f"CASE WHEN {holds}{IS_READ if kind in OF_SUMMARY else ''} THEN {1 << kind} ELSE 0 END"
    for kind, holds in HOLDS.items()
)
SQL = f"""
WITH found (patient_id, kind, key) AS ({" UNION ALL ".join(ARMS)}), best AS (
    SELECT patient_id, min(kind * 1000000 + key) AS urgency, count(*) OVER () AS total
    FROM found GROUP BY patient_id ORDER BY urgency, patient_id LIMIT %(limit)s
)
SELECT a.*, {MARKED.format("a")} AS being_assessed,
    {KINDS_OF_ONE} AS kinds, least(best.total, %(most)s) AS total, last.as_of AS discussed_at,
    acting.outstanding, acting.first_due_on, asking.asked, noticing.raised_at AS noticed_at, noticing.noticed
FROM best JOIN patients_assessment a USING (patient_id)
    LEFT JOIN LATERAL (
        SELECT raised_at, coalesce(nullif(in_short, ''), reason) AS noticed FROM patients_notice x
        WHERE {NOTICED} AND x.patient_id = a.patient_id LIMIT 1
    ) AS noticing ON true
    LEFT JOIN LATERAL (
        SELECT as_of FROM meetings_discussion x WHERE x.clinic_id = a.clinic_id AND x.patient_id = a.patient_id
        ORDER BY as_of DESC, id DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS outstanding, min(due_on) AS first_due_on FROM meetings_action x
        WHERE {OPEN} AND x.patient_id = a.patient_id
    ) AS acting
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_array(x.reason, coalesce(
            nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username)) ORDER BY x.at, x.id) AS asked
        FROM meetings_nomination x JOIN accounts_user u ON u.id = x.by_id
        WHERE {OPEN} AND x.patient_id = a.patient_id
    ) AS asking
ORDER BY best.urgency, a.patient_id
"""
