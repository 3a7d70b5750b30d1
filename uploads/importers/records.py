"""What an importer gives back: one item a row read, either a record or a problem with its place."""

import io
import weakref
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import BinaryIO, ClassVar

# What becomes of a problem's row. SAME: nothing to do, such as a result that is still pending.
REFUSED, WAITING, SAME = "refused", "waiting", "same"
# What a name that is not known is: a column, a test, a unit.
HEADER, TEST, UNIT = "header", "test", "unit"
# How a sender writes its numbers or dates, among the names that a person may give a meaning.
WRITING = "writes"
# A test that is not interpreted here: counted by its name, nothing to do for anybody.
LEFT_OUT = "left_out"
# Statuses of a `LabRow` beside those of a stored result: the laboratory takes it back, or has no value.
WITHDRAWN, NO_VALUE = "withdrawn", "no_value"

# Said on the preview of formats in which the laboratory itself says what becomes of an earlier version.
DECLARED = (
    "Where the laboratory’s status says that a result replaces or withdraws an earlier one, "
    "storing does so without asking."
)


class FileRefused(Exception):
    """The whole file cannot be read. The sentence names the remedy and holds no patient data."""


class Unmapped(FileRefused):
    """Names that are not known keep the file from being read; a person may say what they mean.

    `foreign`: nothing in it is known at all. `unknown`: what a person may give a meaning.
    """

    def __init__(self, text: str, kind: str = "", foreign: bool = False, unknown: tuple = ()) -> None:
        super().__init__(text)
        self.kind, self.foreign, self.unknown = kind, foreign, unknown


@dataclass(frozen=True)
class UnknownName:
    """A name that is not known here: a column ("header"), a test or a unit, as the file writes it; or how the
    sender writes (`WRITING`): `said` is then a field of `SenderProfile`, and the example has two readings.

    `about`: the kind of file of a column, the analyte of a unit. `examples`: up to three cells, each with the
    MRN of its row.
    """

    what: str
    folded: str
    shown: str
    about: str = ""
    count: int = 0
    examples: tuple[tuple[str, str], ...] = ()
    # A column that may hold the results of a test.
    tests: bool = False

    @property
    def holds_rows(self) -> bool:
        """Whether rows wait for it; a column that is merely not read holds nothing back."""
        return self.what != "header" or self.tests


