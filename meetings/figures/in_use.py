"""How the product fares in use: grades that clinicians overruled, notices and how fast they were taken, INRs unread."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from statistics import median

from accounts.models import Clinic
from interpretation.words import number
from meetings.models import FigureMonth
from patients.models import Notice
from patients.review.overrule_counts import counted
from patients.words import GRADE_WORDS

# The months that are counted by `manage.py figures`, and so many of notices.
MONTHS = 24
UNREAD = "not_interpretable"


@dataclass(frozen=True)
class NoticeMonth:
    """Notices for today that were raised in this month of the clinic; minutes from each to whoever has it now."""

    month: date
    raised: int
    taken: tuple[int, ...]
    done: int
    lapsed: int

    @property
    def median_minutes(self) -> float | None:
        return median(self.taken) if self.taken else None


@dataclass(frozen=True)
class RuleUse:
    """Overrules of one rule; the reasons stand on their own page, which is a look at patients."""

    words: str
    overruled: int
    standing: int
    signed_off: int


def notice_months(clinic: Clinic) -> list[NoticeMonth]:
    """One query; the oldest month first, those without any left out."""
    rows = Notice.objects.filter(clinic=clinic, kind=Notice.Kind.TODAY).order_by("raised_at")
    months: dict[date, list[tuple]] = defaultdict(list)
    for row in rows.values_list("raised_at", "taken_at", "done_at", "lapsed_at"):
        months[row[0].astimezone(clinic.zone).date().replace(day=1)].append(row)
    return [_month(month, found) for month, found in months.items()][-MONTHS:]


def _month(month: date, rows: list[tuple]) -> NoticeMonth:
    return NoticeMonth(
        month=month,
        raised=len(rows),
        taken=tuple(int((taken - raised).total_seconds() // 60) for raised, taken, _, _ in rows if taken),
        done=sum(done is not None for _, _, done, _ in rows),
        lapsed=sum(lapsed is not None for _, _, _, lapsed in rows),
    )


def rules_in_use(clinic: Clinic) -> list[RuleUse]:
    """The most often overruled first."""
    return [
        RuleUse(_rule_word(one.rule), one.overruled, one.standing, one.signed_off)
        for one in counted([clinic])
    ]


def _rule_word(rule: str) -> str:
    """ "Possible: trend draws". By its code: the words of an overrule hold days and values of its patient."""
    grade, _, code = rule.partition(":")
    return f"{GRADE_WORDS[grade]}: {code.replace('_', ' ') or 'as a whole'}"


def unread(month: FigureMonth) -> tuple[int, int]:
    """Of how many patients with a grade at the end of the month the INR could not be read, and of how many."""
    return month.grades.get(UNREAD, 0), sum(month.grades.values())


def percent(part: int, whole: int) -> str:
    return number(100 * part / whole) if whole else ""
