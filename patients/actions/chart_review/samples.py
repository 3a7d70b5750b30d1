"""A chart review is made: its sample is drawn. Nothing of it is changed later."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from accounts.models import Clinic, User
from accounts.permissions import Can, people_who
from interpretation import knowledge
from patients.actions.errors import Refused, refusing
from patients.chart_review.reading import candidates
from patients.chart_review.sampling import CandidateDraw, Sampled, sample
from patients.models import ChartItem, ChartReview


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


def _items(review: ChartReview, drawn: list[Sampled[CandidateDraw]]) -> list[ChartItem]:
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
