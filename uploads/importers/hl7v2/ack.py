"""Acknowledgements: MSH, MSA and a sentence for each thing that went wrong (ERR)."""

import re
from dataclasses import dataclass
from datetime import datetime

from .message import Fault, Hl7Message

ACCEPTED, ERROR, REJECTED = "AA", "AE", "AR"
# HL7 table 0357.
_CODES = {
    "0": "Message accepted",
    "100": "Segment sequence error", "101": "Required field missing", "102": "Data type error",
    "103": "Table value not found", "200": "Unsupported message type", "201": "Unsupported event code",
    "202": "Unsupported processing id", "203": "Unsupported version id", "204": "Unknown key identifier",
    "205": "Duplicate key identifier", "207": "Application internal error",
}  # fmt: skip
# From 2.5 on ERR has a severity and a text of its own.
_OLD = ("2.3", "2.3.1", "2.4")
_SIGNS = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"})
_APPLICATION = "LIVER-DISSOCIATION"


@dataclass(frozen=True)
class Remark:
    """One thing to tell the sender. `severity` (HL7 table 0516): E error, W warning, I information."""

    fault: Fault
    severity: str = "E"


def acknowledge(
    code: str,
    message: Hl7Message | None,
    at: datetime,
    facility: str,
    remarks: tuple[Remark, ...] = (),
    summary: str = "",
) -> bytes:
    """The answer in the sender's version; `message` None where the bytes were none. `summary`: what to say of
    what was taken."""
    version = message.version if message and message.fault is None else "2.5.1"
    control_id = message.control_id if message else ""
    stamp = at.strftime("%Y%m%d%H%M%S%z")
    # Names go back with our separators, whatever the sender's were.
    to = [_plain(message.header.text(field)) if message else "" for field in (3, 4)]
    own = _plain(control_id)[:180] or stamp
    kind = _kind(message, version)
    header = ["MSH", "^~\\&", _APPLICATION, _plain(facility), *to, stamp, "", kind, f"A{own}"[:199]]
    text = _text(code, version, remarks, summary)
    segments = [[*header, "P", version, *[""] * 5, "UNICODE UTF-8"], ["MSA", code, _plain(control_id)]]
    if text:
        segments[1].append(_plain(text))
    segments += [_error(remark, version) for remark in remarks if _has_error(remark, code, version)]
    return "".join("|".join(segment) + "\r" for segment in segments).encode()


def _kind(message: Hl7Message | None, version: str) -> str:
    """MSH-9: the event of the message that is answered and, where the version knows it, the structure."""
    event = _plain(message.header.text(9, 2))[:3] if message else ""
    return f"ACK^{event or 'R01'}" + ("" if version in ("2.3", "2.3.1") else "^ACK")


def _text(code: str, version: str, remarks: tuple[Remark, ...], summary: str) -> str:
    """MSA-3. Before 2.5 there is no other place for what is no error."""
    if code == ACCEPTED:
        return summary
    first = remarks[0].fault.text if remarks else ""
    return f"{first} {summary}".strip() if version in _OLD else first


def _has_error(remark: Remark, code: str, version: str) -> bool:
    return version not in _OLD or (code != ACCEPTED and remark.fault.code != "0")


def _error(remark: Remark, version: str) -> list[str]:
    fault = remark.fault
    segment, number, field = _location(fault.where)
    coded = f"{fault.code}^{_CODES[fault.code]}^HL70357"
    if version in _OLD:
        return ["ERR", f"{segment}^{number}^{field}^{coded.replace('^', '&')}"]
    location = f"{segment}^{number}^{field}".rstrip("^")
    return ["ERR", "", location, coded, remark.severity, "", "", "", _plain(fault.text)]


def _location(where: str) -> tuple[str, str, str]:
    """ "OBX 3, OBX-5" and "MSH-11" -> segment, its number, field."""
    found = re.search(r"([A-Z][A-Z0-9]{2})-(\d+)", where)
    number = re.search(r"OBX (\d+)", where)
    segment = found[1] if found else "OBX" if number else where[:3] if where[:3].isupper() else ""
    nth = number[1] if number and segment == "OBX" else "1" if segment else ""
    return segment, nth, found[2] if found else ""


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_SIGNS)
