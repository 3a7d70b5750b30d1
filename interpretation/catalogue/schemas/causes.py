"""causes.toml: the other causes of a raised INR, what settles them, and how entries are recognised."""

from collections.abc import Iterable

from ...causes.facts import FACTS
from ..limits import LimitsShape, rising
from ..shape import (
    NAME,
    TEXT,
    Content,
    Each,
    Files,
    Many,
    NumberShape,
    Sentence,
    TableShape,
    Word,
    keyed,
    plain,
    sentences,
)

WORDS = (
    "vka doac direct_thrombin_inhibitor antibiotic tigecycline interacting_drug hepatotoxic_drug nac "
    "nil_by_mouth infection pregnancy dialysis red_cells plasma_exchange albumin_infusion bad_sample "
    "cholestasis pbc psc malnutrition fontan right_heart_failure heart_failure sepsis hcc "
    "lupus_anticoagulant factor_deficiency"
)
LABELS = (
    "acenocoumarol warfarin paracetamol warfarin_interaction vitamin_k_binding nmtt heparin haematocrit "
    "interference"
)
CODES = (
    "malabsorption paracetamol consumption systemic congestion high_haematocrit inhibitor "
    "factor_vii_deficiency"
)
TEXTS = Many(TEXT)
# What each sentence is filled with, by cause.
EVIDENCE = {
    "vitamin_k_deficiency": {
        "factor_pattern": "factors",
        "factor_v_low": "factor",
        "vitamin_k_responder": "day levels",
        "vitamin_k_partial": "day levels",
        "vitamin_k_rebound": "day levels",
        "vitamin_k_non_responder": "day levels",
        "cholestatic_r": "enzymes ratio",
        "cholestasis_tests": "tests times",
    },
    "vka": {"factor_pattern": "factors", "factor_v_low": "factor", "stopped": "drug stopped days"},
    "unrecorded_antagonist": {
        "recorded_antagonist": "factors known",
        "factor_pattern": "factors",
        "factor_v_low": "factor",
    },
    "doac": {"stopped": "drug stopped days"},
    "direct_thrombin_inhibitor": {"aptt_long": "aptt"},
    "antibiotics": {"recorded.nmtt": "course", "onset": "change nth drug", "no_recovery": "stopped given"},
    "tigecycline": {"fibrinogen_low": "fibrinogen limit", "fibrinogen_kept": "fibrinogen"},
    "nac": {"alt_low": "peak limit", "alt_high": "peak times", "rise_after_stop": "change stopped"},
    "paracetamol": {"alt_normal": "peak", "alt_raised": "peak"},
    "dic": {
        "isth_score.low": "points day limit",
        "isth_score.reached": "points day limit",
        "isth_score.cirrhosis": "points day limit",
        "factor_pattern": "factors",
        "factor_viii_low": "factor",
        "factor_viii_kept": "factor",
        "fibrinogen_falling": "change share",
        "fibrinogen_low": "fibrinogen limit",
        "fibrinogen_stable": "change share",
        "platelets_falling": "change",
        "dimer_strong": "dimer times",
        "dimer_not_raised": "dimer times",
    },
    "systemic": {"crp_normal": "crp"},
    "congestion": {
        "mild_stable": "spread count days",
        "cholestatic_lead": "enzymes led times",
        "rising": "inr albumin",
    },
    "haemodilution": {"fell_together": "changes", "stable": "changes", "halved_together": "changes"},
    "laboratory_change": {
        "laboratory": "old before new after",
        "one_laboratory.two": "days laboratory",
        "one_laboratory.more": "count days laboratory",
    },
    "sample_underfilled": {"jump": "change percent beside", "repeated": "change"},
    "sample_haematocrit": {
        "haematocrit.high": "amount day",
        "haematocrit.not_high": "haematocrit limit",
        "haemoglobin": "haemoglobin limit",
    },
    "heparin": {"aptt_long": "aptt times inr", "aptt_normal": "aptt"},
    "analytical": {"icterus": "bilirubin limit", "no_icterus": "bilirubin limit"},
    "inhibitor": {"aptt_long": "aptt times inr"},
    "factor_vii_deficiency": {
        "always_raised": "count days tests",
        "isolated": "factors",
        "normal_inr": "inr day",
    },
}
# Kinds of entries that speak for a cause by being there.
ENTRIES = {
    "dic": "diagnoses codes events",
    "systemic": "diagnoses codes",
    "haemodilution": "events massive",
    "vitamin_k_deficiency": "diagnoses codes nil_by_mouth binding_drugs antibiotics",
    "congestion": "conditions",
    "inhibitor": "diagnoses codes",
    "factor_vii_deficiency": "diagnoses codes",
    "sample_underfilled": "flags",
    "sample_haematocrit": "codes flags",
    "heparin": "flags dialysis",
    "analytical": "flags",
    "vka": "courses",
    "doac": "courses",
    "direct_thrombin_inhibitor": "courses",
    "warfarin_interaction": "courses",
    "antibiotics": "courses",
    "tigecycline": "courses",
    "nac": "courses",
    "paracetamol": "exposures",
}
ENTRY = TableShape({"words": TEXT}, sourced=True)
SIDE = Word(choices=("for", "against"))

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "d": "dialysis bad_sample onset_first onset_last lifelong_days halved_days",
                "ratio": "cholestatic_r",
                "× upper limit": "cholestatic_alp nac_alt dimer_none dimer_strong",
                "µmol/L": "cholestatic_bilirubin interference_bilirubin",
                "g/L": "tigecycline_fibrinogen haemoglobin_citrate",
                "INR": "mild_inr heparin_inr inhibitor_inr",
                "fraction": "jump halved",
                "×10⁹/L": "dic_platelets",
                "h": "jump_hours",
                "× mean normal": "heparin_aptt inhibitor_aptt",
                "INRs": "lifelong_inrs",
            }
        ),
        "considered": TableShape({"never": Many(NAME)}, sourced=True),
        "elsewhere": TableShape({"said": Sentence("source day note")}, sourced=True),
        "words": sentences(plain(WORDS)),
        # A new cause may bring a list of its own.
        "labels": Each(Many(NAME), LABELS),
        "codes": Each(TableShape({"words": Each(NAME)}, sourced=True), CODES),
        "test": Each(
            TableShape(
                {"name": NAME, "note": Sentence(may_be_empty=True)},
                {"analytes": Many(NAME), "fresh_days": NumberShape(0, 366)},
                sourced=True,
            ),
            "vitamin_k",
        ),
        "cause": Each(
            TableShape(
                {
                    "name": NAME,
                    "why": TEXT,
                    "supports": TEXTS,
                    "argues_against": TEXTS,
                    "settles": TEXT,
                    "settles_tests": Many(NAME),
                },
                sourced=True,
            )
        ),
        "entry": TableShape(
            {cause: TableShape(dict.fromkeys(kinds.split(), ENTRY)) for cause, kinds in ENTRIES.items()}
        ),
        "evidence": TableShape({cause: keyed(rows, side=SIDE) for cause, rows in EVIDENCE.items()}),
    }
)


