"""AARC: grade of acute-on-chronic liver failure as APASL defines it. [clinical.md 7.6]"""

from collections.abc import Iterator

from interpretation.scores.evaluate import remarks, score
from interpretation.scores.facts import FACTS
from interpretation.scores.given import Given
from interpretation.scores.spec import LIMITS, SPECS, TOLERANCE

LIMITS.read_by(__name__, "apasl_bilirubin apasl_inr")


@score("aarc")
def aarc(
    *, bilirubin_total: float, creatinine: float, encephalopathy: int, INR: float, lactate: float
) -> int:
    """5 to 15 points; mg/dL, lactate in mmol/L, encephalopathy by West Haven. [R23]"""
    points = SPECS["aarc"].score_points
    return (
        points("bilirubin_total", bilirubin_total)
        + points("creatinine", creatinine)
        + points("encephalopathy", encephalopathy)
        + points("INR", INR)
        + points("lactate", lactate)
    )


@remarks("aarc")
def _apasl(given: Given, raw: float) -> Iterator[str]:
    ascites = FACTS["ascites"](given.values, given.at, given.reach).value
    met = (
        given.used["bilirubin_total"] >= LIMITS.apasl_bilirubin - TOLERANCE
        and given.used["INR"] >= LIMITS.apasl_inr - TOLERANCE
        and bool(ascites or given.used["encephalopathy"])
    )
    yield given.spec.remarks["apasl"].format(met="met" if met else "not met")
