"""What a complete chart review says of the rule."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actions import log_accesses
from patients.chart_review.judging import ReviewStanding
from patients.chart_review.presenting import result_page

from .access import review_for


@login_required
@never_cache
@require_safe
def chart_review_result(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Not before it is complete: whoever still answers would see what others said."""
    standing = ReviewStanding(review_for(request.user, review_id))
    if not standing.is_complete:
        messages.info(request, "The result comes once everything is answered.")
        return redirect("patients:chart-review", review_id)
    log_accesses(user=request.user, patients=[item.patient for item in standing.items], page="chart-result")
    return render(request, "patients/chart_review/result.html", result_page(standing))


urls = [path("chart-reviews/<uuid:review_id>/result/", chart_review_result, name="chart-review-result")]
