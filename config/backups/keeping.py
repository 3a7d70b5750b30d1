"""Lets old backups go: whole ones of this installation, the oldest first, and nothing else."""

from pathlib import Path

from django.core.management.base import CommandError

from config.backups import archive
from config.backups.archive import Archive


def keep_latest(folder: Path, number: int, latest: Archive) -> list[Path]:
    """Gives those that were deleted. `latest` is whole and checked, and stays."""
    of_us = [one for one in whole_in(folder) if one.manifest.record == latest.manifest.record]
    of_us.sort(key=lambda one: one.manifest.made_at)
    old = [one.path for one in of_us[:-number] if one.path != latest.path]
    for path in old:
        path.unlink()
    return old


def whole_in(folder: Path) -> list[Archive]:
    found = []
    for path in folder.glob(f"{archive.PREFIX}*{archive.ENDING}"):
        try:
            found.append(archive.open_archive(path))
        except CommandError:
            # Not whole, or not ours: not for us to delete.
            continue
    return found
