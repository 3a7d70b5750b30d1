"""Soft confounders of one draw: they cap the grade until a person has excluded the cause or there is evidence
for a hepatic one. [clinical.md 4.2]
"""

from datetime import date, datetime, timedelta

from interpretation.dic import isth_overt_dic
from interpretation.knowledge import limits
from interpretation.record.records import Case, Diagnosis, Draw, Event
from interpretation.rule.confounders import Confounder, active, ended, excluded, last_result
from interpretation.words import day

LIMITS = limits("dissociation").read_by(
    __name__,
    "soft_days antibiotic_days nac_hours haemodilution_hours haemodilution_units "
    "haemodilution_haemoglobin haemodilution_albumin dic_points dic_hours",
    cites="R27 R33 R34 ED",
)
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


def soft(case: Case, at: datetime) -> list[Confounder]:
    """Other explanations in the record at this time that nobody has excluded."""
    found = _soft_diagnoses(case, at) + _soft_events(case, at)
    dic = _dic(case, at)
    return found + ([dic] if dic else [])


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
        last_result(case, key, draw.taken_at, window) for key in ("platelets", "PT", "fibrinogen")
    )
    if not (dimer and platelets and pt and fibrinogen and dimer.upper_limit and pt.upper_limit):
        return None
    return isth_overt_dic(
        platelets.value, dimer.value / dimer.upper_limit, pt.value - pt.upper_limit, fibrinogen.value
    )
