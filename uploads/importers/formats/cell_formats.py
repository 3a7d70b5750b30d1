"""What a cell of a workbook shows for the number or text it holds, by the code of its format.

Only what changes the meaning: signs around the number, percent, a number scaled or hidden. Imports nothing of
the product: the process that opens workbooks loads this file by its path.
"""

import re

# What stands in a cell in place of what cannot be told from it.
OTHER = "#FORMAT"
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digits>(?:[0#?][0#?,]*(?:\.[0#?]*)?|\.[0#?]+),*(?:E[+-][0#?]+)?)"
    r"|(?P<general>General)|(?P<text>@)|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])+|(?<=;)(?=;|$)|^(?=;)', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
_COMPARED = {
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
}


class CellShape:
    """A section of a format: the signs before and behind what the cell holds."""

    def __init__(self, section: str) -> None:
        self.before = self.after = ""
        self.holds = self.split = self.scaled = self.percent = False
        self.decimals = 0
        for token in _TOKEN.finditer(section):
            self._take(token)

    def _take(self, token: re.Match) -> None:
        digits = token["digits"]
        if digits or token["general"] or token["text"]:
            # Digits in two groups: 12-34, or a fraction, which is the same number.
            self.split = self.split or (self.holds and self.after.strip() not in ("", "/"))
            self.after = "" if self.holds and not self.split else self.after
            self.holds = True
            self._count(digits or "")
            return
        self.percent = self.percent or token["sign"] == "%"
        if self.holds:
            self.after += _shown_sign(token)
        else:
            self.before += _shown_sign(token)

    def _count(self, digits: str) -> None:
        whole, _, part = digits.partition(".")
        self.scaled = self.scaled or whole.endswith(",") or part.endswith(",")
        self.decimals = None if "E" in digits.upper() else len(part)


def _shown_sign(token: re.Match) -> str:
    """What stands beside the number as it is; of a currency in brackets its sign."""
    bracket = token["bracket"] or ""
    if bracket.startswith("$"):
        return bracket[1:].partition("-")[0]
    return token["quoted"] or token["escaped"] or token["sign"] or ""


def changes(code: str) -> bool:
    """Whether a format may show something else than the number or text itself."""
    shapes = [CellShape(section) for section in _sections(code)]
    return any(_is_odd(shape) for shape in shapes) or bool(_CONDITION.search(code))


def shown(cell: float | str, code: str) -> float | str:
    """What the cell shows as text; the cell where that means the same; `OTHER` where nobody can tell."""
    sections = _sections(code)
    if isinstance(cell, str):
        return _text(cell, sections)
    if cell < 0:
        # No result is: whatever it shows, it is asked.
        return cell
    section = _section_of(cell, sections)
    shape = None if section is None else CellShape(section)
    if shape is None or shape.scaled or shape.split:
        return OTHER
    if not shape.holds:
        return (shape.before + shape.after).strip() or OTHER
    before, after = shape.before.strip(), shape.after.strip()
    if not before and not after:
        return cell
    number = cell * 100 if shape.percent else cell
    return f"{before}{_rounded(number, shape)}{_spaced(after)}"


def _rounded(number: float, shape: CellShape) -> str:
    if shape.percent or not shape.decimals:
        return f"{number:.15g}" if shape.percent or number % 1 else f"{number:.0f}"
    return f"{round(number, shape.decimals):.15g}"


def _spaced(after: str) -> str:
    return f" {after}" if after[:1].isalnum() or not after.isascii() else after


def _text(cell: str, sections: list[str]) -> str:
    """Texts have the fourth section, or the one with their sign."""
    section = sections[3] if len(sections) > 3 else next((s for s in sections if "@" in s), "")
    if not section:
        return cell
    shape = CellShape(section)
    return f"{shape.before}{cell}{shape.after}".strip() if shape.holds else cell


def _sections(code: str) -> list[str]:
    return [found[0] for found in _SECTION.finditer(code)]


def _section_of(cell: float, sections: list[str]) -> str | None:
    conditions = [_CONDITION.search(section) for section in sections[:3]]
    if any(conditions):
        for section, found in zip(sections, conditions, strict=False):
            if found is None or _COMPARED[found[1]](cell, float(found[2])):
                return section
        return None
    if len(sections) > 2 and cell == 0:
        return sections[2]
    return sections[0] if sections else ""


def _is_odd(shape: CellShape) -> bool:
    literal = bool((shape.before + shape.after).strip())
    return literal or shape.scaled or shape.split or not shape.holds
