"""A message as orders: each OBR with its results (OBX), comments (NTE), specimens (SPM) and patient (PID)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .message import Hl7Message, Hl7Segment

# Source of comment (NTE-2) of what we told the sender: it is no comment of the laboratory.
OURS = "LIVER-DISSOCIATION"


@dataclass
class Observation:
    """`number`: OBX-1, else its place in the order."""

    obx: Hl7Segment
    number: str
    comments: list[str] = field(default_factory=list)


@dataclass
class Order:
    pid: Hl7Segment | None
    obr: Hl7Segment | None
    number: int
    observations: list[Observation] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    specimen: Hl7Segment | None = None


def orders_of(message: Hl7Message) -> Iterator[Order]:
    """In the order of the message. Results before any OBR are an order of their own.

    Comments (NTE) before the first order of a patient are about the whole report: each order has them.
    """
    pid, order, count, notes = None, None, 0, []
    for segment in message.segments[1:]:
        if segment.name in ("PID", "OBR"):
            if order:
                yield order
            order = None
        if segment.name == "PID":
            pid, notes = segment, [] if pid else notes
        elif segment.name == "OBR":
            count += 1
            order = Order(pid, segment, count, comments=[*notes])
        elif segment.name == "OBX":
            order = order or Order(pid, None, count, comments=[*notes])
            number = segment.text(1) or str(len(order.observations) + 1)
            order.observations.append(Observation(segment, number[:6]))
        elif segment.name == "NTE" and segment.text(2) != OURS:
            _place_of_note(order, notes).append(segment.free(3))
        elif segment.name == "SPM" and order and order.specimen is None:
            order.specimen = segment
    if order:
        yield order


def _place_of_note(order: Order | None, notes: list[str]) -> list[str]:
    if order is None:
        return notes
    return order.observations[-1].comments if order.observations else order.comments
