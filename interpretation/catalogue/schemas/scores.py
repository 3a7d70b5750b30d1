"""scores.toml: each score with its inputs, bounds, points, grades and sentences."""

from collections.abc import Iterable, Iterator
from inspect import Parameter, signature
from typing import Any

from ...scores.acute_failure import criteria_of, kings_other
from ...scores.clif import organs
from ...scores.evaluate import FORMULAS
from ...scores.facts import FACTS
from ..limits import LimitsShape, rising
from ..shape import (
    NAME,
    TEXT,
    Content,
    Files,
    FlagShape,
    Many,
    NumberShape,
    Path,
    Sentence,
    Shape,
    TableShape,
    Word,
    keyed,
    plain,
    sentences,
)

NOTES = {
    "floor": "name value used",
    "cap": "name value used",
    "dialysis": "used words",
    "bound": "name value",
    "rounded": "raw",
    "range": "raw low high",
    "limit_assumed": "name limit",
    "masked": "words",
    "point_of_care": "day",
    "albumin_infusion": "day",
    "later": "name day",
    "counted": "what label day",
} | plain(
    "old no_age no_ascites ascites_degree no_encephalopathy encephalopathy_grade no_renal_replacement "
    "no_vasopressors no_ventilation airway"
)
BECAUSE = {
    "never": "names were",
    "window": "names were reach day",
    "facts": "names is",
    "no_limit": "names",
    "child_limit": "names",
    "zero": "names is",
    "hard": "day inr words",
    "child": "age",
    "too_old": "age",
    "no_birth_date": "age",
    "pregnancy": "day",
    "acute_injury": "alt day",
    "aclf": "grade",
    "no_injury": "enzyme day",
} | plain("growth_failure range only_point_of_care no_chronic_disease no_aclf no_failure no_trigger")
CRITERIA = "ph inr creatinine encephalopathy lactate age cause jaundice inr_other bilirubin"
# What a score says of its own, with the names that the code fills in.
REMARKS = {
    "meld_3_0": plain("adolescent"),
    "child_pugh": plain("biliary no_cirrhosis"),
    "fib_4": plain("old young hepatitis_c"),
    "r_factor": {"onset": "", "no_baseline": "name", "baseline": "name limit"},
    "hys_law": {"none": "", "no_drug": "", "severity": "inr"},
    "clif_c_of": {"failures": "organs"},
    "aclf_grade": {"failures": "organs"},
    "clif_c_ad": plain("aclf_open"),
    "aarc": {"apasl": "met"},
    "kings_college": {
        "paracetamol": "",
        "other": "",
        "met": "criteria",
        "open": "criteria",
        "jaundice": "day",
        "failure": "grade criteria",
        "inr": "",
        "tempo": "tempo",
        "child": "vitamin_k",
    },
    "isth_dic": {"cirrhosis": "", "confounded": "words"},
}
POINTS = {
    "child_pugh": "bilirubin_total bilirubin_biliary albumin INR ascites encephalopathy",
    "clif_c_of": "bilirubin_total creatinine encephalopathy INR mean_arterial_pressure pao2_fio2",
    "aarc": "bilirubin_total creatinine encephalopathy INR lactate",
}
# Inputs of which a formula takes the logarithm or by which it divides: zero must not reach it.
NEVER_ZERO = {
    "meld": "bilirubin_total INR creatinine",
    "meld_na": "bilirubin_total INR creatinine",
    "meld_3_0": "bilirubin_total INR creatinine",
    "peld": "bilirubin_total INR albumin",
    "albi": "bilirubin_total",
    "fib_4": "ALT platelets",
    "apri": "platelets",
    "de_ritis": "ALT",
    "r_factor": "ALP",
    "lok": "ALT",
    "clif_c_aclf": "white_cells",
    "clif_c_ad": "INR creatinine white_cells",
    "meld_xi": "bilirubin_total creatinine",
    "ukeld": "bilirubin_total INR creatinine sodium",
}
# Inputs that a formula can do without: in any case, or where another input is true.
OPTIONAL = {
    "hys_law": "AST",
    "kings_college": "creatinine bilirubin_total arterial_ph lactate age jaundice_days",
}
SUPPORT = {
    "creatinine": "renal_replacement",
    "mean_arterial_pressure": "vasopressors",
    "pao2_fio2": "ventilation",
}
UNLESS = {
    "meld_3_0": {"sex": "adolescent"},
    "clif_c_of": SUPPORT,
    "aclf_grade": SUPPORT,
    "clif_c_aclf": SUPPORT,
}
# The functions to which formulas hand on what they are given.
BEHIND = {
    "clif_c_of": (organs,),
    "aclf_grade": (organs,),
    "clif_c_aclf": (organs,),
    "kings_college": (criteria_of, kings_other),
}
BOUND = NumberShape(-10000, 10000)
STEP = TableShape({}, {"at_least": BOUND, "above": BOUND, "at_most": BOUND, "below": BOUND})
INPUT_FLAGS = ("on_dialysis", "positive", "optional", "highest", "slow", "baseline", "sent")
INPUT = TableShape(
    {"name": NAME},
    {
        "unit": NAME,
        "read": Word(("value", "multiple", "excess")),
        "floor": NumberShape(0.01, 1000),
        "cap": NumberShape(0.01, 1000),
        **dict.fromkeys(INPUT_FLAGS, FlagShape()),
        "unless": NAME,
    },
)
FLAGS = ("not_in_pregnancy", "not_in_acute_injury", "chronic", "plotted")


