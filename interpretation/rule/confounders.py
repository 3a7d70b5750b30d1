"""What else may have moved an INR: hard and masking confounders of one draw. [clinical.md 4.2]

Hard: the INR cannot be read. Masking: the INR may be falsely low. Soft ones: `soft_confounders`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.knowledge import limits
from interpretation.record.records import ANTICOAGULANTS, BLOOD_PRODUCTS, Case, Event, Result
from interpretation.words import day, moment, value

LIMITS = limits("dissociation").read_by(
    __name__,
    "vka_days_warfarin vka_days_acenocoumarol vka_days_phenprocoumon vka_days_unconfirmed doac_hours "
    "doac_hours_kidney doac_days_unconfirmed thrombin_inhibitor_hours bad_sample_minutes "
    "vka_first_hours band_upper_normal haematocrit_citrate plasma_hours rfviia_hours pcc_hours "
    "plasma_exchange_hours",
    cites="R32 ED",
)
# One moment each: without an end they are over as soon as they are given.
MOMENTS = frozenset(BLOOD_PRODUCTS) | {
    "vitamin_k",
    "variceal_bleed",
    "tips",
    "transplant",
    "bad_sample",
    "procedure",
    "note",
}
HARD = (*ANTICOAGULANTS, "bad_sample")
# They raise an INR and never lower it.
RAISING = frozenset(ANTICOAGULANTS)
NAMES = {
    "vka": "vitamin K antagonist",
    "doac": "direct oral anticoagulant",
    "direct_thrombin_inhibitor": "direct thrombin inhibitor",
}
MASKING_HOURS = {
    "plasma": (LIMITS.plasma_hours, "plasma"),
    "rfviia": (LIMITS.rfviia_hours, "recombinant factor VIIa"),
    "pcc": (LIMITS.pcc_hours, "prothrombin complex concentrate"),
    "plasma_exchange": (LIMITS.plasma_exchange_hours, "plasma exchange"),
}


@dataclass(frozen=True)
class Confounder:
    """One reason to doubt one INR. `words` names it with its dates; `key` is an event or diagnosis kind."""

    klass: str
    key: str
    words: str
    sources: tuple[str, ...] = ("ED",)


def ended(event: Event, at: datetime) -> datetime | None:
    """When the exposure ended; None while it goes on. What ends after `at` is not known yet."""
    if event.ended_at is not None and event.ended_at <= at:
        return event.ended_at
    return event.started_at if event.kind in MOMENTS and event.ended_at is None else None


def active(event: Event, at: datetime, reach: timedelta = timedelta()) -> bool:
    """Whether the exposure touches the time from `reach` before `at` up to `at`."""
    # What is given in the minute of a draw counts as given before it.
    if event.started_at > at and event.started_at.replace(second=0, microsecond=0) > at:
        return False
    end = ended(event, at)
    return end is None or end >= at - reach


def hard(case: Case, at: datetime, draw_results: Mapping[str, Result | None]) -> list[Confounder]:
    """Reasons why the INR of a draw at this time cannot be read. A drug that only raises an INR cannot make
    one look normal: at most 1.2 it is readable all the same. [clinical.md 4.4 d]"""
    inr = draw_results.get("INR")
    normal = inr is not None and inr.value <= LIMITS.band_upper_normal + 1e-9
    reaching = [] if normal else [e for e in case.events if _reaches(case, e, at)]
    # Of several courses of one drug the one that reaches furthest is named: one still going on before all.
    reaching.sort(key=lambda e: (ended(e, at) or at, not e.ended_at, e.started_at))
    exposures = {(event.kind, event.label): event for event in reaching}
    found = [Confounder("hard", e.kind, _exposure_words(case, e, at)) for e in exposures.values()]
    return found + _bad_samples(case, at, draw_results)


def hard_within(
    case: Case, first: datetime, span: timedelta, draw_results: Mapping[str, Result | None]
) -> list[Confounder]:
    """Reasons why the INR of a draw somewhere within this span cannot be read: what was given in it may have
    been given before the draw. [clinical.md 4.4 a]"""
    last = first + span - timedelta(seconds=1)
    found = [*hard(case, first, draw_results), *hard(case, last, draw_results)]
    found += [
        Confounder(
            "hard", e.kind, f"{e.label or MASKING_HOURS.get(e.kind, (0, 'vitamin K'))[1]} on {day(first)}"
        )
        for e in case.events
        if (e.kind in MASKING_HOURS or e.kind == "vitamin_k") and first <= e.started_at <= last
    ]
    return list({(c.klass, c.key, c.words): c for c in found}.values())


def masking(case: Case, at: datetime) -> list[Confounder]:
    """Blood products that may hide a high INR at this time."""
    found = []
    for event in case.events:
        hours, name = MASKING_HOURS.get(event.kind, (None, ""))
        if hours is not None and active(event, at, timedelta(hours=hours)):
            found.append(Confounder("masking", event.kind, f"{name} on {moment(event.started_at)}"))
    return found


def stop_confirmed(case: Case, event: Event) -> bool:
    """A person has confirmed the stop: on the event itself, or by excluding the cause after its end."""
    if event.ended_at is None:
        return False
    return event.stop_confirmed or excluded(case, (event.kind,), event.ended_at)


def excluded(case: Case, causes: tuple[str, ...], since: datetime | None) -> bool:
    """Whether the latest verdict on any of these causes is "excluded" and was given after `since`."""
    latest = case.latest_reviews
    verdicts = [latest[cause] for cause in causes if cause in latest]
    return any(v.verdict == "excluded" and (since is None or v.on >= since) for v in verdicts)


def raising(case: Case, at: datetime, span: timedelta = timedelta()) -> list[Event]:
    """The drugs that raise an INR and reach this time, or some time of the span that begins with it."""
    return [e for e in case.events if _reaches(case, e, at) or (span and _reaches(case, e, at + span))]


def _reaches(case: Case, event: Event, at: datetime) -> bool:
    if event.kind not in RAISING or event.started_at.replace(second=0, microsecond=0) > at:
        return False
    if event.kind == "vka" and at < _first_dose(case, event) + timedelta(hours=LIMITS.vka_first_hours):
        return False
    reach = _hard_reach(case, event, at)
    return reach is not None and active(event, at, reach)


def _first_dose(case: Case, event: Event) -> datetime:
    """When the course began to which this dose of a vitamin K antagonist belongs: each dose of it was given
    while the one before still counted."""
    first = event
    for earlier in reversed([e for e in case.events if e.kind == "vka" and e.started_at < event.started_at]):
        reach = _hard_reach(case, earlier, first.started_at)
        if reach is not None and active(earlier, first.started_at, reach):
            first = earlier
    return first.started_at


def _hard_reach(case: Case, event: Event, at: datetime) -> timedelta | None:
    if event.kind == "direct_thrombin_inhibitor":
        return timedelta(hours=LIMITS.thrombin_inhibitor_hours)
    if event.kind == "vka":
        confirmed = stop_confirmed(case, event)
        return timedelta(days=_vka_days(event) if confirmed else LIMITS.vka_days_unconfirmed)
    if event.kind == "doac":
        if not stop_confirmed(case, event):
            return timedelta(days=LIMITS.doac_days_unconfirmed)
        kidney = kidney_normal(case, at)
        return timedelta(hours=LIMITS.doac_hours if kidney else LIMITS.doac_hours_kidney)
    return None


def _vka_days(event: Event) -> float:
    """The drug's own time; the longest where the label does not say which drug it was."""
    label = event.label.casefold()
    for drug in ("warfarin", "acenocoumarol", "phenprocoumon"):
        if drug in label:
            return float(getattr(LIMITS, f"vka_days_{drug}"))
    return LIMITS.vka_days_phenprocoumon


