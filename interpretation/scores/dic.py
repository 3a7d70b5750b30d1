"""The ISTH score as a score of a patient: only with a disorder that leads to DIC. [clinical.md 7.8]"""

from collections.abc import Iterator

from interpretation.dic import isth_overt_dic
from interpretation.record.records import Draw
from interpretation.rule.soft_confounders import DIC_TRIGGERS, LIMITS
from interpretation.scores.evaluate import gate, remarks, score
from interpretation.scores.given import Given
from interpretation.scores.spec import because
from interpretation.scores.values import Values

LIMITS.read_by(__name__, "soft_days")


@score("isth_dic")
def isth_dic(*, platelets: float, d_dimer: float, PT: float, fibrinogen: float) -> int:
    """Points 0 to 8; D-dimer as a multiple of, PT in seconds over its upper limit. [R27]"""
    return isth_overt_dic(platelets, d_dimer, PT, fibrinogen)


@gate("isth_dic")
def _no_trigger(values: Values, draw: Draw | None) -> str:
    """Sepsis counts for as long as it does as a confounder of the INR."""
    on = (draw.taken_at if draw else values.case.as_of).date()
    found = values.recent_diagnosis(tuple(DIC_TRIGGERS), on, LIMITS.soft_days)
    return "" if found else because("no_trigger")


@remarks("isth_dic")
def _isth_dic(given: Given, raw: float) -> Iterator[str]:
    said = given.spec.remarks
    if given.values.diagnosis(("cirrhosis",), given.at.date()):
        yield said["cirrhosis"]
    if found := given.values.hard(given.draw):
        yield said["confounded"].format(words="; ".join(dict.fromkeys(c.words for c in found)))
