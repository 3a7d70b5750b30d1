"""Whose message it is (PID): the number, what must agree with the record beside it, and a death."""

from datetime import date

from ..records import Identity, Numbers
from .message import Hl7Segment, read_time

# PID-3.5 (HL7 table 0203), best first: medical record number, internal, external, unnamed.
_TYPES = ("MR", "PI", "PT", "")


def numbers_of(pid: Hl7Segment, sent: str = "", authority: str = "", field: int = 3) -> Numbers:
    """The MRNs among the repetitions of PID-3 (of `field`), of the best type; of this authority (PID-3.4) where one
    is named. `sent`: the day of the message, for numbers that expired before it (PID-3.8)."""
    live, retired = [], []
    for one in pid.repetitions(field):
        cells = [*one, *[""] * 8]
        number, kind, issuer, end = (pid.plain(cells[at]) for at in (0, 4, 3, 7))
        names = {pid.plain(cells[3], sub) for sub in (1, 2)}
        if not number or kind not in _TYPES or (authority and authority not in names):
            continue
        if end and sent and end[:8] < sent:
            retired.append(number)
        else:
            live.append((_TYPES.index(kind), number, issuer))
    best = min((rank for rank, _, _ in live), default=0)
    return Numbers.of([(number, issuer) for rank, number, issuer in live if rank == best], retired)


def identity_of(pid: Hl7Segment, numbers: Numbers | None = None) -> Identity:
    """ValueError with a sentence where the date of birth cannot be read."""
    born = read_time(pid.text(7))
    return Identity(pid.text(5, sub=1), pid.text(5, 2), born.date() if born else None, numbers=numbers)


def death_of(pid: Hl7Segment) -> date | None:
    """The day of death (PID-29), None for the living. ValueError where PID-30 says yes without a day, or the
    day cannot be read."""
    indicator = pid.text(30).upper()
    if indicator == "N" or not (indicator == "Y" or pid.text(29)):
        return None
    died = read_time(pid.text(29))
    if died is None:
        raise ValueError("the message says that this person has died, and not when: enter it by hand.")
    return died.date()
