"""Bytes to lines of text. What is not text is refused with a sentence that names the remedy."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator

from uploads.importers.formats import file_kinds
from uploads.importers.records import FilePart, FileRefused

_REMEDY = "Open it where it was made, save or export it as “CSV UTF-8”, and upload that."
_BINARY = f"This is not a text file (it holds binary data). {_REMEDY}"
_EMPTY = "The file is empty. Export it again and check that it holds a header and rows."
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Text:
    """A file of text, read line by line and from its beginning each time. `words`: its encoding, as shown."""

    def __init__(self, part: FilePart, unseen: Iterable[int] = ()) -> None:
        self._part, self.skip = part, 0
        self._gone = re.compile(f"[{''.join(map(chr, unseen))}]") if unseen else None
        self.encoding, self.words = encoding_of(part)
        _look_through(part, self.encoding)

    def lines(self) -> Iterator[str]:
        """Without the signs `unseen`, from line `skip` on."""
        file = io.TextIOWrapper(self._part.open(), self.encoding, newline="")
        try:
            for number, line in enumerate(file):
                if number >= self.skip:
                    # Faster by far on large files than str.translate.
                    yield line if self._gone is None or line.isascii() else self._gone.sub("", line)
        finally:
            file.detach()


def decode(content: bytes, unseen: Iterable[int] = ()) -> tuple[str, str]:
    """The whole text without the signs `unseen` and the name of its encoding, as shown in the preview."""
    text = Text(FilePart(content), unseen)
    return "".join(text.lines()), text.words


def encoding_of(part: FilePart) -> tuple[str, str]:
    """Python's name of the encoding and ours."""
    head = part.head
    if sentence := file_kinds.named(head):
        raise FileRefused(sentence)
    if head[:2] in _UTF16:
        return "utf-16", "UTF-16"
    if any(b"\x00" in block for block in part.blocks()):
        raise FileRefused(_BINARY)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "UTF-8 with BOM"
    try:
        for _ in _decoded(part, "utf-8"):
            pass
    except UnicodeDecodeError:
        # Bytes 80 to 9F are control characters in Latin-1 and letters in Windows-1252.
        windows = any(0x80 <= byte <= 0x9F for block in part.blocks() for byte in set(block))
        return ("cp1252", "Windows-1252") if windows else ("latin-1", "Latin-1")
    return "utf-8", "UTF-8"


def _look_through(part: FilePart, encoding: str) -> None:
    """Refuses what cannot be read to its end, holds what no text holds, or nothing."""
    filled = False
    try:
        for text in _decoded(part, encoding):
            if _CONTROL.search(text):
                raise FileRefused(_BINARY)
            filled = filled or bool(text.strip("\ufeff \t\r\n"))
    except UnicodeDecodeError:
        raise FileRefused(f"The letters of this file cannot be read: it is not UTF-8. {_REMEDY}") from None
    if not filled:
        raise FileRefused(_EMPTY)


def _decoded(part: FilePart, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in part.blocks():
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
