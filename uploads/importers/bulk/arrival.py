"""Whether a folder that appears is an export, and whether all of it is there."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from .lines import LONGEST, NAMES
from .manifest import ExportManifest, manifest_of
from .packing import is_unfinished

# Between two files of an export its client may wait: seconds without any change after which a folder that holds no
# manifest is taken to be whole.
QUIET = 60
# What a client writes of its own doings.
_LOG = "log.ndjson"
_MANIFEST = "manifest.json"


def state_of(folder: Path) -> tuple[int, int, int] | None:
    """Bytes, number and newest time of what is in an export: another one while it is written. None of a folder that
    is none, or in which a file bears the name of what is unfinished."""
    size = number = newest = known = 0
    for path in _everything(folder):
        if is_unfinished(path) and not path.name.startswith("."):
            return None
        about = path.lstat()
        known += bool(NAMES.search(path.name)) or path.name == _MANIFEST
        size, number, newest = size + about.st_size, number + 1, max(newest, about.st_ctime_ns)
    return (size, number, newest) if known else None


def what_is_missing(folder: Path, newest: int, now: float | None = None) -> str:
    """Why an export that does not change just now may still not be whole; "" where it is. `newest`: as of `state_of`;
    `now`: by the clock."""
    manifest = _manifest(folder)
    if manifest is None:
        now = time.time() if now is None else now
        return f"no manifest, and files came within {QUIET} seconds" if now - newest / 1e9 < QUIET else ""
    promised = {*manifest.files, *manifest.errors} - {""}
    here = {path.name for path in _everything(folder) if NAMES.search(path.name) and path.name != _LOG}
    # A client may give the files names of its own.
    if promised <= here or len(here) >= len(promised):
        return ""
    return f"{len(here):,} of the {len(promised):,} files of its manifest are here"


def _manifest(folder: Path) -> ExportManifest | None:
    whole: ExportManifest | None = None
    for path in sorted(folder.glob("*.json")):
        found = manifest_of(path.read_bytes()) if path.stat().st_size <= LONGEST else None
        if found and whole:
            whole.add(found)
        whole = whole or found
    return whole


def _everything(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield Path(place) / name
