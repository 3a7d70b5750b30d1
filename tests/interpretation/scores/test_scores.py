"""Every worked example of clinical.md section 7, by the formula and through a whole case."""

import inspect
import math
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from interpretation import Case, Diagnosis, Draw, Event, Result, interpret
from interpretation.dic import isth_overt_dic
from interpretation.knowledge import KnowledgeError
from interpretation.report import as_json
from interpretation.scores import KEYS, SPECS, acute_failure, clif, score_series, scores
from interpretation.scores.acute_failure import failure_grade, kings_met, kings_other, kings_paracetamol
from interpretation.scores.evaluate import FORMULAS, rounded
from interpretation.scores.spec import spec_of
from tests.interpretation.vignettes import VIGNETTES

AT = datetime(2025, 7, 3, 8, tzinfo=UTC)
MG_DL = {"bilirubin_total": 17.104, "creatinine": 88.4, "albumin": 10}
ORGANS = ("bilirubin_total", "creatinine", "encephalopathy", "INR", "mean_arterial_pressure", "pao2_fio2")


def organs(*values, vasopressors=False) -> dict:
    given = dict(zip(ORGANS, values, strict=True))
    return given | {"renal_replacement": False, "vasopressors": vasopressors, "ventilation": False}


def meld_family(bilirubin, inr, creatinine, sodium=None, albumin=None, sex=None, adolescent=False) -> dict:
    given = {"bilirubin_total": bilirubin, "INR": inr, "creatinine": creatinine}
    if sodium is not None:
        given |= {"sodium": sodium}
    if albumin is not None:
        given |= {"albumin": albumin, "sex": sex, "adolescent": adolescent}
    return given


# clinical.md 7.1: bilirubin, INR, creatinine, sodium, albumin (mg/dL, mmol/L, g/dL); MELD, MELD-Na,
# 3.0 male and female unrounded (None where the table prints only the whole number), 3.0 at 15 years.
MELD_ROWS = [
    ((2.5, 1.0, 1.2, 131, 3.8), 12, 18, (16, 15.81), (17, 17.14), 17),
    ((6.0, 1.5, 1.5, 131, 3.5), 22, 26, (25, 24.71), (26, 26.04), 26),
    ((6.0, 1.5, 1.5, 131, 2.2), 22, 26, (26, 26.15), (27, 27.48), 27),
    ((12.0, 2.2, 1.8, 128, 2.0), 30, 33, (34, 34.22), (36, 35.55), 36),
    ((12.0, 2.2, 2.8, 128, 2.0), 35, 36, (38, 37.93), (39, 39.26), 39),
    ((1.0, 1.0, 1.0, 140, 4.0), 6, 6, (6, 6.00), (7, 7.33), 7),
    ((3.0, 1.7, 1.0, 134, 2.9), 17, 19, (19, 18.61), (20, 19.94), 20),
    ((1.8, 1.6, 0.8, 138, 3.1), 14, 14, (14, 13.69), (15, 15.02), 15),
    ((4.2, 2.1, 1.3, 130, 2.6), 23, 27, (27, 26.77), (28, 28.10), 28),
    ((0.6, 3.0, 0.9, 139, 4.2), 19, 19, (16, None), (17, None), 17),
    ((25, 3.5, 3.9, 126, 2.4), 40, 40, (40, 44.65), (40, 45.98), 40),
]

