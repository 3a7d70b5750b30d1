"""surprise.toml: which change of a result is marked, and which waits for an answer."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import TEXT, Each, Files, FlagShape, NumberShape, Sentence, TableShape

BRACES = "name before day now"

SHAPE = TableShape(
    {
        "limit": LimitsShape({"times the value before": "near near_beyond wait_fold", "d": "wait_days"}),
        "sentence": TableShape(
            {
                "marked": TableShape({"text": Sentence(BRACES)}, sourced=True),
                "asked": TableShape({"text": Sentence(BRACES)}, sourced=True),
                "waits_unit": TableShape({"text": Sentence(f"{BRACES} meant")}, sourced=True),
                "waits_decimal": TableShape({"text": Sentence(f"{BRACES} meant")}, sourced=True),
            }
        ),
        "jump": Each(
            TableShape(
                {
                    "fold": NumberShape(1.01, 1000),
                    "days": NumberShape(0, 3660),
                    "decimals": FlagShape(),
                    "words": TEXT,
                },
                sourced=True,
            )
        ),
    }
)


def rules(files: Files) -> Iterable[str]:
    for key in files["surprise"]["jump"]:
        if key not in files["analytes"]["analyte"]:
            yield f"surprise.toml: jump.{key}: no such test: add it to analytes.toml or take the row out"
