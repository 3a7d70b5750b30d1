"""corroboration.toml: albumin, platelets and bilirubin beside the verdict."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, Files, TableShape, Word, sentences

NOTES = {
    "albumin_infusion": "when",
    "albumin_infusion_before": "when",
    "albumin_quick": "days",
    "platelets": "when",
    "two_laboratories": "first last",
    "albumin_method": "",
}
MARKER = TableShape({"name": NAME, "unit": NAME, "worse": Word(("up", "down"))}, sourced=True)

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "d": "albumin_infusion_days albumin_half_life_days platelet_transfusion_days",
                "×10⁹/L": "portal_platelets",
            }
        ),
        "marker": TableShape({"albumin": MARKER, "platelets": MARKER, "bilirubin_total": MARKER}),
        "note": sentences(NOTES),
        "portal": sentences({"text": "", "low": "value", "kept": "value"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    return ()
