"""dissociation.toml: windows, limits and confounders of the rule."""

from collections.abc import Iterable

from ..limits import LimitsShape, rising
from ..shape import Files, TableShape

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "d": "acute_lookback_days acute_gap_days subacute_lookback_days subacute_gap_days "
                "chronic_lookback_days chronic_gap_days episode_days transplant_days vka_days_warfarin "
                "vka_days_acenocoumarol vka_days_phenprocoumon vka_days_unconfirmed doac_days_unconfirmed "
                "soft_days antibiotic_days vitamin_k_baseline_days vitamin_k_bears_days factor_days albumin_days",
                "h": "acute_pairing_hours pairing_hours merge_hours non_recovering_hours "
                "established_acute_hours critical_step_hours doac_hours doac_hours_kidney "
                "thrombin_inhibitor_hours plasma_hours rfviia_hours pcc_hours plasma_exchange_hours "
                "nac_hours haemodilution_hours vitamin_k_hours_first vitamin_k_hours_last "
                "vitamin_k_answer_hours vka_first_hours dic_hours",
                "× upper limit": "entry_multiple new_rise_multiple non_recovering_multiple vitamin_k_peak",
                "fraction": "falling_ALT falling_AST probably_falling_ALT probably_falling_AST opposed_ALT "
                "opposed_AST haemodilution_haemoglobin haemodilution_albumin vitamin_k_response "
                "vitamin_k_response_least vitamin_k_falling vitamin_k_partial fibrinogen_fall bilirubin_down "
                "albumin_down",
                "ratio": "rise_ratio non_recovering_ratio critical_method_ratio line_ratio",
                "U/L": "entry_without_limit",
                "INR": "rise_difference line_difference rise_floor non_recovering_inr established_acute_inr "
                "critical_inr critical_inr_child critical_inr_complicated critical_step band_upper_normal "
                "band_acute_failure band_cirrhosis band_fibrosis band_mortality band_coagulation_failure "
                "vitamin_k_response_inr",
                "draws": "trend_draws",
                "tau-b": "trend_tau",
                "µmol/L": "critical_bilirubin jaundice_bilirubin",
                "years": "adult_age",
                "min": "bad_sample_minutes",
                "L/L": "haematocrit_citrate",
                "units": "haemodilution_units",
                "%": "factor_low factor_viii_kept factor_v_kept",
                "g/L": "fibrinogen_consumed",
                "points": "dic_points",
            }
        )
    }
)


def rules(files: Files) -> Iterable[str]:
    return rising(
        files["dissociation"],
        "dissociation",
        "acute_lookback_days subacute_lookback_days chronic_lookback_days",
        "acute_gap_days acute_lookback_days",
        "subacute_gap_days subacute_lookback_days",
        "chronic_gap_days chronic_lookback_days",
        "probably_falling_ALT falling_ALT",
        "probably_falling_AST falling_AST",
        "vitamin_k_hours_first vitamin_k_hours_last",
        "vitamin_k_partial vitamin_k_response",
        "factor_low factor_v_kept",
    )
