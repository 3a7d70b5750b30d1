"""Results (OBX) to rows: value, unit, range, times and status as the laboratory sent them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ..bounds import with_bound
from ..dates import DateAlone
from ..records import (
    NO_VALUE,
    REFUSED,
    SAME,
    WAITING,
    WITHDRAWN,
    DeathRow,
    Identity,
    Item,
    LabRow,
    Place,
    RowProblem,
)
from ..signs import COMMENT, cut
from .groups import Group, Hl7Tally, grouped, is_remark, test_of, two_tests
from .message import Hl7Message, Hl7Segment, read_time
from .orders import Order, orders_of
from .person import death_of, identity_of, numbers_of

# OBX-11, HL7 table 0085. R is entered and not verified, S partial.
_STATUSES = {
    "F": "final", "C": "corrected", "P": "preliminary", "R": "preliminary", "S": "preliminary",
    "D": WITHDRAWN, "W": WITHDRAWN, "X": NO_VALUE,
}  # fmt: skip
_PENDING = {"I": "the specimen is in the laboratory", "O": "ordered only", "N": "not asked for"}
# OBR-25, HL7 table 0123: some results are there, none is final, or more follow.
_PARTIAL = ("A", "I", "P", "R", "S")
_TYPES = ("NM", "SN", "ST", "TX", "FT", "CE", "CWE", "CNE", "IS", "ID", "")
_CODED = ("CE", "CWE", "CNE")
_SIGNS = {"": "", "=": "", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_KEY = 120


@dataclass(frozen=True)
class Hl7Subject:
    """Whose results these are; `problem` keeps all of them from being read."""

    mrn: str = ""
    identity: Identity | None = None
    problem: str = ""
    column: str = "mrn"


def read_message(
    message: Hl7Message, tally: Hl7Tally, authority: str = "", zone: tzinfo | None = None
) -> Iterator[Item]:
    """`zone`: of the clinic, beside which the zone of MSH-7 counts; without it that is passed over."""
    other = message.zone_beside(zone) if zone else None
    orders = list(orders_of(message))
    several = sum(order.obr is not None for order in orders) > 1
    for number, pid in enumerate(dict.fromkeys(order.pid for order in orders), 1):
        if pid and (death := _death(message, pid, number, tally, authority)):
            yield death
    for order in orders:
        subject = _subject(message, order.pid, authority)
        groups = grouped(order, tally)
        tally.partial += bool(groups and order.obr and order.obr.text(25) in _PARTIAL)
        for group in groups:
            tally.row += 1
            yield _Reader(message, order, group, subject, several, tally, other).item()


def _subject(message: Hl7Message, pid: Hl7Segment | None, authority: str) -> Hl7Subject:
    if pid is None:
        return Hl7Subject(problem="the message names no patient (PID). Ask the sender to name one.")
    numbers = numbers_of(pid, f"{message.sent_at:%Y%m%d}" if message.sent_at else "", authority)
    mrn = numbers.words
    try:
        identity = identity_of(pid, numbers.several)
    except ValueError as error:
        return Hl7Subject(mrn, None, f"date of birth: {error}", "birth_date")
    if not mrn:
        of = f" of {authority}" if authority else ""
        return Hl7Subject(
            "", identity, f"PID-3 holds no medical record number{of}. Ask the sender to send it."
        )
    return Hl7Subject(mrn, identity)


def _death(message: Hl7Message, pid: Hl7Segment, number: int, tally: Hl7Tally, authority: str) -> Item | None:
    """Whoever has no number or another date of birth: their results say so."""
    subject = _subject(message, pid, authority)
    if subject.problem:
        return None
    words = f"message {message.number}, PID{f' {number}' if number > 1 else ''}"
    place = Place(tally.row + 1, "", (subject.mrn, f"died {pid.text(29)}".strip()), words)
    try:
        died_on = death_of(pid)
    except ValueError as error:
        tally.row += 1
        return RowProblem(place.at("death_date"), str(error), WAITING)
    if died_on is None:
        return None
    tally.row += 1
    return DeathRow(place, subject.mrn, died_on, subject.identity)


class _Reader:
    """One result of a message."""

    def __init__(
        self,
        message: Hl7Message,
        order: Order,
        group: Group,
        subject: Hl7Subject,
        several: bool,
        tally: Hl7Tally,
        zone: tzinfo | None,
    ) -> None:
        self.zone = zone
        self.message, self.order, self.obx = message, order, group.observation.obx
        self.observation, self.beside = group.observation, group.beside
        self.subject, self.tally = subject, tally
        self.test, self.code, self.loinc = test_of(self.obx)
        order_words = f"OBR {order.number}, " if several else ""
        words = f"message {message.number}, {order_words}OBX {group.observation.number}"
        self.place = Place(tally.row, "", self._cells(), words)

    def item(self) -> Item:
        if self.subject.problem:
            level = WAITING if self.subject.column == "mrn" else REFUSED
            return self._problem(self.subject.column, self.subject.problem, level)
        status = self.obx.text(11)
        if status in _PENDING:
            return self._problem("status", f"no value yet: {_PENDING[status]} (status {status}).", SAME)
        if status not in _STATUSES:
            return self._problem("status", _unknown_status(status), WAITING if status == "U" else REFUSED)
        if is_remark(self.test, self.code):
            # Said without the name: "Comment" is among the tests that are left out, a number under it is not.
            text = "the message names no test for this value (OBX-3). Ask the sender which test it is."
            return RowProblem(self.place.at("test"), text, WAITING)
        if two_tests(self.obx):
            return self._problem("test", "its codes name two different tests. Correct one of them.", WAITING)
        if self.obx.text(2) not in _TYPES:
            return self._problem(
                "value", f"values of type {self.obx.text(2)[:5]} (OBX-2) are not read. Look into the report."
            )
        try:
            return self._row(_STATUSES[status])
        except ValueError as error:
            return self._problem("collected_at", str(error))

    def _row(self, status: str) -> Item:
        taken_at = self._taken_at()
        if taken_at is None:
            return self._problem(
                "collected_at",
                "the message gives no time of collection (OBR-7, OBX-14, SPM-17). Ask the sender for it.",
            )
        try:
            value = with_bound(self._value(), [self.obx.plain(one[0]) for one in self.obx.repetitions(8)])
        except ValueError as error:
            return self._problem("value", str(error), WAITING)
        if status not in (WITHDRAWN, NO_VALUE) and not value:
            return self._problem(
                "value", f"the value is missing and the status says {status}. Ask the sender for it."
            )
        reported = self._time("OBR-22", self.order.obr, 22)
        return LabRow(
            self.place,
            self.subject.mrn,
            taken_at,
            self.test,
            value,
            self._unit(),
            self._limit("lower"),
            self._limit("upper"),
            self.obx.free(7),
            self._laboratory()[:80],
            "",
            self.code if self.loinc else "",
            status,
            received_at=reported,
            verified_at=reported or self._in_zone(self.message.sent_at),
            order=self._order_key(),
            declared=True,
            comment=cut(" ".join(filter(None, self.observation.comments)), COMMENT),
            draw_note=cut(" ".join(filter(None, self.order.comments)), COMMENT),
            warning=self._warning(),
            identity=self.subject.identity,
        )

    def _taken_at(self) -> datetime | None:
        """The date sent beside the result, else OBR-7, OBX-14, and last the specimen's own (SPM-17); of a
        date alone the hour that the next of them gives for this day."""
        found = None
        for where, segment, field in (
            ("OBX-5", self.beside.get("taken"), 5),
            ("OBR-7", self.order.obr, 7),
            ("OBX-14", self.obx, 14),
            ("SPM-17", self.order.specimen, 17),
        ):
            time = self._time(where, segment, field) if segment and segment.text(field) else None
            if time and (found is None or time.date() == found.date()):
                found = time
            if found and not isinstance(found, DateAlone):
                return found
        self.tally.bare += found is not None
        return found

    def _time(self, where: str, segment: Hl7Segment | None, field: int) -> datetime | None:
        try:
            time = read_time(segment.text(field)) if segment else None
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        return self._in_zone(time)

    def _in_zone(self, time: datetime | None) -> datetime | None:
        if time is None or time.tzinfo or self.zone is None or isinstance(time, DateAlone):
            return time
        self.tally.zones.add(f"{time.replace(tzinfo=self.zone):%z}")
        return time.replace(tzinfo=self.zone)

    def _value(self) -> str:
        """The value as text: "<5" for SN `<^5`; the words of a coded answer; any other text whole."""
        kind, parts = self.obx.text(2), [self.obx.plain(part) for part in self.obx.parts(5)]
        if len(self.obx.repetitions(5)) == 1:
            if kind == "SN" and len(parts) <= 4:
                return _structured([*parts, "", "", "", ""][:4])
            if kind == "" and len(parts) == 2 and _SIGNS.get(parts[0]):
                return _structured([*parts, "", ""])
            if kind in _CODED:
                return self.obx.text(5, 2) or self.obx.text(5)
        return self.obx.free(5, "; ")

    def _unit(self) -> str:
        """The code of the unit. `10^3/uL`, not escaped as it should be, falls into two components."""
        if len(self.obx.repetitions(6)) > 1:
            return self.obx.free(6)
        parts = [self.obx.plain(part) for part in self.obx.parts(6)]
        if len(parts) > 1 and re.fullmatch(r"[xX]?\s*10", parts[0]) and re.match(r"\d", parts[1]):
            return f"{parts[0]}^{parts[1]}"
        return next((part for part in parts[:2] if part), "")

    def _limit(self, part: str) -> str:
        obx = self.beside.get(part)
        if obx is None:
            return ""
        return obx.text(5, 2) if obx.text(2) == "SN" and len(obx.parts(5)) == 2 else obx.free(5)

    def _laboratory(self) -> str:
        """Who measured (OBX-23, OBX-15), else the facility that sends (MSH-4)."""
        named = self.obx.text(23) or self.obx.text(15, 2) or self.obx.text(15)
        return named or self.message.header.text(4)

    def _order_key(self) -> str:
        """Filler (else placer) number of the order, code and OBX-4: what each version has in common."""
        obr = self.order.obr
        number = (obr.whole(3) or obr.whole(2)) if obr else ""
        if not number.strip('"'):
            return ""
        return f"{number} {self.obx.text(3)} {self.obx.whole(4)}".strip()[:_KEY]

    def _warning(self) -> str:
        same = self.order.obr and self.code and self.order.obr.text(4) == self.obx.text(3)
        if same and len(self.order.observations) > 1:
            return "The result bears the code of the whole order (OBX-3 equals OBR-4): is it this test?"
        return ""

    def _cells(self) -> tuple[str, ...]:
        who, identity = self.subject, self.subject.identity or Identity()
        name = ", ".join(filter(None, (identity.family_name, identity.given_name)))
        born = f"born {identity.birth_date}" if identity.birth_date else ""
        obx, obr = self.obx, self.order.obr
        taken = (obr.text(7) if obr else "") or obx.text(14)
        cells = (self.test, self.code, self._value(), self._unit(), obx.free(7), obx.text(11), taken)
        return (who.mrn, *(cell[:200] for cell in (name, born, *cells) if cell))

    def _problem(self, column: str, text: str, level: str = REFUSED) -> RowProblem:
        return RowProblem(self.place.at(column), text, level, test=(self.test, self.code))


def _structured(parts: list[str]) -> str:
    """SN: comparator, number, separator, number. Two numbers are a range or titre, kept as they stand."""
    sign, first, separator, second = parts
    if separator or second or sign not in _SIGNS:
        return f"{sign}{first}{separator}{second}"
    return f"{_SIGNS[sign]}{first}"


def _unknown_status(status: str) -> str:
    if not status:
        return (
            "the status (OBX-11) is missing: nobody can say whether this result is final. Ask the sender "
            "for it."
        )
    if status == "U":
        return "status U says that the value sent before is final, without sending it again: look it up."
    return f"status “{status[:5]}” (OBX-11) is not known. Use F, P, C, D, W or X."
