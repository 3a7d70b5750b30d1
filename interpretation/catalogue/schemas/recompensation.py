"""recompensation.toml: when the laboratory part holds, and what is asked of the clinical part."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import Files, TableShape, Word, plain, sentences

CLINICAL = plain("cause_asked ascites_met encephalopathy_met variceal_bleed_met") | {
    "cause_met": "causes",
    "ascites_not_met": "when",
    "ascites_asked": "when",
    "encephalopathy_not_met": "when",
    "encephalopathy_asked": "when",
    "variceal_bleed_not_met": "when",
}
CAUSES = "hepatitis_b hepatitis_c alcohol_related masld autoimmune_hepatitis pbc psc wilson"
MARKER = TableShape({"better": Word(("up", "down"))}, sourced=True)

SHAPE = TableShape(
    {
        "limit": LimitsShape({"d": "stable_days fresh_days around_days", "values": "stable_values"}),
        "marker": TableShape(dict.fromkeys(("albumin", "INR", "bilirubin_total"), MARKER)),
        "cause": sentences(plain(CAUSES)),
        "clinical": sentences(CLINICAL),
        "words": sentences({"holds": "span", "improved": "change count since", "kept": "change count since"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    return ()
