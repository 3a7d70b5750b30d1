"""Workbooks (XLSX, XLS, ODS) to one table a sheet. They are opened in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from patients.written import tidy

from .dates import Day
from .file_kinds import OF_ARCHIVES, named_office
from .numbers import Number, ShownNumber
from .records import Part, Refusal

_CHILD = Path(__file__).with_name("workbook_child.py")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# How a workbook with a password looks from outside: its content is one encrypted stream.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# A clock that started late or a machine that is busy: the process is given this much more by the wall.
_PATIENCE = 3


@dataclass(frozen=True)
class Limits:
    """What one file may ask for. The product takes these from its settings."""

    cells: int = 5_000_000
    unpacked_mb: int = 400
    text_mb: int = 100
    memory_mb: int = 1500
    seconds: int = 60
    sheets: int = 60
    # Of any table: rows, or results where a row holds several.
    rows: int = 500_000
    # Where rows wait on a disk once they are many; None: where the system keeps such files.
    folder: str | None = None


def is_workbook(content: bytes) -> bool:
    return content.startswith((_ZIP, _OLE))


def sheets_of(content: bytes, limits: Limits) -> tuple[list[Part], list[str]]:
    """A part for each sheet that holds something, and the names of those that hold nothing."""
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise Refusal(_SENTENCES["password"])
    if content.startswith(_OLE) and (sentence := named_office(content)):
        raise Refusal(sentence)
    lines = [json.loads(line) for line in _opened(content, limits).splitlines()]
    if lines and "refused" in lines[-1]:
        raise Refusal(_sentence(lines[-1]["refused"], content, limits))
    full = [line for line in lines if line["rows"]]
    if not full:
        raise Refusal("The workbook is empty. Save it again and check that a sheet holds a header and rows.")
    return [_part(line) for line in full], [line["sheet"] for line in lines if not line["rows"]]


def unpack(part: Part, unseen: Iterable[int] = ()) -> tuple[list[tuple[int, tuple[str, ...]]], dict]:
    """The rows of a sheet, their numbers as `Number`, and what is known of the sheet."""
    about = json.loads(part.content)
    gone = dict.fromkeys(unseen)
    rows = []
    for number, cells in about.pop("rows"):
        texts = tuple(_text(cell, gone) for cell in cells)
        if any(texts):
            rows.append((number, texts))
    return rows, about


def _part(line: dict) -> Part:
    name = " ".join(line["sheet"].split())[:100] or "(no name)"
    content = json.dumps({**line, "sheet": name}, ensure_ascii=True, separators=(",", ":"))
    return Part(content.encode(), name)


def _opened(content: bytes, limits: Limits) -> bytes:
    command = [sys.executable, "-I", str(_CHILD), json.dumps(asdict(limits))]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=limits.seconds * _PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refusal(_sentence("slow", content, limits)) from None
    if done.returncode:
        # Out of memory or time, or the reader gave up on it: what it says is of no use to a person.
        raise Refusal(_sentence("gave up", content, limits))
    return done.stdout


def _sentence(word: str, content: bytes, limits: Limits) -> str:
    if word in ("broken", "gave up", "slow") and content.startswith(_OLE):
        word += " old"
    return _SENTENCES[word].format(**asdict(limits))


_REMEDY = "Open it where it was made, save it again as XLSX or as “CSV UTF-8”, and upload that."
_SMALLER = "Copy the table into a new workbook, or save it as “CSV UTF-8”, and upload that."
_GAVE_UP = (
    "cannot be read: it is damaged, or needs more than {seconds} seconds or {memory_mb:,} MB of memory. "
    + _REMEDY
)
_SENTENCES = {
    "broken": "This Excel workbook or ZIP file is damaged or cut short, or claims more cells than a sheet "
    f"can have. {_REMEDY}",
    "broken old": f"This old Excel file (XLS) is damaged, or is another kind of Office file. {_REMEDY}",
    "gave up": "This Excel workbook " + _GAVE_UP,
    "gave up old": "This old Excel file (XLS) " + _GAVE_UP,
    "slow": "This Excel workbook " + _GAVE_UP,
    "slow old": "This old Excel file (XLS) " + _GAVE_UP,
    "zip": "This is a ZIP file, not a workbook that can be read. Unpack it and upload the files in it, "
    f"such as those of “Take the record out”. If it should be a workbook: {_REMEDY[0].lower()}{_REMEDY[1:]}",
    "password": "This workbook is protected by a password. Save it without the password and upload that.",
    "unpacked": "This workbook unpacks to more than {unpacked_mb:,} MB, or holds more than {text_mb:,} MB of "
    "text. " + _SMALLER,
    "cells": "A sheet of this workbook reaches over more than {cells:,} cells, most of them likely empty. "
    + _SMALLER,
    **OF_ARCHIVES,
    "sheets": "This workbook has more than {sheets} sheets. Upload those that are needed in a workbook of "
    "their own.",
}


def _text(cell, gone: dict) -> str:
    """Fifteen digits are all that a spreadsheet keeps: 1.4, not 1.3999999999999999; 40, not 40.0. A pair is a
    day, or what a number is shown as."""
    if isinstance(cell, list):
        kind, text = cell
        return (Day if kind == "d" else ShownNumber)(_text(text, gone))
    if isinstance(cell, (int, float)):
        return Number(f"{cell:.15g}")
    if not cell.isascii():
        cell = cell.translate(gone)
    return tidy(cell.replace("\x00", ""))
