"""Files that are no table: named for what they are, by what they begin with, with what to do instead."""

import re

_EXPORT = "Open it where it was made, save or export it as “CSV UTF-8”, and upload that."
_COPY = "Copy its table into a workbook, save that as XLSX or “CSV UTF-8”, and upload it."
_TYPE = "Ask for the results as a table (XLSX or CSV), or enter them by hand."
_QUERY = "Export the table or query from it as “CSV UTF-8”, and upload that."
_UNPACK = "Unpack it and upload the files in it."
_SAVE = "Open it in a spreadsheet program, save it as XLSX or “CSV UTF-8”, and upload that."
RTF = b"{\\rtf"
# What a file begins with: what it is, and the remedy.
_BEGINNINGS = (
    (b"%PDF", "a PDF", _TYPE),
    (RTF, "a rich text document (RTF)", _COPY),
    (b"\x1f\x8b", "a compressed (gzip) file", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a compressed (7z) file", _UNPACK),
    (b"Rar!\x1a", "a compressed (RAR) file", _UNPACK),
    (b"BZh", "a compressed (bzip2) file", _UNPACK),
    (b"\xfd7zXZ", "a compressed (xz) file", _UNPACK),
    (b"\x89PNG", "a picture", _TYPE),
    (b"\xff\xd8\xff", "a picture", _TYPE),
    (b"GIF8", "a picture", _TYPE),
    (b"BM", "a picture", _TYPE),
    (b"II*\x00", "a picture", _TYPE),
    (b"MM\x00*", "a picture", _TYPE),
    (b"SQLite format 3\x00", "a database (SQLite)", _QUERY),
    (b"PAR1", "a Parquet file", _QUERY),
    (b"$FL2", "a file of SPSS", _QUERY),
    (b"<stata_dta>", "a file of Stata", _QUERY),
    (b"MZ", "a program", "Nothing in it can be read."),
)
# As above, from a certain byte on.
_INSIDE = (
    (4, b"Standard Jet DB", "a database (Access)", _QUERY),
    (4, b"Standard ACE DB", "a database (Access)", _QUERY),
    (8, b"WEBP", "a picture", _TYPE),
    (4, b"ftypheic", "a picture", _TYPE),
    (4, b"ftypmif1", "a picture", _TYPE),
    (128, b"DICM", "a picture (DICOM)", _TYPE),
)
_SHEET_XML = re.compile(rb"<(?:\w+:)?Workbook\s[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|table|meta)\b", re.I | re.S
)
_XML = re.compile(rb"\s*<\?xml\b")
_MAIL_LINE = re.compile(
    rb"(?:return-path|received|from|delivered-to|mime-version|message-id|date|subject|to|x-[\w-]+):", re.I
)
_MAIL = (
    re.compile(rb"^from:", re.I | re.M),
    re.compile(rb"^(?:subject|mime-version|message-id):", re.I | re.M),
)
_OLE_STREAMS = (
    ("WordDocument", "a Word document (DOC)", _COPY),
    ("PowerPoint Document", "a presentation", _COPY),
    ("__substg1.0_", "a mail", "Save what is attached to it, and upload that."),
)
# So far the beginning is looked at.
_NEAR = 4096


def named(head: bytes) -> str:
    """The sentence that names what is no table, "" where it may be one. `head`: how the file begins."""
    found = _by_signature(head) or _by_words(head.removeprefix(b"\xef\xbb\xbf")[:_NEAR])
    return _sentence(*found) if found else ""


def named_office(content: bytes) -> str:
    """As `named`, of an old file of an office program, which names its parts inside."""
    for stream, what, remedy in _OLE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return _sentence(what, remedy)
    return ""


def _by_signature(head: bytes) -> tuple[str, str] | None:
    for signature, what, remedy in _BEGINNINGS:
        # Two letters begin a text too: what follows in a picture or program is no text.
        if head.startswith(signature) and (signature not in (b"BM", b"MZ") or b"\x00" in head[:64]):
            return what, remedy
    for at, signature, what, remedy in _INSIDE:
        if head[at:].startswith(signature):
            return what, remedy
    return None


def _by_words(head: bytes) -> tuple[str, str] | None:
    if _SHEET_XML.search(head):
        return "a workbook as XML", _SAVE
    if _HTML.match(head):
        return "a web page (HTML), whatever its name ends in", _SAVE
    if _XML.match(head):
        return "an XML file", _EXPORT
    if _MAIL_LINE.match(head) and all(pattern.search(head) for pattern in _MAIL):
        return "a mail", "Save what is attached to it, and upload that."
    return None


def _sentence(what: str, remedy: str) -> str:
    return f"This is {what}, not a table. {remedy}"


# Archives that a document is: by the word for them of the process that opens workbooks.
OF_ARCHIVES = {
    "word": _sentence("a Word or other text document", _COPY),
    "slides": _sentence("a presentation", _COPY),
    "binary": f"This is a binary workbook (XLSB), which cannot be read. {_SAVE}",
    "numbers": f"This is a file of Apple Numbers or Pages, which cannot be read. {_SAVE}",
    "book": _sentence("an electronic book (EPUB)", _COPY),
}
