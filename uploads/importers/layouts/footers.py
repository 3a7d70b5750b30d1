"""Lines below a table that are no rows of it: totals, averages, the end of a report."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_TOTAL = re.compile(
    r"\W*(?:(?:grand |sub-?)?totals?|sum|average|avg|mean|median|standard deviation|std ?dev|sd|min(?:imum)?|"
    r"max(?:imum)?|count|(?:zwischen)?summe|gesamt(?:summe|zahl)?|mittelwert|durchschnitt|anzahl|moyenne|"
    r"promedio|media|totale|suma)\W*",
    re.IGNORECASE,
)
_COUNTED = r"(?:rows?|records?|results?|lines?|zeilen|datens(?:a|ä)tze|ergebnisse)"
_END = re.compile(
    r"\W*(?:\*{2,}.*|-{3,}.*|={3,}.*|_{3,}.*|end of (?:report|file|data|list|results)\b.*|"
    r"ende(?: des berichts)?|fin(?: du rapport)?|(?:page|seite) \d+.*|\(?c\)? ?copyright.*|"
    r"(?:printed|exported|generated|created|report(?:ed)? (?:on|by)|confidential)\b.*|"
    r"(?:gedruckt|exportiert|erstellt|druckdatum|stand|vertraulich)\b.*|"
    rf"\d+ {_COUNTED}\b.*|{_COUNTED}(?: \w+)?\s*[:=]\s*\d+.*)\W*",
    re.IGNORECASE,
)
SHOWN = 10


def footers_in(
    rows: Iterable[tuple[int, tuple[str, ...]]], is_dated: Callable[[tuple[str, ...]], bool]
) -> list[int]:
    """The numbers of these lines. `is_dated(cells)`: whether a row holds a time where its time should be,
    which no total does."""
    return [number for number, cells in rows if _is_footer(cells) and not is_dated(cells)]


def note(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN])) + (" and more" if len(numbers) > SHOWN else "")
    if len(numbers) == 1:
        return f"1 line is a total or footer and left out: row {shown}."
    return f"{len(numbers):,} lines are totals or footers and left out: rows {shown}."


def _is_footer(cells: tuple[str, ...]) -> bool:
    is_total, is_end = _begins(next(filter(None, cells), ""))
    return is_total or (is_end and sum(map(bool, cells)) <= 2)


@lru_cache(maxsize=4096)
def _begins(first: str) -> tuple[bool, bool]:
    """Whether a line that begins so holds totals, or may be the end of a report. Numbers of patients repeat."""
    return bool(_TOTAL.fullmatch(first)), bool(_END.fullmatch(first))
