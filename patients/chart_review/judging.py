"""What the labels of a review say: where it stands, who must still answer, and the result once it is complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from accounts.models import User
from interpretation.rule.grading import PATTERN
from patients.models import ChartItem, ChartLabel, ChartReview

from .statistics import Agreement, Estimate, agreement, estimate


@dataclass(frozen=True)
class JudgedItem:
    """One item with the latest label of each; `decided` is the decider's, None where both agree."""

    item: ChartItem
    first: ChartLabel | None
    second: ChartLabel | None
    decided: ChartLabel | None

    @property
    def differs(self) -> bool:
        return self.first.dissociation != self.second.dissociation

    @property
    def is_flagged(self) -> bool:
        return self.item.grade in PATTERN

    @property
    def truth(self) -> bool:
        """What both said, or whoever decides."""
        return self.decided.dissociation if self.differs else self.first.dissociation


class ReviewStanding:
    """Where a review stands, from its items and their labels: two queries."""

    def __init__(self, review: ChartReview) -> None:
        self.review = review
        self.items = list(review.items.select_related("patient__clinic").order_by("number"))
        latest: dict[tuple[int, int], ChartLabel] = {}
        for label in ChartLabel.objects.filter(item__review=review).order_by("at", "id"):
            latest[label.item_id, label.by_id] = label
        self.latest = latest

    def label(self, item: ChartItem, by: int) -> ChartLabel | None:
        return self.latest.get((item.pk, by))

    @cached_property
    def judged(self) -> list[JudgedItem]:
        who = self.review.first_id, self.review.second_id, self.review.decider_id
        return [JudgedItem(item, *(self.label(item, by) for by in who)) for item in self.items]

    @property
    def both_finished(self) -> bool:
        """Both reviewers have answered everything; from then on they change nothing."""
        return all(one.first and one.second for one in self.judged)

    @property
    def differing(self) -> list[ChartItem]:
        """What the third decides: nothing is, before both have finished."""
        return [one.item for one in self.judged if one.differs] if self.both_finished else []

    @property
    def is_complete(self) -> bool:
        return self.both_finished and all(one.decided for one in self.judged if one.differs)

    def items_of(self, user: User) -> list[ChartItem]:
        """What this person is asked about: everything, or what the two differ about, or nothing."""
        if user.pk in (self.review.first_id, self.review.second_id):
            return self.items
        return self.differing if user.pk == self.review.decider_id else []

    def open_for(self, user: User) -> list[ChartItem]:
        return [item for item in self.items_of(user) if not self.label(item, user.pk)]

    def is_locked(self, user: User) -> bool:
        """Its answers would change what others have built on."""
        return self.is_complete or (self.both_finished and user.pk != self.review.decider_id)


@dataclass(frozen=True)
class FlagFigures:
    """PPV, sensitivity and specificity of the flag, against the reviewers."""

    ppv: Estimate
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True)
class ReviewResult:
    """`in_sample` counts each draw once; `in_period` as often as it stands for draws of the period."""

    dissociation: Agreement
    urgency: Agreement
    cause: Agreement
    in_sample: FlagFigures
    in_period: FlagFigures


def result(judged: Iterable[JudgedItem]) -> ReviewResult:
    """Of a complete review."""
    judged = list(judged)
    return ReviewResult(
        *(_agreement(judged, field) for field in ("dissociation", "urgency", "cause")),
        in_sample=_figures([(one, 1.0) for one in judged]),
        in_period=_figures([(one, one.item.weight) for one in judged]),
    )


def _agreement(judged: list[JudgedItem], field: str) -> Agreement:
    return agreement(
        (one.item.patient_id, getattr(one.first, field), getattr(one.second, field)) for one in judged
    )


def _figures(weighted: list[tuple[JudgedItem, float]]) -> FlagFigures:
    return FlagFigures(
        ppv=estimate((one.item.patient_id, one.truth, weight) for one, weight in weighted if one.is_flagged),
        sensitivity=estimate(
            (one.item.patient_id, one.is_flagged, weight) for one, weight in weighted if one.truth
        ),
        specificity=estimate(
            (one.item.patient_id, not one.is_flagged, weight) for one, weight in weighted if not one.truth
        ),
    )
