"""urgency.toml: how soon to act, and why."""

from collections.abc import Iterable

from ..limits import LimitsShape, rising
from ..shape import NAME, TEXT, Files, TableShape, Word, keyed

LEVELS = ("today", "24_to_48_h", "1_to_2_weeks", "4_weeks", "routine")
INR = "inr reference"
BILIRUBIN = "bilirubin before"
REASONS = {
    "critical": "why",
    "high_supported": f"{INR} support",
    "high_non_recovering": INR,
    "encephalopathy": f"{INR} grade",
    "jaundice": f"{INR} {BILIRUBIN} support",
    "step": f"{INR} step",
    "organ_failure": "organs",
    "aclf": f"{INR} {BILIRUBIN} sign",
    "post_acute": f"{INR} peak jaundice",
    "first_seen_high": INR,
    "acute_encephalopathy": "grade peak",
    "unread_encephalopathy": "grade",
    "unread_bilirubin": BILIRUBIN,
    "unread_peak": "peak",
    "high_unsupported": INR,
    "acute_pattern": "",
    "recent_peak": f"{INR} peak",
    "first_seen_jaundice": f"{INR} {BILIRUBIN}",
    "bilirubin_climbs": f"{INR} {BILIRUBIN}",
    "under_drug": "inr drugs",
    "halved": f"{INR} before",
    "established": "",
    "rising": INR,
    "first_seen": INR,
    "no_result_since": "level day",
    "possible": "",
    "rising_low": INR,
}
SUPPORTS = {
    "large": "least",
    "second": "",
    "encephalopathy": "grade",
    "bilirubin": BILIRUBIN,
    "non_recovering": "",
}
TOP = {
    "act": "level headline",
    "inr": "inr day course",
    "rising": "reference",
    "non_recovering": "",
    "steady": "",
    "single": "",
    "masked": "",
    "bilirubin_from": "before",
    "bilirubin": "bilirubin day",
    "bilirubin_up": "bilirubin before",
    "bilirubin_down": "bilirubin before",
    "cause": "cause",
}
LEVEL = TableShape({"name": NAME, "act": TEXT, "short": NAME}, sourced=True)

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "d": "new_days encephalopathy_days bilirubin_days peak_days second_days fell_days fresh_days "
                "stale_days slow_span_days slow_level_days",
                "draws": "slow_level_draws",
                "fraction": "bilirubin_up fell halved",
                "µmol/L": "bilirubin_step near_liver_failure near_kidney_failure",
                "× upper limit": "peak_times",
                "INR": "rise_supported raised first_seen under_drug near_coagulation_failure",
                "h": "halved_hours vitamin_k_hours",
            }
        ),
        "level": TableShape(dict.fromkeys(LEVELS, LEVEL)),
        "reason": keyed(REASONS, level=Word(choices=LEVELS)),
        "top": keyed(TOP),
        "support": keyed(SUPPORTS),
        "slow": keyed({"rise": "start end year"}),
    }
)


def rules(files: Files) -> Iterable[str]:
    return rising(files["urgency"], "urgency", "fresh_days stale_days")
