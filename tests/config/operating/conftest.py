"""A queue that holds nothing: what a test before has committed waits in it too."""

import pytest
from django.db import connection

QUEUE = (
    "procrastinate_periodic_defers",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_workers",
)


@pytest.fixture
def empty_queue(db) -> None:
    with connection.cursor() as cursor:
        for table in QUEUE:
            cursor.execute(f"DELETE FROM {table}")
