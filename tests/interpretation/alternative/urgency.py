"""4.4 c: how soon, whatever the enzymes do."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from tests.interpretation.alternative import new
from tests.interpretation.alternative.course import Course, inr_course
from tests.interpretation.alternative.exposures import MASKING_HOURS
from tests.interpretation.alternative.grade import Graded, inr_state, transaminase_state
from tests.interpretation.alternative.limits import (
    ENZYMES,
    EPS,
    LOOK_BACK,
    REGIMES,
    at_least,
    at_most,
)
from tests.interpretation.alternative.pairs import paired_draws
from tests.interpretation.alternative.record import Inr, Record
from tests.interpretation.alternative.statistics import days

LEVELS = ("routine", "4_weeks", "1_to_2_weeks", "24_to_48_h", "today")
LONG = timedelta(days=LOOK_BACK)


class Urgency(NamedTuple):
    level: str
    reasons: list[str]
    detail: dict[str, Any]


def urgency(record: Record, graded: Graded) -> Urgency:
    """The most urgent level of its reasons, then aged: results from the latest one, events from `as_of`."""
    last = last_result_at(record)
    readings = [Signs(record, graded, inr, last or record.as_of) for inr in _inrs_read(record)]
    found = {reason: level for signs in readings for reason, level in _reasons(signs)}
    level = max(found.values(), key=LEVELS.index, default="routine")
    reasons = sorted(r for r, found_level in found.items() if found_level == level)
    detail = {"all": found, "inr": readings[0].inr and readings[0].inr.value, "courses": _courses(readings)}
    return _aged(record, graded, Urgency(level, reasons, detail), last)


def last_result_at(record: Record) -> datetime | None:
    """The latest ALT, AST, INR or bilirubin."""
    return max((v.at for a in (*ENZYMES, "INR", "bilirubin_total") for v in record.of(a)), default=None)


def _aged(record: Record, graded: Graded, found: Urgency, last: datetime | None) -> Urgency:
    """*Ageing*: after 14 days without a result `today` is 1 to 2 weeks, after 548 days routine."""
    if last is None or record.as_of - last <= timedelta(days=14):
        return found
    if record.as_of - last > LONG:
        return Urgency("routine", [], {**found.detail, "aged_from": found.level})
    then = _on(record, graded, last)
    worst = max(found.level, then, key=LEVELS.index)
    if worst in ("today", "24_to_48_h"):
        return Urgency("1_to_2_weeks", [f"was_{worst}"], {**found.detail, "aged_from": worst})
    return found._replace(level=worst)


def _on(record: Record, graded: Graded, day: datetime) -> str:
    """The level on the day of the latest result, by the events known then."""
    known = [e for e in record.events if e["start"] <= day]
    record = record._replace(as_of=day, events=known)
    readings = [Signs(record, graded, inr, day) for inr in _inrs_read(record)]
    levels = [level for signs in readings for _, level in _reasons(signs)]
    return max(levels, key=LEVELS.index, default="routine")


def _inrs_read(record: Record) -> list[Inr | None]:
    """*INR_j*; where it is masked also the last one that is not, as for the grade."""
    readable = _readable(record)
    if not readable:
        return [None]
    found: list[Inr | None] = [readable[-1]]
    if readable[-1].masked:
        found += [i for i in readable if not i.masked][-1:]
    return found


def _readable(record: Record) -> list[Inr]:
    """Readable, not point-of-care, within 548 days of the latest ALT, AST or INR."""
    latest = max((v.at for a in (*ENZYMES, "INR") for v in record.of(a)), default=record.as_of)
    return [i for i in record.inrs if not i.hard and not i.point_of_care and latest - i.at <= LONG]


def _courses(readings: list["Signs"]) -> list[str]:
    rising = [f"{c.regime} from {c.m:g}" for signs in readings for c in signs.rising]
    return rising + [f"non_recovering {s.inr.value:g}" for s in readings if s.non_recovering and s.inr]


class Signs:
    """What is known at one INR (or at none), each of the text's terms by its name."""

    def __init__(self, record: Record, graded: Graded, inr: Inr | None, now: datetime):
        self.record, self.graded, self.inr, self.now = record, graded, inr, now
        self.limit = 2.0 if inr and record.age_below(18, inr.at) else 2.1

    def at_least(self, limit: float) -> bool:
        return self.inr is not None and at_least(self.inr.value, limit)

    @cached_property
    def not_readable(self) -> bool:
        """There is no INR, or the latest is under a hard confounder; a bad sample stays hard."""
        laboratory = [i for i in self.record.inrs if not i.point_of_care]
        if self.inr is None or laboratory[-1].hard:
            return True
        bad = [v for v in self.record.bad_inrs if v.method != "point_of_care"]
        return bool(bad) and bad[-1].at - laboratory[-1].at > timedelta(hours=4)

    @cached_property
    def before(self) -> list[Inr]:
        """Readable INRs of the 548 days before INR_j."""
        if self.inr is None:
            return []
        inr = self.inr
        return [
            i for i in self.record.inrs if not i.hard and i != inr and timedelta() <= inr.at - i.at <= LONG
        ]

    @cached_property
    def rising(self) -> list[Course]:
        """*INR course*: the windows that show the possible column on all readable INRs."""
        if self.inr is None:
            return []
        unmasked = [i for i in self.before if not i.masked]
        laboratory = [i for i in unmasked if not i.point_of_care]
        courses = [self._course(r, series) for r in REGIMES for series in (laboratory, unmasked)]
        return [c for c in courses if c and c.possible]

    def _course(self, regime: str, before: list[Inr]) -> Course | None:
        look_back, gap, _ = REGIMES[regime]
        all_548 = before
        if regime == "acute":
            if not self.inr.hour_known:
                return None
            before = [i for i in before if i.hour_known]
        return inr_course([*before, self.inr], regime, look_back, gap, all_548)

    @cached_property
    def non_recovering(self) -> bool:
        """4.2 step 4 on the paired draws until INR_j."""
        return self.inr is not None and any(self._stays(regime) for regime in ("acute", "subacute"))

    def _stays(self, regime: str) -> bool:
        look_back, gap, hours = REGIMES[regime]
        inrs = [i for i in (*self.before, self.inr) if not i.point_of_care]
        pairs = paired_draws(self.record, inrs, regime, hours)
        if not pairs or pairs[-1].inr != self.inr:
            return False
        latest = pairs[-1]
        apart = [(days(latest.at, p.at), p) for p in pairs if not p.inr.masked]
        early = [p for d, p in apart if gap - EPS <= d <= look_back + EPS]
        return any(self._stays_of(early, latest, e, regime) for e in ENZYMES)

    @staticmethod
    def _stays_of(early: list[Any], latest: Any, enzyme: str, regime: str) -> bool:
        have = [p for p in early if enzyme in p.enzymes]
        if enzyme not in latest.enzymes or not have:
            return False
        highest = max(p.enzymes[enzyme].value for p in have)
        first = next(p for p in have if at_least(p.enzymes[enzyme].value, highest))
        state = transaminase_state(first, latest, enzyme)
        return inr_state(first, latest, enzyme, state, regime) == "non_recovering"

    @cached_property
    def encephalopathy(self) -> bool:
        return new.encephalopathy_counts(self.record)

    @cached_property
    def bilirubin_up(self) -> bool:
        return new.bilirubin_up(self.record, self.now)

    @cached_property
    def jaundiced(self) -> bool:
        return new.is_jaundiced(new.latest_bilirubin(self.record, self.now))

    @cached_property
    def supported(self) -> bool:
        """*Supported rise*, what supports it; whether there is a rise is asked apart."""
        by_half = any(at_least(self.inr.value - c.m, 0.5) for c in self.rising)
        again = self.at_least(self.limit) and any(
            at_least(i.value, self.limit) and days(self.inr.at, i.at) <= 28 + EPS for i in self.before
        )
        return by_half or again or self.non_recovering or self.encephalopathy or self.bilirubin_up

    @cached_property
    def first_seen(self) -> bool:
        """No readable INR of the 548 days before reaches INR_j / 1.15, or there is none."""
        if self.inr is None:
            return False
        before = [i for i in self.before if i.at < self.inr.at]
        return not any(at_least(i.value, self.inr.value / 1.15) for i in before)

    @cached_property
    def held_back(self) -> bool:
        """Every rise is one between laboratories or methods and below 1.5 times (4.4 b)."""
        held = [c.changed_series and not at_least(self.inr.value / c.m, 1.5) for c in self.rising]
        return bool(held) and all(held)

    def up_within_48_h(self) -> bool:
        if not self.at_least(1.5) or not self.inr.hour_known:
            return False
        return any(
            i.hour_known
            and not i.masked
            and days(self.inr.at, i.at) <= 2 + EPS
            and at_least(self.inr.value - i.value, 0.5)
            for i in self.before
        )

    def fell_from_highest(self) -> bool:
        """By 11% or more from its highest of 14 days; a masked INR shows no fall."""
        if self.inr is None or self.inr.masked:
            return False
        recent = [i.value for i in self.before if days(self.inr.at, i.at) <= 14 + EPS]
        return bool(recent) and at_most(self.inr.value / max(recent), 0.89)

    def halved_with_nothing_given(self) -> bool:
        if self.inr is None or not self.inr.hour_known or self.inr.masked:
            return False
        day = [i for i in self.before if i.hour_known and days(self.inr.at, i.at) <= 1 + EPS]
        halved = any(at_most(self.inr.value, i.value / 2) for i in day)
        given = self.record.events_of("vitamin_k", *MASKING_HOURS)
        since = self.inr.at - timedelta(hours=72)
        return halved and not any(since <= e["start"] <= self.inr.at for e in given)

    def critical_for(self) -> set[str]:
        return {c for r in self.graded.readings if r.grade == "critical" for c in r.critical_for}

    def critical_supported(self) -> bool:
        """The rise of the grade over its own baseline counts as a rise over its reference INR."""
        by_half = any(
            at_least(r.inr_to - r.inr_from, 0.5)
            for r in self.graded.readings
            if "inr_limit" in r.critical_for
        )
        return by_half or self.supported

    def graded_as(self, grade: str, regime: str = "") -> bool:
        return any(r.grade == grade and regime in ("", r.regime) for r in self.graded.readings)


