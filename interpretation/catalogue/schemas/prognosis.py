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
                "climbing": TableShape({"text": BAND, "below": BAND}, sourced=True),
                "hazard": TableShape({"cirrhosis": TEXT, "advanced_fibrosis": TEXT}, sourced=True),
                "share": TableShape({"text": Sentence("latest")}, sourced=True),
            }
        ),
        "meaning": TableShape({"words": TEXT}, sourced=True),
        "words": sentences({"not_derived": "unmet", "open_causes": "causes"}),
        "unmet": sentences(UNMET | {"confounded": "causes", "anticoagulated": "causes"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    """Each figure, and what they mean, is that of a statement."""
    data, known = files["prognosis"], files["statements"]["statement"]
    places = {f"figure.{key}": row for key, row in data["figure"].items()} | {"meaning": data["meaning"]}
    for place, row in places.items():
        if row["sources"][0] not in known:
            fault = f"prognosis.toml: {place}.sources: {row['sources'][0]!r} is no statement"
            yield f"{fault}: name first the one that is corrected"
