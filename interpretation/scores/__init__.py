"""The scores of a case: each from one draw or the nearest values allowed, with their dates, or why not.

To add a score: a function `@score("its_key")` in the module of its noun, an entry `[score.its_key]` in
scores.toml (its place there is its place on the page), and a row of tests/interpretation/scores/test_scores.py.
"""

from datetime import datetime

from interpretation.record.records import Case
from interpretation.scores import (  # noqa: F401 - each module registers its scores
    aarc,
    acute_failure,
    child_pugh,
    clif,
    dic,
    fibrosis,
    injury,
    inr_free,
    meld,
)
from interpretation.scores.acute_failure import acute_liver_failure
from interpretation.scores.evaluate import evaluate
from interpretation.scores.score import Input, Score, as_json
from interpretation.scores.spec import LIMITS, SPECS
from interpretation.scores.values import Values

LIMITS.read_by(__name__, "series_length")

__all__ = [
    "KEYS",
    "SPECS",
    "Input",
    "Score",
    "acute_liver_failure",
    "as_json",
    "score_series",
    "scores",
]

KEYS = tuple(SPECS)


def scores(case: Case) -> dict[str, Score]:
    """Every score at the latest draw that holds its key test, in the order of scores.toml."""
    values = Values(case)
    return {key: evaluate(key, values) for key in KEYS}


def score_series(case: Case, key: str) -> tuple[tuple[datetime, Score], ...]:
    """One score at each draw that holds its key test, oldest first; of very many only the latest 200."""
    values = Values(case)
    draws = values.anchors(SPECS[key].key)[-int(LIMITS.series_length) :]
    return tuple((draw.taken_at, evaluate(key, values, draw)) for draw in draws)
