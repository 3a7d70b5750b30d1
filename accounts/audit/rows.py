"""Rows of a table of audit as they are hashed, and the runs of numbers that name them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.db import connection

FIRST = "0" * 64
# Numbers from and to, both among them.
Runs = list[list[int]]
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
# As JSON, which hangs on no setting but the zone of times: Django's connections have UTC.
ROWS = """
SELECT id, json_build_array({columns})::text FROM {table}
WHERE id BETWEEN %s AND %s AND {which} id::bigint <@ %s::int8multirange ORDER BY id LIMIT %s
"""


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        return [name for (name,) in cursor.fetchall()]


def rows_within(table: str, columns: list[str], runs: Runs) -> dict[int, bytes]:
    """The digest of each row with one of these numbers."""
    count = sum(last - first + 1 for first, last in runs)
    return _digests("", table, columns, runs, between=(runs[0][0], runs[-1][1]), limit=count)


def rows_beyond(
    table: str, columns: list[str], runs: Runs, *, between: tuple[int, int], limit: int
) -> dict[int, bytes]:
    """The digest of each row whose number is none of these, the lowest first."""
    return _digests("NOT", table, columns, runs, between=between, limit=limit)


def _digests(
    which: str, table: str, columns: list[str], runs: Runs, *, between: tuple[int, int], limit: int
) -> dict[int, bytes]:
    name = connection.ops.quote_name
    sql = ROWS.format(columns=", ".join(map(name, columns)), table=name(table), which=which)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*between, multirange(runs), limit])
        return {number: hashlib.sha256(text.encode()).digest() for number, text in cursor.fetchall()}


def head_of(previous: str, table: str, columns: list[str], runs: Runs, digests: bytes, at: datetime) -> str:
    """What the next seal hangs on."""
    told = json.dumps([previous, table, columns, runs, at.astimezone(UTC).isoformat()], ensure_ascii=True)
    return hashlib.sha256(told.encode() + digests).hexdigest()


def runs_of(numbers: Iterable[int]) -> Runs:
    """Of ascending numbers: 1, 2, 3, 7 are [[1, 3], [7, 7]]."""
    return merged([number, number] for number in numbers)


def merged(runs: Iterable[Iterable[int]]) -> Runs:
    """In order, those that touch as one."""
    found: Runs = []
    for first, last in sorted(map(list, runs)):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    return found


def numbers_of(runs: Runs) -> Iterator[int]:
    for first, last in runs:
        yield from range(first, last + 1)


def multirange(runs: Runs) -> str:
    return "{" + ",".join(f"[{first},{last}]" for first, last in runs) + "}"
