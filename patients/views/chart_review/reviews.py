"""The list of chart reviews, a new one, and where one stands."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from patients.actions.chart_review import make_review
from patients.actions.errors import Refused
from patients.chart_review.judging import ReviewStanding
from patients.forms.chart_review import ReviewForm
from patients.models import ChartReview

from .access import makers_clinics, review_for


@login_required
@never_cache
@require_safe
def chart_reviews(request: HttpRequest) -> HttpResponse:
    clinics = makers_clinics(request.user)
    found = ChartReview.objects.filter(clinic__in=clinics).select_related("clinic", "by")
    return render(request, "patients/chart_review/reviews.html", {"reviews": found, "own_clinics": clinics})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def chart_review_add(request: HttpRequest) -> HttpResponse:
    clinics = makers_clinics(request.user)
    code = request.POST.get("clinic") or request.GET.get("clinic")
    clinic = next((one for one in clinics if one.code == code), clinics[0])
    form = ReviewForm(request.POST or None, clinic=clinic, initial={"size": 20})
    if form.is_valid():
        data = form.cleaned_data
        said = {name: data[name] for name in ("name", "since", "size", "seed")}
        try:
            review = make_review(clinic=clinic, by=request.user, people=form.people, **said)
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
        else:
            messages.success(request, f"{review.items.count()} draws are in the sample.")
            return redirect("patients:chart-review", review.uuid)
    status = 422 if form.is_bound else 200
    return render(
        request, "patients/chart_review/add.html", {"form": form, "own_clinics": clinics}, status=status
    )


@login_required
@never_cache
@require_safe
def chart_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    return standing_page(request, review_for(request.user, review_id))


def standing_page(request: HttpRequest, review: ChartReview, status: int = 200, **more: str) -> HttpResponse:
    """Where a review stands: who has answered how many, never what."""
    standing = ReviewStanding(review)
    own = standing.items_of(request.user)
    left = standing.open_for(request.user)
    context = {
        "review": review,
        "items": len(standing.items),
        "people": [_progress(standing, *one) for one in _people(review)],
        "is_complete": standing.is_complete,
        "is_locked": standing.is_locked(request.user),
        "is_reviewer": request.user.pk in (review.first_id, review.second_id, review.decider_id),
        "own": own,
        "next": left[0] if left else None,
        "answered": {item.number for item in own} - {item.number for item in left},
    }
    return render(request, "patients/chart_review/review.html", {**context, **more}, status=status)


def _people(review: ChartReview) -> list[tuple[str, User]]:
    return [
        ("First reviewer", review.first),
        ("Second reviewer", review.second),
        ("Decides where they differ", review.decider),
    ]


def _progress(standing: ReviewStanding, role: str, user: User) -> tuple[str, User, str]:
    """ "7 of 20"; of the third nothing before both have finished: how often they differ would tell each something."""
    asked = len(standing.items_of(user))
    if user.pk == standing.review.decider_id and not standing.both_finished:
        return role, user, "waits for both"
    return role, user, f"{asked - len(standing.open_for(user))} of {asked}"


urls = [
    path("chart-reviews/", chart_reviews, name="chart-reviews"),
    path("chart-reviews/add/", chart_review_add, name="chart-review-add"),
    path("chart-reviews/<uuid:review_id>/", chart_review, name="chart-review"),
]
