"""The labels of a chart review as CSV: a reviewer's own out and in; everybody's once it is complete."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import log_accesses
from interpretation.words import counted
from patients.actions.chart_review import add_labels
from patients.actions.errors import Refused
from patients.chart_review.files import Unreadable, all_rows, as_csv, own_rows, read_labels
from patients.chart_review.judging import ReviewStanding
from patients.chart_review.unblinded import PAGE
from patients.models import ChartReview

from .access import review_asked, review_for
from .reviews import standing_page

MOST_BYTES = 1_000_000


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def chart_review_labels(request: HttpRequest, review_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _bring_in(request, review_asked(request.user, review_id))
    standing = ReviewStanding(review_for(request.user, review_id))
    if standing.is_complete:
        log_accesses(
            user=request.user, patients=[item.patient for item in standing.items], page="chart-result"
        )
        return _file(all_rows(standing))
    review_asked(request.user, review_id)
    log_accesses(user=request.user, patients=[item.patient for item in standing.items], page=PAGE)
    return _file(own_rows(standing, request.user))


def _file(rows) -> HttpResponse:
    response = HttpResponse("\ufeff" + as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="labels.csv"'
    return response


def _bring_in(request: HttpRequest, review: ChartReview) -> HttpResponse:
    """All answers of a file, or none and a sentence that says where it is wrong."""
    file = request.FILES.get("file")
    if file is None or file.size > MOST_BYTES:
        return standing_page(
            request, review, 422, refused="Choose a CSV file of this review, of at most 1 MB."
        )
    try:
        labels = read_labels(file.read(), request.user.get_username())
        added = add_labels(review=review, by=request.user, labels=labels)
    except (Unreadable, Refused) as refusal:
        sentence = refusal.sentence if isinstance(refusal, Refused) else str(refusal)
        return standing_page(request, review, 422, refused=f"Nothing was stored. {sentence}")
    messages.success(request, f"{counted(added, 'answer')} stored, {len(labels) - added} were there already.")
    return redirect("patients:chart-review", review.uuid)


urls = [path("chart-reviews/<uuid:review_id>/labels/", chart_review_labels, name="chart-review-labels")]
