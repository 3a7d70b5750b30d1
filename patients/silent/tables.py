"""What a silent run has counted, as tables: the same on the page, as CSV and as text. 95% intervals throughout."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from interpretation.characteristics.intervals import poisson, wilson
from interpretation.knowledge import load
from interpretation.words import number
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES, GRADE_WORDS, URGENCY_WORDS

from .counting import MONTH
from .flags import ANY, OUTCOMES
from .readings import FLAGGED, GRADES, UNREAD

load("causes").read_by(__name__, "cause")

WEEK = timedelta(days=7) / MONTH
OUTCOME_WORDS = {
    ANY: "Any of these",
    "decompensation": "Decompensation",
    "transplant": "Transplant",
    "death": "Death",
}
# Reasons of the rule by their codes; what hides an INR is named as events and diagnoses are.
WHY_WORDS = {
    "transplant": "less than 14 days after a transplant",
    "no_draws": "no draw can be read",
    "no_inr": "no INR",
    "no_enzymes": "neither ALT nor AST",
    "no_pairs": "no INR within 48 hours of an ALT or AST",
    "one_draw": "one paired draw only",
    "point_of_care": "INR at the point of care only",
    "masked": "INR perhaps falsely low after a blood product",
    "masked_left_out": "draws after a blood product left out",
    "draws_left_out": "draws left out because their INR cannot be read",
    "too_few": "fewer than two paired draws can be read",
    "too_close": "draws less than 12 hours apart",
    "later_inr_alone": "the latest INR has no ALT or AST near it",
}
NONE = "–"
Version = dict[str, Any]


@dataclass(frozen=True)
class SilentTable:
    """Rows of text; the first column names the row. `note` says what is counted."""

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class ClinicNumbers:
    """Of which the budget is made: patients followed, and draws a month."""

    patients: float
    draws_a_month: float


def tables(found: dict[str, Any], clinic: ClinicNumbers) -> list[SilentTable]:
    versions: list[Version] = found["limits"]
    made = [_budget(versions, clinic), _flags(versions)]
    for version in versions:
        beside = f", {name_of(version)}" if len(versions) > 1 else ""
        for table in (_leads(version), _after(version), _unread(version), _causes(version)):
            made.append(_named(table, version, beside))
    return made


def level_words(level: str) -> str:
    if level in GRADES:
        worse = "" if level == GRADES[-1] else " or worse"
        return f"{GRADE_WORDS[level]}{worse}"
    return f"“{URGENCY_WORDS[level]}”" + ("" if level == "today" else " or sooner")


def name_of(version: Version) -> str:
    """Which knowledge read it."""
    which = version["folder"] or "in use"
    return f"{which} ({version['version']}, {version['digest']})"


def _named(table: SilentTable, version: Version, beside: str) -> SilentTable:
    name = f"{table.name}-other" if version["folder"] else table.name
    return SilentTable(name, table.title + beside, table.note, table.head, table.rows)


def _side_by_side(
    versions: list[Version], heads: tuple[str, ...], cells: Callable[[Version, str], tuple[str, ...]]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A row a level, the columns of each version beside those of the one before."""
    several = len(versions) > 1
    head = ["Flag"]
    for version in versions:
        head += [f"{one}, {name_of(version)}" if several else one for one in heads]
    rows = [
        (level_words(level), *(cell for version in versions for cell in cells(version, level)))
        for level in FLAGGED
    ]
    return tuple(head), rows


def _budget(versions: list[Version], clinic: ClinicNumbers) -> SilentTable:
    def cells(version: Version, level: str) -> tuple[str, ...]:
        by_patients = clinic.patients * WEEK / version["months"] if version["months"] else None
        by_draws = clinic.draws_a_month * WEEK / version["readings"] if version["readings"] else None
        flags = version["flags"][level]
        return (_rate(flags, by_patients), _rate(flags, by_draws))

    head, rows = _side_by_side(versions, ("a week by patients", "a week by draws"), cells)
    note = (
        f"Flags to expect in a week with {number(clinic.patients)} patients followed, and with "
        f"{number(clinic.draws_a_month, 1)} draws a month: the rates of this run at these numbers."
    )
    return SilentTable("budget", "Flag budget", note, head, rows)


def _flags(versions: list[Version]) -> SilentTable:
    def cells(version: Version, level: str) -> tuple[str, ...]:
        flags, months = version["flags"][level], version["months"]
        rate = _rate(flags, 100 / months) if months else NONE
        return (number(flags), number(version["flagged"][level]), rate)

    heads = ("Flags", "Patients flagged", "Per 100 patients a month")
    head, rows = _side_by_side(versions, heads, cells)
    one = versions[0]
    note = (
        f"{number(one['patients'])} patients, {number(one['readings'])} readings, "
        f"{number(one['months'], 1)} patient-months."
    )
    return SilentTable("flags", "Flags", note, head, rows)


