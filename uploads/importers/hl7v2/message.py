"""One message as segments and fields (parsed by the `hl7` library), and whether it may be read."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, cached_property

import hl7

from patients.values.dates import why_impossible

from ..dates import YEARS, DateAlone
from ..signs import one_line
from .text import SEGMENT, SEGMENTS, MessageLines

VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1")
_EVENTS = {"ORU": ("R01",), "ADT": ("A08", "A31", "A40")}
_READ = "results (ORU^R01) and changes of people (ADT^A08, A31, A40)"
_NULL = '""'
_HEADER = re.compile(r"MSH([^\w\s])([^\w\s]{2,5})(?=\1)")
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
# Field, component, repetition, escape, subcomponent: F, S, R, E, T as escapes name them.
_USUAL = "|^~\\&"
# A longer run of hexadecimal bytes is no letter.
_ESCAPE = 100
_TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,19})?)?)?)?"
    r"\s*(?:(Z)|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Fault:
    """Why a whole message is not read. `code`: HL7 table 0357; `where`: the field, such as MSH-11."""

    code: str
    where: str
    text: str


class UnreadableMessage(Exception):
    def __init__(self, code: str, where: str, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(code, where, text)


class Hl7Segment:
    """Fields by their HL7 number, escapes resolved; what is not there, and the null `""`, is empty."""

    def __init__(self, fields: hl7.Segment, marks: dict[str, str]) -> None:
        self.fields, self.marks = fields, marks
        self.read: dict[int, list[list[str]]] = {}
        self.name = str(fields[0])

    def text(self, field: int, component: int = 1, sub: int | None = None) -> str:
        """A component of the first repetition, with all that stands in it unless `sub` names a subcomponent:
        few fields have them, and many a text holds a separator that is not escaped."""
        parts = self.parts(field)
        return self.plain(parts[component - 1], sub) if len(parts) >= component else ""

    def parts(self, field: int) -> list[str]:
        """The components of the first repetition, as they stand."""
        found = self.repetitions(field)
        return found[0] if found else []

    def repetitions(self, field: int) -> list[list[str]]:
        """The components of each repetition; read once, for the same fields are asked again and again."""
        if field >= len(self.fields):
            return []
        if field not in self.read:
            self.read[field] = [
                [str(part) for part in one] if isinstance(one, hl7.Repetition) else [str(one)]
                for one in self.fields[field]
            ]
        return self.read[field]

    def whole(self, field: int) -> str:
        """The field as it stands, for names that are only compared."""
        return str(self.fields[field]).strip() if field < len(self.fields) else ""

    def plain(self, part: str, sub: int | None = None) -> str:
        if not part:
            return ""
        if sub is not None:
            subs = part.split(self.marks["T"])
            part = subs[sub - 1] if len(subs) >= sub else ""
        text = unescape(part, self.marks)
        return "" if text == _NULL else one_line(text)

    def free(self, field: int, line: str = " ") -> str:
        """Text as it was meant, in one line: a separator in it was not escaped and is kept, at the end it
        holds nothing. `line`: for a line break."""
        whole = self.whole(field)
        bare = whole.rstrip(self.marks["S"] + self.marks["R"] + self.marks["T"])
        text = unescape(whole if bare[-1:].isspace() else bare, self.marks, line)
        return "" if text == _NULL else one_line(text).strip(line)


_MERGE_PAIRS = (
    "in a merge, one former number (MRG) follows each person (PID), and here it does not. Ask the sender to correct "
    "the message."
)


class Hl7Message:
    """Raises `Unreadable` where the bytes are no message at all; `fault` says why one is not for us."""

    def __init__(self, lines: MessageLines) -> None:
        self.number, self.lines = lines.number, lines
        text = lines.segments[0][1]
        header = _HEADER.match(text)
        if not header:
            raise UnreadableMessage(
                "100",
                "MSH",
                "the message does not begin with a header (MSH) and its separators. Export it again.",
            )
        given = header[1] + header[2]
        self.marks = dict(zip("FSRET", given + _USUAL[len(given) :], strict=False))
        if len(set(self.marks.values())) < len(self.marks):
            raise UnreadableMessage(
                "102",
                "MSH-2",
                "two separators of the header (MSH-2) are the same. Ask the sender to correct MSH-2.",
            )
        if len(lines.segments) > SEGMENTS:
            raise UnreadableMessage(
                "102",
                "MSH",
                f"the message has {len(lines.segments):,} segments; at most {SEGMENTS:,} are read. "
                "Ask the sender for a message each order.",
            )
        for at, line in lines.segments:
            self._check(at, line)
        parsed = hl7.parse("\r".join(line for _, line in lines.segments))
        self.segments = [Hl7Segment(fields, self.marks) for fields in parsed]

    def _check(self, at: int, line: str) -> None:
        if len(line) > SEGMENT:
            raise UnreadableMessage(
                "102",
                f"line {at}",
                f"line {at} is longer than {SEGMENT:,} letters. Ask the sender for shorter ones.",
            )
        if not _NAME.match(line) or line[3:4] not in ("", self.marks["F"]):
            raise UnreadableMessage(
                "100",
                f"line {at}",
                f"line {at} is no segment. A line break inside a text is written \\.br\\.",
            )

    @cached_property
    def header(self) -> Hl7Segment:
        return self.segments[0]

    @property
    def control_id(self) -> str:
        return self.header.text(10)

    @property
    def event(self) -> str:
        return self.header.text(9, 2)

    @property
    def is_of_people(self) -> bool:
        """About people themselves, and not about results."""
        return self.header.text(9) == "ADT"

    def first(self, name: str) -> "Hl7Segment":
        return next(segment for segment in self.segments if segment.name == name)

    @property
    def version(self) -> str:
        return self.header.text(12)

    @property
    def sender(self) -> str:
        """Application and facility: with the control id they name a message."""
        return f"{self.header.whole(3)}|{self.header.whole(4)}"

    @cached_property
    def sent_at(self) -> datetime | None:
        """MSH-7; None where it is none that can be read."""
        try:
            return read_time(self.header.text(7))
        except ValueError:
            return None

    def zone_beside(self, zone: tzinfo) -> tzinfo | None:
        """The zone that MSH-7 gives to the times of the message that have none [HL7 2.5, 2.15.9.7]; None where
        it says what a clock in `zone` showed then, for that clock also knows other times of the year."""
        sent = self.sent_at
        if sent is None or sent.tzinfo is None or sent.utcoffset() == sent.astimezone(zone).utcoffset():
            return None
        return sent.tzinfo

    @property
    def content(self) -> str:
        """What the message says, without the time at which this copy was sent (MSH-7)."""
        head, *others = (line for _, line in self.lines.segments)
        fields = head.split(self.marks["F"])
        # MSH-1 is the separator itself: MSH-7 stands at 6.
        return "\r".join([*fields[:6], *fields[7:], *others])

    @property
    def fault(self) -> Fault | None:
        """Only what is read here (`_EVENTS`), of live data, with a control id, in the versions that are known."""
        return self._kind_fault() or self._header_fault() or self._segment_fault()

    def _kind_fault(self) -> Fault | None:
        kind = self.header.text(9)
        if kind not in _EVENTS:
            found = f"“{kind[:10]}”" if kind else "missing"
            return Fault("200", "MSH-9", f"the type of message is {found}; only {_READ} are read.")
        if self.event not in _EVENTS[kind]:
            return Fault("201", "MSH-9", f"the event is “{self.event[:10]}”; only {_READ} are read.")
        return None

    def _header_fault(self) -> Fault | None:
        if self.header.text(11) in ("T", "D"):
            word = {"T": "training", "D": "debugging"}[self.header.text(11)]
            return Fault("202", "MSH-11", f"this is a test message (MSH-11 says {word}): never live data.")
        if self.header.text(11) != "P":
            return Fault(
                "202",
                "MSH-11",
                "MSH-11 does not say P, production: only that is taken for live data. Ask the "
                "sender to set it.",
            )
        if self.version not in VERSIONS:
            found = f"“{self.version[:10]}”" if self.version else "missing"
            return Fault(
                "203",
                "MSH-12",
                f"the version is {found}; {VERSIONS[0]} to {VERSIONS[-1]} are read. Ask the "
                "sender for one of these.",
            )
        if not self.control_id:
            return Fault(
                "101", "MSH-10", "the message has no control id (MSH-10). Ask the sender to fill it in."
            )
        return None

    def _segment_fault(self) -> Fault | None:
        if not any(segment.name == "PID" for segment in self.segments):
            return Fault("100", "PID", "the message names no patient (PID). Ask the sender to name one.")
        if self.is_of_people:
            return self._merge_fault() if self.event == "A40" else None
        if not any(segment.name == "OBX" for segment in self.segments):
            return Fault("100", "OBX", "the message holds no result (OBX): there is nothing to store.")
        return None

    def _merge_fault(self) -> Fault | None:
        """Each former number (MRG) stands behind the person who has it now."""
        names = [segment.name for segment in self.segments if segment.name in ("PID", "MRG")]
        if names != ["PID", "MRG"] * (len(names) // 2):
            return Fault("100", "MRG", _MERGE_PAIRS)
        return None


def unescape(text: str, marks: dict[str, str], line: str = " ") -> str:
    r"""\F\ \S\ \T\ \R\ \E\, \Xdd..\ and line breaks; highlighting and what only the sender knows are dropped.
    What is no escape stands as it is."""
    if marks["E"] not in text:
        return text
    return _escapes(marks["E"]).sub(lambda found: _sequence(found[1], marks, line), text)


@cache
def _escapes(mark: str) -> re.Pattern[str]:
    mark = re.escape(mark)
    return re.compile(
        rf"{mark}([FSRTEHN]|[XZCM](?:(?!{mark})\S)*|\.[A-Za-z]{{2}}(?:(?!{mark})[^\r\n])*){mark}"
    )


def _sequence(code: str, marks: dict[str, str], line: str) -> str:
    if code in marks:
        return marks[code]
    if code[:1] == "X" and len(code) <= _ESCAPE:
        try:
            return bytes.fromhex(code[1:]).decode("utf-8")
        except ValueError:
            return ""
    return line if code[:3].lower() in (".br", ".sp", ".sk", ".ce") else ""


def read_time(text: str) -> datetime | None:
    """YYYYMMDD[HHMM[SS]][+ZZZZ]; None where nothing is given. A zone that is absent is the sender's.

    Midnight without a zone stands for a date alone; 2400 is the end of the day. ValueError carries a sentence:
    a year or a month alone is no time of a draw.
    """
    if not text:
        return None
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"“{text[:30]}” is not a time. It is written YYYYMMDDHHMM.")
    try:
        if int(found[1]) not in YEARS:
            raise ValueError
        zone = _zone(*found.groups()[6:])
        year, month, day, *clock = (int(part or 0) for part in found.groups()[:6])
        if not found[4] or (zone is None and not any(clock)):
            return DateAlone(year, month, day)
        if clock == [24, 0, 0]:
            return datetime(year, month, day, tzinfo=zone) + timedelta(days=1)
        return datetime(year, month, day, *clock, tzinfo=zone)
    except (ValueError, OverflowError):
        raise ValueError(_impossible(text, *map(int, found.groups()[:3]))) from None


def _impossible(text: str, year: int, month: int, day: int) -> str:
    if year not in YEARS:
        return f"“{text[:30]}” has the year {year}: it must lie from {YEARS[0]} to {YEARS[-1]}. Correct it."
    if why := why_impossible(year, month, day):
        return f"“{text[:30]}” is an impossible date: {why}. Correct it."
    return f"“{text[:30]}” has an impossible time of day or zone. Correct it."


def _zone(zulu: str | None, sign: str | None, hours: str, minutes: str) -> timezone | None:
    if zulu:
        return UTC
    if not sign:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)