class Scores(Shape):
    """A score may say of its own only what its code asks for, and must say all of it."""

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, dict):
            yield path, "not a table: write [score.name]"
            return
        for key, row in value.items():
            yield from _score(key).faults(row, (*path, key))

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        for key, row in value.items():
            yield from _score(key).leaves(row, (*path, key))


def _score(key: str) -> TableShape:
    needed: dict[str, Shape] = {
        "name": NAME,
        "key": NAME,
        "window": Word(("course", "day")),
        "formula": TEXT,
        "words": TEXT,
        "inputs": Many(INPUT),
    }
    if key in REMARKS:
        said: dict[str, Shape] = {name: Sentence(braces) for name, braces in REMARKS[key].items()}
        if key == "kings_college":
            said["criterion"] = sentences(plain(CRITERIA), sourced=False)
        needed["remarks"] = TableShape(said)
    if key in POINTS:
        points = TableShape({"two": STEP}, {"three": STEP})
        needed["points"] = TableShape(dict.fromkeys(POINTS[key].split(), points))
    may: dict[str, Shape] = {
        "unit": NAME,
        "decimals": NumberShape(0, 4, whole=True),
        "low": BOUND,
        "high": BOUND,
        "youngest": NumberShape(0, 120, whole=True),
        "under": NumberShape(0, 120, whole=True),
        "alternative": NAME,
        "bands": Many(TableShape({"grade": NAME}, STEP.may)),
        **dict.fromkeys(FLAGS, FlagShape()),
    }
    return TableShape(needed, may, sourced=True)


SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "h": "acute_hours dialysis_hours",
                "d": "course_days slow_days acute_days old_days dialysis_days albumin_days illness_days "
                "growth_days drug_days hys_days baseline_days hyperacute_days acute_failure_days kings_jaundice_days",
                "× upper limit": "acute_injury onset_multiple hys_enzyme hys_bilirubin hys_cholestasis "
                "injury_multiple",
                "draws": "series_length",
                "dialyses": "dialysis_sessions",
                "years": "infant_age child_age adult_age fib_4_old fib_4_young kings_young kings_old",
                "FIB-4": "fib_4_old_low",
                "values": "baseline_values",
                "INR": "dilin_inr failure_inr failure_inr_child kings_inr kings_inr_other apasl_inr",
                "µmol/L": "jaundice kings_creatinine kings_bilirubin",
                "pH": "kings_ph",
                "grade": "kings_encephalopathy",
                "mmol/L": "kings_lactate kings_lactate_later",
                "criteria": "kings_needed",
                "mg/dL": "kidney_failure kidney_dysfunction apasl_bilirubin",
            }
        ),
        "fact": TableShape(dict.fromkeys(FACTS, NAME)),
        "label": TableShape(
            dict.fromkeys(("vasopressors", "ventilation", "growth_failure", "negations"), Many(NAME)),
            sourced=True,
        ),
        "note": keyed(NOTES),
        "because": keyed(BECAUSE),
        "score": Scores(),
    }
)


