"""variation.toml: coefficients of variation and the deviates of reference changes."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, TEXT, Each, Files, NumberShape, TableShape

PERCENT = NumberShape(0.01, 200)

SHAPE = TableShape(
    {
        "limit": LimitsShape({"standard deviations": "one_sided_95 one_sided_99 two_sided_95 two_sided_99"}),
        "formula": Each(TableShape({"name": NAME, "text": TEXT}, sourced=True)),
        "cv": Each(
            TableShape(
                {"words": TEXT},
                {"cvi": PERCENT, "cva": PERCENT, "total": PERCENT, "two_laboratories": PERCENT},
                sourced=True,
            ),
            "ALT AST INR",
        ),
    }
)


def rules(files: Files) -> Iterable[str]:
    for key in files["variation"]["cv"]:
        if key not in files["analytes"]["analyte"]:
            yield f"variation.toml: cv.{key}: no such test: add it to analytes.toml or take the row out"
    # The rule judges these in one laboratory and in two.
    for key, names in {"ALT": ["total"], "AST": ["total"], "INR": ["total", "two_laboratories"]}.items():
        row = files["variation"]["cv"][key]
        for name in names:
            if name not in row and not (name == "total" and {"cvi", "cva"} <= row.keys()):
                yield f"variation.toml: cv.{key}.{name}: missing: the rule needs it, add it"
