"""Whole files into the record: a handful of statements a file, not per row. Out again: patients.actions.undo.

What a file brings is checked before (uploads.matching); here it is only written. Rows name patients by MRN.
Where a file corrects what was stored, `before` says how to give the old state back.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

import pghistory
from django.db import connection
from django.db.models import F

from accounts.models import User
from interpretation.record.records import ANTICOAGULANTS
from patients.actions.anticoagulant import set_many, status_after
from patients.actions.assess import assess
from patients.actions.copying import copy_alike, copy_rows, take_ids
from patients.actions.errors import Refused, refusing
from patients.actions.marks import note_inrs
from patients.actions.supersede import supersede, withdraw, withdraw_empty
from patients.models import Diagnosis, Draw, Event, OtherResult, Patient, Result
from patients.values.validation import CheckedResult

BATCH = 2000
MODELS = {
    "patient": Patient,
    "diagnosis": Diagnosis,
    "event": Event,
    "result": Result,
    "draw": Draw,
    "other": OtherResult,
}


@dataclass(frozen=True)
class NewPatient:
    mrn: str
    family_name: str
    given_name: str
    sex: str
    birth_date: date
    died_on: date | None


@dataclass(frozen=True)
class NewDiagnosis:
    mrn: str
    kind: str
    noted_on: date | None
    resolved_on: date | None
    codes: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class NewEvent:
    mrn: str
    kind: str
    label: str
    started_at: datetime
    ended_at: datetime | None
    grade: int | None
    route: str
    note: str
    stop_confirmed: bool = False


@dataclass(frozen=True)
class NoAnticoagulant:
    """Of this patient it is said that no anticoagulant is taken."""

    mrn: str


@dataclass
class NewResult:
    """`counts` False: another result of the same test and minute counts; `why` says which.

    `corrects`: takes the place of the result that is stored, or of the one that `replaces` names, which may
    stand in another draw; `old_why` is kept with it. `declared`: the status is the laboratory's own word.
    """

    mrn: str
    taken_at: datetime
    laboratory: str
    reading: CheckedResult
    received_at: datetime | None = None
    counts: bool = True
    corrects: bool = False
    why: str = ""
    lost_as: str = Result.Status.SUPERSEDED
    replaces: int | None = None
    old_why: str = ""
    declared: bool = False
    comment: str = ""
    draw_note: str = ""
    order_key: str = ""
    # As in `Draw`.
    hour_known: bool = True
    ordinal: int = 0

    @property
    def slot(self) -> tuple:
        return self.taken_at, self.laboratory, self.hour_known, self.ordinal


@dataclass(frozen=True, slots=True)
class NewDraw:
    """Results of which nothing but their reading and comment is to be said, none of them in the record yet."""

    mrn: str
    taken_at: datetime
    laboratory: str
    results: list[tuple[CheckedResult, str]]
    received_at: None = None
    draw_note: str = ""

    @property
    def slot(self) -> tuple:
        return self.taken_at, self.laboratory, True, 0


@dataclass
class Withdrawal:
    """A stored result that the laboratory takes back."""

    mrn: str
    pk: int
    why: str


@dataclass
class StoredChange:
    """What a file says otherwise than the stored row of this kind and identity (names a model by MODELS)."""

    mrn: str
    kind: str
    pk: int
    fields: dict = field(default_factory=dict)


def store_patients(
    *, upload, by: User, new: list[NewPatient], changes: list[StoredChange] = ()
) -> list[dict]:
    with storing(upload, by) as people_touched:
        # Sorted, so that two files with the same new people wait for each other at the index of MRNs.
        new = sorted(new, key=lambda item: item.mrn)
        rows = [Patient(clinic=upload.clinic, entered_by=by, upload=upload, **asdict(item)) for item in new]
        people_touched.update(row.pk for row in Patient.objects.bulk_create(rows, batch_size=BATCH))
        before = _change(changes)
        people_touched.update(change.pk for change in changes)
    return before


def store_diagnoses(
    *, upload, by: User, new: list[NewDiagnosis], changes: list[StoredChange] = ()
) -> list[dict]:
    return _store_items(Diagnosis, upload, by, new, changes)


def store_events(*, upload, by: User, new: list[NewEvent], changes: list[StoredChange] = ()) -> list[dict]:
    return _store_items(Event, upload, by, new, changes)


def store_no_anticoagulants(
    *, upload, by: User, new: list[NoAnticoagulant], changes: list[StoredChange] = ()
) -> list[dict]:
    """Gives back what was said before."""
    with storing(upload, by) as people_touched:
        people = people_of(upload.clinic_id, {item.mrn for item in new})
        people_touched.update(people.values())
        return set_many(by=by, told=((pk, Patient.Anticoagulant.NONE) for pk in people.values()))


def store_results(*, upload, by: User, new: list[NewResult], gone: list[Withdrawal] = ()) -> list[dict]:
    """Results join the draw of their patient, minute and laboratory (where the hour is not known, of their day
    and ordinal), or a new one."""
    with storing(upload, by) as people_touched:
        people = people_of(upload.clinic_id, {item.mrn for item in (*new, *gone)})
        people_touched.update(people.values())
        draws = _draws(upload, by, new, people)
        placed = [(draws[people[item.mrn], *item.slot], item) for item in new]
        note_inrs((people[item.mrn], item.reading.value) for item in new if item.reading.analyte == "INR")
        before = supersede(upload, placed) + withdraw(gone)
        # One statement: total and direct bilirubin of a draw arrive together.
        copy_rows(Result, _RESULT, (_result(upload.pk, draw, item) for draw, item in placed))
        losers = {draw for draw, item in placed if not item.counts}
        before += withdraw_empty(upload, by, [item["pk"] for item in before], losers)
    return before


def store_draws(*, upload, by: User, new: list[NewDraw]) -> None:
    """As `store_results`, where there is nothing to compare."""
    with storing(upload, by) as people_touched:
        people = people_of(upload.clinic_id, {item.mrn for item in new})
        people_touched.update(people.values())
        draws = _draws(upload, by, new, people)
        found = [(people[item.mrn], item, reading) for item in new for reading, _ in item.results]
        note_inrs((person, reading.value) for person, _, reading in found if reading.analyte == "INR")
        placed = ((draws[people[item.mrn], *item.slot], item) for item in new)
        copy_alike(Result, _RESULT, _plain_results(upload.pk, placed))


def lock_patients(**which) -> None:
    """Holds these patients to the end of the transaction, in one order everywhere: two writers wait for each
    other and never block each other. Who writes several files locks the patients of all of them first."""
    with refusing():
        rows = Patient.objects.filter(**which).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk"))


@contextmanager
def storing(upload, by: User) -> Iterator[set[int]]:
    """One transaction in `by`'s name; the patients put into the set are assessed at its end."""
    people_touched: set[int] = set()
    with pghistory.context(user=by.pk, upload=str(upload.uuid)), refusing():
        check_at_once()
        yield people_touched
        assess(people_touched)