def _reasons(signs: Signs) -> list[tuple[str, str]]:
    """Every reason that holds, with its level."""
    tables = (
        ("today", _today),
        ("24_to_48_h", _24_to_48_h),
        ("1_to_2_weeks", _1_to_2_weeks),
        ("4_weeks", _4_weeks),
    )
    return [(reason, level) for level, table in tables for reason, holds in table(signs).items() if holds]


def _today(s: Signs) -> dict[str, bool]:
    return {**_critical(s), **_today_by_inr(s), **_today_by_course(s)}


def _critical(s: Signs) -> dict[str, bool]:
    """Critical for another reason than INR >= 2.1 alone, or for that with a supported rise."""
    critical = s.critical_for() if s.graded.worst.grade == "critical" else set()
    return {
        "critical": bool(critical - {"inr_limit"}),
        "critical_supported": critical == {"inr_limit"} and s.critical_supported(),
    }


def _today_by_inr(s: Signs) -> dict[str, bool]:
    return {
        "rising_supported": s.at_least(s.limit) and bool(s.rising) and s.supported and not s.held_back,
        "non_recovering": s.at_least(s.limit) and s.non_recovering,
        "encephalopathy": s.at_least(1.5) and s.encephalopathy,
        "jaundice_worse": s.at_least(1.5) and s.jaundiced and _worse(s),
        "fast": s.up_within_48_h(),
        "first_seen_2_5": s.first_seen and s.at_least(2.5),
        "not_readable": s.not_readable and _alarming_without_inr(s),
    }


