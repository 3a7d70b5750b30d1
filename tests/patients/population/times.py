"""When the made-up patients were compared."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASELINE, LATEST = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)
