"""Why somebody must act, and how soon: one row a line of the table of clinical.md 4.4 c, in its order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from interpretation.knowledge import limits, load
from interpretation.record.measured import MeasuredValue
from interpretation.record.records import Event
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN
from interpretation.rule.reasons import Reason
from interpretation.urgency.facts import UrgencyFacts
from interpretation.urgency.inr_now import TOLERANCE, InrNow
from interpretation.words import inr, listed
from interpretation.words import value as value_text

LIMITS = limits("urgency").read_by(__name__, "rise_supported second_days raised first_seen under_drug")
RULE = limits("dissociation").read_by(
    __name__, "critical_inr critical_inr_child critical_inr_complicated critical_step"
)
load("urgency").read_by(__name__, "reason support")


@dataclass(frozen=True)
class Situation:
    """What the reasons are read from: the grade, the INR now, and the facts at one time."""

    found: Dissociation
    now: InrNow
    facts: UrgencyFacts
    kind: str

    @property
    def high(self) -> float:
        """The critical INR for this age."""
        child = self.now.sample is not None and self.facts.reading.is_child(self.now.sample.at)
        return RULE.critical_inr_child if child else RULE.critical_inr

    @property
    def has_pattern(self) -> bool:
        return self.found.grade in PATTERN

    @property
    def raised(self) -> bool:
        return self.now.reaches(LIMITS.raised)

    @property
    def non_recovering(self) -> bool:
        return self.has_pattern and self.found.inr_state == "non_recovering"

    @property
    def rising_to_high(self) -> bool:
        return self.now.is_rising_to(self.high)

    def support(self) -> str:
        """What supports a rise, in words; "" where it may be noise."""
        facts, now = self.facts, self.now
        rises = [course.difference for course in now.rising.values()]
        if self.has_pattern and self.found.inr_state == "rise" and self.found.inr_to and self.found.inr_from:
            rises.append(self.found.inr_to - self.found.inr_from)
        if rises and max(rises) >= LIMITS.rise_supported - TOLERANCE:
            return _support("large", least=inr(LIMITS.rise_supported))
        if not rises:
            return _support("non_recovering") if self.non_recovering else ""
        second = any(s.results["INR"].value >= self.high - TOLERANCE for s in now.earlier(LIMITS.second_days))
        if second and now.reaches(self.high):
            return _support("second")
        if self.non_recovering:
            return _support("non_recovering")
        if facts.encephalopathy:
            return _support("encephalopathy", grade=_grade(facts.encephalopathy))
        return self.bilirubin_support()

    def bilirubin_support(self) -> str:
        facts = self.facts
        if not facts.bilirubin_up or facts.bilirubin is None or facts.bilirubin_before is None:
            return ""
        values = {"before": facts.before_in_words, "bilirubin": _bilirubin(facts.bilirubin)}
        return _support("bilirubin", **values)


Said = dict[str, str] | None


def reasons(situation: Situation) -> Iterator[Reason]:
    """Those that hold, the most urgent first."""
    rows = load("urgency")["reason"]
    for code, asks in REASONS.items():
        said = asks(situation)
        if said is not None:
            row = rows[code]
            yield Reason(code, row["text"].format(**said), tuple(row["sources"]), _draws(situation, code))


# --- today ---


def _critical(s: Situation) -> Said:
    if s.found.grade != "critical":
        return None
    alone = {reason.code for reason in s.found.escalations} <= {"inr"}
    if alone and not s.support():
        return None
    return {"why": "; ".join(reason.text for reason in s.found.escalations)}


def _high_supported(s: Situation) -> Said:
    support = s.support() if s.rising_to_high else ""
    return _inr_words(s) | {"support": support} if support else None


def _high_non_recovering(s: Situation) -> Said:
    return _inr_words(s) if s.non_recovering and s.now.reaches(s.high) else None


def _encephalopathy(s: Situation) -> Said:
    event = s.facts.encephalopathy
    return _inr_words(s) | {"grade": _grade(event)} if event and s.raised else None


def _jaundice(s: Situation) -> Said:
    if not (s.raised and s.facts.jaundiced):
        return None
    support = s.support() if s.now.rising else ""
    support = support or (_support("non_recovering") if s.non_recovering else "") or s.bilirubin_support()
    return _inr_words(s) | _bilirubin_words(s) | {"support": support} if support else None


def _step(s: Situation) -> Said:
    if s.now.step is None or not s.now.reaches(RULE.critical_inr_complicated):
        return None
    up = s.now.step[1]
    return _inr_words(s) | {"step": inr(up)} if up >= RULE.critical_step - TOLERANCE else None


def _organ_failure(s: Situation) -> Said:
    if not s.facts.disease or not s.facts.failures:
        return None
    return {"organs": listed([failure.words for failure in s.facts.failures])}


def _aclf(s: Situation) -> Said:
    sign = "encephalopathy" if s.facts.new_encephalopathy else "ascites" if s.facts.new_ascites else ""
    if not (sign and s.facts.disease and s.raised and s.facts.jaundiced):
        return None
    return _inr_words(s) | _bilirubin_words(s) | {"sign": sign}


def _post_acute(s: Situation) -> Said:
    if s.kind != "post_acute" or s.now.fell_lately:
        return None
    jaundiced = s.raised and s.facts.jaundiced
    if not (s.now.reaches(s.high) or jaundiced):
        return None
    jaundice = f" with bilirubin {_bilirubin_words(s)['bilirubin']} µmol/L" if jaundiced else ""
    return _inr_words(s) | {"peak": _peak(s.facts.peak) or "ALT or AST", "jaundice": jaundice}


def _first_seen_high(s: Situation) -> Said:
    return _inr_words(s) if s.now.reaches(LIMITS.first_seen) and s.now.is_first_seen else None


def _acute_encephalopathy(s: Situation) -> Said:
    event = s.facts.encephalopathy
    if event is None or s.facts.peak is None:
        return None
    return {"grade": _grade(event), "peak": _peak(s.facts.peak)}


def _unread_encephalopathy(s: Situation) -> Said:
    event = s.facts.encephalopathy
    return {"grade": _grade(event)} if event and not s.now.is_readable else None


def _unread_bilirubin(s: Situation) -> Said:
    if s.now.is_readable or not (s.facts.jaundiced and s.facts.bilirubin_up):
        return None
    return _bilirubin_words(s)


def _unread_peak(s: Situation) -> Said:
    if s.now.is_readable or s.facts.recent_peak is None:
        return None
    return {"peak": _peak(s.facts.recent_peak)}


# --- 24 to 48 hours ---


def _high_unsupported(s: Situation) -> Said:
    """Also where a rise to this height lies between two laboratories, or rests on the enzymes' baseline."""
    if not s.now.reaches(s.high) or (s.rising_to_high and s.support()):
        return None
    return _inr_words(s) if s.now.rising or s.found.grade == "critical" else None