def _today_by_course(s: Signs) -> dict[str, bool]:
    inr = s.inr.value if s.inr else 0
    failures = new.new_organ_failures(s.record, [*s.before, s.inr] if s.inr else [], s.now)
    return {
        "organ_failure": new.is_chronic(s.record) and bool(failures),
        "aclf": new.is_aclf_by_decompensation(s.record, inr, s.jaundiced),
        "post_acute": _failing_after_injury(s),
        "encephalopathy_after_peak": s.encephalopathy
        and bool(new.peaks(s.record, 10, s.now - new.HALF_YEAR)),
    }


def _failing_after_injury(s: Signs) -> bool:
    """Post-acute injury with INR_j >= 2.1, or >= 1.5 with bilirubin, unless INR falls."""
    high = s.at_least(s.limit) or (s.at_least(1.5) and s.jaundiced)
    if not high or s.fell_from_highest() or _suppressed(s):
        return False
    return new.is_post_acute(s.record, s.inr.value, s.now, s.jaundiced)


def _worse(s: Signs) -> bool:
    return (bool(s.rising) and s.supported) or s.non_recovering or s.bilirubin_up


def _suppressed(s: Signs) -> bool:
    """Section 5, order line 1: no scenario within 14 days of a transplant."""
    transplant = s.record.transplant
    return transplant is not None and s.now - transplant < timedelta(days=14)


def _alarming_without_inr(s: Signs) -> bool:
    return (
        s.encephalopathy
        or (s.jaundiced and s.bilirubin_up)
        or bool(new.peaks(s.record, 10, s.now - new.MONTH))
    )


def _24_to_48_h(s: Signs) -> dict[str, bool]:
    bilirubin, before = new.bilirubin_of_28_days(s.record, s.now)
    up_by_50 = bool(before) and at_least(bilirubin - min(before), 50)
    acute = any(s.graded_as(g, "acute") for g in ("possible", "established", "critical"))
    return {
        "rising_unsupported": s.at_least(s.limit) and bool(s.rising),
        "critical_unsupported": s.graded.worst.grade == "critical",
        "acute_pattern": acute,
        "recent_peak": s.at_least(1.5) and bool(new.peaks(s.record, 10, s.now - new.MONTH)),
        "first_seen_jaundice": s.first_seen and s.at_least(1.5) and s.jaundiced,
        "bilirubin_up_50": s.at_least(1.5) and s.jaundiced and up_by_50,
        "high_on_anticoagulant": _high_on_anticoagulant(s.record),
        "halved": s.halved_with_nothing_given(),
    }


def _high_on_anticoagulant(record: Record) -> bool:
    latest = record.inrs[-1] if record.inrs else None
    return latest is not None and latest.hard in ("vka", "doac") and at_least(latest.value, 5)


def _1_to_2_weeks(s: Signs) -> dict[str, bool]:
    return {
        "established": s.graded_as("established"),
        "rising_to_1_5": s.at_least(1.5) and bool(s.rising),
        "rising_established": any(c.established and c.one_series for c in s.rising),
        "first_seen_1_5": s.first_seen and s.at_least(1.5),
    }


def _4_weeks(s: Signs) -> dict[str, bool]:
    return {"possible": s.graded_as("possible"), "rising": bool(s.rising)}
