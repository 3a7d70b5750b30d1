"""Whom a meeting should discuss and why: one query over the worklist's summaries.

Each reason is one walk of an index ("arm"); PostgreSQL puts the arms together, sorts patients by their most
urgent reason and gives back as many as a meeting can look at. What an arm found becomes a sentence here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from accounts.models import Clinic
from interpretation.urgency import PRESSING
from interpretation.words import counted, day, moment
from patients.models import Assessment
from patients.words import GRADE_WORDS, URGENCY_WORDS
from patients.worklist import NEVER, PLACES, RISING

from .models import AgendaItem, Meeting

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
    """One patient; `total` counts all that could be proposed."""

    assessment: Assessment
    day: date
    today: date
    zone: object

    @property
    def patient(self):
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
        "untaken": timezone.now() - timedelta(hours=settings.NOTICE_HOURS),
        "limit": limit,
        "again": AgendaItem.Decision.AGAIN,
        "pressing": len(PRESSING) - 1,
        "possible": POSSIBLE,
        "rising": RISING,
        "unreadable": UNREADABLE,
    }


def _place_word(rank: int) -> str:
    place = PLACES[rank]
    return "INR rising" if place == "rising" else GRADE_WORDS.get(place, "died").lower()


# Nobody is proposed for what was read from an older record.
MARKED = "EXISTS (SELECT FROM patients_assessmentmark m WHERE m.patient_id = found.patient_id AND m.changed)"
# The key within a reason: the more urgent and then the worse grade, the longer wait, the earlier date first.
SQL = f"""
WITH last AS (
    SELECT DISTINCT ON (patient_id) patient_id, as_of, grade_rank, decision
    FROM meetings_discussion WHERE clinic_id = %(clinic)s
    ORDER BY patient_id, as_of DESC, id DESC
), acting AS (
    SELECT patient_id, count(*) AS number, min(due_on) AS first_due_on
    FROM meetings_action WHERE clinic_id = %(clinic)s AND ended_at IS NULL
    GROUP BY patient_id
), asking AS (
    SELECT n.patient_id, min(n.at)::date AS first_on,
        json_agg(json_build_array(n.reason, coalesce(
            nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username)) ORDER BY n.at, n.id) AS asked
    FROM meetings_nomination n JOIN accounts_user u ON u.id = n.by_id
    WHERE n.clinic_id = %(clinic)s AND n.ended_at IS NULL
    GROUP BY n.patient_id
), noticing AS (
    SELECT patient_id, raised_at, coalesce(nullif(in_short, ''), reason) AS noticed FROM patients_notice
    WHERE clinic_id = %(clinic)s AND patient_id IS NOT NULL AND raised_at <= %(untaken)s
        AND taken_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL
), graded AS (
    SELECT a.patient_id, a.grade_rank, a.urgency_rank * 10 + a.grade_rank AS place,
        last.grade_rank AS discussed_rank
    FROM patients_assessment a LEFT JOIN last USING (patient_id)
    WHERE a.clinic_id = %(clinic)s AND a.grade_rank <= %(rising)s
), found (patient_id, kind, key) AS (
    SELECT patient_id, {UNTAKEN}, raised_at::date - date 'epoch' FROM noticing
    UNION ALL SELECT patient_id, {ASKED}, first_on - date 'epoch' FROM asking
    UNION ALL SELECT patient_id, {URGENT}, urgency_rank * 10 + grade_rank FROM patients_assessment
        WHERE clinic_id = %(clinic)s AND urgency_rank <= %(pressing)s
    UNION ALL SELECT patient_id, {CRITICAL}, place FROM graded WHERE grade_rank = 0
    UNION ALL SELECT patient_id, {WORSE}, place FROM graded WHERE grade_rank < discussed_rank
    UNION ALL SELECT patient_id, {NEW}, place FROM graded
        WHERE discussed_rank IS NULL AND grade_rank BETWEEN 1 AND %(possible)s
    UNION ALL SELECT patient_id, {AGAIN}, as_of::date - date 'epoch' FROM last WHERE decision = %(again)s
    UNION ALL SELECT patient_id, CASE WHEN first_due_on < %(day)s THEN {DUE} ELSE {OUTSTANDING} END,
        first_due_on - date 'epoch' FROM acting
    UNION ALL SELECT patient_id, {WAITING}, causes_open_since - date 'epoch' FROM patients_assessment
        WHERE clinic_id = %(clinic)s AND causes_open_since <= %(waiting)s AND grade_rank <= %(unreadable)s
    UNION ALL SELECT patient_id, {LATE}, first_late_on - date 'epoch' FROM patients_assessment
        WHERE clinic_id = %(clinic)s AND first_late_on <= %(day)s
), best AS (
    SELECT patient_id, bit_or(1 << kind) AS kinds, min(kind * 1000000 + key) AS urgency,
        count(*) OVER () AS total
    FROM found
    WHERE NOT EXISTS (SELECT 1 FROM meetings_agendaitem i
                      WHERE i.meeting_id = %(meeting)s AND i.patient_id = found.patient_id)
        AND (kind NOT IN ({URGENT}, {CRITICAL}, {WORSE}, {NEW}, {WAITING}, {LATE}) OR NOT {MARKED})
    GROUP BY patient_id ORDER BY urgency, patient_id LIMIT %(limit)s
)
SELECT a.*, {MARKED.replace("found", "a")} AS being_assessed,
    best.kinds, best.total, last.as_of AS discussed_at, last.grade_rank AS discussed_rank,
    acting.number AS outstanding, acting.first_due_on, asking.asked,
    noticing.raised_at AS noticed_at, noticing.noticed
FROM best JOIN patients_assessment a USING (patient_id)
    LEFT JOIN noticing USING (patient_id) LEFT JOIN last USING (patient_id)
    LEFT JOIN acting USING (patient_id) LEFT JOIN asking USING (patient_id)
ORDER BY best.urgency, a.patient_id
"""
