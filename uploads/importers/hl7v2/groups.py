"""The results of an order: each OBX that is one, with what other OBX tell about it."""

import re
from dataclasses import dataclass, field

from interpretation.record import analytes
from interpretation.record.spelling import fold_name
from patients.values.number_text import UnreadableNumber, read_value

from .. import other_tests
from .message import Hl7Segment
from .orders import Observation, Order

_MEASURED = ("NM", "SN", "ST", "TX", "FT")
_TEXT = ("TX", "FT", "ST", "")
# LOINC codes and names of what is said about a report: service comment, laboratory comment, annotation,
# narrative of a report.
_REMARKS = {
    "8251-1", "77202-0", "48767-8", "11502-2", "comment", "comments", "remark", "remarks", "note", "notes",
    "text", "report", "report text", "narrative", "interpretation", "conclusion", "lab comment",
    "laboratory comment", "result comment", "result note", "specimen comment", "sample comment", "free text",
    "txt", "memo", "addendum", "disclaimer", "footnote", "report comment", "general comment",
    "clinical comment",
}  # fmt: skip
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


@dataclass
class Hl7Tally:
    """What was read beside results, for the notes of the preview. `row` numbers the items of a file."""

    row: int = 0
    beside: int = 0
    passed: int = 0
    partial: int = 0
    bare: int = 0
    # Zones of messages (MSH-7) in which times without one were read.
    zones: set[str] = field(default_factory=set)
    # Lines of text of orders that hold results, and of others.
    texts: int = 0
    loose: int = 0


@dataclass
class Group:
    """One result and what other OBX tell about it."""

    observation: Observation
    beside: dict[str, Hl7Segment]


def grouped(order: Order, tally: Hl7Tally) -> list[Group]:
    """Limits and dates sent as OBX of their own go to the one result of their group."""
    groups, beside, lines = [], [], 0
    for observation in order.observations:
        if _is_text(order, observation.obx):
            texts = [observation.obx.free(5), *observation.comments]
            order.comments += filter(None, texts)
            lines += bool(texts[0])
        elif part := _part(observation.obx):
            beside.append((part, observation))
        elif _is_result(order, observation.obx):
            groups.append(Group(observation, {}))
        else:
            tally.passed += 1
    if groups:
        tally.texts += lines
    else:
        tally.loose += lines
    _place(beside, groups, tally)
    return groups


def _place(beside: list[tuple[str, Observation]], groups: list[Group], tally: Hl7Tally) -> None:
    """Each part goes to the one result of its group; what has none, or several, is passed."""
    of_key: dict[str, list[Group]] = {}
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


def _is_text(order: Order, obx: Hl7Segment) -> bool:
    """Lines of a report that are no result: without a test, under a name for remarks, or under the code of
    the whole order. What could be a value is never taken for one."""
    kind, (test, code, _) = obx.text(2), test_of(obx)
    if kind not in _TEXT or analytes.find(test) or analytes.find(code):
        return False
    if not (test or code) and kind in ("TX", "FT"):
        return True
    return (is_remark(test, code) or kind in ("TX", "FT") and _is_of_panel(order, code)) and not _is_number(
        obx
    )


def is_remark(test: str, code: str) -> bool:
    """Whether this names no test: nothing, or what laboratories call their remarks."""
    return not (test or code) or code in _REMARKS or fold_name(test) in _REMARKS


def _is_of_panel(order: Order, code: str) -> bool:
    """Whether the code is that of an order with other results. Of a single test it is that test's own."""
    codes = {observation.obx.text(3) for observation in order.observations}
    return bool(code) and order.obr is not None and code == order.obr.text(4) and codes != {code}


def _is_number(obx: Hl7Segment) -> bool:
    try:
        read_value(obx.free(5))
    except UnreadableNumber:
        return False
    return True


def _part(obx: Hl7Segment) -> str:
    if part := _BESIDE.get(obx.text(3)):
        return part
    name = fold_name(obx.text(3, 2))
    return next((part for part, words in _BESIDE_WORDS.items() if name.endswith(words)), "")


def _is_result(order: Order, obx: Hl7Segment) -> bool:
    """A test that is kept, or a measurement whose test is not known: that is for a person to see."""
    test, code, _ = test_of(obx)
    if analytes.find(test) or analytes.find(code):
        return True
    if order.obr and order.obr.text(4) in _QUESTIONNAIRES:
        return False
    if other_tests.other_of(test, code):
        return True
    return obx.text(2) in _MEASURED or (not obx.text(2) and _is_number(obx))


def test_of(obx: Hl7Segment) -> tuple[str, str, bool]:
    """Name, code, and whether the code is said to be LOINC. The second coding counts where it is LOINC."""
    if len(obx.repetitions(3)) > 1:
        return obx.free(3), "", False
    codings = [(obx.text(3, at), obx.text(3, at + 1), obx.text(3, at + 2)) for at in (1, 4)]
    named = next((name for _, name, _ in codings if name), "")
    for code, _name, system in codings:
        if code and (system == "LN" or _LOINC.fullmatch(code)):
            return named or code, code, True
    return named or codings[0][0], codings[0][0], False


def two_tests(obx: Hl7Segment) -> bool:
    """Whether the two codings of a result name different tests."""
    both = [analytes.find(obx.text(3, at)) or analytes.find(obx.text(3, at + 1)) for at in (1, 4)]
    return None not in both and both[0].key != both[1].key
