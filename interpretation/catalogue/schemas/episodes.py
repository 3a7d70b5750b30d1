"""episodes.toml: how long a break may be, and how an episode ends."""

from collections.abc import Iterable

from ..limits import LimitsShape, rising
from ..shape import NAME, Files, TableShape, keyed

CLOSINGS = {
    "resolved": "inr nadir",
    "recovering": "from_inr inr nadir",
    "explained": "cause inr nadir",
    "vitamin_k": "from_inr inr",
    "progressed": "inr nadir",
    "transplanted": "",
    "died": "",
    "not_followed": "",
}

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {"draws": "points", "d": "break_acute_days break_subacute_days break_chronic_days"}
        ),
        "closing": keyed(CLOSINGS, name=NAME),
    }
)


def rules(files: Files) -> Iterable[str]:
    return rising(files["episodes"], "episodes", "break_acute_days break_subacute_days break_chronic_days")
