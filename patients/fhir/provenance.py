"""Who brought what of a record, and when: one Provenance for what came together from one laboratory."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from patients import codes
from patients.models import Diagnosis, Draw, Event, Patient

from .results import laboratory, name_of

Row = Draw | Diagnosis | Event


def provenance(patient: Patient, rows: Iterable[tuple[Row, str]]) -> list[dict]:
    """`rows`: what is written of the record, each with its type and id. Of what a person typed, one a row."""
    groups: dict[UUID, list[tuple[Row, str]]] = defaultdict(list)
    for row, name in rows:
        groups[_source(row)].append((row, name))
    return [_resource(patient, key, found) for key, found in groups.items()]


def rows_of(
    draws: Iterable[Draw], diagnoses: Iterable[Diagnosis], events: dict[str, Event]
) -> list[tuple[Row, str]]:
    """`events`: by type and id."""
    found: list[tuple[Row, str]] = []
    for draw in draws:
        found.append((draw, f"DiagnosticReport/{draw.uuid}"))
        found += [(draw, f"Observation/{name_of(result)}") for result in draw.results.all()]
    found += [(row, f"Condition/{row.uuid}") for row in diagnoses]
    return found + [(row, name) for name, row in events.items()]


def _source(row: Row) -> UUID:
    own = row.upload.uuid if row.upload else row.uuid
    return uuid5(own, getattr(row, "laboratory", ""))


def _resource(patient: Patient, key: UUID, rows: list[tuple[Row, str]]) -> dict:
    first = rows[0][0]
    upload = first.upload
    found = {
        "resourceType": "Provenance",
        "id": f"{patient.uuid.hex}-{key.hex[:31]}",
        "target": [{"reference": name} for _, name in rows],
        "recorded": (upload and upload.stored_at or first.entered_at).isoformat(),
        "activity": {"coding": [{"system": codes.ACTIVITY, "code": "CREATE"}]},
        "agent": list(_agents(first)),
    }
    if upload:
        what = {"identifier": {"system": codes.UPLOAD, "value": str(upload.uuid)}}
        found["entity"] = [{"role": "source", "what": what}]
    return found


def _agents(row: Row) -> Iterable[dict]:
    """The person who entered it or uploaded the file, the sender of the file, the laboratory."""
    by = row.entered_by
    yield _agent("enterer", {"display": (by.get_full_name() or by.get_username()) if by else "Not recorded"})
    if row.upload and row.upload.sender:
        yield _agent("informant", {"display": row.upload.sender})
    if name := getattr(row, "laboratory", ""):
        yield _agent("author", laboratory(name))


def _agent(kind: str, who: dict) -> dict:
    return {"type": {"coding": [{"system": codes.PARTICIPANT, "code": kind}]}, "who": who}