# One entry a score, in the order of the page: inputs in the units of the formula, value, grade.
EXAMPLES: dict[str, list[tuple[dict, float, str]]] = {
    "meld": [(meld_family(*row[:3]), meld, "") for row, meld, *_ in MELD_ROWS],
    "meld_na": [(meld_family(*row[:4]), meld_na, "") for row, _, meld_na, *_ in MELD_ROWS],
    "meld_3_0": [
        *((meld_family(*row, sex="M"), male[0], "") for row, _, _, male, *_ in MELD_ROWS),
        *((meld_family(*row, sex="F"), female[0], "") for row, _, _, _, female, _ in MELD_ROWS),
        *((meld_family(*row, sex="F", adolescent=True), young, "") for row, *_, young in MELD_ROWS),
        *((meld_family(*row, sex="M", adolescent=True), young, "") for row, *_, young in MELD_ROWS),
    ],
    # Not in section 7: worked by hand from the formula of section 4.4 h.
    "peld": [
        (
            {"bilirubin_total": 10, "INR": 2.0, "albumin": 2.5, "infant": True, "growth_failure": True},
            29,
            "",
        ),
        (
            {"bilirubin_total": 0.5, "INR": 1.2, "albumin": 3.5, "infant": False, "growth_failure": False},
            -5,
            "",
        ),
    ],
    "child_pugh": [
        (
            dict(zip(("bilirubin_total", "albumin", "INR", "ascites", "encephalopathy"), row, strict=True)),
            *is_,
        )
        for row, is_ in [
            ((1.5 * 17.104, 38, 1.2, 0, 0), (5, "A")),
            ((2.4 * 17.104, 30, 1.7, 1, 0), (9, "B")),
            ((4.0 * 17.104, 25, 2.4, 2, 1), (14, "C")),
            ((3.0 * 17.104, 35, 2.3, 0, 0), (8, "B")),
            ((2.0 * 17.104, 28, 1.69, 0, 0), (7, "B")),
        ]
    ],
    "albi": [
        ({"bilirubin_total": bilirubin, "albumin": albumin}, value, grade)
        for bilirubin, albumin, value, grade in [
            (12, 42, -2.858, "1"),
            (17.1, 40, -2.586, "2"),
            (34, 33, -1.794, "2"),
            (51.3, 28, -1.251, "3"),
            (90, 26, -0.920, "3"),
        ]
    ],
    "fib_4": [
        ({"age": age, "AST": ast, "ALT": alt, "platelets": platelets}, value, grade)
        for age, ast, alt, platelets, value, grade in [
            (45, 35, 40, 250, 0.996, "low"),
            (67, 48, 30, 140, 4.194, "high"),
            (58, 96, 62, 88, 8.036, "high"),
            (70, 30, 25, 210, 2.000, "indeterminate"),
        ]
    ],
    "apri": [
        ({"AST": ast / 40, "platelets": platelets}, value, grade)
        for ast, platelets, value, grade in [
            (35, 250, 0.350, "low"),
            (48, 140, 0.857, "indeterminate"),
            (96, 88, 2.727, "cirrhosis"),
        ]
    ],
    "de_ritis": [
        ({"AST": 35, "ALT": 40}, 0.88, "intermediate"),
        ({"AST": 96, "ALT": 62}, 1.55, "above 1"),
        ({"AST": 180, "ALT": 70}, 2.57, "above 2"),
    ],
    "r_factor": [
        ({"ALT": 800 / 40, "ALP": 150 / 120}, 16.0, "hepatocellular"),
        ({"ALT": 240 / 40, "ALP": 420 / 120}, 1.71, "cholestatic"),
        ({"ALT": 220 / 40, "ALP": 200 / 120}, 3.3, "mixed"),
    ],
    "hys_law": [
        ({"ALT": 240 / 40, "AST": None, "bilirubin_total": 3.0 / 1.2, "ALP": 150 / 120}, 3, "yes"),
        ({"ALT": 240 / 40, "AST": None, "bilirubin_total": 2.0 / 1.2, "ALP": 150 / 120}, 2, "no"),
        ({"ALT": 240 / 40, "AST": None, "bilirubin_total": 3.0 / 1.2, "ALP": 400 / 120}, 2, "no"),
    ],
    "lok": [
        ({"platelets": platelets, "AST": ast, "ALT": alt, "INR": inr}, value, grade)
        for platelets, ast, alt, inr, value, grade in [
            (88, 96, 62, 1.4, 0.952, "high"),
            (220, 35, 40, 1.0, 0.241, "indeterminate"),
            (140, 60, 50, 1.2, 0.737, "high"),
        ]
    ],
    "clif_c_of": [
        (organs(14, 1.4, 1, 2.6, 65, 350), 12, ""),
        (organs(22, 3.8, 3, 3.1, 60, 190, vasopressors=True), 18, ""),
        (organs(5, 1.2, 0, 1.7, 82, 380), 6, ""),
        (organs(8, 2.1, 0, 2.1, 75, 400), 9, ""),
    ],
    "aclf_grade": [
        (organs(14, 1.4, 1, 2.6, 65, 350), 2, "2"),
        (organs(22, 3.8, 3, 3.1, 60, 190, vasopressors=True), 3, "3"),
        (organs(5, 1.2, 0, 1.7, 82, 380), 0, "no ACLF"),
        (organs(8, 2.1, 0, 2.1, 75, 400), 1, "1"),
    ],
    "clif_c_aclf": [
        (organs(14, 1.4, 1, 2.6, 65, 350) | {"age": 52, "white_cells": 9.5}, 54.58, ""),
        (organs(22, 3.8, 3, 3.1, 60, 190, vasopressors=True) | {"age": 58, "white_cells": 16}, 80.07, ""),
        (organs(8, 2.1, 0, 2.1, 75, 400) | {"age": 45, "white_cells": 7.0}, 39.96, ""),
    ],
    "clif_c_ad": [
        (
            {"age": age, "creatinine": creatinine, "INR": inr, "white_cells": white, "sodium": sodium},
            value,
            "",
        )
        for age, creatinine, inr, white, sodium, value in [
            (55, 1.2, 1.7, 8, 134, 58.08),
            (62, 0.9, 1.4, 5.5, 138, 49.66),
            (48, 2.0, 2.2, 14, 126, 72.68),
        ]
    ],
    # No worked example in section 7: its table, at each side of the boundaries.
    "aarc": [
        (
            dict(
                zip(("bilirubin_total", "creatinine", "encephalopathy", "INR", "lactate"), row, strict=True)
            ),
            *is_,
        )
        for row, is_ in [
            ((14.9, 0.69, 0, 1.79, 1.49), (5, "I")),
            ((15, 0.7, 1, 1.8, 1.5), (10, "II")),
            ((25, 1.5, 2, 2.5, 2.5), (10, "II")),
            ((25.1, 1.51, 3, 2.51, 2.51), (15, "III")),
            ((15, 0.7, 0, 1.79, 1.49), (7, "I")),
            ((25.1, 0.7, 1, 1.8, 1.5), (11, "III")),
        ]
    ],
    "kings_college": [
        (
            {"paracetamol": True, "INR": 7.1, "encephalopathy": 3, "creatinine": 320, "arterial_ph": 7.36}
            | {"lactate": None, "age": None, "unfavourable_cause": False, "jaundice_days": None}
            | {"bilirubin_total": None},
            3,
            "met",
        ),
        (
            {"paracetamol": True, "INR": 7.1, "encephalopathy": 3, "creatinine": 210, "arterial_ph": None}
            | {"lactate": None, "age": None, "unfavourable_cause": False, "jaundice_days": None}
            | {"bilirubin_total": None},
            2,
            "not met",
        ),
        (
            {"paracetamol": False, "INR": 3.8, "encephalopathy": 1, "creatinine": None, "arterial_ph": None}
            | {"lactate": None, "age": 44, "unfavourable_cause": True, "jaundice_days": 10}
            | {"bilirubin_total": None},
            4,
            "met",
        ),
    ],
    "isth_dic": [
        ({"platelets": platelets, "d_dimer": dimer, "PT": pt, "fibrinogen": fibrinogen}, value, grade)
        for platelets, dimer, pt, fibrinogen, value, grade in [
            (120, 1, 2, 3.0, 0, "not overt"),
            (82, 3, 4, 1.8, 4, "not overt"),
            (38, 5, 7, 0.8, 8, "overt"),
            (55, 3, 6, 1.0, 5, "overt"),
        ]
    ],
    "meld_xi": [
        ({"bilirubin_total": 2.0, "creatinine": 1.2}, 15.13, ""),
        ({"bilirubin_total": 4.2, "creatinine": 1.3}, 19.86, ""),
        ({"bilirubin_total": 0.8, "creatinine": 0.9}, 9.44, ""),
    ],
    "ukeld": [
        ({"INR": 1.7, "creatinine": 88, "bilirubin_total": 51, "sodium": 134}, 57.3, ""),
        ({"INR": 1.2, "creatinine": 75, "bilirubin_total": 20, "sodium": 139}, 49.3, ""),
        ({"INR": 2.1, "creatinine": 115, "bilirubin_total": 72, "sodium": 130}, 62.4, ""),
    ],
}
ROWS = [
    pytest.param(key, *row, id=f"{key}-{number}")
    for key, rows in EXAMPLES.items()
    for number, row in enumerate(rows, 1)
]


