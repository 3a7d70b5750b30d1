"""Closes rows of audit in batches, so that whoever writes one waits for nobody.

What is seen is sealed, by its number: a row that is committed late, with a lower number, comes into a later batch.
"""

import json
import logging
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import AuditSeal
from accounts.protection.tables import SEALED

from .rows import FIRST, Runs, columns_of, head_of, merged, rows_beyond, runs_of

logger = logging.getLogger("audit")
BATCH = 10_000
# No transaction that writes a row of audit lasts longer: a lower number that comes after it was slipped in.
LATE = timedelta(days=1)
# One seals at a time, or a chain would fork.
TURN = "SELECT pg_advisory_xact_lock(7205759404), clock_timestamp()"
LAST = 2**63 - 1


def seal() -> str:
    """Seals what is not; gives the head."""
    for table in SEALED:
        while sealed := _seal_batch(table):
            logger.info("sealed %s", json.dumps(sealed))
    return head()


def head() -> str:
    return AuditSeal.objects.order_by("-pk").values_list("head", flat=True).first() or FIRST


@transaction.atomic
def _seal_batch(table: str) -> dict:
    with connection.cursor() as cursor:
        cursor.execute(TURN)
        _, at = cursor.fetchone()
    start, recent = sealed_until(table, at)
    columns = columns_of(table)
    rows = rows_beyond(table, columns, recent, between=(start + 1, LAST), limit=BATCH)
    if not rows:
        return {}
    runs, digests, previous = runs_of(rows), b"".join(rows.values()), head()
    found = AuditSeal.objects.create(
        table_name=table,
        columns=columns,
        ids=runs,
        digests=digests,
        at=at,
        previous=previous,
        head=head_of(previous, table, columns, runs, digests, at),
        upto=max(start, runs[-1][1], *(last for _, last in recent)),
    )
    return {"head": found.head, "seal": found.pk, "table": table, "rows": len(rows), "at": at.isoformat()}


def sealed_until(table: str, at: datetime) -> tuple[int, Runs]:
    """The number up to which nothing more is sealed, and what is sealed after it."""
    seals = AuditSeal.objects.filter(table_name=table)
    old = seals.filter(at__lt=at - LATE).order_by("-at").values_list("upto", flat=True).first() or 0
    recent = merged(
        run for ids in seals.filter(at__gte=at - LATE).values_list("ids", flat=True) for run in ids
    )
    beyond = [run for run in recent if run[1] > old]
    if beyond and beyond[0][0] <= old + 1:
        old = beyond.pop(0)[1]
    return old, beyond
