"""The files of a batch: read, in their order, and their rows chunk by chunk."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from patients.actions.people import INVISIBLE
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.items import Items, TableRows
from uploads.importers.main import USUAL, read_file, read_part
from uploads.importers.meanings import Meanings
from uploads.importers.profile import NOTHING_SET, WritingProfile
from uploads.importers.records import FilePart, Item, Parsed, RowProblem
from uploads.importers.row_buffer import OverflowFile, PartitionedRows

from .numbers import numbers_in
from .tally import OutcomeTally

ORDER = ("patients", "record", "diagnoses", "events", "labs", "")
# So many rows are matched and written at a time.
CHUNK = 5000
# What has been read, or rows of a table of which nobody has made items yet.
Rows = TableRows | list[Item]


@dataclass
class ReadFile:
    """One file, or one sheet of a workbook, with what was read and what became of its rows."""

    name: str
    part: FilePart
    parsed: Parsed
    # With which it was read.
    profile: WritingProfile = NOTHING_SET
    tally: OutcomeTally = field(default_factory=OutcomeTally)


@dataclass(frozen=True)
class StoreOptions:
    """What a person said beside “store”. `arrived`: when a message came in."""

    apply_changes: bool = False
    accept_questions: bool = False
    arrived: datetime | None = None

    @property
    def nothing(self) -> bool:
        return not (self.apply_changes or self.accept_questions)

    @property
    def as_previewed(self) -> "StoreOptions":
        """As the preview was made."""
        return StoreOptions(arrived=self.arrived)


def read(
    contents: list[tuple[str, FilePart | bytes]],
    meanings: Meanings,
    limits: WorkbookLimits = USUAL,
    progress: object = None,
) -> list[ReadFile]:
    """The files and sheets in the order in which they are stored; the record is not asked. `progress`: as of
    `read_file`."""
    files = [
        ReadFile(name, part, parsed, meanings.profile)
        for name, content in contents
        for part, parsed in read_file(content, INVISIBLE, meanings, limits, lazy=True, progress=progress)
    ]
    return _in_order(files)


def read_again(
    parts: list[tuple[str, FilePart]],
    meanings: Meanings,
    limits: WorkbookLimits = USUAL,
    progress: object = None,
) -> list[ReadFile]:
    """As `read`, for what waits: each name and the part of its file that was kept."""
    how = {"lazy": True, "progress": progress}
    read = ((name, part, read_part(part, INVISIBLE, meanings, limits, **how)) for name, part in parts)
    return _in_order([ReadFile(*file, meanings.profile) for file in read])


def part_of(content: FilePart | bytes) -> FilePart:
    return content if isinstance(content, FilePart) else FilePart(content)


def _in_order(files: list[ReadFile]) -> list[ReadFile]:
    return sorted(files, key=lambda file: ORDER.index(file.parsed.kind))


def chunks(files: list[ReadFile], folder: str | None = None) -> Iterator[list[Rows]]:
    """The rows of all files, some thousand at a time, for each file.

    Whatever is said of one person is in one chunk: rows are judged beside the others of their draw, and by
    what earlier files bring. A small batch is one chunk, in its own order. The rows of a large one wait
    sorted in `folder`: memory holds one chunk.
    """
    count = sum(len(file.parsed.items) for file in files)
    if count <= CHUNK:
        yield [_whole(file.parsed.items) for file in files]
        return
    size, overflow = -(-count // CHUNK), OverflowFile(folder)
    sorted_rows = [_sorted(file.parsed, size, overflow) for file in files]
    for number in range(size):
        yield [take(number) for take in sorted_rows]


def _whole(items: Collection[Item]) -> Rows:
    return TableRows(items, list(items.rows)) if isinstance(items, Items) else list(items)


def _sorted(parsed: Parsed, size: int, overflow: OverflowFile) -> Callable[[int], Rows]:
    """The rows of a file sorted into parts by whose they are; gives a part."""
    parts, items = PartitionedRows(size, overflow), parsed.items
    if isinstance(items, Items):
        for row in items.rows:
            parts.add(crc32(items.mrn_of(row).encode()) % size, row)
        return lambda number: TableRows(items, parts.take(number))
    for item in items:
        parts.add(crc32(_mrn_of(item).encode()) % size, item)
    return parts.take


def _mrn_of(item: Item) -> str:
    return "" if isinstance(item, RowProblem) else item.mrn


def people_in(files: list[ReadFile]) -> set[str]:
    """Every MRN in them."""
    found: set[str] = set()
    for file in files:
        items = file.parsed.items
        if isinstance(items, Items):
            found.update(map(items.mrn_of, items.rows))
        else:
            found.update(map(_mrn_of, items), numbers_in(items))
    return found - {""}


def mrns_in(items: Iterable[Iterable[Item]]) -> set[str]:
    """Of the rows that could be read."""
    return {item.mrn for chosen in items for item in chosen if not isinstance(item, RowProblem)}
