"""Which chart reviews a person sees, and what that person is asked in them."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import Clinic, User
from accounts.permissions import Can, clinics_of, clinics_with, may, require, require_any
from patients.models import ChartReview


def makers_clinics(user: User) -> list[Clinic]:
    """The clinics in which this person makes reviews; refused where there is none."""
    found = {*clinics_with(user, Can.DECIDE), *clinics_with(user, Can.MANAGE_STAFF)}
    if not found:
        require_any(user, Can.DECIDE)
    return [clinic for clinic in clinics_of(user) if clinic in found]


def review_for(user: User, uuid: UUID) -> ChartReview:
    """The review, for clinicians and administrators of its clinic: else 404 (elsewhere) or 403."""
    found = ChartReview.objects.filter(clinic__in=clinics_of(user))
    review = get_object_or_404(found.select_related("clinic", "first", "second", "decider", "by"), uuid=uuid)
    if not may(user, Can.MANAGE_STAFF, review.clinic):
        require(user, Can.DECIDE, review.clinic)
    return review


def review_asked(user: User, uuid: UUID) -> ChartReview:
    """The same for its reviewers alone."""
    review = review_for(user, uuid)
    require(user, Can.DECIDE, review.clinic)
    if user.pk not in (review.first_id, review.second_id, review.decider_id):
        raise PermissionDenied("You are no reviewer of this chart review. Its page names who is.")
    return review
