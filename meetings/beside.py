"""What stands beside a patient's verdict on the stage and in the minutes: two scores, drugs that matter, images.

Words only: they are frozen with the discussion as they were shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import ANTICOAGULANTS, Case, Event, Report
from interpretation.words import day, day_of_month
from patients.presenters.scores import value_text
from patients.report.panel import Panel
from patients.words import EVENT_NAMES

SCORES = ("meld_3_0", "child_pugh")
# Given once; the others go on until a stop is recorded.
DOSES = ("vitamin_k", "plasma", "pcc", "rfviia", "cryoprecipitate", "plasma_exchange")
DRUGS = (
    *ANTICOAGULANTS,
    *DOSES,
    "nac",
    "antibiotic",
    "tigecycline",
    "hepatotoxic_drug",
    "interacting_drug",
)
# What ended longer ago is told only where the days of the verdict reach back to it. [ED]
RECENT = timedelta(days=30)
SHOWN = 5
# Between the parts of a line of the minutes.
DOT = " · "
NOT_KNOWN = "Anticoagulant: nobody has said whether one is taken"


@dataclass(frozen=True)
class BesideVerdict:
    """`scores`: name, value or "", and what to know of it; `drugs`: what and when."""

    scores: list[list[str]]
    drugs: list[list[str]]
    imaging: str

    def as_json(self) -> dict:
        return {"scores": self.scores, "drugs": self.drugs, "imaging": self.imaging}


def in_lines(held: dict) -> dict[str, str]:
    """A kept `BesideVerdict` as lines of the minutes: scores, drugs, imaging."""
    scores = [f"{name} {value or f'not given: {note}'}" for name, value, note in held.get("scores", ())]
    drugs = [
        " ".join(filter(None, [what, f"({when})" if when else ""])) for what, when in held.get("drugs", ())
    ]
    return {"scores": DOT.join(scores), "drugs": DOT.join(drugs), "imaging": held.get("imaging", "")}


def beside(
    page: Panel, imaging: str, earlier: dict | None = None, at: datetime | None = None
) -> BesideVerdict:
    """`earlier`: the same of the last discussion, `at` that time: what a score was then is said."""
    drugs = list(_drugs(page.case, page.report))
    more = [["", f"and {len(drugs) - SHOWN} more on the patient’s page"]] if len(drugs) > SHOWN else []
    return BesideVerdict(_scores(page.report, earlier or {}, at), [*drugs[:SHOWN], *more], imaging)


def _scores(report: Report, earlier: dict, at: datetime | None) -> list[list[str]]:
    was = {name: value for name, value, _ in earlier.get("scores", ()) if value}
    found = []
    for key in SCORES:
        score = report.scores[key]
        if score.reason:
            found.append([score.name, "", score.reason])
            continue
        value = " ".join(filter(None, [score.grade if key == "child_pugh" else "", value_text(score)]))
        then = f"{was[score.name]} on {day_of_month(at)}" if at and score.name in was else ""
        found.append([score.name, value, then])
    return found


def _drugs(case: Case, report: Report) -> Iterator[list[str]]:
    """What runs and what was given lately, the latest first; an anticoagulant that nobody spoke of is said."""
    events = [event for event in case.events if event.kind in DRUGS and _matters(event, case, report)]
    if not any(event.kind in ANTICOAGULANTS for event in events):
        if case.anticoagulant == "none":
            yield ["No anticoagulant", "as said"]
        elif not case.anticoagulant:
            yield [NOT_KNOWN, ""]
    events.sort(key=lambda event: event.started_at, reverse=True)
    for event in events:
        yield [_name(event), _when(event, case, report)]


def _matters(event: Event, case: Case, report: Report) -> bool:
    baseline = report.dissociation.baseline_at or case.as_of
    last = event.ended_at or (event.started_at if event.kind in DOSES else case.as_of)
    return event.started_at <= case.as_of and last >= min(baseline, case.as_of) - RECENT


def _name(event: Event) -> str:
    kind = EVENT_NAMES[event.kind]
    if not event.label or event.label.casefold() == kind.casefold():
        return kind
    return f"{event.label} ({kind[0].lower()}{kind[1:]})"


def _when(event: Event, case: Case, report: Report) -> str:
    start = event.started_at
    begun = day(start) if start.year != case.as_of.year else day_of_month(start)
    if event.kind in DOSES:
        trial = next((one for one in report.vitamin_k if one.dose_at == start), None)
        return f"{begun}: {trial.headline}" if trial and event.kind == "vitamin_k" else begun
    if event.ended_at is None or event.ended_at > case.as_of:
        return f"since {begun}"
    return f"{begun} to {day_of_month(event.ended_at)}"
