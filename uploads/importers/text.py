"""Bytes to text. What is not text is refused with a sentence that names the remedy."""

import codecs
import re
from collections.abc import Iterable

from .records import Refusal

# The first bytes of files that people upload by mistake.
_SIGNATURES = (
    (b"%PDF", "This is a PDF"),
    (b"\x1f\x8b", "This is a compressed (gzip) file"),
    (b"\x89PNG", "This is a picture"),
    (b"\xff\xd8\xff", "This is a picture"),
)
_REMEDY = "Open it where it was made, save or export it as “CSV UTF-8”, and upload that."
_BINARY = f"This is not a text file (it holds binary data). {_REMEDY}"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decode(content: bytes, unseen: Iterable[int] = ()) -> tuple[str, str]:
    """The text without the signs `unseen` and the name of its encoding, as shown in the preview."""
    for signature, words in _SIGNATURES:
        if content.startswith(signature):
            raise Refusal(f"{words}, not a table. {_REMEDY}")
    if b"\x00" in content and content[:2] not in _UTF16:
        raise Refusal(_BINARY)
    text, name = _decode(content)
    if not text.strip("\ufeff \t\r\n"):
        raise Refusal("The file is empty. Export it again and check that it holds a header and rows.")
    if _CONTROL.search(text):
        raise Refusal(_BINARY)
    if unseen and not text.isascii():
        # Faster by far on large files than str.translate.
        text = re.sub(f"[{''.join(map(chr, unseen))}]", "", text)
    return text, name


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith(codecs.BOM_UTF8):
        return _strictly(content, "utf-8-sig"), "UTF-8 with BOM"
    if content[:2] in _UTF16:
        return _strictly(content, "utf-16"), "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        # Bytes 80 to 9F are control characters in Latin-1 and letters in Windows-1252.
        windows = any(0x80 <= byte <= 0x9F for byte in set(content))
        return _strictly(content, "cp1252" if windows else "latin-1"), (
            "Windows-1252" if windows else "Latin-1"
        )


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refusal(f"The letters of this file cannot be read: it is not UTF-8. {_REMEDY}") from None
