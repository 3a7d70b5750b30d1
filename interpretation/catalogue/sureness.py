"""How sure an entry is, told by its sources alone: nobody grades his own sentence."""

from collections.abc import Iterable

from ..words import listed

# Word of each, in the order in which they are said. "names": only what things are called, no claim.
SURENESS = {
    "sourced": "sourced",
    "computed": "computed",
    "general": "general knowledge",
    "design": "design choice",
    "mixed": "mixed",
    "reference": "reference",
    "names": "names only",
    "none": "no source",
}
_OF_SOURCE = {"GK": "general", "ED": "design", "C": "computed"}
_PARTS = ("sourced", "computed", "general", "design")


def surely(sources: Iterable[str], own: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Which of sourced, computed, general knowledge and design choice an entry rests on.

    `own`: sources of our own statements (X_...), which are as sure as those. A numbered statement (S...)
    is the source document's, so it counts as a source.
    """
    found = {kind for source in sources for kind in _kinds(source, own)}
    return tuple(part for part in _PARTS if part in found)


def _kinds(source: str, own: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    if source.startswith("X_"):
        return surely((inner for inner in own.get(source, ()) if not inner.startswith("X_")), own)
    return (_OF_SOURCE.get(source, "sourced"),)


def level(parts: tuple[str, ...]) -> str:
    """One word of SURENESS: that of the only part, or "mixed"."""
    if not parts:
        return "none"
    return parts[0] if len(parts) == 1 else "mixed"


def in_words(parts: tuple[str, ...]) -> str:
    """ "sourced and design choice"; "sourced, general knowledge and design choice"."""
    return listed([SURENESS[part] for part in parts]) or SURENESS["none"]
