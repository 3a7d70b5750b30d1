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
    }
)


def rules(files: Files) -> Iterable[str]:
    data = files["causes"]
    yield from rising(data, "causes", "onset_first onset_last", "dimer_none dimer_strong")
    yield from _facts(data["cause"])
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
