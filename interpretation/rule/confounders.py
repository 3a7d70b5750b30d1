"""What else may have moved an INR: hard, masking and soft confounders of one draw. [clinical.md 4.2]

Hard: the INR cannot be read. Masking: the INR may be falsely low. Soft: caps the grade until a person
has excluded the cause or there is evidence for a hepatic one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from interpretation.dic import isth_overt_dic
from interpretation.knowledge import limits
from interpretation.record.records import ANTICOAGULANTS, BLOOD_PRODUCTS, Case, Diagnosis, Draw, Event, Result
from interpretation.words import day, moment, value

LIMITS = limits("dissociation").read_by(
    __name__,
    "vka_days_warfarin vka_days_acenocoumarol vka_days_phenprocoumon vka_days_unconfirmed doac_hours "
    "doac_hours_kidney doac_days_unconfirmed thrombin_inhibitor_hours bad_sample_minutes "
    "vka_first_hours band_upper_normal haematocrit_citrate plasma_hours rfviia_hours pcc_hours "
    "plasma_exchange_hours soft_days antibiotic_days nac_hours haemodilution_hours haemodilution_units "
    "haemodilution_haemoglobin haemodilution_albumin dic_points dic_hours",
    cites="R27 R32 R33 R34 ED",
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
# Soft confounder -> (words, causes of which any, excluded by a person, clears it).
SOFT_DIAGNOSES = {
    "cholestasis": ("cholestasis", ("vitamin_k_deficiency",)),
    "malnutrition": ("malnutrition", ("vitamin_k_deficiency",)),
    "fontan": ("Fontan circulation", ("congestion",)),
    "right_heart_failure": ("right-heart failure", ("congestion",)),
    "factor_deficiency": ("known clotting factor deficiency", ("factor_vii_deficiency",)),
    "lupus_anticoagulant": ("lupus anticoagulant", ("inhibitor",)),
    "sepsis": ("sepsis", ("systemic",)),
}
# An acute illness: without an end it counts from the day it was noted, not for ever.
ACUTE_DIAGNOSES = frozenset({"sepsis"})
DIC_TRIGGERS = frozenset({"sepsis", "hcc"})


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


def soft(case: Case, at: datetime) -> list[Confounder]:
    """Other explanations in the record at this time that nobody has excluded."""
    found = _soft_diagnoses(case, at) + _soft_events(case, at)
    dic = _dic(case, at)
    return found + ([dic] if dic else [])


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
    last = _last(case, "creatinine", at, timedelta(days=7))
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


def _soft_diagnoses(case: Case, at: datetime) -> list[Confounder]:
    found = []
    for diagnosis in case.diagnoses:
        words, causes = SOFT_DIAGNOSES.get(diagnosis.kind, ("", ()))
        # A verdict on an earlier illness does not clear a new one.
        since = at - timedelta(days=LIMITS.soft_days) if diagnosis.kind in ACUTE_DIAGNOSES else None
        if words and _present(diagnosis, at.date()) and not excluded(case, causes, since):
            noted = f", noted {day(diagnosis.noted_on)}" if diagnosis.noted_on else ""
            found.append(Confounder("soft", diagnosis.kind, words + noted))
    return found


def _present(diagnosis: Diagnosis, on: date) -> bool:
    if diagnosis.noted_on is not None and diagnosis.noted_on > on:
        return False
    end = diagnosis.resolved_on
    if end is None and diagnosis.kind in ACUTE_DIAGNOSES:
        end = diagnosis.noted_on
    return end is None or end >= on - timedelta(days=LIMITS.soft_days)


def _soft_events(case: Case, at: datetime) -> list[Confounder]:
    days = timedelta(days=LIMITS.soft_days)
    found: list[Confounder] = []

    def add(
        key: str,
        words: str,
        causes: tuple[str, ...],
        events: list[Event],
        sources: tuple[str, ...] = ("ED",),
    ) -> None:
        since = max((e.started_at for e in events), default=None)
        if events and not excluded(case, causes, since):
            found.append(Confounder("soft", key, words, sources))

    def recent(kind: str, reach: timedelta = days) -> list[Event]:
        return [e for e in case.events if e.kind == kind and active(e, at, reach)]

    courses = recent("antibiotic")
    if _days_covered(courses, at, days) >= LIMITS.antibiotic_days:
        names = ", ".join(dict.fromkeys(e.label for e in courses if e.label))
        words = f"antibiotics for {LIMITS.antibiotic_days:.0f} days or more{f' ({names})' if names else ''}"
        add("antibiotic", words, ("antibiotics", "vitamin_k_deficiency"), courses, ("R33",))
    add("tigecycline", "tigecycline", ("tigecycline",), recent("tigecycline"), ("R33",))
    add("nil_by_mouth", "nil by mouth", ("vitamin_k_deficiency",), recent("nil_by_mouth"))
    nac = recent("nac", timedelta(hours=LIMITS.nac_hours))
    add("nac", "N-acetylcysteine within 48 hours", ("nac",), nac, ("R34",))
    cells = recent("red_cells", timedelta(hours=LIMITS.haemodilution_hours))
    if len(cells) >= LIMITS.haemodilution_units:
        add("haemodilution", f"{len(cells)} red cell units within 24 hours", ("haemodilution",), cells)
    elif _diluted(case, at) and not excluded(case, ("haemodilution",), at):
        words = "haemoglobin and albumin fell together within 24 hours"
        found.append(Confounder("soft", "haemodilution", words))
    return found


def _days_covered(events: list[Event], at: datetime, reach: timedelta) -> float:
    """Days between `at - reach` and `at` on which at least one of the events went on."""
    covered, until = 0.0, at - reach
    for event in sorted(events, key=lambda e: e.started_at):
        start, end = max(event.started_at, until), ended(event, at) or at
        if end > start:
            covered += (end - start).total_seconds() / 86400
            until = end
    return covered


def _diluted(case: Case, at: datetime) -> bool:
    reach = timedelta(hours=LIMITS.haemodilution_hours)
    return _fell(case, "haemoglobin", at, reach) >= LIMITS.haemodilution_haemoglobin and (
        _fell(case, "albumin", at, reach) >= LIMITS.haemodilution_albumin
    )


def _fell(case: Case, analyte: str, at: datetime, reach: timedelta) -> float:
    """Fall of the last value from the highest before it, as a fraction; 0 when it cannot be told."""
    values = [r.value for d in case.between(at - reach, at) if (r := d.result(analyte))]
    return 1 - values[-1] / max(values) if len(values) >= 2 and max(values) > 0 else 0.0


def _dic(case: Case, at: datetime) -> Confounder | None:
    """Consumption by the ISTH score, when its four tests lie together and a trigger is recorded. [R27]"""
    days = timedelta(days=LIMITS.soft_days)
    trigger = any(d.kind in DIC_TRIGGERS and _present(d, at.date()) for d in case.diagnoses)
    if not trigger or excluded(case, ("dic",), at - days):
        return None
    window = timedelta(hours=LIMITS.dic_hours)
    for draw in reversed(case.between(at - days, at)):
        if draw.result("d_dimer"):
            points = isth_points(case, draw, window)
            if points is not None and points >= LIMITS.dic_points:
                return Confounder("soft", "dic", f"ISTH score {points} on {day(draw.taken_at)}", ("R27",))
    return None


def isth_points(case: Case, draw: Draw, window: timedelta) -> int | None:
    dimer = draw.result("d_dimer")
    platelets, pt, fibrinogen = (
        _last(case, key, draw.taken_at, window) for key in ("platelets", "PT", "fibrinogen")
    )
    if not (dimer and platelets and pt and fibrinogen and dimer.upper_limit and pt.upper_limit):
        return None
    return isth_overt_dic(
        platelets.value, dimer.value / dimer.upper_limit, pt.value - pt.upper_limit, fibrinogen.value
    )


def _last(case: Case, analyte: str, at: datetime, reach: timedelta) -> Result | None:
    found = [d.result(analyte) for d in case.between(at - reach, at) if d.result(analyte)]
    return found[-1] if found else None
