"""Small changes to bytes and to texts, as transfers, spreadsheets and people make them."""

import random
import re
from collections.abc import Callable

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}|(?<!\d)(?:19|20)\d{6}")
_COMPARATOR = re.compile(r"[<>≤≥]=?")
_UNITS = (
    "U/L", "IU/L", "ukat/L", "µkat/l", "nkat/L", "umol/L", "µmol/l", "mmol/L", "mg/dL", "mg/L", "g/L", "g/dL",
    "10*9/L", "10^3/uL", "x10⁹/L", "/uL", "G/L", "K/uL", "lakh/uL", "%", "s", "ratio", "mEq/L", "mg%", "",
)  # fmt: skip
_UNIT = re.compile(
    r"(?<![\w/])(?:U/L|[uµ]kat/[lL]|[uµ]mol/[lL]|mg/d[lL]|mmol/[lL]|g/d?[lL]|10[*^]9/L|%)(?!\w)"
)
_NUMBERS = (
    "0", "-0", "-3", "1e400", "1e5", "10e3", "1.5 x 10^5", "9" * 400, "1.234", "1,234", "1 234", "1'234",
    "1.234,5", "1,234.5", "1,2,3", "1..4", ".5", "5.", "NaN", "inf", "0x1F", "٣٤", "１２", "½", "²", "1\u00a0234",
    "88 & 120", "88; 120", "300-400", "1.1/1.2", "ca. 300", "~5", "(300)", "12 H", "H 12", "12*", "5 U/L",
    "35%", "no clot", ">10 no clot", "haemolysed", "LESS THAN 10", "not 5", "5 or 6", "5?", "#N/A", "true",
)  # fmt: skip
_DATES = (
    "2026-03-02", "02/03/2026", "03/02/2026", "13/02/2026", "02.03.2026", "20260302", "2026-02-30", "2026-13-01",
    "0000-00-00", "2199-12-31", "2026-03-29", "46083", "1/1/26", "2 Mar 2026", "20261332", "9999-12-31",
)  # fmt: skip
_PIECES = (
    "\x00", "\ufeff", "\r\n", "\n", "\r", '"', "'", "\t", ";", ",", "|", "^", "~", "&", "\\", "\u200b", "\u202e",
    "\u00a0", "<", ">", "≤", "=", "-", "%", " H", "*", "\x1c", "\x0b", "\ud800", "𝟙", "é",
)  # fmt: skip
_SIGNS = ("<", ">", "<=", ">=", "≤", "≥", "< ", "=<", "less than ", "not <", "<>")
_DELIMITERS = ",;\t|^~&"
Change = Callable[[random.Random, str], str]


def of_bytes(rng: random.Random, content: bytes) -> bytes:
    """Flipped, lost, put in, cut off or doubled."""
    at = rng.randrange(len(content) + 1)
    end = min(at + rng.choice((1, 1, 2, 8, 60)), len(content))
    noise = bytes(rng.randrange(256) for _ in range(rng.randint(1, 4)))
    return rng.choice(
        (
            content[:at] + noise + content[end:],
            content[:at] + content[end:],
            content[:at] + noise + content[at:],
            content[:at],
            content[:end] + content[at:],
        )
    )


def of_text(rng: random.Random, text: str) -> str:
    return rng.choice(_CHANGES)(rng, text)


def _swapped(pattern: re.Pattern[str], choices: tuple[str, ...]) -> Change:
    """One place of the pattern, here or there each of them, becomes something else of its kind."""

    def change(rng: random.Random, text: str) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        one, instead = rng.choice(found), rng.choice(choices)
        if rng.random() < 0.1:
            return text.replace(one[0], instead)
        return text[: one.start()] + instead + text[one.end() :]

    return change


def _written_otherwise(rng: random.Random, text: str) -> str:
    """A number with another mark, with thousands, or in the digits of another script."""

    def otherwise(number: str) -> str:
        wide = number.translate({ord(d): chr(ord(d) + 0xFEE0) for d in "0123456789"})
        marks = number.translate(str.maketrans(".,", ",."))
        return rng.choice(
            (marks, number + ".000", number + ",5", number + "000", wide, f"{number[:1]} {number[1:]}")
        )

    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + otherwise(one[0]) + text[one.end() :]


def _signed(rng: random.Random, text: str) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    at = rng.choice(found).start()
    return text[:at] + rng.choice(_SIGNS) + text[at:]


def _with_piece(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_PIECES) + text[at:]


def _other_delimiter(rng: random.Random, text: str) -> str:
    one, other = rng.sample(_DELIMITERS, 2)
    return text.replace(one, other)


def _decimal_commas(rng: random.Random, text: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _other_lines(rng: random.Random, text: str) -> str:
    """A line lost, doubled, moved; or all of them ended otherwise."""
    lines = re.split(r"\r\n|\r|\n", text)
    end = "\r" if "\r" in text and "\n" not in text else "\n"
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind == 0:
        del lines[one]
    elif kind == 1:
        lines.insert(other, lines[one])
    elif kind == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        end = rng.choice(("\r\n", "\r", "\n", "\n\n", "\u2028"))
    return end.join(lines)


def _other_cells(rng: random.Random, text: str) -> str:
    """Two cells of a line swapped, one emptied, lost, or doubled."""
    lines = text.splitlines(keepends=True) or [text]
    at = rng.randrange(len(lines))
    delimiter = max(_DELIMITERS, key=lines[at].count)
    cells = lines[at].split(delimiter)
    one, other = rng.randrange(len(cells)), rng.randrange(len(cells))
    kind = rng.randrange(4)
    if kind == 0:
        cells[one], cells[other] = cells[other], cells[one]
    elif kind == 1:
        cells[one] = ""
    elif kind == 2:
        del cells[one]
    else:
        cells.insert(other, cells[one])
    lines[at] = delimiter.join(cells)
    return "".join(lines)


def _other_marks(rng: random.Random, text: str) -> str:
    """Of a message: the delimiters that MSH names."""
    return re.sub(r"^MSH.....", lambda _: "MSH" + "".join(rng.sample("|^~\\&#$!*", 5)), text)


_CHANGES: tuple[Change, ...] = (
    _swapped(_NUMBER, _NUMBERS),
    _swapped(_NUMBER, _NUMBERS),
    _swapped(_DATE, _DATES),
    _swapped(_UNIT, _UNITS),
    _swapped(_COMPARATOR, _SIGNS),
    _written_otherwise,
    _written_otherwise,
    _signed,
    _with_piece,
    _with_piece,
    _other_delimiter,
    _decimal_commas,
    _other_lines,
    _other_cells,
    _other_cells,
    _other_marks,
)
