"""surprise.toml: which change of a result is marked, and which waits for an answer."""

from collections.abc import Iterable

from .limits import Limits
from .shape import TEXT, Each, Files, Flag, Number, Sentence, Table

BRACES = "name before day now"

SHAPE = Table(
    {
        "limit": Limits({"times the value before": "near wait_fold", "d": "wait_days"}),
        "sentence": Table(
            {
                "marked": Table({"text": Sentence(BRACES)}, sourced=True),
                "asked": Table({"text": Sentence(BRACES)}, sourced=True),
                "waits_unit": Table({"text": Sentence(f"{BRACES} meant")}, sourced=True),
                "waits_decimal": Table({"text": Sentence(f"{BRACES} meant")}, sourced=True),
            }
        ),
        "jump": Each(
            Table(
                {"fold": Number(1.01, 1000), "days": Number(0, 3660), "decimals": Flag(), "words": TEXT},
                sourced=True,
            )
        ),
    }
)


def rules(files: Files) -> Iterable[str]:
    for key in files["surprise"]["jump"]:
        if key not in files["analytes"]["analyte"]:
            yield f"surprise.toml: jump.{key}: no such test: add it to analytes.toml or take the row out"
