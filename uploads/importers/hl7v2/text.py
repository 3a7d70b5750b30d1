"""Bytes of a file or connection to messages of segments: marks, character sets and line ends."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from uploads.importers.formats.text import decode, encoding_of

from ..records import FilePart, FileRefused

# Longer ones hold no laboratory result, but pictures or noise.
SEGMENT = 100_000
# No laboratory sends more of them in one message; while it is taken apart each needs some 10 KB of memory.
SEGMENTS = 10_000
_FRAME = bytes([0x0B, 0x1C])
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STARTS = re.compile(rb"(MSH|FHS|BHS)[^A-Za-z0-9,;\s]")
_ENDS = re.compile(r"\r\n|\r|\n")
_WRAPPERS = ("FHS", "BHS", "BTS", "FTS")
# MSH-18, HL7 table 0211. "ASCII" and nothing are guessed: much of what says so is not.
_CHARSETS = {
    "": None, "ASCII": None, "UNICODE UTF-8": "utf-8", "UNICODE UTF-16": "utf-16", "UNICODE": "utf-8",
    "UTF-8": "utf-8", "ISO IR6": None, "ISO IR100": "latin-1",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}  # fmt: skip


@dataclass(frozen=True)
class MessageLines:
    """One message: its number in the file and its segments as text, each with the number of its line."""

    number: int
    segments: tuple[tuple[int, str], ...]


def sniff(content: bytes) -> bool:
    """Whether these bytes begin as HL7 v2 messages do."""
    start = content[:100]
    if start[:2] in _UTF16:
        start = start.decode("utf-16", "ignore").encode()
    return bool(_STARTS.match(start.removeprefix(codecs.BOM_UTF8).lstrip(b"\x0b \t\r\n")))


def read_text(content: bytes, unseen: Iterable[int] = ()) -> tuple[str, str]:
    """The text and the name of its encoding: by mark, by MSH-18, else guessed as for any file."""
    if content[:2] in _UTF16:
        return _plain(content, unseen)
    content = content.translate(None, _FRAME)
    charset = _charset(content)
    if charset is None:
        return _plain(content, unseen)
    try:
        text = content.decode(charset)
    except UnicodeDecodeError:
        raise FileRefused(
            "The letters of this message are not in the character set that it names (MSH-18). "
            "Ask the sender to correct MSH-18."
        ) from None
    return _plain(text.encode(), unseen)[0], f"{charset.upper()} (MSH-18)"


def encoding(content: bytes) -> str:
    """Python's name of the encoding."""
    if content[:2] not in _UTF16 and (charset := _charset(content.translate(None, _FRAME))):
        return charset
    return encoding_of(FilePart(content))[0]


def messages(text: str) -> Iterator[MessageLines]:
    """Each message, whatever wraps them; a line before the first is a message without a header."""
    number, found = 0, []
    for at, line in enumerate(_ENDS.split(text.lstrip("\ufeff")), 1):
        line = line.strip(" \t\ufeff")
        if not line or line[:3] in _WRAPPERS:
            continue
        if line.startswith("MSH") and found:
            number += 1
            yield MessageLines(number, tuple(found))
            found = []
        found.append((at, line))
    if found:
        yield MessageLines(number + 1, tuple(found))


def promised(text: str) -> int | None:
    """How many messages the batch trailers (BTS-1) speak of; None where none of them says."""
    counts = [int(count) for count in re.findall(r"(?:^|[\r\n])BTS[^\w\s](\d{1,9})(?!\d)", text)]
    return sum(counts) if counts else None


def _plain(content: bytes, unseen: Iterable[int]) -> tuple[str, str]:
    try:
        return decode(content, unseen)
    except FileRefused:
        raise FileRefused(
            "The message holds signs that no text has (binary data). Ask the sender to send text only."
        ) from None


def _charset(content: bytes) -> str | None:
    """The Python name of the character set of the first message."""
    at = content.find(b"MSH")
    head = re.split(rb"[\r\n]", content[at : at + SEGMENT], maxsplit=1)[0].decode("latin-1")
    fields = head[4:].split(head[3:4]) if len(head) > 4 else []
    name = re.split(r"[~\\]", fields[16])[0].strip().upper() if len(fields) > 16 else ""
    if name not in _CHARSETS:
        raise FileRefused(
            f"The character set “{name[:20]}” (MSH-18) is not read. Send UTF-8 (UNICODE UTF-8) or 8859/1."
        )
    return _CHARSETS[name]
