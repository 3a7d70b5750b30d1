"""HL7 v2 by its definition: segments by line, fields by the delimiters that MSH names."""

import re
from collections.abc import Iterator

from tests.fuzz.second.judge import Claim, Evidence
from tests.fuzz.second.tables import decoded
from tests.fuzz.second.texts import UNSEEN, plain

# Of the transport, wherever it stands.
_FRAME = re.compile(r"[\x0b\x1c]")
_ESCAPES = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}


class Segment:
    def __init__(self, line: str, marks: str):
        self.marks = marks
        self.fields = line.split(marks[0])
        self.name = self.fields[0]

    def field(self, number: int) -> str:
        at = number - 1 if self.name == "MSH" else number
        return self.fields[at] if at < len(self.fields) else ""

    def parts(self, number: int) -> list[str]:
        """The first repetition's components, escapes undone."""
        one = self.field(number).split(self.marks[2])[0]
        return [self.plain(part) for part in one.split(self.marks[1])]

    def whole(self, number: int) -> str:
        """All that stands there, with its delimiters; at the end they hold nothing."""
        text = self.field(number)
        return self.plain(text.rstrip("".join((self.marks[1:3], self.marks[4:5]))))

    def plain(self, text: str) -> str:
        mark = re.escape(self.marks[3]) if len(self.marks) > 3 else None
        if mark is None or text == '""':
            return "" if text == '""' else text
        return re.sub(rf"{mark}([^{mark}]*?){mark}", self._escape, text)

    def _escape(self, found: re.Match[str]) -> str:
        code = found[1]
        if code in _ESCAPES:
            return self.marks[_ESCAPES[code]] if _ESCAPES[code] < len(self.marks) else ""
        if code[:1] == "X" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", code[1:]):
            return bytes.fromhex(code[1:]).decode("utf-8", "replace")
        return " " if code[:1] == "." else ""


def evidence(content: bytes, claim: Claim) -> Iterator[Evidence]:
    """The claim's place: "message 2, OBR 1, OBX 3"; nothing, where it may stand anywhere."""
    messages = _messages(_FRAME.sub("", UNSEEN.sub("", decoded(content))))
    words = str(claim.place[0]) if claim.place else ""
    wanted = re.search(r"message (\d+)", words), re.search(r"OBX (.+)$", words)
    for number, segments in enumerate(messages, 1):
        if wanted[0] is None or int(wanted[0][1]) == number:
            yield from _of_message(segments, wanted[1][1] if wanted[1] else None)


def _of_message(segments: list[Segment], wanted: str | None) -> Iterator[Evidence]:
    person = ""
    for order in _orders(segments):
        person = next((one.whole(3) for one in order if one.name == "PID"), person)
        for at, obx in enumerate([one for one in order if one.name == "OBX"], 1):
            written = obx.parts(1)[0]
            if wanted in (
                None,
                *((one.strip() or str(at))[:6] for one in (written, plain(written))),
                str(at),
            ):
                yield from _of(obx, order, person)


def _messages(text: str) -> list[list[Segment]]:
    """A line that begins with no segment's name goes on with the one before."""
    found: list[list[Segment]] = []
    for line in re.split(r"\r\n|\r|\n", text):
        line = line.lstrip()
        if line.startswith("MSH"):
            found.append([Segment(line, line[3:8])])
        elif found and re.match(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(found[-1][0].marks[:1] or '|')}|$)", line):
            found[-1].append(Segment(line, found[-1][0].marks))
        elif found:
            found[-1][-1].fields[-1] += f" {line}"
    return found


def _orders(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Each OBR with what follows it; what stands before the first is one of its own."""
    order: list[Segment] = []
    for segment in segments:
        if segment.name in ("OBR", "PID"):
            yield order
            order = []
        order.append(segment)
    yield order


def _of(obx: Segment, order: list[Segment], person: str) -> Iterator[Evidence]:
    beside = [one for one in order if one.name == "OBX" and one is not obx]
    times = [(one, at) for one in order for at in {"OBR": (7,), "SPM": (17,)}.get(one.name, ())]
    stamps = [one.parts(at)[0] for one, at in times] + [obx.parts(14)[0]]
    stamps += [one.parts(5)[0] for one in beside]
    for value in _values(obx):
        yield Evidence(
            value=value,
            flags=tuple(
                obx.plain(one)
                for one in re.split("[" + re.escape("".join(obx.marks[1:3]) or "^") + "]", obx.field(8))
            ),
            units=(*obx.parts(6)[:2], obx.whole(6), "".join(obx.parts(6)[:2])),
            tests=tuple(obx.parts(3)) or ("",),
            times=tuple(_first_only(stamps)),
            people=(person,),
            limits=(obx.whole(7), obx.whole(5), *(one.whole(5) for one in beside)),
        )


def _first_only(stamps: list[str]) -> list[str]:
    return [re.sub(r"\.\d+", "", stamp).strip() for stamp in stamps if stamp]


def _values(obx: Segment) -> list[str]:
    """SN: its parts side by side. Coded: its code or its words. Anything else: the text whole."""
    kind, parts = obx.parts(2)[0], obx.parts(5)
    if kind == "SN" or (kind == "" and len(parts) == 2):
        return ["".join(parts), obx.whole(5)]
    if kind in ("CE", "CWE", "CNE"):
        return [parts[1] if len(parts) > 1 and parts[1] else parts[0]]
    return [obx.whole(5)]