def check_at_once() -> None:
    """Foreign keys are checked a statement at a time: a queue of checks that grows to the end of the
    transaction is walked by each row's history trigger, which makes 100,000 results take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def people_of(clinic_id: int, mrns: set[str]) -> dict[str, int]:
    rows = Patient.objects.current().filter(clinic_id=clinic_id, mrn__in=mrns)
    people = {row.mrn: row.pk for row in rows.order_by("pk").select_for_update(no_key=True)}
    if mrns - people.keys():
        raise Refused("A patient of this file was withdrawn in the meantime. Upload the file again.")
    return people


def _store_items(model, upload, by, new, changes) -> list[dict]:
    with storing(upload, by) as people_touched:
        people = people_of(upload.clinic_id, {item.mrn for item in (*new, *changes)})
        rows = []
        for item in new:
            fields = asdict(item) | ({"codes": list(item.codes)} if hasattr(item, "codes") else {})
            patient = people[fields.pop("mrn")]
            rows.append(model(patient_id=patient, entered_by=by, upload=upload, **fields))
        model.objects.bulk_create(rows, batch_size=BATCH)
        before = _change(changes)
        if model is Event:
            before += _follow_drugs(by, rows, changes)
        people_touched.update(people.values())
    return before


def _follow_drugs(by: User, rows: list[Event], changes: list[StoredChange]) -> list[dict]:
    """What the anticoagulants among these events say of who takes one."""
    changed = Event.objects.filter(pk__in=[change.pk for change in changes], kind__in=ANTICOAGULANTS)
    drugs = [row for row in rows if row.kind in ANTICOAGULANTS] + (list(changed) if changes else [])
    people = Patient.objects.in_bulk({row.patient_id for row in drugs}) if drugs else {}
    for row in drugs:
        patient = people[row.patient_id]
        patient.anticoagulant = status_after(patient, row)
    return set_many(by=by, told=((pk, patient.anticoagulant) for pk, patient in people.items()))


def _change(changes: list[StoredChange]) -> list[dict]:
    """Writes the changes, a row at a time: they are few, and each was asked for by a person."""
    before = []
    for change in changes:
        rows = MODELS[change.kind].objects.filter(pk=change.pk)
        old = rows.values(*change.fields, "version").get()
        version = old.pop("version") + 1
        rows.update(**change.fields, version=version)
        before.append({"kind": change.kind, "pk": change.pk, "version": version, "fields": old})
    return before


def _draws(
    upload, by: User, new: list[NewResult] | list[NewDraw], people: dict[str, int]
) -> dict[tuple, int]:
    """The draw of each patient and slot; those that are not there are made."""
    wanted = {}
    for item in new:
        wanted.setdefault((people[item.mrn], *item.slot), item)
    draws = _stored_draws(wanted)
    if draws:
        Draw.objects.filter(pk__in=list(draws.values())).update(version=F("version") + 1)
    lacking = [key for key in wanted if key not in draws]
    made = dict(zip(lacking, take_ids(Draw, len(lacking)) if lacking else (), strict=True))
    if made:
        copy_rows(Draw, _DRAW, (_draw(pk, key, wanted[key], upload.pk, by.pk) for key, pk in made.items()))
    return draws | made


_DRAW = (
    "id", "uuid", "patient_id", "taken_at", "laboratory", "received_at", "method", "source", "note",
    "entered_by_id", "version", "upload_id", "withdrawn_reason", "hour_known", "ordinal",
)  # fmt: skip
_RESULT = (
    "draw_id", "upload_id", "analyte", "value", "comparator", "lower_limit", "upper_limit", "reported_value",
    "reported_unit", "reported_range", "method", "verified_at", "status", "status_reason", "comment",
    "order_key", "unconfirmed",
)  # fmt: skip


def _draw(pk: int, key: tuple, item: NewResult | NewDraw, upload: int, by: int) -> tuple:
    patient, taken_at, laboratory, *which = key
    received, source, note = item.received_at, Draw.Source.UPLOAD.value, item.draw_note
    return pk, uuid4(), patient, taken_at, laboratory, received, "", source, note, by, 1, upload, "", *which


def _stored_draws(wanted: dict) -> dict[tuple, int]:
    if not wanted:
        return {}
    times = [taken_at for _, taken_at, *_ in wanted]
    rows = Draw.objects.current().filter(
        patient_id__in={patient for patient, *_ in wanted},
        taken_at__gte=min(times),
        taken_at__lt=max(times) + timedelta(minutes=1),
    )
    found = {
        (patient, taken_at.replace(second=0, microsecond=0), *which): pk
        for pk, patient, taken_at, *which in rows.values_list(
            "id", "patient_id", "taken_at", "laboratory", "hour_known", "ordinal"
        )
    }
    return {key: pk for key, pk in found.items() if key in wanted}


def _result(upload: int, draw: int, item: NewResult) -> tuple:
    reading = item.reading
    status, why = reading.status, ""
    if not item.counts:
        status, why = item.lost_as, item.why[:300]
    elif item.corrects and not item.declared:
        status = Result.Status.CORRECTED
    unconfirmed = reading.unconfirmed if item.counts else ""
    return draw, upload, *_read(reading), str(status), why, item.comment, item.order_key, unconfirmed


def _plain_results(upload: int, placed: Iterable[tuple[int, NewDraw]]) -> Iterator[tuple[int, tuple]]:
    """Each draw, and what a result of it has beside: many share one reading."""
    shared: dict[tuple[int, str], tuple] = {}
    for draw, item in placed:
        for reading, comment in item.results:
            key = id(reading), comment
            if (fields := shared.get(key)) is None:
                fields = shared[key] = (upload, *_read(reading), str(reading.status), "", comment, "", "")
            yield draw, fields


def _read(reading: CheckedResult) -> tuple:
    return (
        reading.analyte, reading.value, reading.comparator, reading.lower_limit, reading.upper_limit,
        reading.reported_value, reading.reported_unit, reading.reported_range, reading.method,
        reading.verified_at,
    )  # fmt: skip