def test_every_score_has_its_examples_in_the_order_of_the_page():
    assert list(EXAMPLES) == list(KEYS) == list(scores(Case(as_of=AT)))


@pytest.mark.parametrize(("key", "given", "value", "grade"), ROWS)
def test_the_formula_gives_the_worked_example(key, given, value, grade):
    spec = SPECS[key]
    raw = FORMULAS[key](**given)
    if spec.low is not None:
        raw = min(max(raw, spec.low), spec.high)
    assert rounded(raw, _printed(value)) == value


def _printed(value) -> int:
    """So many decimals as the example prints."""
    return len(str(value).partition(".")[2]) if isinstance(value, float) else 0


@pytest.mark.parametrize(("row", "male", "female"), [(r[0], r[3], r[4]) for r in MELD_ROWS])
def test_meld_3_0_before_rounding(row, male, female):
    for sex, (_, unrounded) in (("M", male), ("F", female)):
        if unrounded is not None:
            raw = FORMULAS["meld_3_0"](**meld_family(*row, sex=sex))
            assert raw == pytest.approx(unrounded, abs=0.005)


# --- the same through a whole case ---

LIMITS_OF = {"ALT": 40, "AST": 40, "ALP": 120, "bilirubin_total": 1.2 * 17.104, "d_dimer": 0.5, "PT": 14}


