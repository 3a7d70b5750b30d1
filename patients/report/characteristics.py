"""The rule on simulated patients: counts of a run as rows with intervals, for the page and the command."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interpretation import knowledge
from interpretation.characteristics import CELLS, MEASURES, SimulatedCell, deviate, rule_digest, wilson
from interpretation.knowledge import limits, load
from interpretation.words import number

LIMITS = limits("characteristics").read_by(__name__, "published_patients false_today agreement")
GROUPS = load("characteristics").read_by(__name__, "group")["group"]
MEASURED = knowledge.DATA / "measured" / "characteristics.json"
HEADINGS = {
    "possible": "possible or worse",
    "established": "established, critical too",
    "critical": "critical",
    "today": "today",
    "24_to_48_h": "24 to 48 h",
    "1_to_2_weeks": "1 to 2 weeks",
    "4_weeks": "4 weeks",
}
LEVELS = MEASURES[3:]


@dataclass(frozen=True)
class Share:
    """How many of the patients, in per cent; `low` to `high` is Wilson's 95% interval."""

    measure: str
    hits: int
    of: int
    published: float | None = None
    at_most: float | None = None
    by_seed: tuple[tuple[int, int], ...] = ()

    @property
    def heading(self) -> str:
        return HEADINGS[self.measure]

    @property
    def percent(self) -> str:
        return _percent(self.hits / self.of)

    @property
    def interval(self) -> str:
        low, high = wilson(self.hits, self.of)
        return f"{_percent(low)} to {_percent(high)}"

    @property
    def z(self) -> float | None:
        """Against the published figure; the seed that lies farthest, or all together if that is farther."""
        if self.published is None:
            return None
        runs = [*self.by_seed, (self.hits, self.of)]
        figures = (int(LIMITS.published_patients), self.published / 100)
        return max((deviate(hits, of, figures[1], figures[0]) for hits, of in runs), key=abs)

    @property
    def off(self) -> bool:
        """Does not agree with what was published: z too large, or surely above the bound."""
        if self.z is not None:
            return abs(self.z) >= LIMITS.agreement
        return self.at_most is not None and 100 * wilson(self.hits, self.of)[0] > self.at_most

    @property
    def beside(self) -> str:
        """What was published, in words."""
        if self.z is not None:
            return f"published {self.published:g}, z {number(self.z, 1)}"
        return "" if self.at_most is None else f"published: at most {self.at_most:g}"


@dataclass(frozen=True)
class MeasuredCell:
    cell: SimulatedCell
    patients: int
    shares: tuple[Share, ...]

    @property
    def false_today(self) -> Share | None:
        """Where more stable patients than agreed are told “today”."""
        today = next(share for share in self.shares if share.measure == "today")
        over = self.cell.is_stable and 100 * today.hits / today.of > LIMITS.false_today
        return today if over else None


@dataclass(frozen=True)
class MeasuredRule:
    """One run over the cells; `stale` says why its knowledge is not the one in use, "" if it is."""

    version: str
    digest: str
    on: str
    stale: str
    groups: tuple[tuple[str, tuple[MeasuredCell, ...]], ...]

    @property
    def rows(self) -> list[MeasuredCell]:
        return [row for _, rows in self.groups for row in rows]

    @property
    def alarms(self) -> list[tuple[MeasuredCell, Share]]:
        return [(row, row.false_today) for row in self.rows if row.false_today]

    @property
    def disagreeing(self) -> list[tuple[MeasuredCell, Share]]:
        return [(row, share) for row in self.rows for share in row.shares if share.off]


def measured(path: Path = MEASURED) -> MeasuredRule | None:
    """What the last run wrote; None where there was none."""
    return presented(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def presented(said: dict[str, Any]) -> MeasuredRule:
    rows = [_row(CELLS[name], found) for name, found in still_simulated(said["cells"]).items()]
    groups = [(GROUPS[key]["name"], tuple(row for row in rows if row.cell.group == key)) for key in GROUPS]
    return MeasuredRule(
        version=said["knowledge"],
        digest=said["digest"],
        on=said["measured_on"],
        stale=_stale(said),
        groups=tuple((title, rows) for title, rows in groups if rows),
    )


def still_simulated(cells: dict[str, Any]) -> dict[str, Any]:
    """Those whose patients are drawn as they were when they were counted."""
    there = {name: row for name, row in cells.items() if name in CELLS}
    return {name: row for name, row in there.items() if row["cell"] == CELLS[name].fingerprint}


def _stale(said: dict[str, Any]) -> str:
    if said["knowledge"] != knowledge.VERSION:
        return f"Measured with another version, {said['knowledge']}; in use is {knowledge.VERSION}"
    if said["digest"] != rule_digest():
        return "The files of the knowledge have changed since this was measured"
    return ""


def _row(cell: SimulatedCell, found: dict[str, Any]) -> MeasuredCell:
    runs, patients = found["seeds"].values(), found["patients"]
    shares = tuple(_share(cell, measure, list(runs), patients) for measure in MEASURES)
    return MeasuredCell(cell, patients * len(runs), shares)


def _share(cell: SimulatedCell, measure: str, runs: list[dict[str, int]], patients: int) -> Share:
    hits = [run.get(measure, 0) for run in runs]
    return Share(
        measure,
        sum(hits),
        patients * len(runs),
        cell.published.get(measure),
        cell.at_most.get(measure),
        tuple((one, patients) for one in hits),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f}" if share < 0.1 else f"{100 * share:.1f}"


# --- as text ---


def table_text(said: dict[str, Any], names: list[str]) -> str:
    """The measured cells, one a line, then what is out of place."""
    found = presented({**said, "cells": {name: said["cells"][name] for name in names}})
    lines = [f"Knowledge {found.version} ({found.digest}), per cent of patients (95% interval)."]
    for title, rows in found.groups:
        lines += ["", title, *(line for row in rows for line in _lines(row))]
    alarms = [f"  {row.cell.words}: {share.percent} ({share.interval})" for row, share in found.alarms]
    off = [f"  {row.cell.words}, {_said(share)}" for row, share in found.disagreeing]
    above = f"Stable, yet “today” in more than {LIMITS.false_today:g}%:"
    return "\n".join([*lines, "", above, *(alarms or ["  none"]), "Not as published:", *(off or ["  none"])])


def _lines(row: MeasuredCell) -> list[str]:
    said = [_said(share) for share in row.shares if share.hits or share.beside]
    return [f"  {row.cell.words} [{row.cell.name}], {row.patients:,} patients", *(f"    {s}" for s in said)]


def _said(share: Share) -> str:
    beside = f"; {share.beside}" if share.beside else ""
    return f"{share.heading} {share.percent} ({share.interval}){beside}"
