"""One draw of a chart review, blinded: its sheet and the answers to it; and all sheets on paper."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import log_accesses
from accounts.permissions import Can
from patients.access import patient_for
from patients.actions.chart_review import FIELDS, add_labels
from patients.actions.errors import Refused
from patients.chart_review.judging import ReviewStanding
from patients.chart_review.sheet import sheet
from patients.chart_review.unblinded import PAGE
from patients.chart_review.words import DISSOCIATION
from patients.forms.chart_review import LabelForm
from patients.models import ChartItem, ChartLabel

from .access import review_asked


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def chart_review_item(request: HttpRequest, review_id: UUID, number: int) -> HttpResponse:
    review = review_asked(request.user, review_id)
    standing = ReviewStanding(review)
    item = next((one for one in standing.items_of(request.user) if one.number == number), None)
    if item is None:
        raise Http404
    item.patient = patient_for(request.user, item.patient.uuid, Can.DECIDE, page=PAGE)
    form = LabelForm(request.POST or None, initial=_said(standing.label(item, request.user.pk)))
    if form.is_valid():
        try:
            add_labels(review=review, by=request.user, labels={number: form.cleaned_data})
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return _on(request, ReviewStanding(review), number)
    return _show(request, standing, item, form)


def _said(label: ChartLabel | None) -> dict:
    if label is None:
        return {}
    return {field: getattr(label, field) for field in FIELDS} | {
        "dissociation": DISSOCIATION[label.dissociation]
    }


def _on(request: HttpRequest, standing: ReviewStanding, number: int) -> HttpResponse:
    """The next that is open, or where the review stands."""
    messages.success(request, f"Number {number} saved.")
    left = standing.open_for(request.user)
    if not left:
        return redirect("patients:chart-review", standing.review.uuid)
    after = next((one for one in left if one.number > number), left[0])
    return redirect("patients:chart-review-item", standing.review.uuid, after.number)


def _show(request: HttpRequest, standing: ReviewStanding, item: ChartItem, form: LabelForm) -> HttpResponse:
    context = {
        "review": standing.review,
        "sheet": sheet(item),
        "form": form,
        "of": len(standing.items),
        "is_locked": standing.is_locked(request.user),
    }
    status = 422 if form.is_bound else 200
    return render(request, "patients/chart_review/item.html", context, status=status)


@login_required
@never_cache
@require_safe
def chart_review_paper(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """One sheet a draw, with the questions below it, for whoever reviews on paper."""
    review = review_asked(request.user, review_id)
    items = ReviewStanding(review).items_of(request.user)
    log_accesses(user=request.user, patients=[item.patient for item in items], page=PAGE)
    context = {"review": review, "sheets": [sheet(item) for item in items], "form": LabelForm()}
    return render(request, "patients/chart_review/paper.html", context)


urls = [
    path("chart-reviews/<uuid:review_id>/<int:number>/", chart_review_item, name="chart-review-item"),
    path("chart-reviews/<uuid:review_id>/paper/", chart_review_paper, name="chart-review-paper"),
]
