"""How an episode ends, and why. [ED]

 * resolved: a draw without the pattern whose INR no longer counts as risen from the lowest INR before
   (after “not recovering”: that has come down to `non_recovering_ratio` of what it was);
 * explained by a cause: the same with a cause that a person judged to contribute; or an answer to vitamin K;
 * transplanted, died: before that;
 * progressed: the pattern is gone and INR is not back (enzymes rise again, or the peak is older than the
   window). Never called resolved;
 * not followed: no draw for 18 months.
A verdict "contributing" alone ends nothing while the pattern stands: urgency does not wait for a cause.
An anticoagulant begun after the pattern hides it and does not explain it: the episode stays open.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from interpretation.record.records import Case, Result
from interpretation.rule.comparison import TOLERANCE
from interpretation.rule.grading import cause_name

from ..knowledge import limits, load
from ..words import inr, value
from .points import GradePoint

RULE = limits("dissociation").read_by(
    __name__,
    "chronic_lookback_days rise_ratio rise_difference rise_floor non_recovering_inr non_recovering_ratio",
)
load("episodes").read_by(__name__, "closing")
LONGEST_SILENCE = timedelta(days=RULE.chronic_lookback_days)


@dataclass(frozen=True)
class Closing:
    """`reason` is a key of episodes.toml; "resolved", "explained", ... group them for counting."""

    reason: str
    at: datetime
    name: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()


@dataclass
class EpisodeRun:
    """The points of one episode while it is read: with the pattern, and after the last of these."""

    shown: list[GradePoint]
    transplants: list[datetime]
    after: list[GradePoint] = field(default_factory=list)
    # When the next episode begins.
    until: datetime | None = None

    def add(self, point: GradePoint) -> None:
        """A return of the pattern takes back the break before it."""
        if point.shows_pattern:
            self.shown.append(point)
            self.after.clear()
        else:
            self.after.append(point)

    @property
    def next_at(self) -> datetime | None:
        return self.after[0].at if self.after else self.until


def closing_of(run: EpisodeRun, case: Case, nadir: Result) -> Closing | None:
    """What ended the episode first; None while it is open."""
    last = run.shown[-1]
    gone = _gone(run, case)
    if run.next_at and run.next_at - last.at > LONGEST_SILENCE and not _early(gone, run.next_at):
        return _closing("not_followed", last.at)
    for point in run.after:
        if gone and gone.at < point.at:
            return gone
        if point.answered_vitamin_k:
            found = point.found.vitamin_k
            words = {"from_inr": found.before, "inr": found.after}
            return _closing("vitamin_k", point.at, point, **words)
        if point.grade == "none" and not _still_high(run, point, nadir):
            return _recovered(run, case, point, nadir)
    return gone or _progressed(run, nadir)


def _gone(run: EpisodeRun, case: Case) -> Closing | None:
    """Transplant or death, while nothing else has begun."""
    begun = run.shown[0].at
    for moment in run.transplants:
        if begun < moment and (run.until is None or moment <= run.until):
            return _closing("transplanted", moment)
    if case.died_on is None or run.until or not begun.date() <= case.died_on <= case.as_of.date():
        return None
    at = datetime.combine(case.died_on, time(23, 59), tzinfo=case.as_of.tzinfo)
    if at - (run.after or run.shown)[-1].at > LONGEST_SILENCE:
        return None
    return _closing("died", at)


def _early(gone: Closing | None, before: datetime) -> bool:
    return gone is not None and gone.at < before


def _still_high(run: EpisodeRun, point: GradePoint, nadir: Result) -> bool:
    """Whether this INR still counts as raised, by the rule that opened the episode."""
    now, found, lowest = point.inr, run.shown[-1].found, nadir.value
    if found.inr_state == "non_recovering":
        return now > found.inr_from * RULE.non_recovering_ratio + TOLERANCE
    return (
        now >= lowest * RULE.rise_ratio - TOLERANCE
        and now - lowest >= RULE.rise_difference - TOLERANCE
        and now >= RULE.rise_floor - TOLERANCE
    )


def _recovered(run: EpisodeRun, case: Case, point: GradePoint, nadir: Result) -> Closing:
    words = {"inr": point.inr_words, "nadir": value(nadir)}
    causes = _contributing(case, point.at)
    if causes:
        return _closing("explained", point.at, point, cause=", ".join(causes), **words)
    found = run.shown[-1].found
    if found.inr_state == "non_recovering" and point.inr >= RULE.non_recovering_inr - TOLERANCE:
        return _closing(
            "recovering", point.at, point, from_inr=inr(found.inr_from, found.inr_signs[0]), **words
        )
    return _closing("resolved", point.at, point, **words)


def _progressed(run: EpisodeRun, nadir: Result) -> Closing | None:
    ended = next((point for point in run.after if point.grade == "none"), None)
    if ended is None:
        return None
    return _closing("progressed", ended.at, ended, inr=ended.inr_words, nadir=value(nadir))


def _contributing(case: Case, until: datetime) -> list[str]:
    """Names of the causes whose latest verdict by then is "contributing"."""
    latest = {r.cause: r for r in sorted(case.reviews, key=lambda r: r.on) if r.on <= until}
    return [cause_name(r.cause) for r in latest.values() if r.verdict == "contributing"]


def _closing(reason: str, at: datetime, point: GradePoint | None = None, **words: str) -> Closing:
    entry = load("episodes")["closing"][reason]
    draws = (point.draw,) if point else ()
    return Closing(reason, at, entry["name"], entry["text"].format(**words), tuple(entry["sources"]), draws)