def rules(files: Files) -> Iterable[str]:
    data = files["scores"]
    yield from rising(
        data,
        "scores",
        "hyperacute_days acute_failure_days",
        "infant_age child_age adult_age",
        "fib_4_young fib_4_old",
        "kings_young kings_old",
        "kidney_dysfunction kidney_failure",
    )
    for key in FORMULAS.keys() - data["score"].keys():
        yield f"scores.toml: score.{key}: missing: the code has its formula, add it"
    for key, row in data["score"].items():
        place = f"scores.toml: score.{key}"
        if key not in FORMULAS:
            yield f"{place}: no formula: add a function with @score({key!r}) to interpretation/scores"
            continue
        yield from _inputs(place, key, row)
        yield from _links(place, row, data["score"], files["analytes"]["analyte"])
        yield from _input_rules(place, row["inputs"], data, files["analytes"]["analyte"])
        yield from _never_zero(place, key, row["inputs"])
        yield from _lacking(place, key, row["inputs"])


def _parameters(key: str) -> dict[str, bool]:
    """The inputs of a formula, and whether it needs them."""
    functions = (FORMULAS[key], *BEHIND.get(key, ()))
    found = [p for function in functions for p in signature(function).parameters.values()]
    named = [p for p in found if p.kind is not Parameter.VAR_KEYWORD]
    return {p.name: p.default is Parameter.empty for p in named}


def _inputs(place: str, key: str, row: Content) -> Iterable[str]:
    """The formula takes exactly the inputs that the entry names."""
    parameters = _parameters(key)
    given = [one["name"] for one in row["inputs"]]
    for name in [name for name, is_needed in parameters.items() if is_needed and name not in given]:
        yield f"{place}.inputs: {name!r} is missing: the formula asks for it, add it"
    for name in [name for name in given if name not in parameters]:
        yield f"{place}.inputs: the formula does not know {name!r}: take it out"
    for name in sorted({name for name in given if given.count(name) > 1}):
        yield f"{place}.inputs: {name!r} stands there twice: take one out"


def _lacking(place: str, key: str, inputs: list[Content]) -> Iterable[str]:
    """What a formula does without is fixed by the formula."""
    for given in inputs:
        at = f"{place}.inputs.{given['name']}"
        if given.get("optional") and given["name"] not in OPTIONAL.get(key, "").split():
            yield f"{at}.optional: the formula cannot do without it: take `optional` out"
        unless = UNLESS.get(key, {}).get(given["name"], "")
        if given.get("unless", unless) != unless:
            yield f"{at}.unless: the formula knows only {unless or 'an input that is there'}: set it back"


def _links(place: str, row: Content, scores: Content, analytes: Content) -> Iterable[str]:
    if row["key"] not in analytes:
        yield f"{place}.key: no test {row['key']!r}: use one of analytes.toml"
    alternative = row.get("alternative")
    if alternative and alternative not in scores and alternative not in analytes:
        yield f"{place}.alternative: {alternative!r} is neither a score nor a test: name one of them"
    if ("low" in row) != ("high" in row):
        yield f"{place}: `low` and `high` are the range of the score: write both or neither"
    elif "low" in row and row["low"] >= row["high"]:
        yield f"{place}.low: {row['low']:g} is not below high, {row['high']:g}: make it smaller"


def _input_rules(place: str, inputs: list[Content], data: Content, analytes: Content) -> Iterable[str]:
    for given in inputs:
        at = f"{place}.inputs.{given['name']}"
        analyte = analytes.get(given["name"])
        if given["name"] not in data["fact"] and (analyte is None or analyte.get("derived")):
            yield f"{at}: neither a test that is entered nor a fact: use one of analytes.toml or [fact]"
        elif "unit" in given and (analyte is None or given["unit"] not in analyte["units"]):
            yield f"{at}.unit: the test has no unit {given['unit']!r}: use one of its units in analytes.toml"
        if given.get("on_dialysis") and "cap" not in given:
            yield f"{at}: on_dialysis counts as the cap: add `cap`"
        if given.get("floor", 0) > given.get("cap", float("inf")):
            yield f"{at}.floor: {given['floor']:g} is above cap, {given['cap']:g}: make it smaller"


def _never_zero(place: str, key: str, inputs: list[Content]) -> Iterable[str]:
    for given in inputs:
        kept = "floor" in given or given.get("positive")
        if given["name"] in NEVER_ZERO.get(key, "").split() and not kept:
            at = f"{place}.inputs.{given['name']}"
            yield f"{at}: the formula cannot use zero: add `positive = true` or a floor"
