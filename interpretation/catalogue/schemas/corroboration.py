"""corroboration.toml: albumin, platelets and bilirubin beside the verdict."""

from collections.abc import Iterable

from .limits import Limits
from .shape import NAME, Files, Table, Word, sentences

NOTES = {
    "albumin_infusion": "when",
    "albumin_infusion_before": "when",
    "albumin_quick": "days",
    "platelets": "when",
    "two_laboratories": "first last",
    "albumin_method": "",
}
MARKER = Table({"name": NAME, "unit": NAME, "worse": Word(("up", "down"))}, sourced=True)

SHAPE = Table(
    {
        "limit": Limits(
            {
                "d": "albumin_infusion_days albumin_half_life_days platelet_transfusion_days",
                "×10⁹/L": "portal_platelets",
            }
        ),
        "marker": Table({"albumin": MARKER, "platelets": MARKER, "bilirubin_total": MARKER}),
        "note": sentences(NOTES),
        "portal": sentences({"text": "", "low": "value", "kept": "value"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    return ()
