"""Other causes of a raised INR: what to look at first, and the rest by what is recorded of them."""

from dataclasses import dataclass

from interpretation.causes import Cause, may_be_considered
from interpretation.knowledge import load
from interpretation.orders import short_name
from patients.report.panel import Panel

load("causes").read_by(__name__, "cause")


@dataclass(frozen=True)
class CauseLine:
    """A cause with the review that the page shows of it ("" without one): a newer one refuses a verdict."""

    cause: Cause
    seen: int | str

    @property
    def short(self) -> str:
        return short_name(self.cause)

    @property
    def is_open(self) -> bool:
        return self.cause.verdict == "pending"

    @property
    def is_contributing(self) -> bool:
        return self.cause.verdict == "contributing"


@dataclass(frozen=True)
class CausesCard:
    """`first`: contributing, or something is recorded for it; `against`: only against; `rest`: nothing, and
    nobody has considered it. `open`: pending with something for it, the one meaning of the word."""

    first: tuple[CauseLine, ...]
    against: tuple[CauseLine, ...]
    rest: tuple[CauseLine, ...]
    excluded: tuple[CauseLine, ...]
    considered: tuple[CauseLine, ...]
    open: int
    count: int
    # Whether a grade asks for other causes: then those without findings are shown too.
    asked: bool
    # After death there is nothing left to exclude.
    died: bool

    @property
    def all(self) -> list[CauseLine]:
        """In clinical order, whatever was judged: the list stays as it is while somebody goes through it."""
        lines = (*self.first, *self.against, *self.rest, *self.considered, *self.excluded)
        order = list(load("causes")["cause"])
        return sorted(lines, key=lambda line: order.index(line.cause.key))

    @property
    def is_shown(self) -> bool:
        """Whether the first screen has anything to say of them."""
        found = self.first or self.excluded or (self.unrecorded and self.asked)
        return bool(found) and not self.died

    @property
    def unrecorded(self) -> int:
        return len(self.against) + len(self.rest)

    @property
    def can_be_considered(self) -> tuple[str, ...]:
        quiet = (line.cause for line in (*self.against, *self.rest))
        return tuple(cause.key for cause in quiet if may_be_considered(cause.key))


def causes_card(panel: Panel) -> CausesCard:
    seen = {review.cause: review.pk for review in panel.rows.reviews if review.at <= panel.as_of}
    groups: dict[str, list[CauseLine]] = {"first": [], "against": [], "rest": [], "excluded": []}
    groups["considered"] = []
    for cause in panel.report.causes:
        groups[_group(cause)].append(CauseLine(cause, seen.get(cause.key, "")))
    return CausesCard(
        **{name: tuple(lines) for name, lines in groups.items()},
        open=sum(cause.verdict == "pending" and bool(cause.recorded) for cause in panel.report.causes),
        count=len(panel.report.causes),
        asked=panel.report.dissociation.grade not in ("none", "not_assessable"),
        died=panel.case.died_on is not None and panel.case.died_on <= panel.case.as_of.date(),
    )


def _group(cause: Cause) -> str:
    if cause.verdict in ("excluded", "considered"):
        return cause.verdict
    if cause.verdict == "contributing" or cause.recorded:
        return "first"
    return "against" if cause.evidence else "rest"
