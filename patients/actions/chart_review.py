"""Chart reviews: a sample is drawn, reviewers add labels. Nothing of either is changed later."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import Clinic, User
from accounts.permissions import Can, people_who
from interpretation import knowledge
from patients.chart_review.judging import Standing
from patients.chart_review.reading import candidates
from patients.chart_review.sampling import Candidate, Sampled, sample
from patients.models import ChartItem, ChartLabel, ChartReview

from .errors import Refused, refusing

FIELDS = ("dissociation", "urgency", "cause", "confidence", "note")


@transaction.atomic
def make_review(
    *, clinic: Clinic, by: User, name: str, people: Mapping[str, User], since: date, size: int, seed: int
) -> ChartReview:
    """Draws the sample. `people`: first, second, decider. Raises Refused where there is nothing to draw from."""
    allowed = set(people_who(Can.DECIDE, clinic))
    if not set(people.values()) <= allowed:
        raise Refused("Reviewers are clinicians of the clinic.", "first")
    found, population = candidates(clinic, since, seed)
    if not found:
        raise Refused("No draw with an INR since then. Choose an earlier day.", "since")
    with refusing():
        review = ChartReview.objects.create(
            clinic=clinic,
            by=by,
            name=name,
            since=since,
            seed=seed,
            population=population,
            read=len(found),
            knowledge_version=knowledge.VERSION,
            **people,
        )
        drawn = sample(found, size=size, seed=seed, population=population)
        ChartItem.objects.bulk_create(_items(review, drawn))
    return review


def _items(review: ChartReview, drawn: list[Sampled[Candidate]]) -> list[ChartItem]:
    return [
        ChartItem(
            review=review,
            number=number,
            weight=one.weight,
            draw_id=one.candidate.draw,
            patient_id=one.candidate.patient,
            as_of=one.candidate.as_of,
            stratum=one.candidate.stratum,
            grade=one.candidate.grade,
            urgency=one.candidate.urgency,
        )
        for number, one in enumerate(drawn, start=1)
    ]


@transaction.atomic
def add_labels(*, review: ChartReview, by: User, labels: Mapping[int, Mapping[str, Any]]) -> int:
    """Adds each {number: label} that says something new; how many. All of them or none.

    Raises Refused where the person is not asked about one of them, or no longer.
    """
    # Two people who finish at once take turns; nobody may change, nor so lock, a review itself.
    Clinic.objects.select_for_update(no_key=True).get(pk=review.clinic_id)
    standing = Standing(review)
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
