"""How much room the disks have, and what is no longer taken because of it, before they are full.

Below DISK_FREE_MB no files and no messages; below a fifth of it nothing is saved at all. Reading goes on.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

MB = 1024 * 1024
# Of DISK_FREE_MB: from where on it is said, and from where on nothing is saved.
NEARLY, NOTHING = 4, 0.2
NO_ROOM = "the disk is nearly full: nothing more is taken in. Send it again once there is room."


@dataclass(frozen=True)
class Disk:
    """In bytes; of the place with the least room, that of VAR_DIR or that of the embedded database."""

    place: Path
    free: int
    total: int

    @property
    def is_nearly_full(self) -> bool:
        return self.free < NEARLY * settings.DISK_FREE_MB * MB

    @property
    def is_short(self) -> bool:
        return self.free < settings.DISK_FREE_MB * MB

    @property
    def is_full(self) -> bool:
        return self.free < NOTHING * settings.DISK_FREE_MB * MB

    @property
    def free_mb(self) -> int:
        return self.free // MB


def disk() -> Disk:
    places = (
        [settings.VAR_DIR] if settings.DATABASE_URL else [settings.VAR_DIR, settings.VAR_DIR / "postgres"]
    )
    return min((_disk(place) for place in places), key=lambda disk: disk.free)


def _disk(place: Path) -> Disk:
    usage = shutil.disk_usage(place)
    return Disk(place, usage.free, usage.total)
