"""The lines of an export: of one file by itself, or of every file of an archive; gzip is undone."""

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from ..records import FilePart, FileRefused
from ..signs import one_line

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
# Said in an archive that this product has packed from a folder.
MARK = b"FHIR Bulk Data"
# A line that is longer is no resource, nor is a manifest.
LONGEST = 16 << 20
# What an export may unpack to, in all.
MOST = 32 << 30
# How files of resources are called; many an export calls them otherwise.
NAMES = re.compile(r"\.(?:ndjson|jsonl)(?:\.gz)?$", re.IGNORECASE)
_BUFFER = 1 << 16
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
_BOM = b"\xef\xbb\xbf"
# So much of a place is kept; of a name its end tells files apart.
_NAME = 40


@dataclass(frozen=True, slots=True)
class ExportLine:
    """`file`: "" where there is one alone. `whole`: a line break ends it. `broken`: why nothing behind the lines before
    it can be read; there is no content then."""

    file: str
    number: int
    content: bytes = b""
    whole: bool = True
    broken: str = ""

    @property
    def place(self) -> str:
        """ "line 12 of Observation.000.ndjson"."""
        name = one_line(self.file)
        name = name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"
        return f"line {self.number} of {name}" if name else f"line {self.number}"


def sniff(part: FilePart) -> bool:
    """An archive that holds files of resources, or a text whose lines are resources."""
    head = part.head
    if head.startswith(ZIP):
        return _is_export(part.open())
    if head.startswith(GZIP):
        head = _unpacked_head(part)
    lines = [line.strip() for line in head.removeprefix(_BOM).splitlines() if line.strip()]
    # The last one may be cut off by the end of what is looked at.
    return len(lines) > 1 and lines[0].startswith(b"{") and any(map(_is_resource, lines[:2]))


class ExportFiles:
    """What an upload holds, file by file: read it to the end before the next one is asked for."""

    def __init__(self, part: FilePart) -> None:
        self._part, self._read = part, 0
        self._archive = zipfile.ZipFile(part.open()) if part.head.startswith(ZIP) else None
        self.names = sorted(self._archive.namelist()) if self._archive else [""]
        self.names = [name for name in self.names if not name.endswith("/")]

    @property
    def is_folder(self) -> bool:
        return self._archive is not None

    def lines(self, name: str) -> Iterator[ExportLine]:
        """The lines that hold something; where the file breaks off a last one that says so. A file that is one
        resource over many lines is one."""
        if name.lower().endswith(".json") and _is_resource(content := self.whole(name)):
            yield ExportLine(name, 1, content)
            return
        number = 0
        try:
            with self._opened(name) as file:
                for number, (content, whole) in enumerate(self._pieces(file), 1):
                    if content:
                        yield ExportLine(name, number, content, whole)
        except _BROKEN:
            yield ExportLine(name, number + 1, broken=_CUT_OFF)

    def whole(self, name: str) -> bytes:
        """The file, as far as a manifest may be long; b"" where it is longer or broken."""
        try:
            with self._opened(name) as file:
                content = file.read(LONGEST + 1)
        except _BROKEN:
            return b""
        return content if len(content) <= LONGEST else b""

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        if self._archive is None:
            yield _unpacked(self._part.open())
            return
        with self._archive.open(name) as packed:
            yield _unpacked(io.BufferedReader(packed, _BUFFER))

    def _pieces(self, file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
        """Each line and whether it ends; of one that is too long its beginning, which is no JSON."""
        first = True
        while piece := file.readline(LONGEST):
            self._count(piece)
            line, whole = piece.removeprefix(_BOM) if first else piece, piece.endswith(b"\n")
            while not piece.endswith(b"\n") and (piece := file.readline(LONGEST)):
                self._count(piece)
                line, whole = line[:LONGEST], True
            yield line.strip(), whole
            first = False

    def _count(self, piece: bytes) -> None:
        self._read += len(piece)
        if self._read > 2 * MOST:
            raise FileRefused(
                f"The files unpack to more than {MOST >> 30} GB. Export in parts (_since, _type) and upload those."
            )


_CUT_OFF = (
    "the file is damaged or cut off here, and nothing behind this can be read. Export it again; what stands before it "
    "was read."
)


def _is_export(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.comment == MARK or any(map(NAMES.search, archive.namelist()))
    except _BROKEN:
        return False


def _unpacked(file: BinaryIO) -> BinaryIO:
    start = file.read(len(GZIP))
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if start == GZIP else file


def _unpacked_head(part: FilePart) -> bytes:
    try:
        return gzip.GzipFile(fileobj=part.open()).read(1 << 16)
    except _BROKEN:
        return b""


def _is_resource(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)
