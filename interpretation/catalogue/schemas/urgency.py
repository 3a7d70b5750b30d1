"""urgency.toml: how soon to act, and why."""

from collections.abc import Iterable

from .limits import LimitsShape, rising
from .shape import NAME, TEXT, Files, Sentence, TableShape, Word

LEVELS = ("today", "24_to_48_h", "1_to_2_weeks", "4_weeks", "routine")
BRACES = "why inr reference support grade bilirubin before step organs sign peak jaundice drugs level day"
REASONS = (
    "critical high_supported high_non_recovering encephalopathy jaundice step organ_failure aclf post_acute "
    "first_seen_high acute_encephalopathy unread_encephalopathy unread_bilirubin unread_peak high_unsupported "
    "acute_pattern recent_peak first_seen_jaundice bilirubin_climbs under_drug halved established rising "
    "first_seen no_result_since possible rising_low"
)
SUPPORTS = "large second encephalopathy bilirubin non_recovering rising"

TOP = {
    "act": "level headline",
    "inr": "inr day course",
    "rising": "",
    "non_recovering": "",
    "steady": "",
    "masked": "",
    "bilirubin_from": "before",
    "bilirubin": "bilirubin day",
    "bilirubin_up": "bilirubin before",
    "bilirubin_down": "bilirubin before",
    "cause": "cause",
}

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "d": "new_days encephalopathy_days bilirubin_days peak_days second_days fell_days fresh_days "
                "stale_days",
                "fraction": "bilirubin_up fell halved",
                "µmol/L": "bilirubin_step near_liver_failure near_kidney_failure",
                "× upper limit": "peak_times",
                "INR": "rise_supported raised first_seen under_drug near_coagulation_failure",
                "h": "halved_hours vitamin_k_hours",
            }
        ),
        "level": TableShape({key: TableShape({"name": NAME, "act": TEXT}, sourced=True) for key in LEVELS}),
        "reason": TableShape(
            {
                key: TableShape({"level": Word(choices=LEVELS), "text": Sentence(BRACES)}, sourced=True)
                for key in REASONS.split()
            }
        ),
        "top": TableShape(
            {key: TableShape({"text": Sentence(names)}, sourced=True) for key, names in TOP.items()}
        ),
        "support": TableShape(
            {
                key: TableShape({"text": Sentence("least grade before bilirubin reference")}, sourced=True)
                for key in SUPPORTS.split()
            }
        ),
    }
)


def rules(files: Files) -> Iterable[str]:
    return rising(files["urgency"], "urgency", "fresh_days stale_days")
