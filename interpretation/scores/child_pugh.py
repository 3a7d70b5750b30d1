"""Child-Pugh: five findings of one to three points. [clinical.md 7.2]"""

from collections.abc import Iterator

from interpretation.scores.evaluate import remarks, score
from interpretation.scores.given import Given
from interpretation.scores.spec import SPECS


@score("child_pugh")
def child_pugh(
    *,
    bilirubin_total: float,
    albumin: float,
    INR: float,
    ascites: int,
    encephalopathy: int,
    biliary_disease: bool = False,
) -> int:
    """5 to 15 points; µmol/L, g/L; ascites 0 none, 1 mild, 2 or more; encephalopathy by West Haven. [R41]"""
    points = SPECS["child_pugh"].score_points
    return (
        points("bilirubin_biliary" if biliary_disease else "bilirubin_total", bilirubin_total)
        + points("albumin", albumin)
        + points("INR", INR)
        + points("ascites", ascites)
        + points("encephalopathy", encephalopathy)
    )


@remarks("child_pugh")
def _child_pugh(given: Given, raw: float) -> Iterator[str]:
    if given.used["biliary_disease"]:
        yield given.spec.remarks["biliary"]
    if not given.values.diagnosis(("cirrhosis",), given.at.date()):
        yield given.spec.remarks["no_cirrhosis"]
