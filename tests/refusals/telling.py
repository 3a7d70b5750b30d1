"""What the product says to a file: the sentences of its uploads, as a person reads them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction

from uploads import actions
from uploads.profiles import learn

# What changes from day to day.
_TODAY = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}(?:,| at) \d\d:\d\d")


@dataclass(frozen=True)
class FileCase:
    """Files stored one after another; the sentences of the last are told. `said`: of the sender's profile;
    `name`: of the last file."""

    files: tuple[bytes, ...]
    said: dict[str, str] = field(default_factory=dict)
    name: str = "file.csv"
    asked: dict[str, bool] = field(default_factory=dict)


def case(*files: bytes, name: str = "file.csv", asked: dict | None = None, **said: str) -> FileCase:
    return FileCase(files, said, name, asked or {})


def told_by(found: FileCase, clinic, by) -> list[str]:
    """The case is tried in a clinic as it was before, and leaves nothing."""
    with untouched():
        uploads = stored_by(found, clinic, by)
        return [line for upload in uploads for line in sentences_of(upload)]


def stored_by(found: FileCase, clinic, by) -> list:
    """The uploads of its last file."""
    for name, value in found.said.items():
        learn(clinic=clinic, sender="LIS", by=by, field=name, value=value)
    about = {"clinic": clinic, "by": by, "sender": "LIS"} | found.asked
    return [actions.store(contents=[(found.name, content)], **about) for content in found.files][-1]


@contextmanager
def untouched() -> Iterator[None]:
    """The record is afterwards as it was before."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sentences_of(upload) -> list[str]:
    lines = [f"File: {upload.reason}"] if upload.reason else []
    lines += [f"Note: {upload.notes}"] if upload.notes else []
    for row in upload.rows.order_by("id"):
        if row.reason:
            mark = " (marked)" if row.flagged else ""
            lines.append(f"{row.where} [{row.outcome}]{mark}: {row.reason}")
    return [steady(line) for line in lines]


def steady(line: str) -> str:
    return _TODAY.sub("DAY", line)


def written(told: dict[str, list[str]]) -> str:
    """A golden text: each case over its sentences."""
    parts = ["\n".join([name, *(f"    {line}" for line in lines)]) for name, lines in told.items()]
    return "\n\n".join(parts) + "\n"
