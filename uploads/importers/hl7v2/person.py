"""Whose message it is (PID): the number, what must agree with the record beside it, and a death."""

from datetime import date

from ..records import Identity
from .message import Segment, read_time

# PID-3.5 (HL7 table 0203), best first: medical record number, internal, external, unnamed.
_TYPES = ("MR", "PI", "PT", "")


def number_of(pid: Segment, authority: str = "") -> str:
    """The MRN among the repetitions of PID-3; only of this authority (PID-3.4) where one is named."""
    found = []
    for one in pid.repetitions(3):
        cells = [*one, "", "", "", "", ""]
        number, kind = pid.plain(cells[0]), pid.plain(cells[4])
        names = {pid.plain(cells[3], sub) for sub in (1, 2)}
        if number and kind in _TYPES and (not authority or authority in names):
            found.append((_TYPES.index(kind), number))
    return min(found, key=lambda pair: pair[0])[1] if found else ""


def identity_of(pid: Segment) -> Identity:
    """ValueError with a sentence where the date of birth cannot be read."""
    born = read_time(pid.text(7))
    return Identity(pid.text(5, sub=1), pid.text(5, 2), born.date() if born else None)


def death_of(pid: Segment) -> date | None:
    """The day of death (PID-29), None for the living. ValueError where PID-30 says yes without a day, or the
    day cannot be read."""
    indicator = pid.text(30).upper()
    if indicator == "N" or not (indicator == "Y" or pid.text(29)):
        return None
    died = read_time(pid.text(29))
    if died is None:
        raise ValueError("the message says that this person has died, and not when: enter it by hand.")
    return died.date()