def _leads(version: Version) -> SilentTable:
    head = (
        "Outcome, flag",
        "Patients with the outcome",
        "Flagged before",
        "Share, %",
        "Never flagged before",
        "Days before: median",
        "Middle half",
    )
    rows = [
        _lead_row(kind, level, version["outcomes"][kind], version["leads"][kind][level])
        for kind in (ANY, *OUTCOMES)
        for level in FLAGGED
        if version["outcomes"][kind]
    ]
    note = (
        "The first of each patient that the record says: ascites, encephalopathy or variceal bleeding; transplant; "
        "death. Days from the first flag of the period to it."
    )
    return SilentTable("leads", "Before decompensation, transplant or death", note, head, rows)


def _lead_row(kind: str, level: str, patients: int, days: list[float]) -> tuple[str, ...]:
    middle = NONE
    if len(days) > 1:
        low, _, high = quantiles(days, n=4, method="inclusive")
        middle = f"{number(low, 1)} to {number(high, 1)}"
    return (
        f"{OUTCOME_WORDS[kind]}: {level_words(level)}",
        number(patients),
        number(len(days)),
        _share(len(days), patients),
        number(patients - len(days)),
        number(median(days), 1) if days else NONE,
        middle,
    )


def _after(version: Version) -> SilentTable:
    head = (
        "Flag",
        "Flags",
        "Followed by one in 90 days",
        "By none",
        "Share by none, %",
        "Record ends before",
    )
    rows = []
    for level in FLAGGED:
        after = version["after"][level]
        followed, none, unknown = (after.get(key, 0) for key in ("followed", "not_followed", "not_known"))
        shown = (version["flags"][level], followed, none)
        rows.append((level_words(level), *map(number, shown), _share(none, followed + none), number(unknown)))
    note = "Decompensation, transplant or death within 90 days after a flag; the share is of those that are known."
    return SilentTable("after", "What followed a flag", note, head, rows)


def _unread(version: Version) -> SilentTable:
    head = ("Reading", "Readings", "Share of all, %")
    rows = []
    for grade in UNREAD:
        count = version["grades"].get(grade, 0)
        rows.append((GRADE_WORDS[grade], number(count), _share(count, version["readings"])))
        ordered = sorted(version["why"][grade].items(), key=lambda one: (-one[1], one[0]))
        for code, times in ordered:
            words = f"{GRADE_WORDS[grade]}: {_why_words(code)}"
            rows.append((words, number(times), _share(times, version["readings"])))
    note = "Readings without a grade, and why; one reading may have several reasons."
    return SilentTable("unread", "Not interpretable, not assessable", note, head, rows)


def _why_words(code: str) -> str:
    return (DIAGNOSIS_NAMES | EVENT_NAMES | WHY_WORDS).get(code, code.replace("_", " "))


def _causes(version: Version) -> SilentTable:
    counts = version["causes"]
    keys = sorted({key for counted in counts.values() for key in counted})
    keys.sort(key=lambda key: -sum(counted.get(key, 0) for counted in counts.values()))
    head = ("Cause", *(level_words(level) for level in FLAGGED))
    rows = [(_cause_words(key), *(number(counts[level].get(key, 0)) for level in FLAGGED)) for key in keys]
    note = (
        "Causes that the record supports and nobody had judged when the flag came; a flag may have several."
    )
    return SilentTable("causes", "Causes open at the flag", note, head, rows)


def _cause_words(key: str) -> str:
    if key == "none":
        return "None open"
    name = load("causes")["cause"].get(key, {}).get("name", key.replace("_", " "))
    return str(name).split(" (")[0].split(",")[0]


def _rate(events: int, factor: float | None) -> str:
    if factor is None:
        return NONE
    low, high = poisson(events)
    return f"{number(events * factor, 2)} ({number(low * factor, 2)} to {number(high * factor, 2)})"


def _share(hits: int, of: int) -> str:
    if not of:
        return NONE
    low, high = wilson(hits, of)
    return f"{number(100 * hits / of, 1)} ({number(100 * low, 1)} to {number(100 * high, 1)})"


# --- written ---


def as_text(table: SilentTable) -> str:
    rows = [table.head, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([table.title, table.note, *lines])


def write_csv(made: list[SilentTable], target) -> None:
    """One table after the other; `target` has a method `write`."""
    writer = csv.writer(target, lineterminator="\n")
    for table in made:
        writer.writerows([[table.title], table.head, *table.rows, []])