def rules(files: Files) -> Iterable[str]:
    data = files["causes"]
    yield from rising(data, "causes", "onset_first onset_last", "dimer_none dimer_strong")
    yield from _facts(data["cause"])
    yield from _causes(data)
    yield from _considered(data)
    yield from _tests(data, files["analytes"]["analyte"])
    yield from _spellings(data)


def _facts(causes: Content) -> Iterable[str]:
    """A cause needs its facts, and facts their cause."""
    for key in causes.keys() - FACTS.keys():
        fault = f"causes.toml: cause.{key}: no facts"
        yield f"{fault}: add a function with @facts({key!r}) to interpretation/causes/facts"
    for key in FACTS.keys() - causes.keys():
        yield f"causes.toml: cause.{key}: missing: interpretation/causes/facts searches for it, add it"


def _causes(data: Content) -> Iterable[str]:
    """What speaks for a cause needs the cause."""
    for section in ("entry", "evidence"):
        for key in data[section].keys() - data["cause"].keys():
            yield f"causes.toml: {section}.{key}: no such cause: add [cause.{key}] or take it out"


def _considered(data: Content) -> Iterable[str]:
    for key in data["considered"]["never"]:
        if key not in data["cause"]:
            yield f"causes.toml: considered.never: no cause {key!r}: add [cause.{key}] or take it out"


def _tests(data: Content, analytes: Content) -> Iterable[str]:
    for key, cause in data["cause"].items():
        for test in cause["settles_tests"]:
            if test not in data["test"]:
                place = f"causes.toml: cause.{key}.settles_tests"
                yield f"{place}: no test {test!r}: add [test.{test}] or take it out"
    for key, test in data["test"].items():
        for analyte in test.get("analytes", ()):
            if analyte not in analytes or analytes[analyte].get("derived"):
                place = f"causes.toml: test.{key}.analytes"
                yield f"{place}: {analyte!r} is no test that is entered: see analytes.toml"
    if not any(test.get("analytes") for test in data["test"].values()):
        yield "causes.toml: test: none has analytes: name those that the record holds"


def _spellings(data: Content) -> Iterable[str]:
    """Labels are looked for in small letters, codes in capitals and without dots."""
    for name, parts in data["labels"].items():
        for part in parts if name != "sources" else ():
            if part != part.casefold():
                yield f"causes.toml: labels.{name}: {part!r} is never found: write it in small letters"
    for name, row in data["codes"].items():
        for code in row["words"]:
            if code != code.replace(".", "").upper():
                yield f"causes.toml: codes.{name}: {code!r} is never found: write capitals, without dots"
