"""The tests that would settle the open causes, as one list to print. [clinical.md 6.2]

The order is that of `causes.toml`: drugs and samples that make an INR unreadable first. What the record
holds already, recently enough, is not asked for again, nor what would do harm.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from interpretation.record.measured import Measured, MeasuredValue
from interpretation.record.records import Case

from .causes import Cause
from .knowledge import limits, load
from .vitamin_k import Trial
from .words import day, lower_first

LIMITS = limits("dissociation").read_by(__name__, "band_upper_normal soft_days")
load("causes").read_by(__name__, "test")


@dataclass
class Request:
    """One test and the causes it would settle, by name. `note` is for whoever takes the sample."""

    key: str
    test: str
    note: str
    causes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Requests:
    """`first`: for causes with something for them; `others`: with nothing; `held`: not asked for."""

    first: tuple[Request, ...] = ()
    others: tuple[Request, ...] = ()
    held: tuple[str, ...] = ()


def requests(case: Case, causes: tuple[Cause, ...], tests: tuple[Trial, ...] = ()) -> Requests:
    """What to ask for; nothing where the latest INR is not raised, as there is nothing to explain, nor after
    death."""
    if not _to_explain(case):
        return Requests()
    pending = [cause for cause in causes if cause.verdict == "pending"]
    recorded = [cause for cause in pending if cause.recorded]
    held = _held(case, tests) | _unwise(causes)
    supported = _wanted(recorded, held, ())
    asked = tuple(request.key for request in supported)
    others = _wanted([cause for cause in pending if not cause.evidence], held, asked)
    needed = {key for cause in recorded for key in cause.settles_tests}
    return Requests(supported, others, tuple(words for key, words in held.items() if key in needed))


def _to_explain(case: Case) -> bool:
    """The latest INR is raised, in somebody alive."""
    inrs = case.measured("INR")
    died = case.died_on is not None and case.died_on <= case.as_of.date()
    return not died and bool(inrs) and MeasuredValue(*inrs[-1]).above(LIMITS.band_upper_normal)


def _wanted(causes: list[Cause], held: dict[str, str], asked: tuple[str, ...]) -> tuple[Request, ...]:
    """The tests of these causes that are neither held nor asked for yet, in their order."""
    for_causes: dict[str, list[str]] = {}
    for cause in causes:
        for key in cause.settles_tests:
            for_causes.setdefault(key, []).append(cause.name)
    return tuple(
        Request(key, words["name"], words["note"], tuple(for_causes[key]), tuple(words["sources"]))
        for key, words in load("causes")["test"].items()
        if key in for_causes and key not in held and key not in asked
    )


def _unwise(causes: tuple[Cause, ...]) -> dict[str, str]:
    """Vitamin K under its antagonist is no test, and would undo a treatment. [GK]"""
    vka = next((cause for cause in causes if cause.key == "vka" and cause.verdict != "excluded"), None)
    taken = vka is not None and any(found.code == "recorded" for found in vka.evidence)
    words = "Vitamin K: no test under a vitamin K antagonist, which it would reverse"
    return {"vitamin_k": words} if taken else {}


@cache
def _fresh() -> dict[str, tuple[timedelta, tuple[str, ...]]]:
    """The tests that are not asked for again for a while: for how long, and their analytes."""
    return {
        key: (timedelta(days=row.get("fresh_days", 0)), tuple(row["analytes"]))
        for key, row in load("causes")["test"].items()
        if row.get("analytes")
    }


def _held(case: Case, tests: tuple[Trial, ...]) -> dict[str, str]:
    """Tests that need not be asked for, with what is known of them."""
    found = {}
    longest = max(reach for reach, _ in _fresh().values())
    measured = Measured(case, case.as_of - longest, case.as_of)
    for key, (reach, analytes) in _fresh().items():
        values = [value for analyte in analytes if (value := measured.latest(analyte))]
        if len(values) == len(analytes) and all(value.at >= case.as_of - reach for value in values):
            found[key] = ", ".join(value.words for value in values)
    earliest = case.as_of - timedelta(days=LIMITS.soft_days)
    trial = next((t for t in tests if t.state in ("read", "waiting") and t.dose_at >= earliest), None)
    if trial:
        answer = lower_first(trial.headline)
        found["vitamin_k"] = f"Vitamin K on {day(trial.dose_at)}: {answer}"
    return found
