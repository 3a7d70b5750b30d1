"""The files of an export as one archive, from a folder of a disk or as somebody chose them.

The same files give the same bytes, so that the same export is known again.
"""

import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from ..records import FilePart
from .lines import GZIP, MARK, NAMES, ZIP, sniff
from .manifest import manifest_of

# Names under which programs write what is not finished; and whatever begins with a point.
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".swp", "~")
# Before the first day that an archive can name there is none.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_SPACE = b" \t\r\n\xef\xbb\xbf"
_BLOCK = 1 << 20
# A manifest is shorter than what is looked at of a file.
_HEAD = 1 << 16


def is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") or path.name.casefold().endswith(UNFINISHED)


def files_of(folder: Path) -> Iterator[Path]:
    """The files of an export in the order of their names; no links, and nothing that is being written."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_unfinished(Path(name)))
        for path in sorted(Path(place) / name for name in names):
            if not is_unfinished(path) and stat.S_ISREG(path.lstat().st_mode):
                yield path


def is_json(path: Path) -> bool:
    """Whether a file begins as JSON does, or is packed: attachments and papers lie beside an export."""
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(GZIP) or start.lstrip(_SPACE).startswith(b"{")


def pack(folder: Path, target: BinaryIO) -> int:
    """Writes an archive of the folder's files; gives how many. OSError: one of them cannot be read."""
    found = [path for path in files_of(folder) if is_json(path)]
    with _archive(target) as archive:
        for path in found:
            with path.open("rb") as file:
                _add(archive, path.relative_to(folder).as_posix(), file)
    target.seek(0)
    return len(found)


def united(
    contents: list[tuple[str, FilePart]], new_file: Callable[[], BinaryIO]
) -> list[tuple[str, FilePart]]:
    """Files that were chosen together, those of one export as one archive in a new file: they refer to each other."""
    own = [named for named in contents if _is_of_export(*named)]
    if len(own) < 2:
        return contents
    target = new_file()
    with _archive(target) as archive:
        for name, part in sorted(own, key=itemgetter(0)):
            _add(archive, name, part.open())
    rest = [named for named in contents if named not in own]
    return [*rest, (f"{len(own):,} files of FHIR Bulk Data", FilePart(file=target, own=True))]


def _is_of_export(name: str, part: FilePart) -> bool:
    if part.head.startswith(ZIP):
        return False
    is_manifest = (
        name.lower().endswith(".json") and len(part.head) < _HEAD and manifest_of(part.content) is not None
    )
    return is_manifest or bool(NAMES.search(name)) or sniff(part)


def _archive(target: BinaryIO) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    archive.comment = MARK
    return archive


def _add(archive: zipfile.ZipFile, name: str, file: BinaryIO) -> None:
    entry = zipfile.ZipInfo(name, _NO_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as packed:
        shutil.copyfileobj(file, packed, _BLOCK)
