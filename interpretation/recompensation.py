"""Recompensation: the good opposite of the pattern. [Baveno VII, clinical.md 4.4 k]

Its laboratory part is computed; of the clinical part the record tells some, and the rest is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from interpretation.evidence import draws_of
from interpretation.knowledge import limits, load
from interpretation.record import analytes
from interpretation.record.measured import MeasuredValue, change
from interpretation.record.records import CHRONIC_LIVER_DISEASES, Case, Draw, Event, Result, is_point_of_care
from interpretation.rule.confounders import active, ended, hard, masking
from interpretation.rule.variation import beyond
from interpretation.scenario.transplant import since
from interpretation.words import day, listed, span

OWN = limits("recompensation").read_by(__name__, "stable_days stable_values fresh_days around_days")
SHARED = limits("dissociation").read_by(__name__, "band_upper_normal episode_days bad_sample_minutes")
INFUSED = limits("corroboration").read_by(__name__, "albumin_infusion_days")
load("recompensation").read_by(__name__, "marker cause clinical words")
YEAR, AROUND = timedelta(days=OWN.stable_days), timedelta(days=OWN.around_days)
DECOMPENSATION = ("ascites", "encephalopathy", "variceal_bleed")
SAID = {"met": "met", "not_met": "not met", "asked": "to ask"}


@dataclass(frozen=True)
class Condition:
    """One condition. `state` is "met", "not_met" or "asked": what the record does not tell, a person does."""

    key: str
    state: str
    text: str
    draws: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return SAID[self.state]


@dataclass(frozen=True)
class Recompensation:
    """Only of somebody known to have decompensated, and only while the laboratory part holds."""

    words: str
    laboratory: tuple[Condition, ...]
    clinical: tuple[Condition, ...]
    sources: tuple[str, ...]

    @property
    def draws(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(draw for one in self.laboratory for draw in one.draws))


@dataclass(frozen=True)
class Run:
    """The latest values of a marker that are all better than `worst`, or all normal (`kept`)."""

    worst: MeasuredValue
    values: tuple[MeasuredValue, ...]
    kept: bool = False

    def is_stable(self, as_of: datetime) -> bool:
        """Over 12 months, seen often enough, and not long ago."""
        first, last = self.values[0].at, self.values[-1].at
        fresh = as_of - last <= timedelta(days=OWN.fresh_days)
        return fresh and len(self.values) >= OWN.stable_values and last - first >= YEAR


def recompensation(case: Case) -> Recompensation | None:
    """None without known decompensation, after death, or where the laboratory part does not hold."""
    transplanted_at = max((e.started_at for e in case.events if e.kind == "transplant"), default=None)
    own = since(case, transplanted_at)
    if case.died_on is not None or not _has_disease(own):
        return None
    stable = _stable(own)
    if not stable:
        return None
    words = load("recompensation")["words"]
    # The shortest of the three: for so long all have held.
    held = span(min(run.values[-1].at - run.values[0].at for run in stable))
    return Recompensation(
        words=words["holds"].format(span=held),
        laboratory=tuple(map(_laboratory, stable)),
        clinical=tuple(_clinical(own)),
        sources=tuple(words["sources"]),
    )


def _stable(case: Case) -> list[Run]:
    """The runs of all three markers; none where one of them is not stable, or where nothing was ever wrong."""
    events = [e for e in case.events if e.kind in DECOMPENSATION and e.grade != 0]
    rows = load("recompensation")["marker"].items()
    runs = [_run(case, key, row["better"] == "up", events) for key, row in rows] if events else []
    stable = [run for run in runs if run and run.is_stable(case.as_of)]
    whole = len(stable) == len(runs) and not all(run.kept for run in stable)
    return stable if whole else []


def _has_disease(case: Case) -> bool:
    return any(d.kind in CHRONIC_LIVER_DISEASES or d.kind == "portal_hypertension" for d in case.diagnoses)


# --- laboratory ---


def _run(case: Case, key: str, up: bool, events: list[Event]) -> Run | None:
    """Back from the latest value to the first that is no better than the worst of the decompensations."""
    values = [value for value in _values(case, key) if value.exact and value.number > 0]
    worst = _worst([v for v in values if any(abs(v.at - e.started_at) <= AROUND for e in events)], up)
    later = [v for v in values if worst and v.at > worst.at]
    if worst is None or not later:
        return None
    if all(_is_normal(case, v) for v in (worst, *later)):
        return Run(worst, tuple(later), kept=True)
    better = list(takewhile(lambda value: _is_better(worst, value, up), reversed(later)))
    return Run(worst, tuple(reversed(better))) if better else None


def _worst(values: list[MeasuredValue], up: bool) -> MeasuredValue | None:
    return min(values, key=lambda v: (v.number if up else -v.number, v.at), default=None)


def _values(case: Case, key: str) -> Iterator[MeasuredValue]:
    """Those that stand for the liver."""
    for draw, result in case.measured(key):
        unreadable = key == "INR" and _is_unreadable(case, draw, result)
        infused = key == "albumin" and _is_infused(case, draw.taken_at)
        if not (_is_flagged(case, draw.taken_at) or unreadable or infused):
            yield MeasuredValue(draw, result)


def _is_flagged(case: Case, at: datetime) -> bool:
    margin = timedelta(minutes=SHARED.bad_sample_minutes)
    return any(e.kind == "bad_sample" and abs(e.started_at - at) <= margin for e in case.events)


def _is_unreadable(case: Case, draw: Draw, result: Result) -> bool:
    bedside = is_point_of_care(result.method or draw.method)
    return bedside or bool(masking(case, draw.taken_at) or hard(case, draw.taken_at, draw.by_analyte))


def _is_infused(case: Case, at: datetime) -> bool:
    reach = timedelta(days=INFUSED.albumin_infusion_days)
    return any(e.kind == "albumin_infusion" and active(e, at, reach) for e in case.events)


def _is_better(worst: MeasuredValue, value: MeasuredValue, up: bool) -> bool:
    key, way = value.result.analyte, value.number > worst.number
    other = key == "INR" and value.series != worst.series
    return way is up and bool(beyond(key, worst.number, value.number, two_laboratories=other))


def _is_normal(case: Case, value: MeasuredValue) -> bool:
    if value.result.analyte == "INR":
        return value.at_most(SHARED.band_upper_normal)
    if value.result.analyte == "albumin":
        low = value.result.lower_limit or analytes.get("albumin").lower(case.sex)
        return low is not None and value.at_least(low)
    return value.is_within_limit(case)


def _laboratory(run: Run) -> Condition:
    words, last = load("recompensation")["words"], run.values[-1]
    key = "kept" if run.kept else "improved"
    values = {"change": change(run.worst, last), "since": day(run.values[0].at), "count": len(run.values)}
    text = words[key].format(**values)
    return Condition(last.result.analyte, "met", text, draws_of((run.worst, *run.values)))


# --- clinical ---


def _clinical(case: Case) -> Iterator[Condition]:
    yield _cause(case)
    for kind in ("ascites", "encephalopathy"):
        yield _resolved(case, kind)
    bled = [e for e in case.events if e.kind == "variceal_bleed" and e.started_at > case.as_of - YEAR]
    when = day(bled[-1].started_at) if bled else ""
    yield _condition("variceal_bleed", "not_met" if bled else "met", when=when)


def _condition(kind: str, state: str, **values: str) -> Condition:
    return Condition(kind, state, load("recompensation")["clinical"][f"{kind}_{state}"].format(**values))


def _cause(case: Case) -> Condition:
    """Resolved where every cause that is recorded is; else a person knows."""
    names = load("recompensation")["cause"]
    today = case.as_of.date()
    found = {d.kind: d.resolved_on for d in case.diagnoses if d.kind in names}
    if found and all(end is not None and end <= today for end in found.values()):
        return _condition("cause", "met", causes=listed([names[kind] for kind in names if kind in found]))
    return _condition("cause", "asked")


def _resolved(case: Case, kind: str) -> Condition:
    """Off its treatment is never recorded: that is asked."""
    events = sorted((e for e in case.events if e.kind == kind), key=lambda e: e.started_at)
    present = [(e, _end(e, events[n:], case.as_of)) for n, e in enumerate(events, 1) if e.grade != 0]
    going_on = [event for event, end in present if end is None]
    ends = [end for _, end in present if end is not None]
    if going_on:
        return _condition(kind, "not_met", when=f"since {day(going_on[-1].started_at)}")
    if not ends:
        return _condition(kind, "met")
    if max(ends) > case.as_of - YEAR:
        return _condition(kind, "not_met", when=f"until {day(max(ends))}")
    return _condition(kind, "asked", when=day(max(ends)))


def _end(event: Event, later: list[Event], as_of: datetime) -> datetime | None:
    """Its own end, or the next entry that says it was not there; one of encephalopathy holds for 90 days."""
    known = ended(event, as_of) or next((e.started_at for e in later if e.grade == 0), None)
    if known is not None or event.kind != "encephalopathy":
        return known
    usual = event.started_at + timedelta(days=SHARED.episode_days)
    return usual if usual <= as_of else None
