"""How many rows each filter shows."""

from datetime import datetime

from django.db import connection
from django.db.models import Case, Q, QuerySet, Value, When

from accounts.models import Clinic
from interpretation.urgency import LEVELS
from patients.models import Assessment

from .being_assessed import being_assessed
from .choosing import by_date, chosen_by, searched, shown, work_of
from .folding import words
from .places import PLACES
from .state import WorklistState

# Above this a filter says "1,000+": counting a million rows would cost more than the page.
COUNTED = 1000
# Of a search so many rows are looked at for the numbers beside the filters.
LOOKED = 10_000
STATES = {
    "all": Q(),
    **{level: Q(urgency_rank=rank) for rank, level in enumerate(LEVELS)},
    **{place: Q(grade_rank=rank) for rank, place in enumerate(PLACES)},
}


def counts(state: WorklistState, clinics: list[Clinic], now: datetime) -> dict[str, int | None]:
    """How many rows each filter would show beside the search, "shown", how many all of them together do, and
    where there are any "being_assessed": how many patients' record has changed since.

    States are counted within what the list shows, work among everybody: who is to be called need not be new.
    At most COUNTED + 1 of each, in one query; None where counting would cost more than the page.
    """
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    dated = _of_clinics(here, now)
    filters = {
        "everybody": Q(),
        "new": Q(new_or_worse=True),
        **{name: shown(state) & chosen for name, chosen in STATES.items()},
        **work_of(state, dated),
        "shown": chosen_by(state, dated),
    }
    if not here or (state.q and not words(state.q)):
        return dict.fromkeys(filters, 0)
    rows = searched(state, Assessment.objects.filter(clinic__in=here))
    count = _counted_once if state.q or state.dx else _counted_apart
    return count(rows, filters, _capped(being_assessed(here)))


def _of_clinics(clinics: list[Clinic], now: datetime) -> dict[str, Q]:
    """`by_date` over several clinics, each by its own date."""
    found = dict.fromkeys(by_date(now.date()), Q(pk__in=[]))
    for clinic in clinics:
        for name, due in by_date(now.astimezone(clinic.zone).date()).items():
            found[name] |= Q(clinic=clinic) & due
    return found


def _capped(rows: QuerySet) -> tuple[str, tuple]:
    """As SQL, the number of these rows up to the limit."""
    sql, values = rows.values("pk")[: COUNTED + 1].query.sql_with_params()
    return f"(SELECT count(*) FROM ({sql}) AS found)", values


def _counted_apart(
    rows: QuerySet[Assessment], filters: dict[str, Q], marked: tuple[str, tuple]
) -> dict[str, int]:
    """Each filter walks its own index, up to the limit."""
    parts = [marked, *(_capped(rows.filter(chosen)) for chosen in filters.values())]
    values = [value for _, given in parts for value in given]
    waiting, *numbers = _one_row(f"SELECT {', '.join(sql for sql, _ in parts)}", values)
    return dict(zip(filters, numbers, strict=True)) | _if_any(waiting)


def _if_any(waiting: int) -> dict[str, int]:
    return {"being_assessed": waiting} if waiting else {}


def _counted_once(
    rows: QuerySet[Assessment], filters: dict[str, Q], marked: tuple[str, tuple]
) -> dict[str, int | None]:
    """A search is made once and its rows are sorted into the filters; beyond LOOKED nobody knows."""
    marks = {
        f"is_{name}": Case(When(chosen, then=Value(1)), default=Value(0))
        for name, chosen in filters.items()
        if chosen
    }
    sql, values = rows.annotate(**marks).values("pk", *marks)[:LOOKED].query.sql_with_params()
    sums = [f"coalesce(sum(is_{name}), 0)" if chosen else "count(*)" for name, chosen in filters.items()]
    query = f"SELECT {marked[0]}, {', '.join(sums)} FROM ({sql}) AS found"
    waiting, *numbers = _one_row(query, [*marked[1], *values])
    found = dict(zip(filters, numbers, strict=True))
    if found["everybody"] >= LOOKED:
        found = {name: number if number > COUNTED else None for name, number in found.items()}
    return found | _if_any(waiting)


def _one_row(sql: str, values: list) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
