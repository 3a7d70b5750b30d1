"""reasons.toml: why a grade is what it is, in sentences."""

from collections.abc import Iterable

from ...shape import Files, Shape, TableShape, Word, keyed

# What each sentence is filled with, by where it is said.
REASONS = {
    "not_assessable": {
        "transplant": "day",
        "no_draws.ever": "",
        "no_draws.since": "day",
        "no_inr": "",
        "no_enzymes": "inr day",
        "no_pairs": "",
        "one_draw.recent": "inr day",
        "one_draw.old": "inr day",
        "point_of_care": "",
        "masked.few": "why",
        "masked.before": "why",
        "too_few": "",
        "too_close": "",
        "later_inr_alone.plain": "inr day",
        "later_inr_alone.drug": "inr day why",
        "hard_confounder": "inr day why",
        "clean_draws": "",
    },
    "left_out": {
        "bad_samples": "count why inr day",
        "masked_left_out": "count why which inr day",
        "draws_left_out": "count why",
    },
    "graded_on": {
        "later_rise": "levels",
        "past_peak": "inr day",
        "before_masking": "graded inr why",
        "masked_rise": "",
        "later_without_inr": "graded",
        "later_inr_alone": "inr day graded",
        "normal_under_drug": "inr drugs",
    },
    "absent": {
        "opposed": "enzyme other levels",
        "not_falling": "",
        "rise_without_fall": "",
        "no_rise.little": "day share step floor",
        "no_rise.none": "day",
        "risen.one": "levels",
        "risen.both": "levels",
        "new_rise.one": "levels",
        "new_rise.both": "levels",
    },
    "cap": {
        "no_chronic_liver_disease": "",
        "no_limit": "enzyme level",
        "probably_falling": "enzyme least",
        "non_recovering": "",
        "acute_inr": "inr least",
        "acute_early": "",
        "trend_draws": "count least",
        "trend_enzyme": "enzyme tau",
        "trend_inr": "tau",
        "one_earlier": "",
        "three_draws": "",
        "method.ends": "",
        "method.between": "inrs count",
        "vitamin_k_partial": "answer",
        "vitamin_k_rebound": "answer",
        "improving": "levels",
        "soft": "cause",
        "contributing": "cause",
    },
    "escalation": {
        "inr.adult": "limit",
        "inr.child": "limit",
        "inr_step.by": "step",
        "inr_step.some": "",
        "encephalopathy": "grade",
        "jaundice": "bilirubin sign",
    },
    "answer": {
        "vitamin_k_responsive": "levels change day came_down",
        "not_recovered.injured": "facts",
        "not_recovered.alone": "facts",
    },
}
EVIDENCE = {
    "factor_pattern": "v viii day",
    "vitamin_k_pattern": "factors",
    "consumption_pattern": "factors fibrinogen",
    "no_vitamin_k_response": "day inrs",
    "vitamin_k_responder": "day inrs answer",
    "vitamin_k_partial": "day inrs answer",
    "vitamin_k_rebound": "day inrs answer",
    "albumin_falling": "albumin bilirubin",
    "encephalopathy": "grade day",
}
SIDE = Word(choices=("for", "against"))

ROWS: dict[str, Shape] = {section: keyed(rows) for section, rows in REASONS.items()}
SHAPE = TableShape(ROWS | {"evidence": keyed(EVIDENCE, side=SIDE)})


def rules(files: Files) -> Iterable[str]:
    return ()
