"""The line above the page: who this is, what is known, and what makes INR hard to read just now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from interpretation.record.records import Case, Event
from interpretation.words import day
from patients.models import Patient
from patients.report.panel import Panel
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES, age

# How long an alert stays after the last exposure, at its most cautious. The rule itself has its own,
# finer limits (interpretation/data/dissociation.toml); this only says where to look.
ALERT_DAYS = {
    "vka": 60,
    "doac": 30,
    "direct_thrombin_inhibitor": 1,
    "plasma": 3,
    "pcc": 3,
    "rfviia": 3,
    "plasma_exchange": 3,
    "vitamin_k": 7,
    "nac": 2,
    "bad_sample": 1,
}
# Drugs go on until a stop is recorded; the others are a moment.
COURSES = {"vka", "doac", "direct_thrombin_inhibitor", "nac"}
STATES = {"pregnancy", "dialysis"}
SEXES = {Patient.Sex.FEMALE: "F", Patient.Sex.MALE: "M", Patient.Sex.OTHER: "X"}

# Letters of name and tags that stand in the header's one line at 1280 px, and what the frame of a tag takes.
ROOM, TAG_ROOM = 52, 3


@dataclass(frozen=True)
class Tag:
    text: str
    title: str = ""


@dataclass(frozen=True)
class HeaderCard:
    """Times are the clinic's. `sex` is "" where it is not recorded."""

    sex: str
    age: str
    died: bool
    diagnosis_tags: tuple[Tag, ...]
    alert_tags: tuple[Tag, ...]
    latest_draw: datetime | None
    # How many letters of diagnoses fit beside the rest; the others are counted and named on demand.
    room: int
    # "none", "taking" or "not known"; by whom and when it was said, where that is known.
    anticoagulant: str
    said_by: str
    said_at: datetime | None
    # Numbers that mean this patient beside the MRN: after a merge, or where the hospital gave another one.
    numbers_before: tuple[str, ...]

    @property
    def shown_diagnoses(self) -> tuple[Tag, ...]:
        return self.diagnosis_tags[: self._fitting]

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(tag.text for tag in self.diagnosis_tags[self._fitting :])

    @property
    def _fitting(self) -> int:
        lengths = accumulate(len(tag.text) + TAG_ROOM for tag in self.diagnosis_tags)
        return sum(length <= self.room for length in lengths)


def header_card(panel: Panel) -> HeaderCard:
    case = panel.case
    today = case.as_of.date()
    alerts = tuple(alert_tags(case))
    numbers = tuple(panel.patient.numbers_before)
    beside = [str(panel.patient), *(tag.text for tag in alerts), *numbers]
    return HeaderCard(
        sex=SEXES.get(panel.patient.sex, ""),
        age=age(panel.patient.birth_date, min(today, case.died_on or today)),
        died=case.died_on is not None and case.died_on <= today,
        diagnosis_tags=tuple(diagnosis_tags(case)),
        alert_tags=alerts,
        room=max(0, ROOM - sum(map(len, beside)) - TAG_ROOM * len(alerts)),
        latest_draw=max((draw.taken_at for draw in case.draws), default=None),
        numbers_before=numbers,
        **_anticoagulant(panel),
    )


def _anticoagulant(panel: Panel) -> dict:
    patient, said = panel.patient, panel.case.anticoagulant
    words = Patient.Anticoagulant(said).label.lower()
    # As known at an earlier moment somebody else may have said it.
    if not said or said != patient.anticoagulant or patient.anticoagulant_said_at > panel.as_of:
        return {"anticoagulant": words, "said_by": "", "said_at": None}
    at = patient.anticoagulant_said_at.astimezone(patient.clinic.zone)
    return {"anticoagulant": words, "said_by": str(patient.anticoagulant_said_by), "said_at": at}


def diagnosis_tags(case: Case) -> list[Tag]:
    today = case.as_of.date()
    return [
        Tag(_diagnosis(d), f"resolved {day(d.resolved_on)}" if d.resolved_on else "")
        for d in case.diagnoses
        if (d.noted_on is None or d.noted_on <= today) and (d.resolved_on is None or d.resolved_on > today)
    ]


def _diagnosis(diagnosis) -> str:
    name = DIAGNOSIS_NAMES[diagnosis.kind]
    return f"{name}, {diagnosis.noted_on.year}" if diagnosis.noted_on else name


def alert_tags(case: Case) -> list[Tag]:
    """The latest exposure of each kind that is within reach of `as_of`, and any transplant."""
    latest: dict[tuple[str, str], Event] = {}
    for event in sorted(case.events, key=lambda e: e.started_at):
        if event.started_at <= case.as_of and _within(event, case.as_of):
            latest[event.kind, event.label.casefold()] = event
    return [Tag(_alert(event, case.as_of)) for event in latest.values()]


def _within(event: Event, as_of: datetime) -> bool:
    if event.kind == "transplant":
        return True
    if event.kind in STATES:
        return event.ended_at is None or event.ended_at > as_of
    days = ALERT_DAYS.get(event.kind)
    if days is None:
        return False
    end = _end(event, as_of)
    return end is None or as_of - end <= timedelta(days=days)


def _end(event: Event, as_of: datetime) -> datetime | None:
    """When the exposure ended; None while it goes on."""
    if event.kind not in COURSES:
        return event.ended_at or event.started_at
    return event.ended_at if event.ended_at and event.ended_at <= as_of else None


def _alert(event: Event, as_of: datetime) -> str:
    name = (event.label.strip() if event.kind in COURSES else "") or EVENT_NAMES[event.kind]
    end = _end(event, as_of)
    if event.kind not in COURSES and event.kind not in STATES:
        return f"{name} {day(event.started_at)}"
    if event.kind in STATES or end is None:
        return f"{name} since {day(event.started_at)}"
    certain = "confirmed" if event.stop_confirmed else "not confirmed"
    return f"{name} stopped {day(end)}, {certain}"