def kidney_normal(case: Case, at: datetime) -> bool:
    """Known normal: no dialysis, and the last creatinine of a week within its own limit."""
    if any(e.kind == "dialysis" and active(e, at, timedelta(days=7)) for e in case.events):
        return False
    last = last_result(case, "creatinine", at, timedelta(days=7))
    return last is not None and last.upper_limit is not None and last.value <= last.upper_limit


def _exposure_words(case: Case, event: Event, at: datetime) -> str:
    name = event.label or NAMES[event.kind]
    end = ended(event, at)
    if end is None:
        known_end = event.ended_at if event.ended_at and event.ended_at <= case.as_of else None
        if known_end and known_end.date() > event.started_at.date():
            return f"{name} from {day(event.started_at)} to {day(known_end)}"
        if known_end:
            return f"{name} on {day(event.started_at)}"
        long_ago = at - event.started_at > timedelta(days=LIMITS.vka_days_unconfirmed)
        return f"{name} since {day(event.started_at)}{', no stop recorded' if long_ago else ''}"
    if event.kind == "direct_thrombin_inhibitor" or stop_confirmed(case, event):
        return f"{name} until {day(end)}"
    return f"{name} last recorded {day(end)}, stop not confirmed"


def flagged(case: Case, first: datetime, span: timedelta) -> list[Confounder]:
    """The flags of bad samples near this span of time."""
    near = timedelta(minutes=LIMITS.bad_sample_minutes)
    return [
        Confounder("hard", "bad_sample", f"sample flagged as bad{f' ({e.label})' if e.label else ''}")
        for e in case.events
        if e.kind == "bad_sample" and first - near <= e.started_at <= first + span + near
    ]


def _bad_samples(case: Case, at: datetime, draw_results: Mapping[str, Result | None]) -> list[Confounder]:
    found = flagged(case, at, timedelta())
    haematocrit = draw_results.get("haematocrit")
    if (
        haematocrit is not None
        and haematocrit.value > LIMITS.haematocrit_citrate
        and not excluded(case, ("sample_haematocrit",), at)
    ):
        words = f"haematocrit {value(haematocrit, 2)}, citrate not known to be adjusted"
        found.append(Confounder("hard", "sample_haematocrit", words, ("R32",)))
    return found


def last_result(case: Case, analyte: str, at: datetime, reach: timedelta) -> Result | None:
    found = [d.result(analyte) for d in case.between(at - reach, at) if d.result(analyte)]
    return found[-1] if found else None
