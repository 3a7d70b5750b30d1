"""What the page of figures and its CSV files hold: the stored months, and the verdicts on causes."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.conf import settings
from django.db import connection

from accounts.models import Clinic
from interpretation.knowledge import load
from interpretation.rule.grading import GRADES
from interpretation.words import number
from meetings.models import FigureMonth, Meeting
from patients import words
from patients.words import GRADE_WORDS

from .honesty import NoticeMonth, OverruleMonth, notice_months, overrule_months

load("causes").read_by(__name__, "cause")

# Days from a flag to its discussion: the last day of each class. A monthly meeting sees a flag within 28.
CLASSES = ((7, "within 7 days"), (28, "8 to 28 days"), (56, "29 to 56 days"), (None, "over 56 days"))
WAITING, PASSED = "not discussed yet", "ended before a discussion"
CAUSES = """
SELECT cause, count(*) FILTER (WHERE verdict = 'contributing'), count(*) FILTER (WHERE verdict = 'excluded')
FROM (
    SELECT DISTINCT ON (r.patient_id, r.cause) r.cause, r.verdict
    FROM patients_causereview r JOIN patients_patient p ON p.id = r.patient_id
    WHERE p.clinic_id = %s AND p.withdrawn_at IS NULL
    ORDER BY r.patient_id, r.cause, r.at DESC, r.id DESC
) latest
WHERE verdict <> 'pending' GROUP BY cause ORDER BY 2 DESC, 3 DESC, cause
"""


@dataclass(frozen=True)
class FigureTable:
    """A figure as rows of text and numbers; the first column names the row."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple]


@dataclass(frozen=True)
class Figures:
    months: list[FigureMonth]
    causes: list[tuple[str, int, int]]
    # When the first meeting began; before that nothing could be discussed here.
    since: datetime | None
    overrules: list[OverruleMonth]
    notices: list[NoticeMonth]

    @property
    def counted(self) -> FigureMonth | None:
        return self.months[-1] if self.months else None

    @property
    def waits(self) -> list[int]:
        return sorted(days for month in self.months for days in month.waits)

    @property
    def median_wait(self) -> float | None:
        return median(self.waits) if self.waits else None


def figures_of(clinic: Clinic) -> Figures:
    """Six queries, whatever the number of patients."""
    begun = Meeting.objects.filter(clinic=clinic, started_at__isnull=False).order_by("started_at")
    return Figures(
        months=list(FigureMonth.objects.filter(clinic=clinic)),
        causes=causes_of(clinic),
        since=begun.values_list("started_at", flat=True).first(),
        overrules=overrule_months(clinic),
        notices=notice_months(clinic),
    )


def causes_of(clinic: Clinic) -> list[tuple[str, int, int]]:
    """Name, in how many it contributes, in how many it was excluded: the latest verdict of each patient."""
    with connection.cursor() as cursor:
        cursor.execute(CAUSES, [clinic.pk])
        found = cursor.fetchall()
    names = load("causes")["cause"]
    return [(names.get(key, {}).get("name", key.replace("_", " ")), *counts) for key, *counts in found]


def month_word(month: FigureMonth) -> str:
    return words.month(month.month)


def tables(figures: Figures, *, reasons: bool = False) -> dict[str, FigureTable]:
    """`reasons`: those of overrules too, which may tell something of a patient."""
    made = (
        _grades(figures),
        _unread(figures),
        _waits(figures),
        _overdue(figures),
        _notices(figures),
        _overrules(figures, reasons),
        _causes(figures),
    )
    return {table.name: table for table in made}


def _grades(figures: Figures) -> FigureTable:
    head = ("Month", *(GRADE_WORDS[grade] for grade in GRADES), "No draw for 18 months", "Patients")
    rows = []
    for month in figures.months:
        numbers = [*(month.grades.get(grade, 0) for grade in GRADES), month.silent]
        rows.append((month_word(month), *numbers, sum(numbers)))
    return FigureTable("grades", "Patients by grade", head, rows)


def _waits(figures: Figures) -> FigureTable:
    head = ("First shown in", *(words for _, words in CLASSES), WAITING, PASSED, "Median days")
    rows = [
        (
            month_word(month),
            *classed(month.waits),
            month.waiting,
            month.passed,
            f"{median(month.waits):g}" if month.waits else "",
        )
        for month in figures.months
        if month.waits or month.waiting or month.passed
    ]
    return FigureTable("waits", "From flag to discussion", head, rows)


def classed(waits: list[int]) -> list[int]:
    """How many fall into each of CLASSES."""
    counts, low = [], -1
    for high, _ in CLASSES:
        counts.append(sum(low < days and (high is None or days <= high) for days in waits))
        low = high
    return counts


def _overdue(figures: Figures) -> FigureTable:
    head = ("Month", "Something overdue", "Followed", "Share, %", "Left out")
    rows = [
        (month_word(month), month.overdue, month.followed, share(month), month.left_out)
        for month in figures.months
    ]
    return FigureTable("overdue", "Overdue share", head, rows)


def share(month: FigureMonth) -> str:
    return number(100 * month.overdue / month.followed) if month.followed else ""


def _unread(figures: Figures) -> FigureTable:
    head = ("Month", "Not interpretable", "Not assessable", "Patients with a draw", "Not interpretable, %")
    rows = [
        (
            month_word(month),
            month.grades.get("not_interpretable", 0),
            month.grades.get("not_assessable", 0),
            sum(month.grades.values()),
            unread_share(month),
        )
        for month in figures.months
    ]
    return FigureTable("unread", "Not interpretable", head, rows)


def unread_share(month: FigureMonth) -> str:
    read = sum(month.grades.values())
    return number(100 * month.grades.get("not_interpretable", 0) / read) if read else ""


def _notices(figures: Figures) -> FigureTable:
    hours = settings.NOTICE_HOURS
    head = ("Raised in", "Notices", "Taken", "Median hours", f"Within {hours} h", "Share, %", "Void untaken")
    rows = [
        (
            words.month(one.month),
            one.raised,
            len(one.waits),
            "" if one.median_hours is None else number(one.median_hours, 1),
            one.within,
            in_time(one),
            one.void,
        )
        for one in figures.notices
    ]
    return FigureTable("notices", "Notices taken", head, rows)


def in_time(one: NoticeMonth) -> str:
    return number(100 * one.within / one.counted) if one.counted else ""


def _overrules(figures: Figures, reasons: bool) -> FigureTable:
    head = ("Month", "Rule", "Overruled", *(["Reasons"] if reasons else []))
    rows = [
        (
            words.month(one.month),
            one.rule_words,
            one.overruled,
            *(["; ".join(one.reasons)] if reasons else []),
        )
        for one in figures.overrules
    ]
    return FigureTable("overrules", "Grades overruled, by rule", head, rows)


def _causes(figures: Figures) -> FigureTable:
    head = ("Cause", "Contributes", "Excluded")
    return FigureTable("causes", "Causes found", head, list(figures.causes))
