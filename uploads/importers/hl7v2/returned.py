"""Messages given back to their sender: whole, with a comment (NTE) of ours behind what was not stored."""

import re

from .message import Hl7Message, UnreadableMessage
from .orders import OURS
from .text import MessageLines, encoding, messages, read_text

_SIGNS = {"E": "\\", "F": "|", "S": "^", "R": "~", "T": "&"}
_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "…": "..."})


def messages_with_reasons(content: bytes, reasons: dict[str, list[str]]) -> bytes:
    """`reasons`: what is said of "message 2, OBX 3", and of "message 4" as a whole. Messages of which nothing
    is said are left out, and what wraps messages in batches."""
    text, name = read_text(content)[0], encoding(content)
    wanted = {int(found[1]) for place in reasons if (found := re.match(r"message (\d+)", place))}
    end = next((mark for mark in ("\r\n", "\r", "\n") if mark in text), "\r")
    lines = [line for found in messages(text) if found.number in wanted for line in _message(found, reasons)]
    unicode = name.startswith("utf")
    whole = "".join(line + end for line in lines)
    return (whole if unicode else whole.translate(_PLAIN)).encode(name, "replace")


def _message(found: MessageLines, reasons: dict[str, list[str]]) -> list[str]:
    marks = _marks(found)
    orders = several = 0
    for _, line in found.segments:
        several += line.startswith("OBR")
    lines, count, people, name = [], 0, 0, f"message {found.number}"
    for at, (_, line) in enumerate(found.segments):
        fields = line.split(marks["F"])
        if fields[0] == "NTE" and len(fields) > 2 and fields[2] == OURS:
            continue
        lines.append(line)
        if at == 0:
            lines += _notes(reasons.get(name, ()), marks)
        elif fields[0] in ("OBR", "PID"):
            orders, count = orders + (fields[0] == "OBR"), 0
            if fields[0] == "PID":
                people += 1
                lines += _notes(reasons.get(f"{name}, PID{f' {people}' if people > 1 else ''}", ()), marks)
        elif fields[0] == "OBX":
            count += 1
            number = (fields[1].strip() if len(fields) > 1 else "") or str(count)
            words = f"{name}, {f'OBR {orders}, ' if several > 1 else ''}OBX {number[:6]}"
            lines += _notes(reasons.get(words, ()), marks)
    return lines


def _marks(found: MessageLines) -> dict[str, str]:
    try:
        return Hl7Message(found).marks
    except UnreadableMessage:
        return _SIGNS


def _notes(said, marks: dict[str, str]) -> list[str]:
    signs = {marks["E"]: "E", **{mark: name for name, mark in marks.items()}}
    escaped = str.maketrans({mark: f"{marks['E']}{name}{marks['E']}" for mark, name in signs.items()})
    return [
        marks["F"].join(("NTE", str(number), OURS, " ".join(text.split()).translate(escaped)))
        for number, text in enumerate(said, 1)
    ]
