"""Reads what script/lock has written: each package with its version and the hashes of its files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
# Each entry begins a line; its hashes, and who wants it, stand indented below.
ENTRY = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)


class Locked(NamedTuple):
    """`wanted_by`: the names of packages, or the list that asks for it itself (`-r requirements.txt`)."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]

    def line(self) -> str:
        """As pip reads it, without the marker."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash={each}" for each in self.hashes)])


def read(path: Path = LOCK) -> list[Locked]:
    """Every package of a lock, in its order."""
    _, *entries = ENTRY.split(path.read_text(encoding="utf-8"))
    return [_entry(text) for text in entries]


def wanted_on(locked: list[Locked], python: str, machine: str) -> list[Locked]:
    """Those that Linux with this Python (`3.12`) and processor (`x86_64`) needs."""
    environment = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    return [each for each in locked if each.marker is None or each.marker.evaluate(environment)]


def wanted_here(locked: list[Locked]) -> list[Locked]:
    """Those that this machine needs."""
    return [each for each in locked if each.marker is None or each.marker.evaluate()]


def _entry(text: str) -> Locked:
    asked = Requirement(text.partition("\\")[0].strip())
    [pinned] = asked.specifier
    hashes = tuple(HASH.findall(text))
    return Locked(
        canonicalize_name(asked.name), pinned.version, asked.marker, hashes, tuple(_wanted_by(text))
    )


def _wanted_by(text: str) -> Iterator[str]:
    for comment in re.findall(r"^    # +(.+)$", text, re.MULTILINE):
        if name := comment.removeprefix("via").strip():
            yield name
