"""The first rows of a choice in an order, at a cost that does not grow with the clinic.

Four ways, by what is asked:

- nothing: one walk of the index of that order;
- bits of the stratum, and what is due: a walk in each stratum that has the bits;
- a search or a diagnosis that many have: a walk of the index of that order, which is passed over by stratum and
  hints, and the rows themselves are asked where those do not say. Such are soon found;
- what few have is gathered by an index of its own, then sorted. A word of three letters is taken for that first, all
  else where a walk has not found enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from patients.models.strata import GRADE, URGENCY

from .arms import KeyPart, SortOrder
from .choice import RowChoice

# So many entries of an index a walk passes over before what it looks for counts as rare.
WALKED = 10_000
# Whatever has so many rows may be sorted for each page.
FEW = 10_000
TABLE = "patients_assessment"
# What a stratum says of its rows.
OF_STRATUM = {
    column: f"(s.stratum >> {place} & {(1 << size) - 1})"
    for column, (place, size) in {"urgency_rank": URGENCY, "grade_rank": GRADE}.items()
}
# The orders that every stratum has an index of, by what is left of their first key; names have none.
IN_STRATA = {"first_overdue_on", "last_draw_at", "inr_change_pct", "contact_on"}
# What their indexes hold beside it, and what is asked of the few that are left out.
OF_DAYS = {"first_overdue_on", "contact_on", "left_out_until"}
# All strata of a clinic, each found by one look into an index.
STRATA = f"""
strata (stratum) AS (
    SELECT (SELECT min(stratum) FROM {TABLE} WHERE clinic_id = %s)
    UNION ALL
    SELECT (SELECT min(a.stratum) FROM {TABLE} a WHERE a.clinic_id = %s AND a.stratum > s.stratum)
    FROM strata s WHERE s.stratum IS NOT NULL
)"""


@dataclass
class Sql:
    text: str
    values: list

    def within(self, before: str, after: str, *values) -> "Sql":
        """`values` are those of `before`."""
        return Sql(before + self.text + after, [*values, *self.values])


def first_ids(choices: list[RowChoice], order: SortOrder, cursor, limit: int) -> list[int]:
    """At least the first `limit` of each choice, or all there are; in no order."""
    found: list[int] = []
    tries = {choice: _ways(choice, order) for choice in choices}
    while tries:
        searches = [ways[0](choice, order, cursor, limit) for choice, ways in tries.items()]
        for choice, rows in zip(list(tries), _by_choice(searches), strict=True):
            ways = tries.pop(choice)
            if any(pk is None for _, pk in rows):
                tries[choice] = ways[1:]
            else:
                found += _enough(rows, limit)
    return found


def _ways(choice: RowChoice, order: SortOrder) -> tuple:
    """In the order in which they are tried; the last always finds everybody."""
    if not choice.mask and not choice.asked:
        return (_straight_on,)
    if choice.asks("contact_owner_id"):
        return (_gathered,)
    if _stands_in(choice, order):
        return (_in_all_strata,)
    return (_gathered_if_few, _walks, _gathered) if choice.telling else (_walks, _gathered)


def _by_choice(searches: list[Sql]) -> list[list[tuple[int, int | None]]]:
    """(arm, patient) of each search, in one query; no patient: the arm goes on where the walk ended."""
    parts = [
        one.within(f"SELECT {place}, * FROM (", f") AS of_{place}") for place, one in enumerate(searches)
    ]
    rows: list[list] = [[] for _ in searches]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(p.text for p in parts), [v for p in parts for v in p.values])
        for place, arm, pk in cursor:
            rows[place].append((arm, pk))
    return rows


def _enough(rows: list[tuple[int, int]], limit: int) -> list[int]:
    """Arm after arm until there are enough."""
    found: list[int] = []
    for arm in sorted({arm for arm, _ in rows}):
        if len(found) < limit:
            found += [pk for of, pk in rows if of == arm]
    return found


def _straight_on(choice: RowChoice, order: SortOrder, cursor, limit: int) -> Sql:
    return _all([_straight(choice, order, arm, limit) for arm in order.arms(cursor)])


def _in_all_strata(choice: RowChoice, order: SortOrder, cursor, limit: int) -> Sql:
    found = _all([_in_strata(choice, order, arm, limit) for arm in order.arms(cursor)])
    return found.within(f"WITH RECURSIVE {STRATA} ", "", choice.clinic, choice.clinic)


def _stands_in(choice: RowChoice, order: SortOrder) -> bool:
    """Whether the strata have this order, with every day that is asked."""
    key = next(key.column for key in order.keys if key.column not in OF_STRATUM)
    return key in IN_STRATA and {one.column for one in choice.asked} <= OF_DAYS


def _all(searches: list[Sql]) -> Sql:
    texts = [
        f"SELECT {place} AS arm, * FROM ({one.text}) AS arm_{place}" for place, one in enumerate(searches)
    ]
    return Sql(" UNION ALL ".join(texts), [value for one in searches for value in one.values])


def _straight(
    choice: RowChoice, order: SortOrder, arm: tuple[KeyPart, ...], limit: int, columns: str = "a.patient_id"
) -> Sql:
    sql, values = _of_arm(arm)
    text = f"SELECT {columns} FROM {TABLE} a WHERE a.clinic_id = %s{sql} ORDER BY {_by(order)} LIMIT {limit}"
    return Sql(text, [choice.clinic, *values])


def _in_strata(choice: RowChoice, order: SortOrder, arm: tuple[KeyPart, ...], limit: int) -> Sql:
    """A walk in each stratum; the LIMIT within keeps PostgreSQL from looking at all of it."""
    ranks = [part for part in arm if part.column in OF_STRATUM]
    of_strata = "".join(f" AND {part.sql(OF_STRATUM[part.column])}" for part in ranks)
    keys = tuple(key for key in order.keys if key.column not in OF_STRATUM)
    inner, values = _of_arm([part for part in arm if part not in ranks])
    asked, wanted = of_row(choice.asked)
    text = (
        f"SELECT f.patient_id FROM strata s CROSS JOIN LATERAL ("
        f"SELECT {', '.join(f'a.{key.column}' for key in keys)} FROM {TABLE} a"
        f" WHERE a.clinic_id = %s AND a.stratum = s.stratum{inner}{asked}"
        f" ORDER BY {_by(SortOrder(keys, order.backwards))} LIMIT {limit}) AS f"
        f" WHERE s.stratum & {choice.mask} = {choice.want}{of_strata}"
        f" ORDER BY {_by(order, 'f')} LIMIT {limit}"
    )
    return Sql(text, [choice.clinic, *values, *wanted, *(part.value for part in ranks)])


def _walks(choice: RowChoice, order: SortOrder, cursor, limit: int) -> Sql:
    """A walk of each arm, and a row without a patient where one ended before enough was found."""
    arms = order.arms(cursor)
    found = _all([_walk(choice, order, arm, limit) for arm in arms])
    text, values = f"WITH found AS MATERIALIZED ({found.text}) SELECT * FROM found", found.values
    for place, arm in enumerate(arms):
        rest = _straight(choice, order, arm, 1, "1")
        text += (
            f" UNION ALL SELECT {place}, NULL WHERE (SELECT count(*) FROM found WHERE arm <= {place}) < {limit}"
            f" AND EXISTS ({rest.text} OFFSET {WALKED})"
        )
        values = [*values, *rest.values]
    return Sql(text, values)


def _walk(choice: RowChoice, order: SortOrder, arm: tuple[KeyPart, ...], limit: int) -> Sql:
    columns = ", ".join(f"a.{key.column}" for key in order.keys)
    walk = _straight(choice, order, arm, WALKED, f"{columns}, a.stratum, a.hints")
    asked, values = of_row(choice.unhinted)
    # OFFSET 0: row by row, in the order of the walk, until there are enough.
    look = (
        f" AND EXISTS (SELECT FROM {TABLE} a WHERE a.patient_id = w.patient_id{asked} OFFSET 0)"
        if asked
        else ""
    )
    text = (
        f"SELECT w.patient_id FROM ({walk.text}) AS w"
        f" WHERE w.stratum & {choice.mask} = {choice.want} AND w.hints & {choice.hints} = {choice.hints}{look}"
        f" ORDER BY {_by(order, 'w')} LIMIT {limit}"
    )
    return Sql(text, [*walk.values, *values])


def _gathered(choice: RowChoice, order: SortOrder, cursor, limit: int, most: int | None = None) -> Sql:
    """Everybody chosen, then sorted."""
    gathered = gather(choice, tuple(key.column for key in order.keys), most)
    arms = []
    for arm in order.arms(cursor):
        sql, values = _of_arm(arm)
        text = f"SELECT a.patient_id FROM chosen a WHERE true{sql} ORDER BY {_by(order)} LIMIT {limit}"
        arms.append(Sql(text, list(values)))
    found = _all(arms)
    return Sql(gathered.text + found.text, [*gathered.values, *found.values])


def _gathered_if_few(choice: RowChoice, order: SortOrder, cursor, limit: int) -> Sql:
    """And a row without a patient where there are more."""
    found = _gathered(choice, order, cursor, limit, FEW + 1)
    more = f" UNION ALL SELECT 0, NULL WHERE (SELECT count(*) FROM chosen) > {FEW}"
    return Sql(found.text + more, found.values)


def gather(choice: RowChoice, columns: tuple[str, ...], most: int | None = None) -> Sql:
    """The beginning of a query over `chosen`: the rows of the choice, found by whatever is the rarest."""
    asked, values = of_row(choice.asked)
    bits = f"stratum & {choice.mask} = {choice.want}"
    strata = (
        f"a.{bits}" if choice.asked else f"a.stratum = ANY (ARRAY(SELECT stratum FROM strata WHERE {bits}))"
    )
    text = (
        f"WITH RECURSIVE {STRATA}, chosen AS MATERIALIZED (SELECT {', '.join(f'a.{one}' for one in columns)}"
        f" FROM {TABLE} a WHERE a.clinic_id = %s AND {strata}{asked}{f' LIMIT {most}' if most else ''}) "
    )
    return Sql(text, [choice.clinic] * 3 + values)


def _of_arm(arm: Iterable[KeyPart]) -> tuple[str, list]:
    """As the end of a WHERE."""
    texts = [f" AND {part.sql(f'a.{part.column}')}" for part in arm]
    return "".join(texts), [value for part in arm for value in part.values]


def of_row(asked) -> tuple[str, list]:
    """As the end of a WHERE."""
    return "".join(f" AND {one.sql}" for one in asked), [value for one in asked for value in one.values]


def _by(order: SortOrder, table: str = "a") -> str:
    """The index's own order."""
    return ", ".join(
        f"{_place(key.column, table)}{' DESC' if order.descends(key) else ''}" for key in order.keys
    )


def _place(column: str, table: str) -> str:
    return OF_STRATUM[column] if table == "f" and column in OF_STRATUM else f"{table}.{column}"
