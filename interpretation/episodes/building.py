"""Grades through time as episodes: what begins one, what belongs to it, what splits two.

An episode begins with the first draw at which the rule shows the pattern (possible, established or
critical). It goes on while the pattern stands, and across
 * draws at which the rule cannot say (not assessable, not interpretable): they are no evidence of an end;
 * draws without the pattern for no longer than `break_..._days` of its regime.
A transplant, an answer to vitamin K, or 18 months without a draw always end it; the next pattern is a new
episode. A change from possible to critical is one episode that got worse. How each ends: `closing`. [ED]
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from interpretation.record.records import Case, Draw, Result
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import GRADES
from interpretation.rule.verdict import HEADLINES

from ..knowledge import limits
from ..words import day, enzyme, inr, moment
from .closing import LONGEST_SILENCE, Closing, EpisodeRun, closing_of
from .points import GradePoint

LIMITS = limits("episodes").read_by(__name__, "break_acute_days break_subacute_days break_chronic_days")


@dataclass(frozen=True)
class Episode:
    """One dissociation. Enzyme in U/L; `closing` None while it is open; `confirmed_by` are ids of draws."""

    recognised_at: datetime
    # The baseline draw of the first finding; the injury peak and the lowest INR of the worst one.
    started_at: datetime
    regime: str
    enzyme: str
    enzyme_peak: float | None
    enzyme_peak_at: datetime
    inr_nadir: float
    inr_nadir_at: datetime
    worst: str
    worst_at: datetime
    inr_peak: float
    inr_peak_at: datetime
    last_shown_at: datetime
    confirmed_by: tuple[str, ...]
    closing: Closing | None = None
    # Comparators ("<", ">") of the enzyme's peak and of the lowest and highest INR; then they are bounds.
    enzyme_peak_sign: str = ""
    inr_nadir_sign: str = ""
    inr_peak_sign: str = ""

    @property
    def state(self) -> str:
        return "closed" if self.closing else "open"

    @property
    def ended_at(self) -> datetime | None:
        return self.closing.at if self.closing else None

    @property
    def injury(self) -> str:
        """ "ALT 316 U/L on 4 Aug 2025"; within its limit throughout, there was no peak."""
        if self.enzyme_peak is None:
            return "ALT and AST within their limits"
        return f"{self.enzyme} {enzyme(self.enzyme_peak, self.enzyme_peak_sign)} U/L on {day(self.enzyme_peak_at)}"

    @property
    def rise(self) -> str:
        """ "INR 1.5 on 4 Aug 2025 → 2.9 on 20 Aug 2025"."""
        first, last = (
            (inr(self.inr_nadir, self.inr_nadir_sign), day(self.inr_nadir_at)),
            (inr(self.inr_peak, self.inr_peak_sign), day(self.inr_peak_at)),
        )
        return f"INR {first[0]} on {first[1]} → {last[0]} on {last[1]}"

    @property
    def sentence(self) -> str:
        ended = (
            f"{self.closing.name} ({day(self.closing.at)}): {self.closing.text}" if self.closing else "Open."
        )
        return (
            f"{HEADLINES[self.worst]}, recognised {moment(self.recognised_at)}, at its worst "
            f"{moment(self.worst_at)}: from {self.injury}; {self.rise}. {ended}"
        )


def episodes(points: Iterable[GradePoint], case: Case) -> tuple[Episode, ...]:
    """The episodes that `points` (in time order) show, the oldest first; `case` as it is at its `as_of`."""
    inrs = {draw.id: (draw, result) for draw, result in case.measured("INR")}
    return tuple(_episode(run, case, inrs) for run in _runs(points, _transplants(case)))


def _transplants(case: Case) -> list[datetime]:
    return sorted(e.started_at for e in case.events if e.kind == "transplant" and e.started_at <= case.as_of)


def _runs(points: Iterable[GradePoint], transplants: list[datetime]) -> Iterator[EpisodeRun]:
    """The points of each episode: those that show it, and those after until the next one begins."""
    run: EpisodeRun | None = None
    for point in points:
        if run and (not point.shows_pattern or _goes_on(run, point, transplants)):
            run.add(point)
        elif point.shows_pattern:
            if run:
                run.until = point.at
                yield run
            run = EpisodeRun([point], transplants)
    if run:
        yield run


def _goes_on(run: EpisodeRun, point: GradePoint, transplants: list[datetime]) -> bool:
    """Whether the pattern at `point` is that of the run and not a new one."""
    last = run.shown[-1].at
    if any(last < moment <= point.at for moment in transplants) or point.at - last > LONGEST_SILENCE:
        return False
    if any(after.answered_vitamin_k for after in run.after):
        return False
    absent = next((after.at for after in run.after if after.grade == "none"), None)
    longest = timedelta(days=getattr(LIMITS, f"break_{run.shown[-1].regime}_days"))
    return absent is None or point.at - absent <= longest


def _episode(run: EpisodeRun, case: Case, inrs: dict[str, tuple[Draw, Result]]) -> Episode:
    first, worst = run.shown[0], min(run.shown, key=lambda p: GRADES.index(p.grade))
    highest = max(run.shown, key=lambda p: p.inr)
    found = worst.found
    measured = [inrs[id] for id in found.draws if id in inrs]
    lowest, lowest_at = _lowest(found, measured)
    silent = found.transaminase_state == "quiet"
    return Episode(
        recognised_at=first.at,
        started_at=first.found.baseline_at,
        regime=found.regime,
        enzyme=found.enzyme,
        enzyme_peak=None if silent else found.enzyme_from,
        enzyme_peak_at=found.baseline_at,
        inr_nadir=lowest.value,
        inr_nadir_at=lowest_at,
        worst=worst.grade,
        worst_at=worst.at,
        inr_peak=highest.inr,
        inr_peak_at=highest.found.latest_at,
        last_shown_at=run.shown[-1].at,
        confirmed_by=_confirming(run.shown),
        closing=closing_of(run, case, lowest),
        enzyme_peak_sign="" if silent else found.enzyme_signs[0],
        inr_nadir_sign=lowest.comparator,
        inr_peak_sign=highest.found.inr_signs[1],
    )


def _lowest(found: Dissociation, measured: list[tuple[Draw, Result]]) -> tuple[Result, datetime]:
    """The lowest INR of the compared draws with its time; of those as low, the first."""
    if not measured:
        return Result("INR", found.inr_from, found.inr_signs[0]), found.baseline_at
    draw, result = min(measured, key=lambda pair: (pair[1].value, pair[0].taken_at))
    return result, draw.taken_at


def _confirming(shown: list[GradePoint]) -> tuple[str, ...]:
    """Later draws on which the pattern was graded anew: one without an INR repeats what was known."""
    pairs = zip(shown, shown[1:], strict=False)
    return tuple(p.draw for before, p in pairs if p.found.latest_at > before.found.latest_at)


def as_json(found: Iterable[Episode]) -> list[dict[str, Any]]:
    """In plain JSON types: times as ISO 8601."""
    return [_plain(asdict(episode) | {"state": episode.state}) for episode in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
