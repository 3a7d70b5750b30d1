"""What came to a clinic on one of its days, and what became of it: read from the record alone."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import Clinic
from interpretation.record import analytes
from patients.models import Patient, Result
from uploads.matching.tally import OutcomeTally
from uploads.models import IdentityQuestion, Message, Upload, UploadRow
from uploads.staging.file_store import left_over
from uploads.told import COUNTS, tally_of

State, Outcome = Upload.State, UploadRow.Outcome
# Messages that need a person.
OPEN = (Message.State.RECEIVED, Message.State.WAITING, Message.State.REFUSED)
_HEAVY = ("before", "digests", "unknown")


@dataclass(frozen=True)
class Arrival:
    """A file, or a message (which may have no upload: nothing of it could be read).

    `is_flagged`: some of its rows are; `unconfirmed`: name of a test -> its results that are still marked.
    """

    at: datetime
    upload: Upload | None
    message: Message | None
    is_flagged: bool
    unconfirmed: Counter[str]

    @property
    def asks(self) -> bool:
        """Whether nothing of it can be read before a person answers a question."""
        return bool(self.upload) and self.upload.state == State.UNMAPPED

    @property
    def reason(self) -> str:
        """Why it was not read."""
        if self.upload is None:
            return self.message.reason if self.is_open else ""
        return self.upload.reason if self.upload.state in (State.REFUSED, State.UNMAPPED) else ""

    @property
    def is_open(self) -> bool:
        """Whether its rows may still need somebody; a person may have set a message aside."""
        return self.message is None or self.message.state in OPEN

    @cached_property
    def waiting(self) -> OutcomeTally:
        """Rows that wait now: what was read again since is not among them."""
        return self._left(Outcome.WAITING)

    @cached_property
    def refused(self) -> OutcomeTally:
        return self._left(Outcome.REFUSED)

    @cached_property
    def flagged(self) -> OutcomeTally:
        """Rows that are stored and were marked, or flagged, when they came."""
        stored = self.is_flagged and self.upload.state == State.STORED
        return tally_of(self._rows.filter(flagged=True)) if stored else OutcomeTally()

    @cached_property
    def differing(self) -> int:
        """Rows with another value than the record, which a person did not ask to store."""
        upload = self.upload
        if not (upload and upload.changed and self.is_open and upload.state == State.STORED):
            return 0
        return self._rows.filter(outcome=Outcome.CHANGED, settled=False, flagged=False).count()

    @property
    def _rows(self) -> QuerySet[UploadRow]:
        return self.upload.rows.all()

    def _left(self, outcome: str) -> OutcomeTally:
        if not (self.upload and getattr(self.upload, outcome) and self.is_open):
            return OutcomeTally()
        return tally_of(left_over(self.upload).filter(outcome=outcome))


@dataclass(frozen=True)
class ClinicDay:
    """`at`: the moment of the report; of a day that is over it is told what is known by then."""

    clinic: Clinic
    day: date
    at: datetime

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time.min, self.clinic.zone)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time.min, self.clinic.zone)

    @cached_property
    def files(self) -> list[Arrival]:
        """Also rows of a file that waited and were read again on this day (`Upload.replays`)."""
        came = Upload.objects.filter(clinic=self.clinic, system=None, **self._span)
        came = came.exclude(state=State.DISCARDED).defer(*_HEAVY).order_by("at", "pk")
        return self._arrivals([(upload.at, upload, None) for upload in came])

    @cached_property
    def messages(self) -> list[Arrival]:
        came = Message.objects.filter(sender__clinic=self.clinic, **self._span).order_by("at", "pk")
        heavy = ("raw", *(f"upload__{name}" for name in _HEAVY))
        rows = came.select_related("sender", "upload").defer(*heavy)
        return self._arrivals([(message.at, message.upload, message) for message in rows])

    @property
    def arrivals(self) -> list[Arrival]:
        return [*self.files, *self.messages]

    @cached_property
    def personal_names(self) -> set[str]:
        """Names of files that hold a number or a family name of a patient, or of whoever waits to be one."""
        words = {arrival.upload.file: _words(arrival.upload.file) for arrival in self.files}
        every = set().union(*words.values())
        people = Patient.objects.filter(clinic=self.clinic)
        asked = IdentityQuestion.objects.filter(upload__clinic=self.clinic)
        found: set[str] = set()
        for rows in (people, asked):
            lower = rows.annotate(number=Lower("mrn"), name=Lower("family_name"))
            found |= set(lower.filter(number__in=every).values_list("number", flat=True))
            found |= set(lower.filter(name__in=every).values_list("name", flat=True))
        return {name for name, own in words.items() if own & found}

    @property
    def _span(self) -> dict[str, datetime]:
        return {"at__gte": self.start, "at__lt": self.end}

    def _arrivals(self, came: list[tuple]) -> list[Arrival]:
        """A few queries for all of them: a day may bring thousands of messages."""
        uploads = [upload.pk for _, upload, _ in came if upload]
        flagged = UploadRow.objects.filter(upload__in=uploads, flagged=True).values_list("upload", flat=True)
        flagged, marks = set(flagged), _unconfirmed(uploads)
        return [
            Arrival(
                at.astimezone(self.clinic.zone), upload, message, key in flagged, marks.get(key, Counter())
            )
            for at, upload, message in came
            for key in [upload and upload.pk]
        ]


def _unconfirmed(uploads: list[int]) -> dict[int, Counter[str]]:
    rows = Result.objects.filter(upload__in=uploads, confirmed_at=None, status__in=Result.COUNTING)
    found: dict[int, Counter[str]] = {}
    for upload, key in rows.exclude(unconfirmed="").values_list("upload", "analyte"):
        found.setdefault(upload, Counter())[analytes.get(key).name] += 1
    return found


def counts_of(arrivals: list[Arrival]) -> Counter[str]:
    """Rows by what became of them when they were read first, and those "marked" then."""
    total: Counter[str] = Counter()
    for arrival in arrivals:
        if arrival.upload:
            total.update({name: getattr(arrival.upload, name) for name in COUNTS})
            total["marked"] += arrival.flagged.flagged
    return total


def _words(name: str) -> set[str]:
    """Of a file's name: "N-12_Ito.csv" holds n-12, n, 12 and ito."""
    name = name.lower()
    return {word for sign in (r"[\W_]+", r"[^\w-]+|_") for word in re.split(sign, name) if word}
