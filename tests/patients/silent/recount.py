"""Silent runs counted by other means: the whole report of the record as it stands, cut to each draw; plain loops."""

from collections import Counter
from datetime import timedelta

from django.db.models import Q

from interpretation.report import interpret
from patients.models import Event, Patient
from patients.report.panel import case_for

WORSE = {
    "possible": ("possible", "established", "critical"),
    "established": ("established", "critical"),
    "critical": ("critical",),
}
SOONER = {
    "today": ("today",),
    "24_to_48_h": ("today", "24_to_48_h"),
    "1_to_2_weeks": ("today", "24_to_48_h", "1_to_2_weeks"),
    "4_weeks": ("today", "24_to_48_h", "1_to_2_weeks", "4_weeks"),
}


def recounted(patients: list[Patient]) -> dict:
    """Of patients loaded at once, without receipts: what they say was there when it was taken."""
    found = {"patients": 0, "months": 0.0, "readings": 0, "grades": Counter(), "flags": Counter()}
    found |= {"flagged": Counter(), "outcomes": Counter(), "leads": Counter(), "without": Counter()}
    for patient in patients:
        moments = sorted(set(patient.draws.current().values_list("taken_at", flat=True)))
        if moments:
            reports = [interpret(case_for(patient, at)) for at in moments]
            count_patient(found, patient, moments, reports)
    return found


def count_patient(found: dict, patient: Patient, moments: list, reports: list) -> None:
    found["patients"] += 1
    found["months"] += max((moments[-1] - moments[0]).total_seconds() / 86400 / 30.44, 1)
    found["readings"] += len(reports)
    found["grades"].update(report.dissociation.grade for report in reports)
    ends = outcomes_of(patient, moments[0])
    found["outcomes"].update(ends.keys())
    last = max([moments[-1], *(at for ats in ends.values() for at in ats)])
    for level in (*WORSE, *SOONER):
        flagged = flag_moments(level, moments, reports)
        found["flags"][level] += len(flagged)
        found["flagged"][level] += 1 if flagged else 0
        for kind, ats in ends.items():
            found["leads"][kind, level] += any(flag < min(ats) for flag in flagged)
        every = [at for ats in ends.values() for at in ats]
        for flag in flagged:
            later = [at for at in every if 0 < (at - flag).total_seconds() <= 90 * 86400]
            if not later and (last - flag).total_seconds() >= 90 * 86400:
                found["without"][level] += 1


def flag_moments(level: str, moments: list, reports: list) -> list:
    flagged, reached_at, fell = [], None, True
    for at, report in zip(moments, reports, strict=True):
        if level in SOONER:
            state = "yes" if report.urgency.level in SOONER[level] else "no"
        elif report.dissociation.grade in ("not_interpretable", "not_assessable"):
            state = "cannot say"
        else:
            state = "yes" if report.dissociation.grade in WORSE[level] else "no"
        if state == "no":
            fell = True
        if state == "yes":
            if fell and (reached_at is None or (at - reached_at).total_seconds() > 30 * 86400):
                flagged.append(at)
            fell, reached_at = False, at
    return flagged


def outcomes_of(patient: Patient, first) -> dict:
    """Moments by kind, after the first draw."""
    said = Event.objects.filter(patient=patient, withdrawn_at__isnull=True)
    bad = said.filter(kind__in=("ascites", "encephalopathy", "variceal_bleed"))
    bad = bad.filter(Q(grade__isnull=True) | Q(grade__gt=0))
    found = {
        "decompensation": list(bad.values_list("started_at", flat=True)),
        "transplant": list(said.filter(kind="transplant").values_list("started_at", flat=True)),
        "death": [],
    }
    if patient.died_on:
        zone = patient.clinic.zone
        day = patient.died_on + timedelta(days=1)
        found["death"] = [
            first.astimezone(zone).replace(
                year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
            )
            - timedelta(microseconds=1)
        ]
    return {kind: after for kind, ats in found.items() if (after := [at for at in ats if at > first])}


def same(counted: dict, found: dict) -> None:
    """The run's own figures are those of the recount."""
    for name in ("patients", "readings", "grades"):
        assert counted[name] == found[name], name
    assert abs(counted["months"] - found["months"]) < 0.01
    for level in (*WORSE, *SOONER):
        assert counted["flags"][level] == found["flags"][level], level
        assert counted["flagged"][level] == found["flagged"][level], level
        assert counted["after"][level].get("not_followed", 0) == found["without"][level], level
    for kind in ("decompensation", "transplant", "death"):
        assert counted["outcomes"][kind] == found["outcomes"][kind], kind
        for level in (*WORSE, *SOONER):
            assert len(counted["leads"][kind][level]) == found["leads"][kind, level], (kind, level)
