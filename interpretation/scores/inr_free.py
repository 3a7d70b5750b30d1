"""Scores without INR, for the patient on an anticoagulant. [clinical.md 7.1, 7.3]"""

from math import log, log10

from interpretation.scores.evaluate import score


@score("albi")
def albi(*, bilirubin_total: float, albumin: float) -> float:
    """Albumin-bilirubin score; µmol/L and g/L. [R39]"""
    return 0.66 * log10(bilirubin_total) - 0.085 * albumin


@score("meld_xi")
def meld_xi(*, bilirubin_total: float, creatinine: float) -> float:
    """MELD excluding INR; mg/dL. [GK]"""
    return 5.11 * log(bilirubin_total) + 11.76 * log(creatinine) + 9.44
