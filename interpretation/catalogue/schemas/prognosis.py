"""prognosis.toml: figures with their population, and why they do not hold."""

from collections.abc import Iterable

from ..shape import TEXT, Files, Sentence, TableShape, plain, sentences

BAND = Sentence("latest band disease")
UNMET = plain("died disease child age transplant pregnancy contributing vitamin_k unread two_laboratories")

SHAPE = TableShape(
    {
        "population": TableShape({"text": TEXT}, sourced=True),
        "figure": TableShape(
            {
                "S9": TableShape({"text": BAND, "below": BAND}, sourced=True),
                "S12": TableShape({"cirrhosis": TEXT, "advanced_fibrosis": TEXT}, sourced=True),
                "S15": TableShape({"text": Sentence("latest")}, sourced=True),
            }
        ),
        "words": sentences({"not_derived": "unmet", "open_causes": "causes"}),
        "unmet": sentences(UNMET | {"confounded": "causes", "anticoagulated": "causes"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    return ()
