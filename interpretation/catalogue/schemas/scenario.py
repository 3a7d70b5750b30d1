"""scenario.toml: which course the record fits, with the sentence of each finding."""

from collections.abc import Iterable

from ..limits import LimitsShape, rising
from ..shape import NAME, Files, Many, TableShape, Word, keyed, plain, sentences

# What the code fills in, by course and finding.
FEATURES = {
    "progressive_cld": {
        "prior": "disease since",
        "time": "span",
        "peak_low": "enzyme peak",
        "peak_high": "enzyme peak",
        "ratio_high": "ratio",
        "ratio_low": "ratio",
        "inr_slow": "rate",
        "inr_fast": "rate",
        "inr_flat": "",
        "bilirubin_low": "value",
        "bilirubin_high": "value",
        "albumin_falling": "first value",
        "albumin_low": "value",
        "albumin_normal": "value",
        "platelets_falling": "first value",
        "platelets_low": "value",
        "platelets_normal": "value",
        "clinical_step": "signs",
        "clinical_standing": "signs",
        "clinical_gradual": "",
        "organs_failing": "failures",
    },
    "aclf": {
        "prior": "disease since",
        "time_short": "took",
        "time_long": "took",
        "peak_within": "enzyme peak",
        "peak_low": "enzyme peak",
        "peak_high": "enzyme peak",
        "ratio_alcohol": "ratio",
        "ratio_high": "ratio",
        "ratio_low": "ratio",
        "inr_rising": "inr",
        "inr_long": "inr span",
        "inr_flat": "inr",
        "inr_alone": "latest",
        "bilirubin_high": "value",
        "bilirubin_low": "value",
        "albumin_low": "value",
        "albumin_normal": "value",
        "platelets_low": "value",
        "platelets_normal": "value",
        "clinical": "signs",
        "clinical_none": "",
        "precipitant": "precipitants",
        "organs": "failures",
        "organs_none": "",
    },
    "post_acute": {
        "prior": "",
        "prior_known": "disease since",
        "peak_subacute": "enzyme peak",
        "time": "ago",
        "peak": "enzyme peak",
        "ratio_crossed": "first ratio",
        "ratio_late": "ratio days",
        "inr_peaking": "after",
        "inr_late": "after",
        "inr_stays": "inr after",
        "inr_fell": "highest latest",
        "no_lag": "inr hours enzyme",
        "bilirubin_rising": "first value",
        "bilirubin_falling": "first value",
        "albumin_normal": "value",
        "albumin_low": "value",
        "platelets_normal": "value",
        "platelets_falling": "first value",
        "platelets_low": "value",
        "alf": "latest grade",
        "alf_child": "latest with_encephalopathy",
        "severe_injury": "latest",
        "organs": "failures",
    },
    "any": {
        "open_causes": "causes",
        "contributing": "",
        "muscle": "value when",
        "no_limit": "enzyme peak",
        "two_laboratories": "",
    },
    "subtype": {
        "ischaemic_coded": "",
        "ischaemic_circulation": "circulation peak",
        "ischaemic_fast": "enzyme fall",
        "ischaemic_slow": "enzyme fall",
        "paracetamol": "recorded",
        "paracetamol_picture": "value",
        "drug_coded": "",
        "drug_exposure": "drugs",
        "r_factor": "ratio pattern",
        "viral": "disease",
        "autoimmune": "",
        "ldh_low": "ratio",
        "slow": "enzyme fall",
        "several": "names",
    },
    "congestion": {
        "condition": "condition",
        "peak_low": "enzyme peak",
        "peak_high": "enzyme peak",
        "cholestatic": "name times",
        "ratio": "ratio",
        "inr_mild": "latest",
        "inr_rising": "inr",
        "inr_high": "latest",
        "bilirubin_low": "value",
        "bilirubin_high": "value",
        "albumin_normal": "value",
        "albumin_falling": "first value",
        "haematocrit": "value",
    },
    "undetermined": {
        "no_peak": "enzyme peak",
        "no_enzymes": "",
        "known_disease": "disease",
        "no_disease": "",
        "inr_low": "latest",
        "no_sign": "",
        "no_change": "",
        "short": "span",
    },
}
SENTENCES = {
    "suppressed": "reason",
    "progressing": "disease inr span",
    "burnt_out": "disease inr span",
    "other_markers": "disease inr span markers",
    "not_shown": "disease inr span",
    "vitamin_k": "disease",
    "aclf": "disease latest signs took",
    "too_fast": "latest",
    "failing": "subtype peak inr span",
    "failing_enzymes": "subtype peak inr span",
    "failing_since": "subtype peak fallen inr span",
    "past_peak": "subtype peak latest",
    "failing_early": "subtype latest peak inr span",
    "not_recovering": "subtype peak inr span",
    "recovering": "subtype peak highest latest",
    "not_raised": "subtype peak inr span",
    "acute_vitamin_k": "subtype peak",
    "acute_unread": "subtype peak reason",
    "undetermined": "",
    "congestion": "latest",
    "unread": "reason",
}
DISEASES = (
    "cirrhosis advanced_fibrosis chronic_liver_disease hepatitis_b hepatitis_c alcohol_related masld "
    "autoimmune_hepatitis pbc psc wilson"
)
SUBTYPES = "ischaemic drug_induced paracetamol viral autoimmune undetermined"
MISSING = "bilirubin_total albumin platelets creatinine limit transaminases encephalopathy circulation drug cause onset"
DECAY = "enzyme first last rate half_life limit shortest"
CODES = Many(NAME)
SIDE = Word(("for", "against"))

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "× upper limit": "post_acute_peak progressive_peak aclf_peak_low aclf_peak_high "
                "congestion_peak ischaemic_AST limb_peak subacute_peak",
                "d": "post_acute_days aclf_days aclf_days_longest progressive_days inr_peak_days "
                "albumin_days drug_exposure_days limb_days limb_least_days dialysis_days",
                "INR": "aclf_inr congestion_inr alf_inr alf_inr_child coagulation_failure",
                "µmol/L": "aclf_bilirubin progressive_bilirubin liver_failure kidney_failure",
                "INR a year": "progressive_inr_year",
                "ratio": "alcohol_ratio congestion_ratio_low congestion_ratio_high r_hepatocellular "
                "r_cholestatic ldh_ratio",
                "U/L": "ck_high",
                "g/L": "low_albumin",
                "×10⁹/L": "low_platelets",
                "L/L": "high_haematocrit",
                "fraction": "ischaemic_fall",
                "h": "ischaemic_fall_hours half_life_ALT half_life_AST lag_hours ldh_hours",
                "per day": "stopped_ALT stopped_AST",
                "West Haven grade": "brain_failure",
            }
        ),
        "codes": TableShape({"paracetamol": CODES, "congestion": CODES}),
        "disease": sentences(plain(DISEASES), sourced=False),
        "subtype": TableShape(dict.fromkeys(SUBTYPES.split(), TableShape({"name": NAME}, sourced=True))),
        "sentence": keyed(SENTENCES, "words", name=NAME),
        "overlay": keyed({"congestion": "condition"}, "words", name=NAME),
        "kinetics": sentences(
            {"stopped": DECAY, "slower": DECAY, "release_stopped": "", "release_goes_on": ""}
        ),
        "feature": TableShape({course: keyed(rows, side=SIDE) for course, rows in FEATURES.items()}),
        "missing": sentences(plain(MISSING)),
    }
)


def rules(files: Files) -> Iterable[str]:
    return rising(
        files["scenario"],
        "scenario",
        "aclf_days aclf_days_longest",
        "aclf_peak_low aclf_peak_high",
        "congestion_ratio_low congestion_ratio_high",
        "r_cholestatic r_hepatocellular",
        "limb_least_days limb_days",
    )
