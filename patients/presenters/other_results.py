"""Results that are kept as sent, below the grid: draws newest first, one column a test. Nothing is read."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import OtherResult, Result
from patients.report.panel import Panel, drawn_at

FIRST = 12
_NOTES = {Result.Status.PRELIMINARY: "prelim.", Result.Status.CORRECTED: "corr."}


@dataclass(frozen=True)
class OtherCell:
    """Each value as sent, with a note and what else was said of it."""

    values: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class OtherLine:
    at: datetime
    source: str
    cells: tuple[OtherCell, ...]


@dataclass(frozen=True)
class OtherResults:
    tests: tuple[str, ...]
    lines: tuple[OtherLine, ...]
    # Of draws that are not shown.
    hidden: int


def other_results(panel: Panel, everything: bool) -> OtherResults | None:
    """As far as they were taken by the moment of the page, and brought by then where it asks what was known;
    None where there are none."""
    kept = panel.patient.other_results
    # Few clinics keep any: whether they count is asked only where there are some.
    if not kept.exists():
        return None
    rows = kept.current().filter(taken_at__lte=panel.as_of)
    if panel.known_at is not None:
        rows = rows.filter(upload__stored_at__lte=panel.known_at)
    found: dict[tuple[datetime, bool, str], list[OtherResult]] = {}
    for row in rows.order_by("-taken_at", "hour_known", "laboratory", "pk"):
        found.setdefault((row.taken_at, row.hour_known, row.laboratory), []).append(row)
    if not found:
        return None
    # By the key: one test may have been sent under several names.
    names = {row.test: row.name for rows in found.values() for row in rows}
    tests = sorted(names, key=lambda test: names[test].casefold())
    shown = list(found.items()) if everything else list(found.items())[:FIRST]
    zone = panel.patient.clinic.zone
    lines = tuple(
        OtherLine(drawn_at(rows[0], zone), rows[0].laboratory, _cells(rows, tests)) for _, rows in shown
    )
    return OtherResults(tuple(names[test] for test in tests), lines, len(found) - len(shown))


def _cells(rows: list[OtherResult], tests: list[str]) -> tuple[OtherCell, ...]:
    return tuple(OtherCell(tuple(_value(row) for row in rows if row.test == test)) for test in tests)


def _value(row: OtherResult) -> tuple[str, str, str]:
    title = f"range {row.range}" if row.range else "no range sent"
    title += f", {row.method.replace('_', ' ')}" if row.method else ""
    title += f". {row.comment}" if row.comment else ""
    return f"{row.value} {row.unit}".strip(), _NOTES.get(row.status, ""), title