def case_of(key: str, given: dict, **more) -> Case:
    """A record of one draw that holds these inputs."""
    results, events, born, sex = [], [], date(1970, 1, 1), "M"
    diagnoses = [Diagnosis("cirrhosis", date(2019, 5, 1)), Diagnosis("sepsis", AT.date())]
    for spec in SPECS[key].inputs:
        value = given.get(spec.name)
        if not spec.is_fact and value is not None:
            results.append(_result(spec, value))
    age = given.get("age") or (15 if given.get("adolescent") else 0)
    born = date(AT.year - age, 1, 1) if age else born
    if "infant" in given:
        born, note = _child(given)
        events.append(note)
    sex = given.get("sex") or sex
    for kind in ("ascites", "encephalopathy"):
        if given.get(kind):
            events.append(Event(kind, AT - timedelta(hours=1), grade=given[kind]))
    if given.get("vasopressors"):
        events.append(Event("procedure", AT - timedelta(hours=3), label="Noradrenaline 0.2 µg/kg/min"))
    if key == "kings_college":
        diagnoses, results, events = _acute_failure(given, results, events)
    draws = (Draw(AT, tuple(results), "L"), *more.pop("draws", ()))
    return Case(
        as_of=AT + timedelta(hours=12), birth_date=born, sex=sex, draws=draws,
        diagnoses=tuple(diagnoses), events=(*events, *more.pop("events", ())), **more,
    )  # fmt: skip


def _child(given: dict) -> tuple[date, Event]:
    words = "Growth failure" if given["growth_failure"] else "No growth failure"
    born = date(AT.year - (0 if given["infant"] else 5), 1, 1)
    return born, Event("note", AT - timedelta(days=3), label=words)


def _result(spec, value) -> Result:
    limit = LIMITS_OF.get(spec.name)
    if spec.read == "multiple":
        value = value * limit
    elif spec.read == "excess":
        value = value + limit
    return Result(spec.name, value * spec.factor, upper_limit=limit)


