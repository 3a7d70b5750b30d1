"""The other causes of a raised INR that a person must exclude, each with what the record already holds.

`causes.toml` has the words and the look-backs; `facts` says which entry of the record belongs to which
cause. Only facts are listed: the verdict is always a person's.
"""

from dataclasses import dataclass

from interpretation.causes.facts import FACTS
from interpretation.causes.recorded import Recorded, recorded
from interpretation.knowledge import load
from interpretation.records import Case, Review


@dataclass(frozen=True)
class Cause:
    """One alternate cause. `review` is a person's latest verdict, None when nobody has looked yet."""

    key: str
    name: str
    why: str
    supports: tuple[str, ...]
    argues_against: tuple[str, ...]
    settles: str
    sources: tuple[str, ...]
    review: Review | None = None
    verdict: str = "pending"
    recorded: tuple[str, ...] = ()


def alternate_causes(case: Case) -> tuple[Cause, ...]:
    """Every cause: contributing first, then pending with something recorded, pending, excluded.

    Within each of these groups the clinical order of `causes.toml` is kept. [ED]
    """
    record = recorded(case)
    reviews = _latest_reviews(case)
    causes = [_cause(key, words, record, reviews.get(key)) for key, words in load("causes")["cause"].items()]
    return tuple(sorted(causes, key=_rank))


def _cause(key: str, words: dict, record: Recorded, review: Review | None) -> Cause:
    return Cause(
        key=key,
        name=words["name"],
        why=words["why"],
        supports=tuple(words["supports"]),
        argues_against=tuple(words["argues_against"]),
        settles=words["settles"],
        sources=tuple(words["sources"]),
        review=review,
        verdict=review.verdict if review else "pending",
        recorded=tuple(dict.fromkeys(FACTS[key](record))) if key in FACTS else (),
    )


def _rank(cause: Cause) -> int:
    if cause.verdict == "contributing":
        return 0
    if cause.verdict == "excluded":
        return 3
    return 1 if cause.recorded else 2


def _latest_reviews(case: Case) -> dict[str, Review]:
    latest: dict[str, Review] = {}
    for review in case.reviews:
        known = latest.get(review.cause)
        if review.on <= case.as_of and (known is None or review.on >= known.on):
            latest[review.cause] = review
    return latest
