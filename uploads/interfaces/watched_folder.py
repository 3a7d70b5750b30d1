"""A folder in which files of results appear: each is stored once it is whole, then put away. So is a folder in it as
a FHIR Bulk Data export leaves it.

Nothing is deleted. A file is moved after it was stored: killed in between, it is stored again, which changes
nothing.
"""

import fcntl
import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import Error as DatabaseError

from uploads.importers.bulk.arrival import state_of, what_is_missing
from uploads.importers.bulk.packing import is_unfinished

DONE, FAILED, OUTCOMES, LOCK = "done", "failed", "outcomes", ".watch.lock"
# A file that makes the program fail is put away after so many tries, or the others would never get through.
TRIES = 3
logger = logging.getLogger(__name__)

# Stores these files together and says why a file was refused, by its name; "" for one that was stored.
Store = Callable[[list[Path]], dict[str, str]]


class FolderBusy(Exception):
    """Another process watches this folder."""


@dataclass
class WatchedFolder:
    """`settle`: seconds for which size and time of a file must not have changed. `largest`: bytes at once."""

    folder: Path
    store: Store
    say: Callable[[str], None]
    settle: float
    largest: int
    _seen: dict[str, tuple] = field(default_factory=dict)
    _tries: dict[str, int] = field(default_factory=dict)
    # Of folders that are not whole: what was said of them last.
    _told: dict[str, str] = field(default_factory=dict)

    def round(self, now: float) -> int:
        """Stores what is whole by now, and gives how many files were refused.

        Raises DatabaseError while the database cannot be reached: the files stay where they are.
        """
        return sum(self._store(files) for files in self._batches(self.whole(now)))

    def whole(self, now: float) -> list[Path]:
        """Files and exports that were the same at an earlier look, `settle` seconds ago or more."""
        seen, found = {}, []
        for path in sorted(self.folder.iterdir()):
            about = _about(path)
            if about is None:
                continue
            first, since = self._seen.get(path.name, (None, now))
            seen[path.name] = (about, since if first == about else now)
            if first == about and now - since >= self.settle and self._has_all(path, about):
                found.append(path)
        self._seen = seen
        return found

    def _has_all(self, path: Path, about: tuple[int, ...]) -> bool:
        """Of a folder whether it is whole: why not is said once."""
        try:
            missing = what_is_missing(path, about[-1]) if path.is_dir() else ""
        except OSError as error:
            missing = f"it cannot be read ({error.strerror})"
        if missing and self._told.get(path.name) != missing:
            self.say(f"{path.name}: waits: {missing}.")
            self._told[path.name] = missing
        return not missing

    def _batches(self, paths: list[Path]) -> Iterator[list[Path]]:
        """Together as far as memory allows: patients in one file come before their results in another."""
        batch, size = [], 0
        for path in paths:
            own = self._seen[path.name][0][0]
            if batch and size + own > self.largest:
                yield batch
                batch, size = [], 0
            batch.append(path)
            size += own
        if batch:
            yield batch

    def _store(self, files: list[Path]) -> int:
        try:
            reasons = self.store(files)
        except DatabaseError:
            raise
        except Exception as error:
            if len(files) > 1:
                # One of them, perhaps: the others must not wait for it.
                return sum(self._store([file]) for file in files)
            return self._failed(files[0], error)
        return sum(self._put_away(file, reasons.get(file.name, "")) for file in files)

    def _failed(self, file: Path, error: Exception) -> int:
        """Not the file's fault as far as is known: tried again, with the error in the log."""
        tries = self._tries[file.name] = self._tries.get(file.name, 0) + 1
        logger.error("watch: storing a file failed with %s, try %d", type(error).__name__, tries)
        if tries < TRIES:
            self.say(f"{file.name}: failed ({type(error).__name__}); it will be tried again.")
            return 0
        why = f"Storing it failed {tries} times ({type(error).__name__}). Nothing of it was stored."
        return self._put_away(file, f"{why} Tell the system administrator.")

    def _put_away(self, file: Path, reason: str) -> int:
        if file.is_dir() and file.name in self._seen and _about(file) != self._seen[file.name][0]:
            # More came while it was stored: all of it is taken again, and what is stored already stays as it is.
            return 0
        target = _free(self.folder / (FAILED if reason else DONE) / file.name)
        target.parent.mkdir(exist_ok=True)
        if reason:
            target.with_name(f"{target.name}.why.txt").write_text(f"{reason}\n", encoding="utf-8")
        os.replace(file, target)
        self._seen.pop(file.name, None)
        self._tries.pop(file.name, None)
        self._told.pop(file.name, None)
        return int(bool(reason))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the folder. Raises Busy while another process does."""
    with open(folder / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy from None
        yield


def _about(path: Path) -> tuple[int, ...] | None:
    """Size and time of a file or export that may be taken; None for other folders, links and what is being written."""
    if is_unfinished(path) or path.name in (DONE, FAILED, OUTCOMES):
        return None
    try:
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            return state_of(path)
    except FileNotFoundError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _free(path: Path) -> Path:
    """This name, or one with the time in it where an earlier file bears it."""
    if not path.exists():
        return path
    stamped = path.with_name(f"{path.stem}.{datetime.now():%Y%m%dT%H%M%S%f}{path.suffix}")
    return stamped
