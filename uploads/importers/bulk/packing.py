"""A folder of a disk as one archive: the same files give the same bytes, so that the same export is known again."""

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .lines import GZIP, MARK

# Names under which programs write what is not finished; and whatever begins with a point.
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".swp", "~")
# Before the first day that an archive can name there is none.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_SPACE = b" \t\r\n\xef\xbb\xbf"
_BLOCK = 1 << 20


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
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.comment = MARK
        for path in files_of(folder):
            if not is_json(path):
                continue
            count += 1
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _NO_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as packed:
                shutil.copyfileobj(file, packed, _BLOCK)
    target.seek(0)
    return count
