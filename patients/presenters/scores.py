"""The scores of a report as the page shows them: given, withheld because of the INR, not calculable."""

from dataclasses import dataclass
from datetime import datetime

from interpretation import words
from interpretation.record import analytes
from interpretation.scores import SPECS, Input, Score
from interpretation.scores.evaluate import rounded
from interpretation.scores.spec import Spec
from patients.values.display import Units

# Asked for at every meeting; the others follow as in the data.
FIRST = ("meld_3_0", "child_pugh")
# Decimals as these are quoted; others are shown as they are calculated.
DECIMALS = {
    "albi": 2,
    "fib_4": 2,
    "apri": 2,
    "de_ritis": 1,
    "r_factor": 1,
    "lok": 2,
    "clif_c_aclf": 0,
    "clif_c_ad": 0,
    "meld_xi": 1,
    "ukeld": 0,
}


@dataclass(frozen=True)
class InputLine:
    """ "Creatinine", "62 µmol/L", what the formula read where that differs, when."""

    label: str
    text: str
    used: str
    at: datetime | None

    @property
    def time(self) -> str:
        return words.hour(self.at) if self.at else ""


@dataclass(frozen=True)
class ScoreLine:
    """One score with a value. `href` leads to its course over time, "" where it has none."""

    score: Score
    value: str
    inputs: tuple[InputLine, ...]
    formula: str
    href: str


@dataclass(frozen=True)
class WithheldScore:
    """Scores that are not given for one and the same reason."""

    names: str
    reason: str
    instead: str = ""


@dataclass(frozen=True)
class ScoreCard:
    given: tuple[ScoreLine, ...]
    withheld: tuple[WithheldScore, ...]
    refused: tuple[WithheldScore, ...]
    refused_count: int
    # Of them those that are asked for first.
    first_refused: tuple[WithheldScore, ...]


def score_card(scores: dict[str, Score], units: Units, address: str, query: str = "") -> ScoreCard:
    """`address` is that of the patient page, `query` what its links carry on ("?as_of=...")."""
    ordered = sorted(scores.values(), key=lambda score: score.key not in FIRST)
    given = [score for score in ordered if not score.reason]
    withheld = [score for score in ordered if score.reason and score.alternative]
    refused = [score for score in ordered if score.reason and not score.alternative]
    return ScoreCard(
        given=tuple(score_line(score, units, address, query) for score in given),
        withheld=tuple(_by_reason(withheld, scores)),
        refused=tuple(_by_reason(refused, scores)),
        refused_count=len(refused),
        first_refused=tuple(_by_reason([score for score in refused if score.key in FIRST], scores)),
    )


def score_line(score: Score, units: Units, address: str, query: str = "") -> ScoreLine:
    spec = SPECS[score.key]
    return ScoreLine(
        score=score,
        # Of criteria the answer is the grade: their number beside "not met" would be misread.
        value="" if spec.unit == "criteria" else value_text(score),
        inputs=tuple(
            _input(given, units, spec) for given in score.inputs if given.value not in (False, None)
        ),
        formula=spec.formula,
        href=f"{address}scores/{score.key}/{query}" if spec.plotted else "",
    )


def value_text(score: Score) -> str:
    """As few decimals as it is quoted with, and more where the number would else stand in another grade."""
    if score.value is None:
        return ""
    spec = SPECS[score.key]
    # Rounded once: the value is rounded already. Beyond its range the value is the end of that.
    is_within = rounded(score.raw, spec.decimals) == score.value
    for decimals in range(DECIMALS.get(score.key, spec.decimals), spec.decimals):
        shown = rounded(score.raw if is_within else score.value, decimals)
        if spec.grade(shown) == spec.grade(score.raw):
            return words.number(shown, decimals)
    return words.number(score.value, spec.decimals)


def _by_reason(found: list[Score], scores: dict[str, Score]) -> list[WithheldScore]:
    groups: dict[str, list[Score]] = {}
    for score in found:
        groups.setdefault(score.reason, []).append(score)
    return [
        WithheldScore(", ".join(s.name for s in same), words.lower_first(reason), _instead(same, scores))
        for reason, same in groups.items()
    ]


def _instead(withheld: list[Score], scores: dict[str, Score]) -> str:
    """ "ALBI −1.65 (2), MELD-XI 14.1, Factor V": what needs no INR, with its value where there is one."""
    keys = dict.fromkeys(score.alternative for score in withheld if score.alternative)
    return ", ".join(_alternative(key, scores) for key in keys)


def _alternative(key: str, scores: dict[str, Score]) -> str:
    if key not in scores:
        return analytes.get(key).name
    other = scores[key]
    if other.reason:
        return f"{other.name} (not calculable now)"
    return f"{other.name} {value_text(other)}" + (f" ({other.grade})" if other.grade else "")


def _input(given: Input, units: Units, spec: Spec) -> InputLine:
    if given.name not in analytes.ANALYTES:
        return InputLine(given.label, _fact(given), "", given.taken_at)
    text = f"{units.text(given.name, given.value, given.comparator)} {units.label(given.name)}".strip()
    used = f"{_sign(given, spec)}{words.number(given.used, 2)} {given.used_unit}".strip()
    plain = given.used_unit == given.unit and given.used == given.value
    return InputLine(given.label, text, "" if plain or text == used else used, given.taken_at)


def _sign(given: Input, spec: Spec) -> str:
    """A bound in another unit is a bound still; a floor or a cap that stands for it is a number."""
    limits = [limit for one in spec.inputs if one.name == given.name for limit in (one.floor, one.cap)]
    return "" if given.used in limits else words.sign(given.comparator)


def _fact(given: Input) -> str:
    if given.value is True:
        return "yes"
    if given.name in ("ascites", "encephalopathy"):
        return f"grade {given.value}" if given.value else "none"
    return f"{given.value} {given.unit}".strip()
