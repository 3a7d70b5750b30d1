"""The monthly figures of a clinic are made anew, all at once."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic
from meetings.figures.counting import MONTHS, count_months
from meetings.models import FigureMonth


def count_figures(
    *,
    clinic: Clinic,
    now: datetime | None = None,
    months: int = MONTHS,
    progress: Callable[[int], None] = lambda done: None,
) -> list[FigureMonth]:
    """Counts without holding anything, then takes the place of what was there; of two the later stays."""
    rows = count_months(clinic, now or timezone.now(), months, progress)
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        FigureMonth.objects.filter(clinic=clinic).delete()
        return FigureMonth.objects.bulk_create(rows)
