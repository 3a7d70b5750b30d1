"""What the sender says of an export in its manifest (`transactionTime`, `output`, `error` ...): read, never obeyed."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_EXPORT = re.compile(r"(https?://[^?]+?)(?:/Patient|/Group/[^/?]+)?/\$export/?(?:\?|$)")


@dataclass
class ExportManifest:
    """`counts`: how many resources of a type it promises, where it does. `files`: their names, as their addresses
    end. `errors`: those of the files that say what could not be exported."""

    base: str = ""
    files: list[str] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    # Types of which a file has no count.
    uncounted: set[str] = field(default_factory=set)
    # Whether there is any.
    was_sent: bool = False

    @property
    def is_of_nothing(self) -> bool:
        """Of an export that found nothing, as one does of what is new since the last."""
        return self.was_sent and not self.files and not self.errors

    def add(self, other: "ExportManifest") -> None:
        """An export may have several, one a part."""
        self.was_sent |= other.was_sent
        self.base = self.base or other.base
        self.files += other.files
        self.errors |= other.errors
        self.counts += other.counts
        self.uncounted |= other.uncounted

    def short_of(self, found: Counter[str]) -> list[str]:
        """ "2 of 3 Patient" of each type of which less is there than it promises."""
        promised = (
            (kind, count) for kind, count in sorted(self.counts.items()) if kind not in self.uncounted
        )
        return [
            f"{found[kind]:,} of {count:,} {kind[:40]}" for kind, count in promised if found[kind] < count
        ]


def manifest_of(content: bytes) -> ExportManifest | None:
    """None where this is none."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(data, dict)
        or "transactionTime" not in data
        or not isinstance(data.get("output"), list)
    ):
        return None
    made = ExportManifest(_base(data.get("request")), was_sent=True)
    made.files = [*_names(data["output"]), *_names(data.get("deleted"))]
    made.errors = set(_names(data.get("error")))
    for one in filter(_is_object, data["output"]):
        kind, count = one.get("type"), one.get("count")
        if isinstance(kind, str) and isinstance(count, int):
            made.counts[kind] += count
        elif isinstance(kind, str):
            made.uncounted.add(kind)
    return made


def _names(listed: object) -> Iterable[str]:
    if isinstance(listed, list):
        for one in filter(_is_object, listed):
            if isinstance(one.get("url"), str):
                yield PurePosixPath(unquote(urlsplit(one["url"]).path)).name


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _base(request: object) -> str:
    """The server's address, from that by which the export was asked for."""
    found = _EXPORT.match(request) if isinstance(request, str) else None
    return found[1] if found else ""
