"""What the address of the population page says, and the months that it can go back to."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import Clinic
from patients.report.as_of import end_of_day
from patients.worklist import WorklistState

from .movements import CORNERS

MONTHS = 24
# What an address of the worklist says beside its filters.
OF_THE_LIST = ("q", "search", "show", "sort", "after", "before")


@dataclass(frozen=True)
class PopulationState:
    """Filters of the worklist, without its search and its places; `corner` is "all" or a named movement."""

    filters: WorklistState
    corner: str = "dissociation"
    # The first day of a month that is over; None is now.
    month: date | None = None
    start: int = 0

    @classmethod
    def of(cls, given: QueryDict, *, me: int, today: date) -> "PopulationState":
        filters = {name: value for name, value in given.items() if name not in OF_THE_LIST}
        months = {f"{month:%Y-%m}": month for month in months_before(today)}
        corner, start = given.get("corner", ""), given.get("start", "")
        return cls(
            filters=WorklistState.of(filters, me=me),
            corner=corner if corner in (*CORNERS, "all") else "dissociation",
            month=months.get(given.get("month", "")),
            start=int(start) if start.isdecimal() and len(start) < 8 else 0,
        )

    def fields(self) -> dict[str, str]:
        said = {
            "corner": "" if self.corner == "dissociation" else self.corner,
            "month": f"{self.month:%Y-%m}" if self.month else "",
            "start": str(self.start or ""),
        }
        return self.filters.fields() | {name: value for name, value in said.items() if value}

    def to(self, **changes) -> str:
        """The query of the same page with these changes, from the first row of its list unless told."""
        return "?" + urlencode(replace(self, **{"start": 0, **changes}).fields())

    def until(self, clinics: list[Clinic]) -> datetime | None:
        """The end of the month on the clock of the first clinic."""
        if self.month is None or not clinics:
            return None
        return end_of_day(next_month(self.month) - timedelta(days=1), clinics[0].zone)


def months_before(today: date) -> list[date]:
    """The first days of the months that are over, the latest first."""
    found, month = [], today.replace(day=1)
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
