"""How often each entry of the knowledge stands behind a reading: counted at night, the old numbers replaced."""

from collections import Counter
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from interpretation.record.records import Report
from interpretation.report import interpret
from patients.models import Patient, ShownEntry
from patients.report.panel import cases_for
from patients.review.behind import entries_behind

# Enough to tell what is often behind a reading from what never is; the patients assessed last.
SAMPLE = 300
BATCH = 50


@transaction.atomic
def count_shown(sample: int = SAMPLE) -> int:
    """Reads the patients assessed last anew; of how many it was counted."""
    now = timezone.now()
    counted: Counter[str] = Counter()
    of = 0
    for report in _reports(sample, now):
        counted.update(entry.anchor for entry in entries_behind(report))
        of += 1
    ShownEntry.objects.all().delete()
    ShownEntry.objects.bulk_create(
        ShownEntry(entry=anchor, patients=patients, of=of, counted_at=now)
        for anchor, patients in counted.items()
    )
    return of


def _reports(sample: int, now) -> Iterator[Report]:
    known = Patient.objects.current().filter(assessment__isnull=False)
    patients = list(known.order_by("-assessment__assessed_at", "pk")[:sample])
    for start in range(0, len(patients), BATCH):
        for case in cases_for(patients[start : start + BATCH], now).values():
            yield interpret(case)
