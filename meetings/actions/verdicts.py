"""A verdict on a cause that a meeting gives: the patient's own review, noted on the item too."""

from django.utils import timezone

from accounts.models import User
from meetings.models import AgendaItem
from patients.actions.reviews import review_cause
from patients.models import CauseReview

from .turns import holding


def judge(
    *, item: AgendaItem, by: User, cause: str, verdict: str, note: str, seen: int | None
) -> CauseReview:
    """Raises as `review_cause` does. The item has been discussed then, whatever else is written."""
    with holding(by=by, meeting=item.meeting):
        review = review_cause(patient=item.patient, by=by, cause=cause, verdict=verdict, note=note, seen=seen)
        AgendaItem.objects.filter(pk=item.pk).update(written_by=by, written_at=timezone.now())
        return review
