"""Reviewers add labels. None is changed later."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Clinic, User
from patients.actions.errors import Refused, refusing
from patients.chart_review.judging import ReviewStanding
from patients.models import ChartLabel, ChartReview

FIELDS = ("dissociation", "urgency", "cause", "confidence", "note")


@transaction.atomic
def add_labels(*, review: ChartReview, by: User, labels: Mapping[int, Mapping[str, Any]]) -> int:
    """Adds each {number: label} that says something new; how many. All of them or none.

    Raises Refused where the person is not asked about one of them, or no longer.
    """
    # Two people who finish at once take turns; nobody may change, nor so lock, a review itself.
    Clinic.objects.select_for_update(no_key=True).get(pk=review.clinic_id)
    standing = ReviewStanding(review)
    if standing.is_locked(by):
        raise Refused("Both reviewers have finished: answers are no longer changed.")
    asked = {item.number: item for item in standing.items_of(by)}
    if unknown := sorted(set(labels) - set(asked)):
        raise Refused(f"You are not asked about number {unknown[0]}.", "number")
    new = [
        ChartLabel(item=asked[number], by=by, **said)
        for number, said in labels.items()
        if _says(standing.label(asked[number], by.pk)) != dict(said)
    ]
    with refusing():
        ChartLabel.objects.bulk_create(new)
    return len(new)


def _says(label: ChartLabel | None) -> dict[str, Any] | None:
    return label and {field: getattr(label, field) for field in FIELDS}