class FilePart:
    """One table of a file: all of a text file, or one sheet of a workbook by its name.

    `content` in memory, or `file` on a disk where it is large: the file is read from its beginning each time.
    `own`: nobody else has the file, it is closed when this part is no longer needed.
    """

    BLOCK = 1 << 20

    def __init__(
        self, content: bytes | None = None, sheet: str = "", file: BinaryIO | None = None, own: bool = False
    ) -> None:
        self._content, self.sheet, self._file = content, sheet, file
        if own:
            weakref.finalize(self, file.close)

    @property
    def content(self) -> bytes:
        return self.open().read()

    @property
    def head(self) -> bytes:
        """Enough of the beginning to tell formats apart."""
        return self.open().read(1 << 16)

    def open(self) -> BinaryIO:
        """From the beginning. One reader at a time; closing it closes nothing."""
        if self._file is None:
            return io.BytesIO(self._content)
        self._file.seek(0)
        return self._file

    def blocks(self) -> Iterator[bytes]:
        file = self.open()
        while block := file.read(self.BLOCK):
            yield block


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stood: row as a spreadsheet shows it, column name, and the row's cells.

    `words` name the place where a row number says nothing: "message 2, OBX 3", "entry 4".
    """

    row: int
    column: str
    cells: tuple[str, ...]
    words: str = ""

    @property
    def name(self) -> str:
        return self.words or f"row {self.row}"

    def at(self, column: str) -> "Place":
        return replace(self, column=column)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Several numbers that a sender gives one person: those in use, and those that it says are retired.

    `alike`: of one kind and issuer, so that nothing says which one counts.
    """

    live: tuple[str, ...]
    retired: tuple[str, ...] = ()
    alike: bool = False

    # Between them where they stand for an MRN.
    OR: ClassVar[str] = " or "

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.live, *self.retired)

    @property
    def several(self) -> "Numbers | None":
        """Itself where it is more than one number in use."""
        return self if self.retired or self.live[1:] else None

    @property
    def words(self) -> str:
        return self.OR.join(self.all)[:200]

    @classmethod
    def of(cls, live: Iterable[tuple[str, str]], retired: Iterable[str]) -> "Numbers":
        """`live`: each number with its issuer, in the order of the sender."""
        issuers: dict[str, str] = {}
        for number, issuer in live:
            issuers.setdefault(number, issuer)
        old = dict.fromkeys(number for number in retired if number not in issuers)
        return cls(tuple(issuers), tuple(old), len(set(issuers.values())) < len(issuers))


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose row it is by the sender's word, beside the MRN: compared with the record, never stored.

    `asks`: without a date of birth a person is asked. In a table that somebody uploads the number may speak
    alone. `whole`: the family name stands somewhere in `family_name`, which is the whole name. `numbers`:
    where the sender gives several, and the MRN stands for all of them.
    """

    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    asks: bool = True
    whole: bool = False
    numbers: Numbers | None = None

    @property
    def number_alone(self) -> bool:
        return self.asks and self.birth_date is None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """`settled`: the clinic has decided it before, nobody needs to look. `test`: name and code of the result
    that could not be read; of a test that is not kept here there is no problem."""

    place: Place
    text: str
    level: str = REFUSED
    settled: bool = False
    test: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class PatientRow:
    place: Place
    mrn: str
    family_name: str
    given_name: str
    sex: str
    birth_date: date
    died_on: date | None
    numbers: Numbers | None = None


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    place: Place
    mrn: str
    kind: str
    noted_on: date | None
    resolved_on: date | None
    codes: tuple[str, ...]
    note: str
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class RefutedRow:
    """A diagnosis that its sender refutes or calls an error: it is compared, and never stored."""

    place: Place
    mrn: str
    kind: str
    said: str
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Times without a zone are the sender's, days without a time the clinic's."""

    place: Place
    mrn: str
    kind: str
    label: str
    started_at: datetime
    ended_at: datetime | None
    grade: int | None
    route: str
    note: str
    stop_confirmed: bool = False
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class AnticoagulantRow:
    """Whether a person takes an anticoagulant: its kind and name, since when where that is told; none where
    `kind` is ""."""

    place: Place
    mrn: str
    kind: str = ""
    label: str = ""
    since: date | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class DeathRow:
    """A message says that a person of the record has died: it is compared, and adds no patient."""

    place: Place
    mrn: str
    died_on: date
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class LabRow:
    """One result as the file has it; the common check (patients.values.validation) reads test, value and unit.

    `order`: the laboratory's own name of this result, the same in each version that it sends.
    `declared`: the laboratory says by its status what becomes of an earlier version.
    `comment` belongs to the result, `draw_note` to the whole draw; `warning` asks a person to look.
    """

    place: Place
    mrn: str
    taken_at: datetime
    test: str
    value: str
    unit: str
    lower: str = ""
    upper: str = ""
    range_text: str = ""
    laboratory: str = ""
    method: str = ""
    code: str = ""
    status: str = "final"
    received_at: datetime | None = None
    verified_at: datetime | None = None
    order: str = ""
    declared: bool = False
    comment: str = ""
    draw_note: str = ""
    warning: str = ""
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class OtherRow(LabRow):
    """A result that is not interpreted and that the clinic keeps as it was sent. `key`: of the list of other
    tests, or the folded name; `name` as it is shown."""

    key: str = ""
    name: str = ""


Item = PatientRow | AnticoagulantRow | DeathRow | DiagnosisRow | RefutedRow | EventRow | LabRow | RowProblem


@dataclass(frozen=True)
class Parsed:
    """A whole file. `reason` says why it was refused; `items` holds every row read, in file order."""

    kind: str = ""
    format: str = ""
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    # Our name of a column -> the file's own.
    titles: dict[str, str] = field(default_factory=dict)
    decimal: str = "."
    # The mark between thousands, where numbers may have one.
    thousands: str = ""
    # A list, or `shapes.Items` that are made when they are asked for.
    items: Collection[Item] = field(default_factory=list)
    reason: str = ""
    # Number of the first row below the names of the columns; 0 where there are no rows.
    head: int = 0
    # The whole table is of one person, named above it.
    mrn: str = ""
    # What a person may give a meaning; `unmapped`: without that the file cannot be read; `foreign`: nothing
    # in it is known.
    unknown: tuple[UnknownName, ...] = ()
    unmapped: bool = False
    foreign: bool = False

    def only(self, rows: Collection[int]) -> "Parsed":
        """With the items of these rows alone, and the names that these do not know."""
        if hasattr(self.items, "only"):
            return replace(self, items=self.items.only(rows), unknown=())
        return replace(self, items=[item for item in self.items if item.place.row in rows])

    def knowing(self, unknown: tuple[UnknownName, ...]) -> "Parsed":
        return replace(self, unknown=unknown)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """With those that only all items tell: ask when all were made."""
        return (*self.notes, *getattr(self.items, "notes", ()))

    @property
    def all_unknown(self) -> tuple[UnknownName, ...]:
        return (*self.unknown, *getattr(self.items, "unknown", ()))

    @property
    def whole(self) -> "Parsed":
        """With all items made."""
        items = list(self.items)
        return replace(self, notes=self.all_notes, unknown=self.all_unknown, items=items)
