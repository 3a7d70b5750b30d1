"""An INR that answered vitamin K is not a recovery: what went on getting worse over the same days.

[clinical.md 6.3, 9]
"""

from datetime import datetime, timedelta

from interpretation.evidence import draws_of
from interpretation.knowledge import limits, load
from interpretation.record.measured import Measured, MeasuredValue, change
from interpretation.record.records import Case
from interpretation.rule.attribution import encephalopathy
from interpretation.rule.pairing import ENZYMES, Pair
from interpretation.rule.reasons import Reason, reason
from interpretation.rule.variation import beyond, known_change
from interpretation.vitamin_k import Response
from interpretation.words import day, lower_first, percent

LIMITS = limits("dissociation").read_by(
    __name__, "acute_pairing_hours soft_days vitamin_k_baseline_days jaundice_bilirubin"
)
load("reasons").read_by(__name__, "answer")
# In words, with the values behind them.
Fact = tuple[str, tuple[MeasuredValue, ...]]


def not_recovered(case: Case, response: Response | None, latest: Pair) -> Reason | None:
    """What is against calling the patient well although INR has fallen; None where nothing is recorded.

    Each finding is compared from the last value before the dose to the latest beside the latest INR.
    """
    if response is None:
        return None
    first = response.dose_at - timedelta(days=LIMITS.vitamin_k_baseline_days)
    last = latest.at + timedelta(hours=LIMITS.acute_pairing_hours)
    measured = Measured(case, first, last)
    found = [_bilirubin(measured, response, _lowest_before(case, response, last))]
    found += [_enzyme(measured, response, key) for key in ENZYMES]
    facts = [fact for fact in found if fact]
    words = [text for text, _ in facts]
    episode = encephalopathy(case, latest.at)
    if episode and episode.started_at >= response.dose_at:
        grade = f" grade {episode.grade}" if episode.grade else ""
        words.append(f"encephalopathy{grade} began ({day(episode.started_at)})")
    if not words:
        return None
    key = "not_recovered.injured" if _injured(measured, case) else "not_recovered.alone"
    draws = draws_of(value for _, values in facts for value in values)
    return reason("answer", key, draws, facts="; ".join(words))


def _injured(measured: Measured, case: Case) -> bool:
    """An ALT or AST above its limit over these days: without one there is no injury to be over."""
    values = [v for key in ENZYMES for v in measured.between(key, measured.first, measured.last)]
    return any(value.is_above_limit(case) for value in values)


def _ends(measured: Measured, response: Response, analyte: str) -> tuple[MeasuredValue, MeasuredValue] | None:
    values = measured.between(analyte, measured.first, measured.last)
    before = [value for value in values if value.at <= response.dose_at]
    after = [value for value in values if value.at > response.dose_at]
    return (before[-1], after[-1]) if before and after and before[-1].exact else None


def _lowest_before(case: Case, response: Response, last: datetime) -> MeasuredValue | None:
    """The lowest bilirubin of the two weeks before the dose: two days alone may hide a long rise."""
    first = response.dose_at - timedelta(days=LIMITS.soft_days)
    values = Measured(case, first, last).between("bilirubin_total", first, response.dose_at)
    return min((v for v in values if v.exact), key=lambda v: (v.number, v.at), default=None)


def _bilirubin(measured: Measured, response: Response, lowest: MeasuredValue | None) -> Fact | None:
    """Any rise of a bilirubin that is high, said with its share of what stable people show."""
    ends = _ends(measured, response, "bilirubin_total")
    if ends is None or not ends[1].number > ends[0].number or ends[0].number <= 0:
        return None
    real = beyond("bilirubin_total", ends[0].number, ends[1].number)
    if not real and ends[1].below(LIMITS.jaundice_bilirubin):
        return None
    rising = f"{lower_first(change(*ends))} went on rising"
    if real:
        return f"{rising}, beyond expected variation", ends
    if lowest and beyond("bilirubin_total", lowest.number, ends[1].number):
        text = f"{rising}, from {lowest.amount} on {day(lowest.at)}: together beyond expected variation"
        return text, (lowest, *ends)
    up = percent(known_change("bilirubin_total").up * 100)
    return f"{rising}, still within what stable people show (up to {up})", ends


def _enzyme(measured: Measured, response: Response, key: str) -> Fact | None:
    ends = _ends(measured, response, key)
    if ends is None or not ends[1].number > ends[0].number or not beyond(key, ends[0].number, ends[1].number):
        return None
    return f"{change(*ends)} rose beyond expected variation", ends
