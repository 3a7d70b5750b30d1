"""The result of a chart review in words and rows."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from interpretation.words import number
from patients.models import ChartItem, ChartLabel
from patients.report.as_of import text_of
from patients.words import GRADE_WORDS

from .judging import FlagFigures, JudgedItem, ReviewStanding, result
from .statistics import Agreement, Estimate
from .unblinded import opened
from .words import CAUSES, CONFIDENCE, DISSOCIATION, STRATUM_WORDS, URGENCY

FIGURES = {
    "ppv": ("Positive predictive value", "of the flagged, how many the reviewers confirm"),
    "sensitivity": ("Sensitivity", "of those that the reviewers name, how many are flagged"),
    "specificity": ("Specificity", "of the others, how many are not flagged"),
}
QUESTIONS = {"dissociation": "Dissociation", "urgency": "How soon", "cause": "Likeliest cause"}


def result_page(standing: ReviewStanding) -> dict[str, Any]:
    """What the page of a complete review shows."""
    found = result(standing.judged)
    people = {
        user.pk: user for user in (standing.review.first, standing.review.second, standing.review.decider)
    }
    return {
        "review": standing.review,
        "items": len(standing.items),
        "patients": len({item.patient_id for item in standing.items}),
        "strata": _strata(standing),
        "figures": [_figure(name, found.in_sample, found.in_period) for name in FIGURES],
        "agreement": [(words, *_agreement(getattr(found, name))) for name, words in QUESTIONS.items()],
        "rows": [_row(one) for one in standing.judged],
        "opened": [(people[by], count) for by, count in opened(standing).items() if count],
    }


def _strata(standing: ReviewStanding) -> list[tuple[str, int, str]]:
    """(stratum, draws in the sample, for how many draws of the period each stands)."""
    counts = Counter(item.stratum for item in standing.items)
    weights = {item.stratum: item.weight for item in standing.items}
    return [
        (STRATUM_WORDS[name], counts[name], number(weights[name], 1))
        for name in STRATUM_WORDS
        if counts[name]
    ]


def _figure(name: str, in_sample: FlagFigures, in_period: FlagFigures) -> tuple[str, str, str, str]:
    sampled, weighted = getattr(in_sample, name), getattr(in_period, name)
    counted = f"{sampled.hits} of {sampled.of}: {_share(sampled)}" if sampled.of else "none to count"
    return (*FIGURES[name], counted, _share(weighted))


def _share(found: Estimate) -> str:
    """ "83% (55 to 95)"."""
    if found.share is None:
        return "–"
    share, low, high = (number(100 * one) for one in (found.share, found.low, found.high))
    return f"{share}% ({low} to {high})"


def _agreement(found: Agreement) -> tuple[str, str]:
    """ "18 of 20" and "0.79 (0.51 to 1.00)"."""
    said = f"{found.agreed} of {found.of}"
    if found.kappa is None:
        return said, "none: both said the same of all"
    if found.low is None:
        return said, f"{number(found.kappa, 2)} (no interval from so few)"
    return said, f"{number(found.kappa, 2)} ({number(found.low, 2)} to {number(found.high, 2)})"


def _row(one: JudgedItem) -> dict[str, Any]:
    return {
        "number": one.item.number,
        "address": _address(one.item),
        "grade": GRADE_WORDS[one.item.grade],
        "urgency": URGENCY[one.item.urgency],
        "said": [_label(label) for label in (one.first, one.second, one.decided)],
        "truth": DISSOCIATION[one.truth],
        "is_error": one.truth != one.is_flagged,
    }


def _address(item: ChartItem) -> str:
    """The patient's page as of the draw."""
    as_of = text_of(item.as_of, item.patient.clinic.zone)
    return f"{reverse('patients:detail', args=[item.patient.uuid])}?{urlencode({'as_of': as_of})}"


def _label(label: ChartLabel | None) -> str:
    if label is None:
        return ""
    said = f"{DISSOCIATION[label.dissociation]}, {URGENCY[label.urgency]}; {CAUSES[label.cause]}"
    note = f"; {label.note}" if label.note else ""
    return f"{said} ({CONFIDENCE[label.confidence].lower()}){note}"
