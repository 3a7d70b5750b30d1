"""Walks the chain of seals and says the first row that does not fit."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from accounts.models import AuditSeal, Purge
from accounts.protection.tables import SEALED

from .rows import FIRST, Runs, columns_of, head_of, merged, multirange, numbers_of, rows_beyond, rows_within
from .sealing import LATE

BEYOND = "SELECT count(*) FROM {table} WHERE NOT id::bigint <@ %s::int8multirange"


@dataclass
class Walk:
    """What the chain holds, as far as it fits; `fault`: the first that does not, in a sentence."""

    head: str = FIRST
    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    fault: str = ""
    purged: Counter = field(default_factory=Counter)
    heads: set[str] = field(default_factory=lambda: {FIRST})


def walk() -> Walk:
    found = Walk()
    found.fault = next(_faults(found), "")
    return found


def _faults(found: Walk) -> Iterator[str]:
    known, upto = defaultdict(list), {}
    purged = dict(Purge.objects.values_list("table_name").annotate(Max("at")))
    for seal in AuditSeal.objects.order_by("pk").iterator(chunk_size=50):
        yield from _of_chain(seal, found.head)
        yield from _of_rows(seal, found, purged.get(seal.table_name))
        known[seal.table_name] = merged([*known[seal.table_name], *seal.ids])
        if seal.at < timezone.now() - LATE:
            upto[seal.table_name] = known[seal.table_name][-1][1]
        found.head, found.seals = seal.head, found.seals + 1
        found.heads.add(seal.head)
    for table in SEALED:
        yield from _slipped_in(table, known[table], upto.get(table, 0))
        found.unsealed += _count_beyond(table, known[table])


def _of_chain(seal: AuditSeal, previous: str) -> Iterator[str]:
    if seal.previous != previous:
        yield f"Seal {seal.pk} does not follow the one before it."
    told = (seal.table_name, seal.columns, seal.ids, bytes(seal.digests), seal.at)
    if seal.head != head_of(previous, *told):
        yield f"Seal {seal.pk} was changed."


def _of_rows(seal: AuditSeal, found: Walk, purged: datetime | None) -> Iterator[str]:
    table = seal.table_name
    if gone := set(seal.columns) - set(columns_of(table)):
        yield f"Seal {seal.pk}: {table} has no column {', '.join(sorted(gone))} any more."
    there = rows_within(table, seal.columns, seal.ids)
    digests = bytes(seal.digests)
    for place, number in enumerate(numbers_of(seal.ids)):
        if there.get(number) == digests[32 * place : 32 * place + 32]:
            found.rows += 1
        elif purged and purged >= seal.at:
            found.purged[table] += 1
        else:
            what = "was changed" if number in there else "is gone"
            yield f"Row {number} of {table} {what}: it was sealed on {seal.at:%Y-%m-%d %H:%M} UTC (seal {seal.pk})."


def _slipped_in(table: str, known: Runs, upto: int) -> Iterator[str]:
    for number in rows_beyond(table, ["id"], known, between=(0, upto), limit=1):
        yield f"Row {number} of {table} was slipped in: rows around it were sealed more than a day before."


def _count_beyond(table: str, known: Runs) -> int:
    with connection.cursor() as cursor:
        cursor.execute(BEYOND.format(table=connection.ops.quote_name(table)), [multirange(known)])
        return cursor.fetchone()[0]
