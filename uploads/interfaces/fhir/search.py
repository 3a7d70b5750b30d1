"""Search parameters of the read API to filters of the record. What is not understood is an error: leaving a
filter out would give away more than was asked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import QueryDict

from interpretation.record import analytes
from patients.codes import LOINC

COUNT, MOST = 50, 200
_DATE = re.compile(
    r"(eq|ge|gt|le|lt)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_SORTS = {"date": 1, "-date": -1}


class UnclearSearch(ValueError):
    """A parameter that cannot be used; the sentence goes back to who asked."""


@dataclass(frozen=True)
class DateSearch:
    """A moment at or beside a span of time, which a date stands for."""

    prefix: str
    start: datetime
    end: datetime

    def q(self, field: str) -> Q:
        return {
            "ge": Q(**{f"{field}__gte": self.start}),
            "gt": Q(**{f"{field}__gte": self.end}),
            "le": Q(**{f"{field}__lt": self.end}),
            "lt": Q(**{f"{field}__lt": self.start}),
        }.get(self.prefix, Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end}))

    def holds(self, moment: datetime) -> bool:
        return {
            "ge": moment >= self.start,
            "gt": moment >= self.end,
            "le": moment < self.end,
            "lt": moment < self.start,
        }.get(self.prefix, self.start <= moment < self.end)


@dataclass(frozen=True)
class SearchPage:
    """How many, in which direction, and after which row: its time and number."""

    count: int
    newest_first: bool
    after: tuple[datetime, int] | None

    def order(self, at: str) -> tuple[str, str]:
        sign = "-" if self.newest_first else ""
        return f"{sign}{at}", f"{sign}pk"

    def rest(self, at: str) -> Q:
        """What follows the last page."""
        if self.after is None:
            return Q()
        moment, pk = self.after
        step = "lt" if self.newest_first else "gt"
        return Q(**{f"{at}__{step}": moment}) | Q(**{at: moment, f"pk__{step}": pk})


def unknown_name(name: str, known: Iterable[str]) -> str:
    return f"The parameter “{name[:40]}” is not supported. Known: {', '.join(sorted(known))}."


def patient_id(query: QueryDict) -> UUID:
    """Of `patient` or `subject`: always needed, so that nobody reads a whole clinic by mistake."""
    given = query.getlist("patient") + query.getlist("subject")
    if len(given) != 1:
        raise UnclearSearch("Name one patient: patient=ID.")
    try:
        return UUID(given[0].removeprefix("Patient/"))
    except ValueError:
        raise UnclearSearch(
            "The patient is named by the id of this server: search for it by identifier."
        ) from None


def observations(query: QueryDict, zone: ZoneInfo) -> Q:
    """By code, date and category."""
    found = Q()
    for value in query.getlist("code"):
        found &= Q(analyte__in=[key for token in value.split(",") if (key := _analyte(token))])
    for value in query.getlist("date"):
        found &= date_search("date", value, zone).q("draw__taken_at")
    for value in query.getlist("category"):
        if "laboratory" not in {token.rpartition("|")[2] for token in value.split(",")}:
            found &= Q(pk__in=[])
    return found


def page_of(query: QueryDict) -> SearchPage:
    sort = query.get("_sort", "date")
    if sort not in _SORTS:
        raise UnclearSearch("_sort is date or -date.")
    return SearchPage(count_of(query), _SORTS[sort] < 0, _after(query.get("_after", "")))


def count_of(query: QueryDict) -> int:
    text = query.get("_count", str(COUNT))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnclearSearch("_count is a whole number.")
    return min(int(text), MOST)


def next_page(query: QueryDict, after: str) -> str:
    """The query of the page after this place."""
    pairs = [(name, value) for name, values in query.lists() if name != "_after" for value in values]
    return urlencode([*pairs, ("_after", after)])


def _analyte(token: str) -> str:
    """Any LOINC code of a test finds all its results, whatever code they are written with."""
    system, bar, code = token.rpartition("|")
    if (bar and system != LOINC) or not re.fullmatch(r"\d{1,6}-\d", code, re.ASCII):
        return ""
    analyte = analytes.find(code)
    return analyte.key if analyte else ""


def date_search(name: str, text: str, zone: ZoneInfo) -> DateSearch:
    """A date stands for the whole of its year, month, day, second or part of one, in the clinic's time."""
    found = _DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError
        numbers = [int(part) for part in found.groups()[1:7] if part]
        start = datetime(*numbers, *[1] * (3 - len(numbers)))
        start, end = _fraction(start, found[8]) if found[8] else (start, _end(start, len(numbers)))
        where = datetime.fromisoformat(f"2000-01-01T00:00:00{found[9]}").tzinfo if found[9] else zone
        start, end = start.replace(tzinfo=where), end.replace(tzinfo=where)
        start.utctimetuple(), end.utctimetuple()
    except (ValueError, OverflowError):
        raise UnclearSearch(f"{name} “{text[:40]}” is not understood. Write {name}=ge2025-01-01.") from None
    return DateSearch(found[1] or "eq", start, end)


def _fraction(start: datetime, digits: str) -> tuple[datetime, datetime]:
    """0.25 s is a hundredth of a second long; what is finer than a microsecond is cut off."""
    step = timedelta(microseconds=10 ** (6 - len(digits[:6])))
    start += timedelta(microseconds=int(digits[:6].ljust(6, "0")))
    return start, start + step


def _end(start: datetime, parts: int) -> datetime:
    """The first moment after a year, month, day, minute or second."""
    if parts == 1:
        return start.replace(year=start.year + 1)
    if parts == 2:
        return (start + timedelta(days=31)).replace(day=1)
    return start + {3: timedelta(days=1), 5: timedelta(minutes=1)}.get(parts, timedelta(seconds=1))


def _after(text: str) -> tuple[datetime, int] | None:
    if not text:
        return None
    time, _, pk = text.rpartition("_")
    try:
        at = datetime.fromisoformat(time)
        if at.tzinfo is None or not pk.isdecimal() or len(pk) > 18:
            raise ValueError
        return at, int(pk)
    except ValueError:
        raise UnclearSearch("_after is taken from the link “next” of the page before.") from None
