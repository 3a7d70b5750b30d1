"""characteristics.toml: the simulated patients by which the rule is measured."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, TEXT, Each, Files, FlagShape, Many, NumberShape, Shape, TableShape, Word

MEASURES = "possible established critical today 24_to_48_h 1_to_2_weeks 4_weeks"
PERCENT = NumberShape(0, 100)
CV = NumberShape(0.1, 100)
FIGURES = TableShape({}, dict.fromkeys(MEASURES.split(), PERCENT))


def course(low: float, high: float) -> Shape:
    """The true value at the first and at the last draw."""
    return Many(NumberShape(low, high), least=2, most=2)


SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "%": "alt_cv ast_cv inr_cv bilirubin_cv false_today",
                "INR": "inr_step",
                "patients": "published_patients",
                "standard deviations": "agreement",
            }
        ),
        "group": Each(TableShape({"name": NAME}, sourced=True)),
        "cell": Each(
            TableShape(
                {
                    "group": NAME,
                    "words": TEXT,
                    "draws": NumberShape(2, 100, whole=True),
                    "spacing": NumberShape(0.1, 548),
                    "INR": course(0.5, 20),
                    "ALT": course(1, 20_000),
                    "AST": course(1, 20_000),
                    "diagnosis": Word(may_be_empty=True),
                },
                {
                    "bilirubin_total": course(1, 1000),
                    "alt_cv": CV,
                    "inr_cv": CV,
                    "second_laboratory": FlagShape(),
                    "published": FIGURES,
                    "at_most": FIGURES,
                },
                sourced=True,
            )
        ),
    }
)


def rules(files: Files) -> Iterable[str]:
    data = files["characteristics"]
    for key, cell in data["cell"].items():
        if cell["group"] not in data["group"]:
            yield f"characteristics.toml: cell.{key}.group: no such group: use one of {', '.join(data['group'])}"
