"""The worklist: which rows, in which order, from which row on.

Keyset paging: a page starts after the sort keys of the last row of the page before, so that the last page
costs what the first one costs and a row that arrives meanwhile shifts nothing. Keys end in the patient, so
ties have one order. Each clinic and each step of the keys is a search of its own ("arm"), because
PostgreSQL walks an index for an equal start and one inequality, but not for an OR of them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When

from accounts.models import Clinic
from interpretation.record.records import DIAGNOSIS_KINDS
from interpretation.urgency import LEVELS

from .models import Assessment

# The worklist's first key: the place of a row in this tuple. Who has died stands after all others.
URGENCIES = (*LEVELS, "died")
# The next key: the place in this tuple. An INR that rises without falling enzymes is
# no dissociation, but it must not stand among the quiet rows; who has died stands after all grades.
PLACES = (
    "critical",
    "established",
    "possible",
    "rising",
    "not_interpretable",
    "none",
    "not_assessable",
    "died",
)
RISING, DIED = PLACES.index("rising"), PLACES.index("died")
DIED_URGENCY = URGENCIES.index("died")
GRADES = tuple(place for place in PLACES if place not in ("rising", "died"))
# In `Assessment.overdue_on`: a test of the checklist that was never done.
NEVER = date(1, 1, 1)
PAGE = 50
# Above this a filter says "1,000+": counting a million rows would cost more than the page.
COUNTED = 1000
# Of a search so many rows are looked at for the numbers beside the filters.
LOOKED = 10_000
# Letters that Unicode does not take apart into a letter and a mark.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def fold(text: str) -> str:
    """Small letters without marks: "Novák" and "NOVAK" are found by one another."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).translate(PLAIN)


def words(text: str) -> list[str]:
    """The folded words of a text: letters and digits only, so they need no quoting in a search."""
    return re.findall(r"[^\W_]+", fold(text))


# --- what the address says ---


@dataclass(frozen=True)
class Key:
    """One sort column. `apart`: rows without a value come last in both directions."""

    column: str
    descending: bool = False
    apart: bool = False

    def flipped(self) -> "Key":
        return replace(self, descending=not self.descending)


PATIENT = Key("patient_id")
# By its name in the address; each column brings its own (`patients.plugins`).
SORTS: dict[str, tuple[Key, ...]] = {}
DEFAULT_SORT = "urgency"


@dataclass(frozen=True)
class WorklistState:
    """Everything that the address of a worklist says. What it says wrongly counts as not said.

    `me`, who asks, is not in the address: "mine" is everybody's own. Of a search it holds the id (`searches`).
    """

    q: str = ""
    search: str = ""
    urgency: str = ""
    grade: str = ""
    overdue: bool = False
    causes: bool = False
    anticoagulant: bool = False
    review: bool = False
    contact: bool = False
    mine: bool = False
    left_out: bool = False
    dx: str = ""
    clinic: str = ""
    sort: str = DEFAULT_SORT
    reverse: bool = False
    after: UUID | None = None
    before: UUID | None = None
    me: int | None = None

    @classmethod
    def of(cls, given, me: int | None = None) -> "WorklistState":
        sort = given.get("sort", "").removeprefix("-")
        return cls(
            q=given.get("q", "").strip()[:100],
            search=given.get("search", "")[:16] if given.get("q") else "",
            urgency=given["urgency"] if given.get("urgency") in LEVELS else "",
            grade=given["grade"] if given.get("grade") in PLACES else "",
            overdue=given.get("overdue") == "1",
            causes=given.get("causes") == "open",
            anticoagulant=given.get("anticoagulant") == "unknown",
            review=given.get("review") == "due",
            contact=given.get("contact") == "due",
            mine=given.get("mine") == "1",
            left_out=given.get("left_out") == "1",
            dx=given["dx"] if given.get("dx") in DIAGNOSIS_KINDS else "",
            clinic=given.get("clinic", "")[:32],
            sort=sort if sort in SORTS else DEFAULT_SORT,
            reverse=sort in SORTS and given["sort"].startswith("-"),
            after=_uuid(given.get("after")),
            before=_uuid(given.get("before")),
            me=me,
        )

    def to(self, **changes) -> str:
        """The query of the same worklist with these changes, from its first row unless told."""
        return replace(self, **{"after": None, "before": None, **changes}).query()

    def fields(self) -> dict[str, str]:
        sort = ("-" if self.reverse else "") + self.sort
        said = {
            "q": "" if self.search else self.q,
            "search": self.search,
            "urgency": self.urgency,
            "grade": self.grade,
            "overdue": "1" if self.overdue else "",
            "causes": "open" if self.causes else "",
            "anticoagulant": "unknown" if self.anticoagulant else "",
            "review": "due" if self.review else "",
            "contact": "due" if self.contact else "",
            "mine": "1" if self.mine else "",
            "left_out": "1" if self.left_out else "",
            "dx": self.dx,
            "clinic": self.clinic,
            "sort": "" if sort == DEFAULT_SORT else sort,
            "after": str(self.after or ""),
            "before": str(self.before or ""),
        }
        return {name: value for name, value in said.items() if value}

    def query(self) -> str:
        return "?" + urlencode(self.fields())

    @property
    def filtered(self) -> bool:
        return bool(self.fields().keys() - {"sort", "after", "before"})


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


