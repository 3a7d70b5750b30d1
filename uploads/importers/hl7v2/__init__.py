"""HL7 v2 results (ORU^R01, 2.3 to 2.5.1), in files of one or many messages and in batches.

`text`: bytes to messages; `message`: segments and fields; `orders`, `groups`, `person`,
`results`: what they say.
"""

from collections.abc import Iterable
from datetime import tzinfo
from hashlib import sha256

from interpretation.words import listed, plural

from ..dates import dates_alone
from ..records import DECLARED, REFUSED, SAME, FileRefused, Item, LabRow, Parsed, Place, RowProblem
from .groups import Hl7Tally
from .message import Fault, Hl7Message, UnreadableMessage
from .results import read_message
from .text import MessageLines, messages, promised, read_text, sniff

KIND = "labs"
# More OBX than this would not fit into the memory of a small server.
MOST = 500_000
_OF_PEOPLE = (
    "it is about a person, not about results (ADT): such messages are taken from their sender one by one, by MLLP or "
    "/hl7/, and not from files."
)
# Our names of what a problem speaks of -> the message's own.
TITLES = {
    "mrn": "PID-3", "birth_date": "PID-7", "collected_at": "OBR-7", "test": "OBX-3", "value": "OBX-5",
    "unit": "OBX-6", "death_date": "PID-29", "ref_low": "OBX-7", "ref_high": "OBX-7", "status": "OBX-11",
}  # fmt: skip


def read(
    content: bytes, unseen: Iterable[int] = (), authority: str = "", zone: tzinfo | None = None
) -> Parsed:
    """Raises Refusal where no message can be read at all; a message that is not for us is one problem.

    `zone`: of the clinic; None where a person has said in which zone this sender writes, whatever MSH-7 says.
    """
    text, encoding = read_text(content, unseen)
    tally, items, seen, count = Hl7Tally(), [], {}, 0
    for lines in messages(text):
        count += 1
        items += _message(lines, tally, seen, authority, zone)
        if len(items) + tally.passed > MOST:
            raise FileRefused(f"The file holds more than {MOST:,} results. Split it into smaller files.")
    notes = _notes(tally, count, promised(text), items)
    words = f"HL7 v2, {count:,} {plural(count, 'message')} · {encoding}"
    return Parsed(KIND, words, notes, titles=TITLES, items=items)


def _message(
    lines: MessageLines, tally: Hl7Tally, seen: dict, authority: str, zone: tzinfo | None
) -> list[Item]:
    try:
        message = Hl7Message(lines)
        if fault := message.fault:
            raise UnreadableMessage(fault.code, fault.where, fault.text)
        if message.is_of_people:
            raise UnreadableMessage("200", "MSH-9", _OF_PEOPLE)
    except UnreadableMessage as error:
        return [_refused(lines, tally, error.fault)]
    key = (message.sender, message.control_id)
    content = sha256(message.content.encode()).digest()
    number, first = seen.setdefault(key, (lines.number, content))
    if number == lines.number:
        return list(read_message(message, tally, authority, zone))
    tally.row += 1
    place = Place(tally.row, "MSH-10", ("", f"message {lines.number}"), f"message {lines.number}")
    if first == content:
        return [RowProblem(place, f"Message {number} sent again (same MSH-10): nothing to do.", SAME)]
    text = (
        f"its control id (MSH-10) is that of message {number}, which says something else. Ask "
        "the sender for a control id each message."
    )
    return [RowProblem(place, text, REFUSED)]


def _refused(lines: MessageLines, tally: Hl7Tally, fault: Fault) -> RowProblem:
    tally.row += 1
    words = f"message {lines.number}"
    return RowProblem(Place(tally.row, fault.where, ("", words), words), f"not read: {fault.text}", REFUSED)


def _notes(tally: Hl7Tally, count: int, told: int | None, items: list[Item]) -> tuple[str, ...]:
    notes = []
    if told is not None and told != count:
        notes.append(f"The batch says {told:,} messages and holds {count:,}: is the file complete?")
    if tally.beside:
        notes.append(f"{tally.beside:,} limits and dates sent as OBX of their own belong to these results.")
    if tally.passed:
        notes.append(
            f"{tally.passed:,} OBX hold answers, findings or dates and no result kept here: passed over."
        )
    if tally.texts:
        notes.append(
            f"Lines of text without a test: {tally.texts:,}, kept as comments on the results of their order."
        )
    if tally.loose:
        notes.append(f"Lines of text without test or result: {tally.loose:,}. Read them in the message.")
    if tally.partial:
        words = plural(tally.partial, "order is", "orders are")
        notes.append(f"{tally.partial:,} {words} not complete (OBR-25): more results may follow.")
    notes += dates_alone(tally.bare)
    notes += _zone_note(tally.zones)
    if any(isinstance(item, LabRow) for item in items):
        notes.append(DECLARED)
    return tuple(notes)


def _zone_note(zones: set[str]) -> list[str]:
    if not zones:
        return []
    return [
        f"Times without a zone are read in that of their message (MSH-7): {listed(sorted(zones))}. If they are "
        "not meant so, set the sender’s time zone under Senders."
    ]


__all__ = ["MessageLines", "Hl7Message", "UnreadableMessage", "messages", "read", "read_text", "sniff"]
