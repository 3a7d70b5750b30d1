"""Search parameters of the read API to filters of the record. What is not understood is an error: leaving a
filter out would give away more than was asked for."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from interpretation.record import analytes
from patients.codes import LOINC

COUNT, MOST = 50, 200
_DATE = re.compile(
    r"(eq|ge|gt|le|lt)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_FORMATS = ("json", "application/json", "application/fhir+json", "application/fhir json")
_SORTS = {"date": 1, "-date": -1}


class UnclearSearch(ValueError):
    """A parameter that cannot be used; the sentence goes back to who asked."""


@dataclass(frozen=True)
class SearchPage:
    """How many, in which direction, and after which result (time and number)."""

    count: int
    newest_first: bool
    after: tuple[datetime, int] | None

    @property
    def order(self) -> tuple[str, str]:
        sign = "-" if self.newest_first else ""
        return f"{sign}draw__taken_at", f"{sign}pk"

    @property
    def rest(self) -> Q:
        """What follows the last page."""
        if self.after is None:
            return Q()
        at, pk = self.after
        step = "lt" if self.newest_first else "gt"
        return Q(**{f"draw__taken_at__{step}": at}) | Q(**{"draw__taken_at": at, f"pk__{step}": pk})


def check_names(query, known: set[str]) -> None:
    check_format(query)
    unknown = sorted(set(query) - known)
    if unknown:
        raise UnclearSearch(
            f"The parameter “{unknown[0][:40]}” is not supported. Known: {', '.join(sorted(known))}."
        )


def check_format(query) -> None:
    """`_format`, which many clients add to whatever they ask: JSON, or nothing."""
    if (text := query.get("_format", "json")) not in _FORMATS:
        raise UnclearSearch(f"_format “{text[:40]}” is not served: only json.")


def patient_id(query) -> UUID:
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


def observations(query, zone: ZoneInfo) -> Q:
    """By code, date and category."""
    found = Q()
    for value in query.getlist("code"):
        found &= Q(analyte__in=[key for token in value.split(",") if (key := _analyte(token))])
    for value in query.getlist("date"):
        found &= _dates(value, zone)
    for value in query.getlist("category"):
        if "laboratory" not in {token.rpartition("|")[2] for token in value.split(",")}:
            found &= Q(pk__in=[])
    return found


def page_of(query) -> SearchPage:
    sort = query.get("_sort", "date")
    if sort not in _SORTS:
        raise UnclearSearch("_sort is date or -date.")
    return SearchPage(count_of(query), _SORTS[sort] < 0, _after(query.get("_after", "")))


def count_of(query) -> int:
    text = query.get("_count", str(COUNT))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnclearSearch("_count is a whole number.")
    return min(int(text), MOST)


def next_page(query, row) -> str:
    """The query of the page after this result."""
    pairs = [(name, value) for name, values in query.lists() if name != "_after" for value in values]
    return urlencode([*pairs, ("_after", f"{row.draw.taken_at.isoformat()}_{row.pk}")])


def _analyte(token: str) -> str:
    """Any LOINC code of a test finds all its results, whatever code they are written with."""
    system, bar, code = token.rpartition("|")
    if (bar and system != LOINC) or not re.fullmatch(r"\d{1,6}-\d", code, re.ASCII):
        return ""
    analyte = analytes.find(code)
    return analyte.key if analyte else ""


def _dates(text: str, zone: ZoneInfo) -> Q:
    """A date stands for the whole of its year, month, day or second, in the clinic's time."""
    found = _DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError
        numbers = [int(part) for part in found.groups()[1:7] if part]
        start = datetime(*numbers, *[1] * (3 - len(numbers)))
        end = _end(start, len(numbers))
        where = datetime.fromisoformat(f"2000-01-01T00:00:00{found[8]}").tzinfo if found[8] else zone
        start, end = start.replace(tzinfo=where), end.replace(tzinfo=where)
        start.utctimetuple(), end.utctimetuple()
    except (ValueError, OverflowError):
        raise UnclearSearch(f"date “{text[:40]}” is not understood. Write date=ge2025-01-01.") from None
    at = "draw__taken_at"
    return {
        "ge": Q(**{f"{at}__gte": start}),
        "gt": Q(**{f"{at}__gte": end}),
        "le": Q(**{f"{at}__lt": end}),
        "lt": Q(**{f"{at}__lt": start}),
    }.get(found[1] or "eq", Q(**{f"{at}__gte": start, f"{at}__lt": end}))


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