# --- which rows ---


def matching(state: WorklistState, clinic: Clinic, today: date) -> QuerySet[Assessment]:
    """The rows of one clinic; what is due is so by that clinic's own date."""
    found = searched(state, Assessment.objects.filter(clinic=clinic))
    return found.filter(_chosen(state, _by_date(today)))


def _by_date(today: date) -> dict[str, Q]:
    """What depends on the day, by the name of its filter."""
    return {
        "overdue": Q(first_overdue_on__lte=today),
        "contact": Q(contact_on__lte=today),
        "left_out": ~Q(left_out="") & (Q(left_out_until__isnull=True) | Q(left_out_until__gte=today)),
    }


def _chosen(state: WorklistState, by_date: dict[str, Q]) -> Q:
    chosen = Q(grade_rank=PLACES.index(state.grade)) if state.grade else Q()
    if state.urgency:
        chosen &= Q(urgency_rank=LEVELS.index(state.urgency))
    if state.causes:
        chosen &= Q(open_causes__gt=0)
    if state.anticoagulant:
        chosen &= Q(ask_anticoagulant=True)
    if state.review:
        chosen &= Q(to_review=True)
    if state.mine:
        chosen &= _mine(state)
    for name, due in by_date.items():
        if getattr(state, name):
            chosen &= due
    return chosen


def _mine(state: WorklistState) -> Q:
    # Nobody has the number 0.
    return Q(contact_owner=state.me or 0)


