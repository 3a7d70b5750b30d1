"""How many rows each filter shows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import connection

from accounts.models import Clinic
from interpretation.urgency import LEVELS

from .choice import RowChoice, choice_of
from .finding import FEW, STRATA, TABLE, Sql, gather, of_row
from .folding import words
from .places import PLACES
from .state import ALL, NEW, SAID, WorklistState

# Above this a filter says "1,000+": counting a million rows would cost more than the page.
COUNTED = 1000
# Of a search so many of a clinic's rows are looked at, the latest drawn, for the numbers beside the filters ...
LOOKED = 5000
# ... and all that it finds, where that is at most one in so many.
RARE = 200
# What the search itself asks, and what the filters ask of a row.
SEARCHED = ("search", "diagnoses")
COLUMNS = ("stratum", "contact_owner_id", "first_overdue_on", "contact_on", "left_out_until")
Numbers = dict[str, int | None]
BEING_ASSESSED = "being_assessed"


def counts(state: WorklistState, clinics: list[Clinic], now: datetime) -> Numbers:
    """How many rows each filter would show beside the search, "shown", how many all of them together do, and
    where there are any "being_assessed": how many patients' record has changed since.

    States are counted within what the list shows, work among everybody: who is to be called need not be new.
    At most COUNTED + 1 of each, in a query a clinic or, for what is rarely found, two; None where counting would
    cost more than the page.
    """
    filters = _filters(state)
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    if state.q and not words(state.q):
        here = []
    total: Numbers = dict.fromkeys([*filters, BEING_ASSESSED], 0)
    for clinic in here:
        today = now.astimezone(clinic.zone).date()
        choices = {name: choice_of(one, clinic.pk, today) for name, one in filters.items()}
        found = _of_search(choices) if choices["everybody"].asked else _of_strata(choices)
        total = {name: _sum(total[name], found[name]) for name in total}
    if not total[BEING_ASSESSED]:
        del total[BEING_ASSESSED]
    return {name: number if number is None else min(number, COUNTED + 1) for name, number in total.items()}


def _filters(state: WorklistState) -> dict[str, WorklistState]:
    """The worklist of each filter by itself beside the search, as `choice_of` reads it."""
    everybody = WorklistState(q=state.q, dx=state.dx, me=state.me, show=ALL)
    here = replace(everybody, show=state.show)
    return {
        "everybody": everybody,
        "new": replace(everybody, show=NEW),
        "all": here,
        **{level: replace(here, urgency=level) for level in LEVELS},
        **{place: replace(here, grade=place) for place in PLACES},
        **{name: replace(everybody, **{name: True}) for name in SAID},
        "shown": state,
    }


def _sum(one: int | None, other: int | None) -> int | None:
    """Above COUNTED it does not matter how many more there are."""
    if one is None or other is None:
        known = one if other is None else other
        return known if known is not None and known > COUNTED else None
    return one + other


# --- without a search ---


def _of_strata(choices: Mapping[str, RowChoice]) -> Numbers:
    """Each filter walks the strata that have its bits, up to the limit."""
    clinic = choices["everybody"].clinic
    plain = list(dict.fromkeys((one.mask, one.want) for one in choices.values() if not one.asked))
    asked = list(dict.fromkeys(one for one in choices.values() if one.asked))
    parts = [Sql(PLAIN, [clinic, [mask for mask, _ in plain], [want for _, want in plain]])]
    parts += [_of_owner(one) if one.asks("contact_owner_id") else _within_strata(one) for one in asked]
    found = Sql(", ".join(f"({part.text})" for part in parts), [v for part in parts for v in part.values])
    sql = found.within(f"WITH RECURSIVE {STRATA} SELECT ", "", clinic, clinic)
    waiting, numbers, *more = _one_row(sql, clinic)
    by_choice = dict(zip([*plain, *asked], [*numbers, *more], strict=True))
    by_name = {name: by_choice[one if one.asked else (one.mask, one.want)] for name, one in choices.items()}
    return by_name | {BEING_ASSESSED: waiting}


def _limited(rows: str) -> str:
    return f"SELECT count(*) FROM ({rows} LIMIT {COUNTED + 1}) AS counted"


def _strata_of(stratum: str, asked: str = "") -> str:
    """Rows of the strata for which `stratum` holds; the LIMIT within keeps PostgreSQL from looking at all of them."""
    return _limited(
        f"SELECT FROM strata s CROSS JOIN LATERAL (SELECT FROM {TABLE} a WHERE a.clinic_id = %s"
        f" AND a.stratum = s.stratum{asked} LIMIT {COUNTED + 1}) AS one WHERE {stratum}"
    )


def _within_strata(choice: RowChoice) -> Sql:
    asked, values = of_row(choice.asked)
    return Sql(_strata_of(f"s.stratum & {choice.mask} = {choice.want}", asked), [choice.clinic, *values])


def _of_owner(choice: RowChoice) -> Sql:
    """What one person has to ask about is found by the person."""
    asked, values = of_row(choice.asked)
    stratum = f" AND a.stratum & {choice.mask} = {choice.want}"
    text = _limited(f"SELECT FROM {TABLE} a WHERE a.clinic_id = %s{asked}{stratum}")
    return Sql(text, [choice.clinic, *values])


# The filters that a stratum answers, in one array.
PLAIN = (
    f"SELECT array_agg(({_strata_of('s.stratum & f.mask = f.want')}) ORDER BY f.place)"
    " FROM unnest(%s::int[], %s::int[]) WITH ORDINALITY AS f (mask, want, place)"
)


# --- beside a search ---


def _of_search(choices: Mapping[str, RowChoice]) -> Numbers:
    """Of all that is found where that is little; else of some, sorted into the filters."""
    everybody, sums = choices["everybody"], _sums(choices)
    if everybody.telling:
        found = _gathered(choices, sums)
        return found if found["everybody"] <= FEW else _large(found)
    waiting, looked, *numbers = _one_row(_looked_at(everybody, sums), everybody.clinic)
    found = dict(zip([*choices, BEING_ASSESSED], [*numbers, waiting], strict=True))
    if looked < LOOKED:
        return found
    return _gathered(choices, sums) if found["everybody"] * RARE <= LOOKED else _large(found)


def _large(found: dict[str, int]) -> Numbers:
    known = (BEING_ASSESSED,)
    return {name: number if number > COUNTED or name in known else None for name, number in found.items()}


def _gathered(choices: Mapping[str, RowChoice], sums: Sql) -> dict[str, int]:
    """No more than one above FEW."""
    everybody = choices["everybody"]
    gathered = gather(everybody, COLUMNS, FEW + 1)
    sql = Sql(f"{gathered.text} SELECT {sums.text} FROM chosen a", [*gathered.values, *sums.values])
    waiting, *numbers = _one_row(sql, everybody.clinic)
    return dict(zip([*choices, BEING_ASSESSED], [*numbers, waiting], strict=True))


def _sums(choices: Mapping[str, RowChoice]) -> Sql:
    """How many of the rows found `a` each filter shows."""
    texts, values = [], []
    for one in choices.values():
        asked, given = of_row([part for part in one.asked if part.column not in SEARCHED])
        texts.append(f"count(*) FILTER (WHERE a.stratum & {one.mask} = {one.want}{asked})")
        values += given
    return Sql(", ".join(texts), values)


def _looked_at(choice: RowChoice, sums: Sql) -> Sql:
    """How many rows were looked at, and the sums over those of them that the search finds."""
    asked, values = of_row(choice.unhinted)
    columns = ", ".join(f"a.{column}" for column in COLUMNS)
    text = (
        f"WITH seen AS MATERIALIZED (SELECT a.patient_id, a.hints FROM {TABLE} a WHERE a.clinic_id = %s"
        f" ORDER BY a.last_draw_at DESC, a.patient_id LIMIT {LOOKED})"
        f" SELECT (SELECT count(*) FROM seen), {sums.text} FROM seen w CROSS JOIN LATERAL"
        f" (SELECT {columns} FROM {TABLE} a WHERE a.patient_id = w.patient_id{asked} OFFSET 0) AS a"
        f" WHERE w.hints & {choice.hints} = {choice.hints}"
    )
    return Sql(text, [choice.clinic, *sums.values, *values])


# Whose record has changed since its summary was written, beside the numbers of the summaries.
WAITING = _limited("SELECT FROM patients_assessmentmark m WHERE m.clinic_id = %s AND m.changed")


def _one_row(sql: Sql, clinic: int) -> tuple:
    """Before its values the number of whoever is being assessed there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({WAITING}), found.* FROM ({sql.text}) AS found", [clinic, *sql.values])
        return cursor.fetchone()