def _acute_failure(given, results, events):
    """No cirrhosis, ALT 2,000; the cause, and jaundice ten days before encephalopathy where it is given."""
    results.append(Result("ALT", 2000, upper_limit=40))
    diagnoses = [Diagnosis("drug_induced", AT.date())] if given["unfavourable_cause"] else []
    if given["paracetamol"]:
        events.append(Event("hepatotoxic_drug", AT - timedelta(days=2), label="Paracetamol overdose"))
    return diagnoses, results, events


@pytest.mark.parametrize(("key", "given", "value", "grade"), ROWS)
def test_a_record_gives_the_worked_example(key, given, value, grade):
    earlier = ()
    if given.get("jaundice_days"):
        jaundiced = AT - timedelta(days=given["jaundice_days"], hours=1)
        earlier = (Draw(jaundiced, (Result("bilirubin_total", 90),)),)
    found = scores(case_of(key, given, draws=earlier))[key]
    assert not found.reason
    assert rounded(found.value, _printed(value)) == value
    assert found.grade == grade


def test_dialysis_counts_as_creatinine_of_the_cap():
    given = meld_family(4.2, 2.1, 1.3, 130, 2.6, "M")
    events = tuple(
        Event("dialysis", AT - timedelta(days=d), AT - timedelta(days=d, hours=-4)) for d in (1, 3)
    )
    found = scores(case_of("meld_3_0", given, events=events))
    assert [found[key].value for key in ("meld", "meld_na", "meld_3_0")] == [33, 35, 35]
    assert "Creatinine counts as 4.0 mg/dL: 2 dialyses in the week before 3 Jul 2025." in found["meld"].notes
    assert "Creatinine counts as 3.0 mg/dL: 2 dialyses in the week before 3 Jul 2025." in (
        found["meld_3_0"].notes
    )


@pytest.mark.parametrize(
    ("before", "after", "points", "points_3_0"),
    [(1.4, 1.9, 3.4, 2.8), (1.2, 2.0, 5.7, 4.6), (1.7, 3.4, 7.8, 6.3)],
)
def test_leverage_of_the_inr(before, after, points, points_3_0):
    """11.2 × ln(ratio) points of MELD, 9.09 × ln(ratio) of MELD 3.0."""
    assert 11.2 * math.log(after / before) == pytest.approx(points, abs=0.05)
    at = [FORMULAS["meld_3_0"](**meld_family(2, inr, 1, 137, 3.5, "M")) for inr in (before, after)]
    assert at[1] - at[0] == pytest.approx(points_3_0, abs=0.05)


@pytest.mark.parametrize(("isi", "inr"), [(0.9, 1.65), (1.0, 1.75), (1.3, 2.07), (2.0, 3.06)])
def test_the_inr_is_the_ratio_to_the_power_of_the_isi(isi, inr):
    """Why PT points are not taken from an INR: the same plasma, four reagents."""
    assert rounded((21 / 12) ** isi, 2) == inr


# --- boundaries ---


@pytest.mark.parametrize(
    ("table", "value", "points"),
    [
        ("bilirubin_total", 33.9, 1), ("bilirubin_total", 34, 2), ("bilirubin_total", 34.208, 2),
        ("bilirubin_total", 51, 2), ("bilirubin_total", 51.312, 2), ("bilirubin_total", 52, 3),
        ("bilirubin_biliary", 67, 1), ("bilirubin_biliary", 68, 2), ("bilirubin_biliary", 171, 2),
        ("bilirubin_biliary", 171.04, 2), ("bilirubin_biliary", 172, 3),
        ("albumin", 35.1, 1), ("albumin", 35, 2), ("albumin", 28, 2), ("albumin", 27.9, 3),
        ("INR", 1.69, 1), ("INR", 1.7, 2), ("INR", 2.3, 2), ("INR", 2.31, 3),
        ("ascites", 0, 1), ("ascites", 1, 2), ("ascites", 2, 3), ("ascites", 3, 3),
        ("encephalopathy", 0, 1), ("encephalopathy", 2, 2), ("encephalopathy", 3, 3),
    ],
)  # fmt: skip
def test_points_of_child_pugh(table, value, points):
    assert SPECS["child_pugh"].score_points(table, value) == points


