"""A message as orders: each OBR with its results (OBX), comments (NTE), specimens (SPM) and patient (PID)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .message import Hl7Message, Hl7Segment

# Source of comment (NTE-2) of what we told the sender: it is no comment of the laboratory.
OURS = "LIVER-DISSOCIATION"
# Segments that end the order before them.
BEGINS = ("PID", "OBR")


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

    def add(self, obx: Hl7Segment) -> None:
        """One result more, by its own number or its place."""
        number = obx.text(1) or str(len(self.observations) + 1)
        self.observations.append(Observation(obx, number[:6]))


@dataclass
class WhoseOrders:
    """A patient, and the comments before the first order."""

    pid: Hl7Segment | None
    notes: list[str] = field(default_factory=list)

    def order(self, obr: Hl7Segment | None, number: int) -> Order:
        return Order(self.pid, obr, number, comments=[*self.notes])


def orders_of(message: Hl7Message) -> Iterator[Order]:
    """In the order of the message. Results before any OBR are an order of their own.

    Comments (NTE) before the first order of a patient are about the whole report: each order has them.
    """
    patient = WhoseOrders(None)
    order: Order | None = None
    count = 0
    for segment in message.segments[1:]:
        if segment.name in BEGINS:
            if order:
                yield order
            order = None
        if segment.name == "PID":
            # What was said before the first patient is of that one.
            patient = WhoseOrders(segment, [] if patient.pid else patient.notes)
        elif segment.name == "OBR":
            count += 1
            order = patient.order(segment, count)
        elif segment.name == "OBX":
            order = order or patient.order(None, count)
            order.add(segment)
        else:
            _take_beside(segment, order, patient.notes)
    if order:
        yield order


def _take_beside(segment: Hl7Segment, order: Order | None, notes: list[str]) -> None:
    """A comment, or the specimen of an order."""
    if segment.name == "NTE" and segment.text(2) != OURS:
        _place_of_note(order, notes).append(segment.free(3))
    elif segment.name == "SPM" and order and order.specimen is None:
        order.specimen = segment


def _place_of_note(order: Order | None, notes: list[str]) -> list[str]:
    if order is None:
        return notes
    return order.observations[-1].comments if order.observations else order.comments
