"""The MELD family. Bilirubin and creatinine in mg/dL, albumin in g/dL, sodium in mmol/L. [clinical.md 7.1]"""

from collections.abc import Iterator
from math import log

from interpretation.scores.evaluate import remarks, rounded, score
from interpretation.scores.given import Given
from interpretation.scores.spec import SPECS

NA_TOP, ALBUMIN_TOP = 137, 3.5
SODIUM_COUNTS_ABOVE = 11


@score("meld")
def meld(*, bilirubin_total: float, INR: float, creatinine: float) -> float:
    """MELD as OPTN used it until 2016, before its range of 6 to 40. [R11]"""
    bracket = 0.957 * log(creatinine) + 0.378 * log(bilirubin_total) + 1.120 * log(INR) + 0.643
    return rounded(10 * rounded(bracket, 1))


@score("meld_na")
def meld_na(*, bilirubin_total: float, INR: float, creatinine: float, sodium: float) -> float:
    """MELD with sodium, from the whole MELD; sodium counts only where that is above 11. [R10, R11]"""
    whole = meld(bilirubin_total=bilirubin_total, INR=INR, creatinine=creatinine)
    whole = min(max(whole, SPECS["meld"].low), SPECS["meld"].high)
    if whole <= SODIUM_COUNTS_ABOVE:
        return whole
    lack = NA_TOP - sodium
    return whole + 1.32 * lack - 0.033 * whole * lack


@score("meld_3_0")
def meld_3_0(
    *,
    bilirubin_total: float,
    INR: float,
    creatinine: float,
    sodium: float,
    albumin: float,
    sex: str | None,
    adolescent: bool = False,
) -> float:
    """MELD 3.0; from 12 to 17 years one constant for both sexes. [R9, R10]"""
    lack, short = NA_TOP - sodium, ALBUMIN_TOP - albumin
    bilirubin, kidney = log(bilirubin_total), log(creatinine)
    constant = 7.33 if adolescent else 6 + (1.33 if sex == "F" else 0)
    return (
        4.56 * bilirubin
        + 0.82 * lack
        - 0.24 * lack * bilirubin
        + 9.09 * log(INR)
        + 11.14 * kidney
        + 1.85 * short
        - 1.83 * short * kidney
        + constant
    )


@remarks("meld_3_0")
def _adolescent(given: Given, raw: float) -> Iterator[str]:
    if given.used["adolescent"]:
        yield given.spec.remarks["adolescent"]


@score("peld")
def peld(*, bilirubin_total: float, INR: float, albumin: float, infant: bool, growth_failure: bool) -> float:
    """PELD before its creatinine term; here albumin in g/dL. [GK]"""
    bracket = 0.480 * log(bilirubin_total) + 1.857 * log(INR) - 0.687 * log(albumin)
    return 10 * (bracket + 0.436 * infant + 0.667 * growth_failure)


@score("ukeld")
def ukeld(*, bilirubin_total: float, INR: float, creatinine: float, sodium: float) -> float:
    """UKELD; here bilirubin and creatinine in µmol/L. [GK]"""
    return (
        5.395 * log(INR) + 1.485 * log(creatinine) + 3.13 * log(bilirubin_total) - 81.565 * log(sodium) + 435
    )