@pytest.mark.parametrize(
    ("table", "value", "points"),
    [
        ("bilirubin_total", 5.9, 1), ("bilirubin_total", 6, 2), ("bilirubin_total", 11.9, 2),
        ("bilirubin_total", 12, 3), ("creatinine", 1.9, 1), ("creatinine", 2, 2), ("creatinine", 3.4, 2),
        ("creatinine", 3.5, 3), ("encephalopathy", 0, 1), ("encephalopathy", 1, 2), ("encephalopathy", 3, 3),
        ("INR", 1.9, 1), ("INR", 2.0, 2), ("INR", 2.4, 2), ("INR", 2.5, 3),
        ("mean_arterial_pressure", 70, 1), ("mean_arterial_pressure", 69, 2),
        ("pao2_fio2", 301, 1), ("pao2_fio2", 300, 2), ("pao2_fio2", 201, 2), ("pao2_fio2", 200, 3),
    ],
)  # fmt: skip
def test_points_of_clif_c_of(table, value, points):
    assert SPECS["clif_c_of"].score_points(table, value) == points


@pytest.mark.parametrize(
    ("key", "raw", "grade"),
    [
        ("albi", -2.6, "1"), ("albi", -2.5999, "2"), ("albi", -1.39, "2"), ("albi", -1.3899, "3"),
        ("fib_4", 1.2999, "low"), ("fib_4", 1.3, "indeterminate"), ("fib_4", 2.67, "indeterminate"),
        ("fib_4", 2.6701, "high"), ("apri", 0.5, "low"), ("apri", 0.5001, "indeterminate"),
        ("apri", 1.5, "indeterminate"), ("apri", 1.5001, "significant fibrosis"),
        ("apri", 2.0, "significant fibrosis"), ("apri", 2.0001, "cirrhosis"),
        ("de_ritis", 0.7999, "low"), ("de_ritis", 0.8, "intermediate"), ("de_ritis", 1.0, "intermediate"),
        ("de_ritis", 1.0001, "above 1"), ("de_ritis", 2, "above 1"), ("de_ritis", 2.0001, "above 2"),
        ("r_factor", 2, "cholestatic"), ("r_factor", 2.0001, "mixed"), ("r_factor", 4.9999, "mixed"),
        ("r_factor", 5, "hepatocellular"), ("lok", 0.1999, "low"), ("lok", 0.2, "indeterminate"),
        ("lok", 0.5, "indeterminate"), ("lok", 0.5001, "high"), ("child_pugh", 6, "A"),
        ("child_pugh", 7, "B"), ("child_pugh", 9, "B"), ("child_pugh", 10, "C"), ("aarc", 7, "I"),
        ("aarc", 8, "II"), ("aarc", 10, "II"), ("aarc", 11, "III"), ("isth_dic", 4, "not overt"),
        ("isth_dic", 5, "overt"),
    ],
)  # fmt: skip
def test_grades_at_their_boundaries(key, raw, grade):
    assert SPECS[key].grade(raw) == grade


@pytest.mark.parametrize(
    ("given", "grade"),
    [
        (organs(5, 1.2, 0, 1.7, 82, 380), 0),
        (organs(12, 1.4, 0, 1.7, 82, 380), 0),
        (organs(12, 1.5, 0, 1.7, 82, 380), 1),
        (organs(12, 1.4, 1, 1.7, 82, 380), 1),
        (organs(5, 1.4, 3, 1.7, 82, 380), 0),
        (organs(5, 1.5, 3, 1.7, 82, 380), 1),
        (organs(5, 1.9, 0, 1.7, 82, 380), 0),
        (organs(5, 2.0, 0, 1.7, 82, 380), 1),
        (organs(5, 2.0, 3, 1.7, 82, 380), 2),
        (organs(5, 1.0, 1, 2.5, 82, 380), 1),
        (organs(5, 1.0, 0, 2.5, 82, 380, vasopressors=True), 2),
        (organs(12, 2.0, 0, 2.5, 82, 380), 3),
        (organs(12, 3.5, 3, 2.5, 60, 200, vasopressors=True), 3),
        (organs(5, None, 0, 1.7, 82, 380) | {"renal_replacement": True}, 1),
        (organs(5, 1.0, 0, 1.7, 82, None) | {"ventilation": True}, 0),
    ],
)
def test_the_grade_of_aclf(given, grade):
    assert clif.aclf_grade(**given) == grade


