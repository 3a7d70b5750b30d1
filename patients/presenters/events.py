"""Diagnoses, drugs and events known at the moment of the page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from patients.models import Diagnosis, Event
from patients.report.panel import Panel
from patients.words import EVENT_NAMES

FIRST = 8


@dataclass(frozen=True)
class EventLine:
    uuid: UUID
    name: str
    details: str
    note: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class EventsCard:
    """Newest first. Times are the clinic's."""

    diagnoses: tuple[Diagnosis, ...]
    first: tuple[EventLine, ...]
    more: tuple[EventLine, ...]


def events_card(panel: Panel) -> EventsCard:
    zone, today = panel.patient.clinic.zone, panel.case.as_of.date()
    known = [event for event in panel.rows.events if event.started_at <= panel.as_of]
    known.sort(key=lambda event: (event.started_at, event.id), reverse=True)
    lines = tuple(_line(event, zone, panel.as_of) for event in known)
    noted = (one for one in panel.rows.diagnoses if one.noted_on is None or one.noted_on <= today)
    return EventsCard(tuple(noted), lines[:FIRST], lines[FIRST:])


def _line(event: Event, zone: ZoneInfo, as_of: datetime) -> EventLine:
    ended = event.ended_at if event.ended_at and event.ended_at <= as_of else None
    return EventLine(
        uuid=event.uuid,
        name=EVENT_NAMES[event.kind],
        details=_details(event, ended),
        note=event.note,
        start=event.started_at.astimezone(zone),
        end=ended.astimezone(zone) if ended else None,
    )


def _details(event: Event, ended: datetime | None) -> str:
    named = event.label.casefold() == EVENT_NAMES[event.kind].casefold()
    details = [
        "" if named else event.label,
        "" if event.grade is None else f"grade {event.grade}",
        event.get_route_display().lower() if event.route else "",
        "stop confirmed" if event.stop_confirmed and ended else "",
    ]
    return ", ".join(part for part in details if part)
