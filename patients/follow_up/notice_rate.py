"""How many notices patients would have had, replayed over their record: alarm fatigue is a hazard.

Each result counts as stored when it was taken, so a record that came as one file is read as if it had come day by
day. The rule is the clinic's own (`patients.follow_up.notices`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interpretation.record.records import Case
from interpretation.report import brief
from patients.follow_up.notices import EVENTS, LastNotice, has_eased, is_fresh, is_news, is_today

MONTH = timedelta(days=30.44)


@dataclass(frozen=True)
class NoticeRate:
    """Notices over the time that patients were followed: from their first draw to their last, a month at least."""

    patients: int
    notices: int
    noticed: int
    months: float

    @property
    def per_100_a_month(self) -> float:
        return 100 * self.notices / self.months if self.months else 0.0


def notice_rate(
    cases: Iterable[Case], first: datetime | None = None, last: datetime | None = None
) -> NoticeRate:
    """Of these cases, between `first` and `last` where they are given."""
    patients = notices = noticed = 0
    months = 0.0
    for case in cases:
        times = [draw.taken_at for draw in case.draws]
        if not times:
            continue
        start, end = max(first or min(times), min(times)), min(last or max(times), max(times))
        if start > end:
            continue
        found = sum(start <= at <= end for at in raised(case))
        patients, notices, noticed = patients + 1, notices + found, noticed + bool(found)
        months += max(end - start, MONTH) / MONTH
    return NoticeRate(patients, notices, noticed, months)


def raised(case: Case) -> Iterator[datetime]:
    """When this patient's notices would have been raised."""
    told: LastNotice | None = None
    for at in _moments(case):
        now = replace(case, as_of=at)
        urgency = brief(now).urgency
        if told and has_eased(urgency):
            told = replace(told, eased=True)
        if is_today(urgency) and is_fresh(now, urgency, at) and is_news(urgency, told):
            told = LastNotice(urgency.inr, eased=False)
            yield at


def _moments(case: Case) -> list[datetime]:
    """When something was stored from which urgency is read."""
    events = [event.started_at for event in case.events if event.kind in EVENTS]
    return sorted({draw.taken_at for draw in case.draws} | {at for at in events if at <= case.as_of})