@pytest.mark.parametrize(
    ("platelets", "dimer", "pt", "fibrinogen", "points"),
    [
        (100, 1.9, 2.9, 1.0, 0), (99, 2, 3, 0.9, 5), (50, 4, 5.9, 1.0, 4), (49, 4.1, 6, 0.99, 8),
        (None, 4, 6, 1, None), (50, None, 6, 1, None), (50, 4, None, 1, None), (50, 4, 6, None, None),
    ],
)  # fmt: skip
def test_points_of_the_isth_score(platelets, dimer, pt, fibrinogen, points):
    assert isth_overt_dic(platelets, dimer, pt, fibrinogen) == points


@pytest.mark.parametrize(
    ("inr", "brain", "child", "grade"),
    [
        (1.4, True, False, ""), (1.5, True, False, "acute liver failure"),
        (1.5, False, False, "severe acute liver injury"), (9, False, False, "severe acute liver injury"),
        (1.4, True, True, ""), (1.5, True, True, "acute liver failure"),
        (1.9, False, True, "severe acute liver injury"), (2.0, False, True, "acute liver failure"),
    ],
)  # fmt: skip
def test_acute_liver_failure_by_inr_and_encephalopathy(inr, brain, child, grade):
    assert failure_grade(inr=inr, encephalopathy=brain, child=child) == grade


@pytest.mark.parametrize(
    ("given", "met"),
    [
        ({"INR": 7, "encephalopathy": 3, "creatinine": 301}, True),
        ({"INR": 6.5, "encephalopathy": 3, "creatinine": 301}, False),
        ({"INR": 7, "encephalopathy": 2, "creatinine": 301}, False),
        ({"INR": 7, "encephalopathy": 3, "creatinine": 300}, False),
        ({"INR": 7, "encephalopathy": 3}, False),
        ({"INR": 2, "encephalopathy": 0, "arterial_ph": 7.29}, True),
        ({"INR": 2, "encephalopathy": 0, "arterial_ph": 7.30}, False),
        ({"INR": 2, "encephalopathy": 0, "lactate": 3.5}, False),
        ({"INR": 2, "encephalopathy": 0, "lactate": 3.6}, True),
    ],
)
def test_kings_college_after_paracetamol(given, met):
    assert kings_met(kings_paracetamol(**given), inr=given["INR"]) is met


@pytest.mark.parametrize(
    ("given", "count", "met"),
    [
        ({"INR": 6.6}, 1, True),
        ({"INR": 6.5}, 1, False),
        ({"INR": 3.5, "age": 40, "jaundice_days": 7, "bilirubin_total": 300}, 0, False),
        ({"INR": 3.6, "age": 41, "bilirubin_total": 301}, 3, True),
        ({"INR": 3.6, "age": 9, "jaundice_days": 7.1}, 3, True),
        ({"INR": 3.6, "age": 10, "jaundice_days": 7.1}, 2, False),
        ({"INR": 1.6, "age": 50, "unfavourable_cause": True, "bilirubin_total": 400}, 3, True),
    ],
)
def test_kings_college_for_other_causes(given, count, met):
    criteria = kings_other(**given)
    assert sum(map(bool, criteria.values())) == count
    assert kings_met(criteria, inr=given["INR"]) is met


