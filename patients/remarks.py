"""What a laboratory remarks beside a value or instead of one, read with its negation: "not haemolysed" speaks
for the sample, and "no clot" of a clotting test is a result beyond what the method measures."""

import re
from dataclasses import dataclass

UNCLOTTED, MAXIMUM = "unclotted", "maximum"

_SEEN = r"ha?emoly[sz]\w*|clotted|clots?|lipa?emi\w*|contaminat\w*"
_BAD = (
    rf"(?:{_SEEN}|insufficient\w*|qns|mislabell?ed|unlabell?ed|unsuitable|under-?filled|over-?filled|leaked|"
    r"wrong tube|expired|rejected)"
)
# These alone say nothing against a sample.
_DENIABLE = rf"(?:{_BAD}|icter\w*|turbid\w*)"
_FILLER = (
    r"(?:(?:any|visible|obvious|gross|grossly|apparent|significant|relevant|macroscopic|evidence|signs?|trace|"
    r"presence|of|been|be|was|is|the)\s+)*"
)
_FOUND = r"(?:seen|found|detected|present|observed|noted)"
# "no visible haemolysis or clots", "sample not haemolysed", "free of clots", "non-haemolysed".
_DENIED = re.compile(
    r"(?:\b(?:sample|specimen)\s+(?:is\s+|was\s+)?)?"
    r"(?:\bnon[\s-]?|\b(?:no|not|neither|nor|nil|without|negative for|free (?:of|from)|absence of)\s+)"
    rf"{_FILLER}{_DENIABLE}(?:\s*(?:,\s*(?=[^;.]*\bn?or\b)|/|,?\s*\bn?or\b)\s*{_FILLER}{_DENIABLE})*"
    rf"(?:\s+{_FOUND})?(?:\s+in\s+(?:the\s+)?(?:sample|specimen|tube))?",
    re.IGNORECASE,
)
# "haemolysis: none", "clots not seen", "clot-free"; not "haemolysis, no value".
_ABSENT = re.compile(
    rf"\b(?:{_SEEN}|icter\w*)(?:\s*[:=]\s*|\s+)(?:(?:is|are|was|were)\s+)?"
    rf"(?:nil|none|no|negative|neg|absent|not\s+{_FOUND})\b(?!\.?\s*(?:value|result|number|[0-9]))"
    r"|\b(?:clots?|ha?emolysis)-free\b",
    re.IGNORECASE,
)
_UNCLOTTED = re.compile(
    r"(?:\bno[\s_-]?(?:clot|clotting|coagulation)\b(?!\s+in\b\s+(?!\d))"
    r"|\bclot(?:ting)?\s+not\s+(?:formed|detected|found)\b"
    r"|\b(?:did|does|do|will|would)\s+not\s+(?:clot|coagulate)\b"
    r"|\bfail(?:ed|s|ure)\s+to\s+(?:clot|coagulate)\b"
    r"|\b(?:un|in|non-?)(?:clott?able|coagula?ble)\b)"
    r"(?:\s+(?:formation|formed|forming|detected|detectable|seen|observed|found))?"
    r"(?:\s+(?:in|after|within|at)\s+[0-9]+\s*(?:seconds?|secs?|s)\b)?",
    re.IGNORECASE,
)
_MAXIMUM = re.compile(
    r"(?:[>≥]=?\s*|\b(?:above|over|beyond|exceeds)\s+(?:the\s+)?)(?:max(?:imum|\.)?|measur(?:ing|able|ement)\s+range)"
    r"(?!\w)",
    re.IGNORECASE,
)
_BAD_WORD = re.compile(rf"\b{_BAD}\b", re.IGNORECASE)
_START, _END = re.compile(r"^(?:[ ,;:!]|[-–.](?![0-9]))+"), re.compile(r"[ ,;:.!–-]+$")
_NAME = re.compile(r"^INR\b[\s:=]*", re.IGNORECASE)


@dataclass(frozen=True)
class Remarks:
    """`bad`: the word that speaks against the sample. `beyond`: UNCLOTTED, nothing clotted while it was
    measured, or MAXIMUM, the value lies above what is measured. `rest`: the text without both and what
    is denied."""

    bad: str
    beyond: str
    rest: str


def read(text: str) -> Remarks:
    # What stood on both sides of a remark is never joined to one number.
    rest, unclotted = _UNCLOTTED.subn(" ; ", text)
    rest, most = _MAXIMUM.subn(" ; ", rest)
    rest, denied = _DENIED.subn(" ; ", rest)
    rest, absent = _ABSENT.subn(" ; ", rest)
    bad = _BAD_WORD.search(rest)
    if unclotted or most or denied or absent:
        rest = _tidied(rest)
    return Remarks(bad[0] if bad else "", UNCLOTTED if unclotted else MAXIMUM if most else "", rest)


def _tidied(text: str) -> str:
    """What stood around a remark: "10 ()", "; >10" and "(INR >10)" hold a number alone."""
    text = re.sub(r"[(\[][\s;]*[)\]]", " ; ", text)
    text = re.sub(r"[\s;]*;[\s;]*(?![\s;<>≤≥=+-]*\.?[0-9])", " ", text)
    text = _END.sub("", _START.sub("", " ".join(text.split())))
    if text[:1] in ("(", "[") and text[-1:] in (")", "]"):
        text = text[1:-1].strip()
    return _NAME.sub("", text)