def searched(state: WorklistState, rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """By the beginnings of names or MRN in any order, and by diagnosis."""
    if state.q:
        found = words(state.q)
        if not found:
            return rows.none()
        prefixes = " & ".join(f"'{word}':*" for word in found)
        rows = rows.filter(search=SearchQuery(prefixes, search_type="raw", config="simple"))
    if state.dx:
        rows = rows.filter(diagnoses__contains=[state.dx])
    return rows


# --- in which order, from which row on ---


@dataclass(frozen=True)
class WorklistPage:
    rows: list[Assessment]
    earlier: bool
    later: bool


def page(
    state: WorklistState, clinics: list[Clinic], now: datetime, size: int = PAGE, more: dict | None = None
) -> WorklistPage:
    """The page that the address names; its first page where the named row is gone.

    `more` are expressions that come with each row (`patients.plugins`).
    """
    keys = SORTS[state.sort]
    if state.reverse:
        keys = tuple(key.flipped() for key in keys)
    cursor = _cursor(state, clinics)
    backwards = cursor is not None and state.before is not None
    found = _rows(state, clinics, now, keys, cursor, backwards, size + 1, more)
    if backwards and len(found) <= size:
        # Fewer rows before it than a page holds: that is the first page, shown whole.
        cursor, backwards = None, False
        found = _rows(state, clinics, now, keys, None, False, size + 1, more)
    more, found = len(found) > size, found[:size]
    if backwards:
        return WorklistPage(found[::-1], earlier=more, later=True)
    return WorklistPage(found, earlier=cursor is not None, later=more)


def _cursor(state: WorklistState, clinics: list[Clinic]) -> Assessment | None:
    """The row that the address names: by its public id, so that no name stands in an address."""
    uuid = state.after or state.before
    if uuid is None:
        return None
    return Assessment.objects.filter(patient__uuid=uuid, clinic__in=clinics).first()


def _rows(state, clinics, now, keys, cursor, backwards, limit, more) -> list[Assessment]:
    arms = []
    for clinic in clinics:
        if state.clinic in ("", clinic.code):
            rows = matching(state, clinic, now.astimezone(clinic.zone).date())
            arms += [_in_order(arm, keys, backwards)[:limit] for arm in _arms(rows, keys, cursor, backwards)]
    if not arms:
        return []
    ids = [arm.values_list("pk", flat=True) for arm in arms]
    chosen = list(ids[0].union(*ids[1:], all=True)) if len(ids) > 1 else list(ids[0])
    rows = Assessment.objects.filter(pk__in=chosen, patient__withdrawn_at__isnull=True)
    rows = rows.annotate(**more or {}).select_related("patient", "contact_owner")
    return list(_in_order(rows, keys, backwards, last=True)[:limit])


def _arms(rows: QuerySet, keys, cursor: Assessment | None, backwards: bool) -> Iterator[QuerySet]:
    """The rows beyond the cursor, as searches that one walk of an index answers each."""
    if cursor is None:
        yield from _split(rows, keys[0])
        return
    for key in keys:
        value = getattr(cursor, key.column)
        yield from _beyond(rows, key, value, backwards)
        rows = rows.filter(**({f"{key.column}__isnull": True} if value is None else {key.column: value}))


def _split(rows: QuerySet, key: Key) -> Iterator[QuerySet]:
    if not key.apart:
        yield rows
        return
    yield rows.filter(**{f"{key.column}__isnull": False})
    yield rows.filter(**{f"{key.column}__isnull": True})


def _beyond(rows: QuerySet, key: Key, value, backwards: bool) -> Iterator[QuerySet]:
    """The rows whose key lies beyond this value, in the direction of travel."""
    descending = key.descending != backwards
    # Where rows without a value stand on the way: PostgreSQL's own place unless they are kept apart.
    empty_first = backwards if key.apart else descending
    if value is None:
        if empty_first:
            yield rows.filter(**{f"{key.column}__isnull": False})
        return
    yield rows.filter(**{f"{key.column}__{'lt' if descending else 'gt'}": value})
    if not empty_first and Assessment._meta.get_field(key.column).null:
        yield rows.filter(**{f"{key.column}__isnull": True})


def _in_order(rows: QuerySet, keys, backwards: bool, last: bool = False) -> QuerySet:
    """`last`: the order of the page. Else the index's own: the same but for where empty keys stand."""
    order = []
    for key in keys:
        descending = key.descending != backwards
        empty = {"nulls_first" if backwards else "nulls_last": True} if last and key.apart else {}
        order.append(F(key.column).desc(**empty) if descending else F(key.column).asc(**empty))
    return rows.order_by(*order)


# --- how many ---


def counts(state: WorklistState, clinics: list[Clinic], now: datetime) -> dict[str, int | None]:
    """How many rows each filter would show beside the search, and "shown", how many all of them together do.

    At most COUNTED + 1 of each, in one query; None where counting would cost more than the page.
    """
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    by_date = _of_clinics(here, now)
    filters = {
        "all": Q(),
        **{level: Q(urgency_rank=rank) for rank, level in enumerate(LEVELS)},
        **{place: Q(grade_rank=rank) for rank, place in enumerate(PLACES)},
        "causes": Q(open_causes__gt=0),
        "anticoagulant": Q(ask_anticoagulant=True),
        "review": Q(to_review=True),
        "mine": _mine(state),
        **by_date,
        "shown": _chosen(state, by_date),
    }
    if not here or (state.q and not words(state.q)):
        return dict.fromkeys(filters, 0)
    rows = searched(state, Assessment.objects.filter(clinic__in=here))
    return _counted_once(rows, filters) if state.q or state.dx else _counted_apart(rows, filters)


def _of_clinics(clinics: list[Clinic], now: datetime) -> dict[str, Q]:
    """`_by_date` over several clinics, each by its own date."""
    found = dict.fromkeys(_by_date(now.date()), Q(pk__in=[]))
    for clinic in clinics:
        for name, due in _by_date(now.astimezone(clinic.zone).date()).items():
            found[name] |= Q(clinic=clinic) & due
    return found


def _counted_apart(rows: QuerySet[Assessment], filters: dict[str, Q]) -> dict[str, int]:
    """Each filter walks its own index, up to the limit."""
    parts, values = [], []
    for chosen in filters.values():
        sql, parameters = rows.filter(chosen).values("pk")[: COUNTED + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")
        values += parameters
    return dict(zip(filters, _one_row(f"SELECT {', '.join(parts)}", values), strict=True))


def _counted_once(rows: QuerySet[Assessment], filters: dict[str, Q]) -> dict[str, int | None]:
    """A search is made once and its rows are sorted into the filters; beyond LOOKED nobody knows."""
    marks = {
        f"is_{name}": Case(When(chosen, then=Value(1)), default=Value(0))
        for name, chosen in filters.items()
        if chosen
    }
    sql, values = rows.annotate(**marks).values("pk", *marks)[:LOOKED].query.sql_with_params()
    sums = [f"coalesce(sum(is_{name}), 0)" if chosen else "count(*)" for name, chosen in filters.items()]
    found = dict(
        zip(filters, _one_row(f"SELECT {', '.join(sums)} FROM ({sql}) AS found", values), strict=True)
    )
    if found["all"] < LOOKED:
        return found
    return {name: number if number > COUNTED else None for name, number in found.items()}


def _one_row(sql: str, values: list) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
