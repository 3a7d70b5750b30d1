"""Results (OBX) to rows: value, unit, range, times and status as the laboratory sent them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interpretation import analytes
from interpretation.spelling import fold_name

from .. import other_tests
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
    Problem,
)
from .message import Message, Segment, read_time
from .orders import Observation, Order, orders_of
from .person import death_of, identity_of, number_of

# OBX-11, HL7 table 0085. R is entered and not verified, S partial.
_STATUSES = {
    "F": "final", "C": "corrected", "P": "preliminary", "R": "preliminary", "S": "preliminary",
    "D": WITHDRAWN, "W": WITHDRAWN, "X": NO_VALUE,
}  # fmt: skip
_PENDING = {"I": "the specimen is in the laboratory", "O": "ordered only", "N": "not asked for"}
# OBR-25, HL7 table 0123: some results are there, none is final, or more follow.
_PARTIAL = ("A", "I", "P", "R", "S")
_TYPES = ("NM", "SN", "ST", "TX", "FT", "CE", "CWE", "CNE", "IS", "ID", "")
_CODED = ("CE", "CWE", "CNE", "IS", "ID")
# Orders whose answers are no laboratory results: "Epidemiologic Information" of case reports. [CDC]
_QUESTIONNAIRES = ("68991-9",)
# Codes of OBX that tell about another OBX of the same group (OBX-4): CDC PHIN VADS.
_BESIDE = {"INV827": "upper", "INV826": "taken"}
_BESIDE_WORDS = {
    "upper": ("upper limit normal", "upper limit of normal", "upper reference limit"),
    "lower": ("lower limit normal", "lower limit of normal", "lower reference limit"),
    "taken": ("collection date", "collection time", "test result date"),
}
_LOINC = re.compile(r"\d{1,6}-\d")
_SIGNS = {"": "", "=": "", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_KEY = 120


@dataclass(frozen=True)
class Subject:
    """Whose results these are; `problem` keeps all of them from being read."""

    mrn: str = ""
    identity: Identity | None = None
    problem: str = ""
    column: str = "mrn"


@dataclass
class Tally:
    """What was read beside results, for the notes of the preview. `row` numbers the items of a file."""

    row: int = 0
    beside: int = 0
    passed: int = 0
    partial: int = 0
    bare: int = 0


def read_message(message: Message, tally: Tally, authority: str = "") -> Iterator[Item]:
    orders = list(orders_of(message))
    several = sum(order.obr is not None for order in orders) > 1
    for number, pid in enumerate(dict.fromkeys(order.pid for order in orders), 1):
        if pid and (death := _death(message, pid, number, tally, authority)):
            yield death
    for order in orders:
        subject = _subject(order.pid, authority)
        groups = _grouped(order, tally)
        tally.partial += bool(groups and order.obr and order.obr.text(25) in _PARTIAL)
        for group in groups:
            tally.row += 1
            yield _Reader(message, order, group, subject, several, tally).item()


@dataclass
class _Group:
    """One result and what other OBX tell about it."""

    observation: Observation
    beside: dict[str, Segment]


def _subject(pid: Segment | None, authority: str) -> Subject:
    if pid is None:
        return Subject(problem="the message names no patient (PID).")
    mrn = number_of(pid, authority)
    try:
        identity = identity_of(pid)
    except ValueError as error:
        return Subject(mrn, None, f"date of birth: {error}", "birth_date")
    if not mrn:
        of = f" of {authority}" if authority else ""
        return Subject("", identity, f"PID-3 holds no medical record number{of}.")
    return Subject(mrn, identity)


def _death(message: Message, pid: Segment, number: int, tally: Tally, authority: str) -> Item | None:
    """Whoever has no number or another date of birth: their results say so."""
    subject = _subject(pid, authority)
    if subject.problem:
        return None
    words = f"message {message.number}, PID{f' {number}' if number > 1 else ''}"
    place = Place(tally.row + 1, "", (subject.mrn, f"died {pid.text(29)}".strip()), words)
    try:
        died_on = death_of(pid)
    except ValueError as error:
        tally.row += 1
        return Problem(place.at("death_date"), str(error), WAITING)
    if died_on is None:
        return None
    tally.row += 1
    return DeathRow(place, subject.mrn, died_on, subject.identity)


def _grouped(order: Order, tally: Tally) -> list[_Group]:
    """Limits and dates sent as OBX of their own go to the one result of their group."""
    groups, beside = [], []
    for observation in order.observations:
        if part := _part(observation.obx):
            beside.append((part, observation))
        elif _is_result(order, observation.obx):
            groups.append(_Group(observation, {}))
        else:
            tally.passed += 1
    of_key: dict[str, list[_Group]] = {}
    for group in groups if beside else ():
        of_key.setdefault(group.observation.obx.whole(4), []).append(group)
    for part, observation in beside:
        key = observation.obx.whole(4)
        own = of_key.get(key, []) if key else []
        if len(own) == 1:
            own[0].beside[part] = observation.obx
            tally.beside += 1
        else:
            tally.passed += 1
    return groups


def _part(obx: Segment) -> str:
    if part := _BESIDE.get(obx.text(3)):
        return part
    name = fold_name(obx.text(3, 2))
    return next((part for part, words in _BESIDE_WORDS.items() if name.endswith(words)), "")


def _is_result(order: Order, obx: Segment) -> bool:
    """A test that is kept, or a measurement whose test is not known: that is for a person to see."""
    test, code, _ = _test(obx)
    if analytes.find(test) or analytes.find(code):
        return True
    if order.obr and order.obr.text(4) in _QUESTIONNAIRES:
        return False
    if other_tests.other_of(test, code):
        return True
    return obx.text(2) in ("NM", "SN", "ST", "TX", "FT")


def _test(obx: Segment) -> tuple[str, str, bool]:
    """Name, code, and whether the code is said to be LOINC. The second coding counts where it is LOINC."""
    codings = [(obx.text(3, at), obx.text(3, at + 1), obx.text(3, at + 2)) for at in (1, 4)]
    named = next((name for _, name, _ in codings if name), "")
    for code, _name, system in codings:
        if code and (system == "LN" or _LOINC.fullmatch(code)):
            return named or code, code, True
    return named or codings[0][0], codings[0][0], False


class _Reader:
    """One result of a message."""

    def __init__(self, message, order, group, subject, several, tally):
        self.message, self.order, self.obx = message, order, group.observation.obx
        self.observation, self.beside = group.observation, group.beside
        self.subject, self.tally = subject, tally
        self.test, self.code, self.loinc = _test(self.obx)
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
        if self.obx.text(2) not in _TYPES:
            return self._problem("value", f"values of type {self.obx.text(2)[:5]} (OBX-2) are not read.")
        try:
            return self._row(_STATUSES[status])
        except ValueError as error:
            return self._problem("collected_at", str(error))

    def _row(self, status: str) -> Item:
        taken_at = self._taken_at()
        if taken_at is None:
            return self._problem(
                "collected_at", "the message gives no time of collection (OBR-7, OBX-14, SPM-17)."
            )
        value = self._value()
        if status not in (WITHDRAWN, NO_VALUE) and not value:
            return self._problem("value", f"the value is missing and the status says {status}.")
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
            verified_at=reported,
            order=self._order_key(),
            declared=True,
            comment=" ".join(filter(None, self.observation.comments))[:300],
            draw_note=" ".join(filter(None, self.order.comments))[:300],
            warning=self._warning(),
            identity=self.subject.identity,
        )

    def _taken_at(self) -> datetime | None:
        """The date sent beside the result, else OBR-7, OBX-14, and last the specimen's own (SPM-17)."""
        for where, segment, field in (
            ("OBX-5", self.beside.get("taken"), 5),
            ("OBR-7", self.order.obr, 7),
            ("OBX-14", self.obx, 14),
            ("SPM-17", self.order.specimen, 17),
        ):
            if segment and segment.text(field):
                if len(segment.text(field)) == len("YYYYMMDD"):
                    self.tally.bare += 1
                return self._time(where, segment, field)
        return None

    def _time(self, where: str, segment: Segment | None, field: int) -> datetime | None:
        try:
            return read_time(segment.text(field)) if segment else None
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None

    def _value(self) -> str:
        """The value as text: "<5" for SN `<^5`; the words of a coded answer; never a part of several."""
        kind, several = self.obx.text(2), self.obx.repetitions(5)
        if len(several) > 1:
            return self.obx.free(5)
        if kind == "SN":
            return _structured([self.obx.text(5, at) for at in (1, 2, 3, 4)])
        if kind in _CODED:
            return self.obx.text(5, 2) or self.obx.text(5)
        return self.obx.free(5)

    def _unit(self) -> str:
        """The code of the unit. `10^3/uL`, not escaped as it should be, falls into two components."""
        parts = [self.obx.plain(part) for part in self.obx.parts(6)]
        if len(parts) > 1 and re.fullmatch(r"[xX]?\s*10", parts[0]) and re.match(r"\d", parts[1]):
            return f"{parts[0]}^{parts[1]}"
        return next((part for part in parts[:2] if part), "")

    def _limit(self, part: str) -> str:
        obx = self.beside.get(part)
        if obx is None:
            return ""
        return obx.text(5, 2) if obx.text(2) == "SN" else obx.text(5)

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
        cells = (self.test, self.code, obx.free(5), self._unit(), obx.free(7), obx.text(11), taken)
        return (who.mrn, *(cell[:200] for cell in (name, born, *cells) if cell))

    def _problem(self, column: str, text: str, level: str = REFUSED) -> Problem:
        return Problem(self.place.at(column), text, level, test=(self.test, self.code))


def _structured(parts: list[str]) -> str:
    """SN: comparator, number, separator, number. Two numbers are a range or titre, kept as they stand."""
    sign, first, separator, second = parts
    if separator or second or sign not in _SIGNS:
        return f"{sign}{first}{separator}{second}"
    return f"{_SIGNS[sign]}{first}"


def _unknown_status(status: str) -> str:
    if not status:
        return "the status (OBX-11) is missing: nobody can say whether this result is final."
    if status == "U":
        return "status U says that the value sent before is final, without sending it again: look it up."
    return f"status “{status[:5]}” (OBX-11) is not known. Use F, P, C, D, W or X."
