"""One patient's record as it was known when each draw arrived. [docs/decisions/as-known-replay.md]

What was stored within a week of the patient's own row was loaded with it: nothing of it could be known here before,
so it counts from its own date, a draw from its receipt where that is recorded. What came later counts from when it
came.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from interpretation.record.records import Case
from patients.models import CauseReview, Patient
from patients.report.as_known import (
    draw_versions,
    known_results_of,
    known_version,
    person_versions,
    result_versions,
    row_versions,
)
from patients.report.panel import RESULT_FIELDS, Rows, case_of

# After this a row was not loaded with its patient.
LOADED = timedelta(days=7)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class KeptVersions:
    """Every version of each row of one patient, fetched once; each row with the moment from which it was known."""

    patient: Patient
    people: list
    draws: list[tuple[list, datetime]]
    results: dict[int, list[list]]
    diagnoses: list[tuple[list, datetime]]
    events: list[tuple[list, datetime]]
    reviews: list[CauseReview]


def kept(patient: Patient) -> KeptVersions:
    people = person_versions(patient)
    until = people[0].pgh_created_at + LOADED

    def since(versions: list, own: datetime) -> tuple[list, datetime]:
        stored = versions[0].pgh_created_at
        return versions, own if stored <= until else stored

    return KeptVersions(
        patient=patient,
        people=people,
        draws=[(each, _arrival(each[0], until)) for each in draw_versions(patient)],
        results=result_versions(patient, RESULT_FIELDS),
        diagnoses=[since(each, _noted(each[0])) for each in row_versions(patient, "Diagnosis")],
        events=[since(each, each[0].started_at) for each in row_versions(patient, "Event")],
        reviews=list(CauseReview.objects.filter(patient=patient).select_related("by")),
    )


def moments(found: KeptVersions) -> list[datetime]:
    """When draws arrived, in time order."""
    return sorted({max(since, each[0].taken_at) for each, since in found.draws})


def arrivals(found: KeptVersions, before: datetime | None = None) -> Iterator[Case]:
    """The case at each moment at which a draw arrived, in time order."""
    for at in moments(found):
        if before is None or at < before:
            yield known_case(found, at)


def known_case(found: KeptVersions, at: datetime) -> Case:
    person = known_version(found.people, at) or found.people[0]
    draws, results = [], {}
    for each, since in found.draws:
        draw = known_version(each, at, since)
        if draw is not None:
            draws.append(draw)
            results[draw.id] = known_results_of(found.results.get(draw.id, []), at, each[0], since)
    reviews = [review for review in found.reviews if review.at <= at]
    rows = Rows(draws, results, _standing(found.diagnoses, at), _standing(found.events, at), reviews)
    case = case_of(person, rows, at)
    # A death that is recorded today was none then.
    return replace(case, died_on=None) if case.died_on and case.died_on > case.as_of.date() else case


def _arrival(draw, until: datetime) -> datetime:
    """Received; where that is not recorded, taken if it was loaded with the patient, else stored."""
    stored = draw.pgh_created_at
    if stored <= until:
        return draw.received_at or draw.taken_at
    return min(draw.received_at or stored, stored)


def _noted(diagnosis) -> datetime:
    """Without a day it was there before."""
    return datetime.combine(diagnosis.noted_on, time(), tzinfo=UTC) if diagnosis.noted_on else LONG_AGO


def _standing(rows: list[tuple[list, datetime]], at: datetime) -> list:
    found = [known_version(each, at, since) for each, since in rows]
    return [row for row in found if row is not None and row.withdrawn_at is None]
