"""The file of a backup: a ZIP of manifest, dump and checksums, which unzip, age and pg_restore read without us.

It is written under another name and gets its own once it is whole and on the disk.
"""

import fcntl
import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from django.core.management.base import CommandError

from config.backups import manifest
from config.backups.manifest import Manifest

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DUMP, ENCRYPTED = "database.dump", "database.dump.age"
PREFIX, ENDING, UNFINISHED = "liver-inr-", ".zip", ".part"
PIECE = 1024 * 1024
DAMAGED = "{} is damaged: {}. Take another backup; nothing was changed."
NO_BACKUP = "it is cut off, or was never a backup of this product"


class Archive(NamedTuple):
    path: Path
    manifest: Manifest

    @property
    def dump_name(self) -> str:
        return ENCRYPTED if self.manifest.is_encrypted else DUMP

    @contextmanager
    def dump(self) -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(self.path) as whole, whole.open(self.dump_name) as member:
            yield member

    def check(self) -> None:
        """Reads all of it; CommandError where a byte is not as it was written."""
        try:
            with zipfile.ZipFile(self.path) as whole:
                for line in whole.read(SUMS).decode().splitlines():
                    told, name = line.split("  ", 1)
                    if _digest(whole, name) != told:
                        raise CommandError(DAMAGED.format(self.path, f"{name} has another checksum"))
        except (zipfile.BadZipFile, EOFError, ValueError) as error:
            raise CommandError(DAMAGED.format(self.path, str(error).rstrip("."))) from None


def open_archive(path: Path) -> Archive:
    """Looks at its parts, not at each byte of them; CommandError where it is no whole backup."""
    try:
        with zipfile.ZipFile(path) as whole:
            names, text = set(whole.namelist()), whole.read(MANIFEST).decode()
    except FileNotFoundError:
        raise CommandError(f"{path} is not there.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError):
        raise CommandError(DAMAGED.format(path, NO_BACKUP)) from None
    found = manifest.read(text)
    if found is None or not {SUMS, ENCRYPTED if found.is_encrypted else DUMP} <= names:
        raise CommandError(DAMAGED.format(path, NO_BACKUP))
    return Archive(path, found)


class Writing:
    """An archive that is being written, member by member; the checksums come last."""

    def __init__(self, part: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(part, "w")
        self.sums: list[str] = []

    def __enter__(self) -> "Writing":
        return self

    def __exit__(self, kind: type | None, *failure: object) -> None:
        if kind is None:
            self.zip.writestr(SUMS, "".join(self.sums))
            self.zip.close()
        else:
            # It goes, and the disk may be full.
            with suppress(OSError):
                self.zip.close()

    @contextmanager
    def member(self, name: str) -> Iterator["Checksummed"]:
        with self.zip.open(name, "w", force_zip64=True) as target:
            summed = Checksummed(target)
            yield summed
        self.sums.append(f"{summed.digest.hexdigest()}  {name}\n")


class Checksummed:
    """Passes on what is written and knows its checksum; `failure` is kept, for a library says it in words alone."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.digest, self.failure = target, hashlib.sha256(), None

    def write(self, piece: bytes) -> int:
        try:
            self.target.write(piece)
        except OSError as error:
            self.failure = error
            raise
        self.digest.update(piece)
        return len(piece)

    def flush(self) -> None:
        pass


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file of this name, once the block has ended well: whole and on the disk, or not there at all."""
    part = path.with_name(path.name + UNFINISHED)
    opened = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with open(opened, "w+b") as file:
        # Who is killed lets go of it: that is how the next one knows that nobody writes it any more.
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def forget_unfinished(folder: Path) -> None:
    """Takes away what a backup left that was killed; what another one writes stays."""
    for part in folder.glob(f"{PREFIX}*{UNFINISHED}"):
        with part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            part.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(whole: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with whole.open(name) as member:
        while piece := member.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