def _acute_pattern(s: Situation) -> Said:
    return {} if s.has_pattern and s.found.regime == "acute" else None


def _recent_peak(s: Situation) -> Said:
    if s.facts.recent_peak is None or not s.raised:
        return None
    return _inr_words(s) | {"peak": _peak(s.facts.recent_peak)}


def _first_seen_jaundice(s: Situation) -> Said:
    if not (s.raised and s.now.is_first_seen and s.facts.jaundiced):
        return None
    return _inr_words(s) | _bilirubin_words(s)


def _bilirubin_climbs(s: Situation) -> Said:
    if not (s.raised and s.facts.jaundiced and s.facts.bilirubin_climbs):
        return None
    return _inr_words(s) | _bilirubin_words(s)


def _under_drug(s: Situation) -> Said:
    last = s.now.last_of_any
    if last is None or not last.at_least(LIMITS.under_drug):
        return None
    drugs = s.now.drugs(("vka", "doac"))
    return {"inr": last.amount, "drugs": listed(drugs)} if drugs else None


def _halved(s: Situation) -> Said:
    if s.now.halved is None:
        return None
    return _inr_words(s) | {"before": value_text(s.now.halved.results["INR"])}


# --- weeks ---


def _established(s: Situation) -> Said:
    return {} if s.found.grade in ("established", "critical") else None


def _rising(s: Situation) -> Said:
    return _inr_words(s) if s.now.rising and (s.raised or s.now.is_consistent) else None


def _first_seen(s: Situation) -> Said:
    return _inr_words(s) if s.raised and s.now.is_first_seen else None


def _possible(s: Situation) -> Said:
    return {} if s.found.grade == "possible" else None


def _rising_low(s: Situation) -> Said:
    return _inr_words(s) if s.now.rising else None


REASONS: dict[str, Callable[[Situation], Said]] = {
    "critical": _critical,
    "high_supported": _high_supported,
    "high_non_recovering": _high_non_recovering,
    "encephalopathy": _encephalopathy,
    "jaundice": _jaundice,
    "step": _step,
    "organ_failure": _organ_failure,
    "aclf": _aclf,
    "post_acute": _post_acute,
    "first_seen_high": _first_seen_high,
    "acute_encephalopathy": _acute_encephalopathy,
    "unread_encephalopathy": _unread_encephalopathy,
    "unread_bilirubin": _unread_bilirubin,
    "unread_peak": _unread_peak,
    "high_unsupported": _high_unsupported,
    "acute_pattern": _acute_pattern,
    "recent_peak": _recent_peak,
    "first_seen_jaundice": _first_seen_jaundice,
    "bilirubin_climbs": _bilirubin_climbs,
    "under_drug": _under_drug,
    "halved": _halved,
    "established": _established,
    "rising": _rising,
    "first_seen": _first_seen,
    "possible": _possible,
    "rising_low": _rising_low,
}


# --- words ---


def _inr_words(s: Situation) -> dict[str, str]:
    value = s.now.value
    baseline = "" if s.found.inr_from is None else inr(s.found.inr_from, s.found.inr_signs[0])
    return {"inr": value.amount if value else "", "reference": s.now.reference or baseline}


def _bilirubin_words(s: Situation) -> dict[str, str]:
    value = s.facts.bilirubin
    return {"bilirubin": _bilirubin(value) if value else "", "before": s.facts.before_in_words}


def _bilirubin(value: MeasuredValue) -> str:
    return value_text(value.result)


def _grade(event: Event | None) -> str:
    return f" grade {event.grade}" if event and event.grade else ""


def _peak(value: MeasuredValue | None) -> str:
    return f"{value.result.analyte} {value.amount}" if value else ""


def _support(key: str, **values: str) -> str:
    return str(load("urgency")["support"][key]["text"]).format(**values)


def _draws(s: Situation, code: str) -> tuple[str, ...]:
    """The draws that a reason rests on: the INR, and the bilirubin or peak that it names."""
    if code in ("critical", "acute_pattern", "established", "possible"):
        return s.found.draws
    found = [s.now.last_value if code.startswith("unread") else s.now.value]
    if "jaundice" in code or "bilirubin" in code or code == "aclf":
        found.append(s.facts.bilirubin)
    if "peak" in code or code in ("post_acute", "acute_encephalopathy"):
        found.append(s.facts.peak)
    return tuple(dict.fromkeys(value.draw.id for value in found if value))
