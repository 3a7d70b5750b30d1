"""The record as a batch of files sees it: what is stored, and what earlier rows would add."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import UnionType

from django.db.models import Func, Q, Value

from accounts.models import Clinic
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import ANTICOAGULANTS
from interpretation.record.spelling import fold_name
from patients.actions.anticoagulant import ASKED_FOR
from patients.actions.merging.numbers import known_as
from patients.models import Diagnosis, Draw, Event, Patient, Result
from uploads.importers.local_time import unclear
from uploads.importers.mrn import without_zeros
from uploads.importers.records import (
    AnticoagulantRow,
    DiagnosisRow,
    EventRow,
    LabRow,
    OtherRow,
    RefutedRow,
)
from uploads.matching.kept import OthersByKey, stored_others
from uploads.matching.match import NO_PATIENT, ZEROS
from uploads.matching.numbers import numbers_in
from uploads.models import Upload

_DAY = timedelta(days=1)


@dataclass
class RecordRow:
    """Something stored (`pk`) or brought by file number `file` at the place named `row`."""

    fields: dict
    pk: int | None = None
    file: int | None = None
    row: str = ""


@dataclass
class KnownResult:
    """A result of one patient, minute, laboratory, analyte and method."""

    value: float
    comparator: str
    counts: bool
    pk: int | None = None
    shown: str = ""
    status: str = ""
    draw_withdrawn: bool = False
    file: int | None = None
    row: str = ""
    record: object = None
    verified_at: datetime | None = None
    order: str = ""
    # A person of this clinic typed or corrected it: no status of a laboratory goes over that.
    by_person: bool = False
    # Which draw of its day holds it, where the hour is not known; and what became of the row that brings it.
    ordinal: int = 0
    match: object = None


class RecordView:
    def __init__(self, clinic: Clinic, items: list, now: datetime, arrived: datetime | None = None) -> None:
        self.clinic, self.zone, self.now, self.arrived = clinic, clinic.zone, now, arrived
        # All results of a draw ask for the same moment.
        self._moments: dict[datetime, datetime] = {}
        # Times that the clocks of this clinic show never or twice, and what is said of them.
        self.unclear: dict[datetime, str] = {}
        self.today: date = now.astimezone(self.zone).date()
        mrns = {item.mrn for item in items if hasattr(item, "mrn")} | numbers_in(items)
        self.patients = self._patients(mrns)
        # By the record or by this batch: the earlier one where both tell.
        self.deaths: dict[str, date] = {}
        for mrn, entry in self.patients.items():
            self.tell_death(mrn, entry.fields["died_on"])
        missing = mrns - self.patients.keys()
        # A number that was a patient's before.
        self.before = known_as(clinic, missing)
        # A number that nobody here has -> the only one here that is the same but for zeros.
        self.alike = self._alike(missing - self.before.keys())
        ids = [entry.pk for entry in self.patients.values()]
        self.diagnoses = self._diagnoses(ids) if _any(items, DiagnosisRow | RefutedRow) else {}
        self.events = self._events(ids) if _any(items, EventRow | AnticoagulantRow) else defaultdict(list)
        # The kinds of anticoagulants that go on, or of which nobody has confirmed a stop of late, by MRN.
        self.drugs: dict[str, list[str]] = defaultdict(list)
        self._tell_drugs()
        self.orders: dict[tuple, list[KnownResult]] = defaultdict(list)
        self.results = self._results(ids, [item for item in items if type(item) is LabRow])
        # Results that are kept as sent, by place and by the laboratory's own name.
        self.others, self.other_orders = self._others(
            ids, [item for item in items if isinstance(item, OtherRow)]
        )
        # The canonical values that count in each draw, for checks between analytes; of a day the highest.
        self.draws = _values_of_draws(self.results)

    def moment(self, clock: datetime) -> datetime:
        """A time without a zone is the clinic's. In UTC: the hour that summer time repeats equals nothing."""
        found = self._moments.get(clock)
        if found is None:
            found = (clock if clock.tzinfo else clock.replace(tzinfo=self.zone)).astimezone(UTC)
            self._moments[clock] = found
            if text := unclear(clock, self.zone):
                self.unclear[clock] = text
        return found

    def slot(self, at: datetime, hour_known: bool = True) -> datetime | date:
        """The minute of a draw that is stored; the day where its hour is not known."""
        return minute(at) if hour_known else self.day(at)

    def first_moment(self, slot: datetime | date) -> datetime:
        return self.moment(DateAlone(slot.year, slot.month, slot.day)) if is_day(slot) else slot

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def tell_death(self, mrn: str, day: date | None) -> None:
        if day:
            self.deaths[mrn] = min(day, self.deaths.get(mrn, day))

    def _tell_drugs(self) -> None:
        for (mrn, kind, *_), entries in self.events.items():
            for entry in entries:
                self.tell_drug(mrn, kind, entry.fields)

    def tell_drug(self, mrn: str, kind: str, fields: dict) -> None:
        ended_at = fields.get("ended_at")
        over = fields.get("stop_confirmed") or (ended_at and ended_at <= self.now - ASKED_FOR)
        if kind in ANTICOAGULANTS and not over:
            self.drugs[mrn].append(kind)

    def has_draws_after(self, patient: int, day: date) -> bool:
        night = datetime.combine(day + _DAY, time.min, self.zone)
        return Draw.objects.current().filter(patient_id=patient, taken_at__gte=night).exists()

    def _patients(self, mrns: set[str]) -> dict[str, RecordRow]:
        names = ("family_name", "given_name", "sex", "birth_date", "died_on", "anticoagulant")
        rows = Patient.objects.current().filter(clinic=self.clinic, mrn__in=mrns)
        return {row["mrn"]: RecordRow(row, row.pop("id")) for row in rows.values("id", "mrn", *names)}

    def _alike(self, missing: set[str]) -> dict[str, str]:
        bare = {mrn: number for mrn in missing if (number := without_zeros(mrn))}
        if not bare:
            return {}
        there = Patient.objects.current().filter(clinic=self.clinic)
        there = there.annotate(bare=Func("mrn", Value("0"), function="LTRIM")).filter(bare__in=bare.values())
        found = defaultdict(list)
        for number, mrn in there.values_list("bare", "mrn"):
            found[number].append(mrn)
        return {mrn: found[number][0] for mrn, number in bare.items() if len(found[number]) == 1}

    def stranger(self, mrn: str) -> str:
        """Why nobody here is meant by a number that no patient has."""
        return ZEROS if mrn in self.alike else NO_PATIENT

    def _diagnoses(self, ids: list[int]) -> dict[tuple, RecordRow]:
        names = ("kind", "noted_on", "resolved_on", "codes")
        rows = Diagnosis.objects.current().filter(patient_id__in=ids)
        return {
            (row["patient__mrn"], row["kind"], row["noted_on"]): RecordRow(row, row["id"])
            for row in rows.values("id", "patient__mrn", *names)
        }

    def _events(self, ids: list[int]) -> dict[tuple, list[RecordRow]]:
        names = ("kind", "label", "started_at", "ended_at", "grade", "route", "stop_confirmed")
        found = defaultdict(list)
        for row in Event.objects.current().filter(patient_id__in=ids).values("id", "patient__mrn", *names):
            key = (row["patient__mrn"], row["kind"], fold_name(row["label"]), row["started_at"])
            found[key].append(RecordRow(row, row["id"]))
        return found

    def _results(self, ids: list[int], items: list[LabRow]) -> dict[tuple, list[KnownResult]]:
        found: dict[tuple, list[KnownResult]] = defaultdict(list)
        if not items:
            return found
        times = [self.moment(item.taken_at) for item in items]
        near = Q(draw__taken_at__gte=min(times) - _DAY, draw__taken_at__lte=max(times) + _DAY)
        if keys := {item.order for item in items if item.order}:
            near |= Q(order_key__in=keys)
        rows = Result.objects.filter(
            Q(upload=None) | ~Q(upload__state=Upload.State.UNDONE), near, draw__patient_id__in=ids
        )
        for row in rows.values_list(
            "id", "draw__patient__mrn", "draw__taken_at", "draw__laboratory", "draw__withdrawn_at",
            "analyte", "value", "comparator", "status", "reported_value", "reported_unit",
            "method", "draw__method", "verified_at", "order_key", "status_reason", "upload_id",
            "draw__hour_known", "draw__ordinal",
        ).iterator(chunk_size=5000):  # fmt: skip
            pk, mrn, taken_at, laboratory, withdrawn, analyte, value, sign, status, shown, unit, *more = row
            method, draw_method, *more = more
            *more, hour_known, ordinal = more
            key = (mrn, self.slot(taken_at, hour_known), laboratory, analyte, method or draw_method)
            counts = withdrawn is None and status in Result.COUNTING
            words = f"{shown} {unit}".strip()
            known = KnownResult(value, sign, counts, pk, words, status, withdrawn is not None)
            known.ordinal = ordinal
            known.verified_at, known.order, reason, upload = more
            known.by_person = upload is None or (status == Result.Status.CORRECTED and bool(reason))
            found[key].append(known)
            if known.order:
                self.orders[mrn, known.order, analyte].append(known)
        return found

    def _others(self, ids: list[int], items: list[OtherRow]) -> tuple[OthersByKey, OthersByKey]:
        if not items:
            return defaultdict(list), defaultdict(list)
        times = [minute(self.moment(item.taken_at)) for item in items]
        return stored_others(ids, times, {item.order for item in items if item.order}, self.slot)


def _values_of_draws(results: dict[tuple, list[KnownResult]]) -> dict[tuple, dict[str, float]]:
    draws: dict[tuple, dict[str, float]] = defaultdict(dict)
    for (mrn, slot, laboratory, analyte, _), found in results.items():
        counting = [known.value for known in found if known.counts]
        if counting:
            draw = draws[mrn, slot, laboratory]
            draw[analyte] = max(*counting, draw.get(analyte, 0.0)) if is_day(slot) else counting[-1]
    return draws


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def is_day(slot: datetime | date) -> bool:
    """Whether a draw has only its day: see `RecordView.slot`."""
    return not isinstance(slot, datetime)


def _any(items: list, kind: type | UnionType) -> bool:
    return any(isinstance(item, kind) for item in items)
