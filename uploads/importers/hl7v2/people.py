"""Messages about people themselves (ADT): who is meant, what is said of them, and which numbers are merged."""

from dataclasses import dataclass
from datetime import date

from ..records import Numbers
from .message import Hl7Message, Hl7Segment, UnreadableMessage
from .person import death_of, identity_of, numbers_of

CHANGES, MERGE = ("A08", "A31"), "A40"
_SEXES = {"F": "F", "M": "M", "O": "X", "A": "X", "N": "X"}


@dataclass(frozen=True)
class PersonSaid:
    """`numbers`: of the person now; `former`: those that are merged into it (MRG-1). Blank: not said."""

    where: str
    numbers: Numbers
    family_name: str
    given_name: str
    birth_date: date | None
    sex: str
    died_on: date | None
    former: Numbers | None = None

    @property
    def mrn(self) -> str:
        """The one number that counts; "" where there are several, or none."""
        return self.numbers.live[0] if len(self.numbers.live) == 1 else ""


def people_in(message: Hl7Message, authority: str) -> list[PersonSaid]:
    """UnreadableMessage where a field cannot be read: nothing of the message is then taken."""
    sent = message.header.text(7)[:8]
    if message.event != MERGE:
        return [_said(message.first("PID"), None, 1, authority, sent)]
    pairs = []
    for segment in message.segments:
        if segment.name == "PID":
            person = segment
        elif segment.name == "MRG":
            pairs.append((person, segment))
    return [_said(pid, mrg, number, authority, sent) for number, (pid, mrg) in enumerate(pairs, 1)]


def _said(pid: Hl7Segment, mrg: Hl7Segment | None, nth: int, authority: str, sent: str) -> PersonSaid:
    numbers = numbers_of(pid, sent, authority)
    if not numbers.all:
        text = "no number of this clinic is given (PID-3). Ask the sender to fill it in."
        raise UnreadableMessage("101", "PID-3", text)
    try:
        identity = identity_of(pid)
    except ValueError as error:
        raise UnreadableMessage("102", "PID-7", str(error)) from None
    try:
        died = death_of(pid)
    except ValueError as error:
        raise UnreadableMessage("102", "PID-29", str(error)) from None
    former = numbers_of(mrg, "", authority, field=1) if mrg else None
    if mrg and not former.all:
        text = "no former number of this clinic is given (MRG-1). Ask the sender to fill it in."
        raise UnreadableMessage("101", "MRG-1", text)
    names = [identity.family_name, identity.given_name]
    every = [*numbers.all, *(former.all if former else ())]
    if any(len(text) > 120 for text in names) or any(len(number) > 64 for number in every):
        raise UnreadableMessage(
            "102", "PID", "a number or a name is too long. Ask the sender for shorter ones."
        )
    sex = _SEXES.get(pid.text(8).upper()[:1], "")
    return PersonSaid(f"PID {nth}", numbers, *names, identity.birth_date, sex, died, former)
