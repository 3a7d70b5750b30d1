"""EASL-CLIF: organ failures, grade and scores of acute-on-chronic liver failure. [clinical.md 7.6]

Bilirubin and creatinine in mg/dL, pressures in mmHg, white cells ×10⁹/L; encephalopathy by West Haven.
"""

from collections.abc import Iterator
from math import log
from typing import Any

from interpretation.scores.evaluate import evaluate, refusal, remarks, score
from interpretation.scores.given import Given
from interpretation.scores.score import Score
from interpretation.scores.spec import LIMITS, SPECS, TOLERANCE, because

LIMITS.read_by(__name__, "kidney_failure kidney_dysfunction")

FAILED = 3
WORST = 3


def organs(
    *,
    bilirubin_total: float,
    creatinine: float | None,
    encephalopathy: int,
    INR: float,
    mean_arterial_pressure: float | None,
    pao2_fio2: float | None,
    renal_replacement: bool = False,
    vasopressors: bool = False,
    ventilation: bool = False,
) -> dict[str, int]:
    """Sub-score 1 to 3 of each organ; support of an organ counts 3, whatever was measured. [R23]"""
    points = SPECS["clif_c_of"].score_points
    return {
        "liver": points("bilirubin_total", bilirubin_total),
        "kidney": FAILED if renal_replacement else points("creatinine", creatinine),
        "brain": points("encephalopathy", encephalopathy),
        "coagulation": points("INR", INR),
        "circulation": FAILED if vasopressors else points("mean_arterial_pressure", mean_arterial_pressure),
        "respiration": FAILED if ventilation else points("pao2_fio2", pao2_fio2),
    }


@score("clif_c_of")
def clif_c_of(**given: Any) -> int:
    """CLIF-C organ failure score, 6 to 18. [R23]"""
    return sum(organs(**given).values())


def failures(**given: Any) -> list[str]:
    """The organs that have failed: sub-score 3, of the kidney creatinine of 2 mg/dL or more. [R23]"""
    found = organs(**given)
    creatinine = given["creatinine"]
    kidney = found["kidney"] == FAILED or creatinine >= LIMITS.kidney_failure - TOLERANCE
    return [organ for organ, points in found.items() if (kidney if organ == "kidney" else points == FAILED)]


@score("aclf_grade")
def aclf_grade(**given: Any) -> int:
    """ACLF grade 0 (none) to 3 by the number of organ failures and, for one, by which it is. [R23]"""
    found = failures(**given)
    if len(found) != 1:
        return min(len(found), WORST)
    if found == ["kidney"]:
        return 1
    creatinine = given["creatinine"]
    impaired = creatinine is not None and creatinine >= LIMITS.kidney_dysfunction - TOLERANCE
    if found == ["brain"]:
        return int(impaired)
    return int(impaired or given["encephalopathy"] > 0)


@remarks("clif_c_of")
@remarks("aclf_grade")
def _failures(given: Given, raw: float) -> Iterator[str]:
    named = ", ".join(failures(**given.used)) or "none"
    yield given.spec.remarks["failures"].format(organs=named)


@score("clif_c_aclf")
def clif_c_aclf(*, age: int, white_cells: float, **organ_values: Any) -> float:
    """CLIF-C ACLF score before its range of 0 to 100. [R23]"""
    return 10 * (0.33 * clif_c_of(**organ_values) + 0.04 * age + 0.63 * log(white_cells) - 2)


@refusal("clif_c_aclf")
def _no_aclf(given: Given) -> str:
    organ_values = {name: given.used[name] for name in given.used if name not in ("age", "white_cells")}
    return "" if aclf_grade(**organ_values) else because("no_aclf")


@score("clif_c_ad")
def clif_c_ad(*, age: int, creatinine: float, INR: float, white_cells: float, sodium: float) -> float:
    """CLIF-C score of acute decompensation without ACLF. [R23]"""
    return 10 * (
        0.03 * age + 0.66 * log(creatinine) + 1.71 * log(INR) + 0.88 * log(white_cells) - 0.05 * sodium + 8
    )


@refusal("clif_c_ad")
def _aclf(given: Given) -> str:
    found = _grade(given)
    return because("aclf", grade=found.grade) if found.value else ""


@remarks("clif_c_ad")
def _aclf_open(given: Given, raw: float) -> Iterator[str]:
    if _grade(given).reason:
        yield given.spec.remarks["aclf_open"]


def _grade(given: Given) -> Score:
    return evaluate("aclf_grade", given.values, given.draw)