def test_what_was_not_measured_is_not_judged():
    assert kings_paracetamol(INR=2, encephalopathy=0) == {
        "ph": None, "inr": False, "creatinine": None, "encephalopathy": False, "lactate": None,
    }  # fmt: skip
    assert kings_paracetamol(INR=2, encephalopathy=0, lactate=3.2)["lactate"] is None
    assert kings_other(INR=2)["jaundice"] is None


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.5, 0, 3),
        (3.5, 0, 4),
        (2.25, 1, 2.3),
        (1.005, 2, 1.01),
        (-0.5, 0, -1),
        (-2.5861, 3, -2.586),
        (1e300, 1, 1e300),
    ],
)
def test_rounding_is_half_up(value, decimals, expected):
    assert rounded(value, decimals) == expected


# --- the data file ---


@pytest.mark.parametrize("key", [k for k in SPECS if k not in ("clif_c_of", "aclf_grade", "kings_college")])
def test_the_formula_in_words_has_the_numbers_of_the_code(key):
    """The words a clinician reads and the code that runs may not drift apart."""
    module = inspect.getsource(inspect.getmodule(FORMULAS[key].__wrapped__)) + inspect.getsource(
        isth_overt_dic
    )
    known = {float(n) for n in re.findall(r"(?<![A-Za-z_])\d+(?:\.\d+)?", module)}
    spec = SPECS[key]
    known |= {spec.low, spec.high} | {
        step for t in spec.points.values() for s in t.values() for step in vars(s).values()
    }
    known |= (
        {12.0, 17.0, 1.0, 5.0, 15.0, 3.0, 2.0} if spec.points or key in ("meld_3_0", "hys_law") else set()
    )
    words = re.sub(r"[A-Za-z]\d|log10", "", spec.formula)
    assert {float(n) for n in re.findall(r"\d+(?:\.\d+)?", words)} <= known


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.key_name)
def test_a_score_is_complete(spec):
    assert spec.name and spec.formula and spec.sources and spec.words.endswith(".")
    assert spec.key_name in FORMULAS
    assert spec.window in ("course", "day")
    assert not spec.uses_inr or spec.alternative
    assert spec.alternative in ("", "factor_v", *SPECS)
    assert not (spec.alternative in SPECS and SPECS[spec.alternative].uses_inr)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"inputs": [], "sauces": ["R1"]}, "score.x: unknown key 'sauces'"),
        ({"inputs": [{"name": "INR", "flor": 1}]}, "score.x.inputs.INR: unknown key 'flor'"),
        ({"inputs": [{"name": "age", "factor": 2}]}, "score.x.inputs.age: unknown key 'factor'"),
        ({"inputs": [{"name": "luck"}]}, "'luck' is neither a test nor a fact"),
        ({"inputs": [{"name": "INR", "unit": "mg/dL"}]}, "INR has no unit 'mg/dL'"),
    ],
)
def test_an_entry_that_is_wrong_is_not_loaded(row, message):
    with pytest.raises(KnowledgeError, match=re.escape(message)):
        spec_of("x", row)


@pytest.mark.parametrize("name", VIGNETTES)
def test_the_json_of_scores(name):
    data = as_json(interpret(VIGNETTES[name][0]))["scores"]
    assert list(data) == list(KEYS)
    for found in data.values():
        assert set(found) in ({"reason"}, {"value", "grade", "inputs", "notes"})


def test_a_case_with_nothing_gives_reasons():
    for found in scores(Case(as_of=AT)).values():
        assert found.reason.startswith("Cannot be calculated, because ")
        assert found.value is None


def test_the_latest_point_of_a_series_is_the_score_itself():
    given = VIGNETTES["2 ACLF"][0]
    for key in KEYS:
        points = score_series(given, key)
        if points:
            assert points[-1][1].value == scores(given)[key].value


def test_acute_failure_is_part_of_the_package():
    given = VIGNETTES["3 post-acute injury, failing"][0]
    found = acute_failure.acute_liver_failure(given)
    assert found.grade == "acute liver failure"
    assert "encephalopathy grade 2" in found.criteria[1]
