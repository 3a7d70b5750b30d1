"""Passwords that others have lost: refused by a list that the site provides. Nothing is asked of anybody outside."""

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, ValidationError

REFUSED = "This password stands in a list of stolen ones. Choose another."
PREFIX = 5
HASHED = re.compile(rb"[0-9A-Fa-f]{40}(:|\s|$)")
UNREADABLE = (
    "BREACHED_PASSWORDS: {path} cannot be read ({why}). Name a file or a folder that this user may read."
)


class BreachedPasswordValidator:
    """`path`: a folder of ranges (a file a prefix), a file of SHA-1 digests in order, or one of plain passwords."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        try:
            self.is_hashed = self.path.is_file() and _begins_hashed(self.path)
            self.is_folder = bool(self.path.is_dir() and os.listdir(self.path))
        except OSError as error:
            raise ImproperlyConfigured(UNREADABLE.format(path=path, why=error.strerror)) from None
        if not self.path.is_file() and not self.is_folder:
            raise ImproperlyConfigured(UNREADABLE.format(path=path, why="nothing is there"))

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if self._has(password):
            raise ValidationError(REFUSED, "password_breached")

    def get_help_text(self) -> str:
        return "Your password must stand in no list of stolen passwords."

    def _has(self, password: str) -> bool:
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if self.is_folder:
            return _in_range(self.path, digest)
        if self.is_hashed:
            return _in_order(self.path, digest.encode())
        return _plain(self.path, password.encode())


def _begins_hashed(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(HASHED.match(file.readline(200)))


def _in_range(folder: Path, digest: str) -> bool:
    """A file is named by the first five digits and holds the rest of each digest, a line each."""
    prefix, rest = digest[:PREFIX], digest[PREFIX:].encode()
    for name in (prefix, f"{prefix}.txt", prefix.lower(), f"{prefix.lower()}.txt"):
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                return any(line[: len(rest)].upper() == rest for line in file)
    return False


def _in_order(path: Path, digest: bytes) -> bool:
    """By halving: a list of a thousand million takes some forty reads."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            begin, line = _line_from(file, middle)
            found = line[: len(digest)].upper()
            if found == digest:
                return True
            if not line or begin >= high or found > digest:
                high = middle
            else:
                low = begin + len(line)
    return False


def _line_from(file: BinaryIO, place: int) -> tuple[int, bytes]:
    """The first line that begins at this place or after it, and where it begins."""
    if place:
        file.seek(place - 1)
        file.readline()
    else:
        file.seek(0)
    return file.tell(), file.readline()


def _plain(path: Path, password: bytes) -> bool:
    with path.open("rb") as file:
        return any(line.rstrip(b"\r\n") == password for line in file)
