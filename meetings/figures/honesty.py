"""How the product is taken, month by month: grades overruled per rule, how fast notices are taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.models import Clinic
from patients.models import Notice, Overrule

# As far back as the counted months reach.
REACH = timedelta(days=2 * 366)


@dataclass
class OverruleMonth:
    """One rule in one month; `rule_words` are those of its latest overrule."""

    month: date
    rule: str
    rule_words: str
    overruled: int = 0
    reasons: list[str] = field(default_factory=list)
    patients: list = field(default_factory=list)


@dataclass
class NoticeMonth:
    """Notices of patients raised in one month; `waits` are the times until each was taken by who has it."""

    month: date
    raised: int = 0
    void: int = 0
    # Untaken, and the hours are not over.
    in_time_yet: int = 0
    waits: list[timedelta] = field(default_factory=list)

    @property
    def within(self) -> int:
        return sum(wait <= timedelta(hours=settings.NOTICE_HOURS) for wait in self.waits)

    @property
    def counted(self) -> int:
        """Of the others nobody knows whether they would have been, or will be, taken in time."""
        return self.raised - self.void - self.in_time_yet

    @property
    def median_hours(self) -> float | None:
        return median(wait / timedelta(hours=1) for wait in self.waits) if self.waits else None


def overrule_months(clinic: Clinic) -> list[OverruleMonth]:
    """By month, then the most often overruled first."""
    found: dict[tuple[date, str], OverruleMonth] = {}
    for row in _overrules(clinic):
        month = _month(row.at, clinic)
        one = found.setdefault((month, row.rule), OverruleMonth(month, row.rule, row.rule_words))
        one.overruled += 1
        one.reasons.append(row.reason)
        one.patients.append(row.patient)
    return sorted(found.values(), key=lambda one: (one.month, -one.overruled, one.rule))


def notice_months(clinic: Clinic) -> list[NoticeMonth]:
    """Without those raised in silence, which nobody was shown; those that became void untaken are counted apart."""
    now, hours, silent = timezone.now(), timedelta(hours=clinic.untaken_hours), clinic.was_silent()
    found: dict[date, NoticeMonth] = {}
    rows = Notice.objects.filter(clinic=clinic, kind=Notice.Kind.TODAY, raised_at__gte=now - REACH)
    for raised_at, taken_at, lapsed_at in rows.order_by("raised_at").values_list(
        "raised_at", "taken_at", "lapsed_at"
    ):
        if silent(raised_at):
            continue
        month = _month(raised_at, clinic)
        one = found.setdefault(month, NoticeMonth(month))
        one.raised += 1
        if taken_at:
            one.waits.append(taken_at - raised_at)
        elif lapsed_at:
            one.void += 1
        elif raised_at + hours > now:
            one.in_time_yet += 1
    return list(found.values())


def _overrules(clinic: Clinic) -> Iterator[Overrule]:
    here = {"patient__clinic": clinic, "patient__withdrawn_at__isnull": True}
    rows = Overrule.objects.filter(**here, at__gte=timezone.now() - REACH).select_related("patient")
    return rows.order_by(F("at").desc()).iterator()


def _month(at: datetime, clinic: Clinic) -> date:
    return at.astimezone(clinic.zone).date().replace(day=1)
