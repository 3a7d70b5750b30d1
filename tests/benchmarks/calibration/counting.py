"""How many visits were followed by death or transplant, with intervals by people."""

from collections.abc import Iterable

from interpretation.characteristics import clustered_wilson

from .pbcseq import DEATH, Visit

HORIZONS = {"90 days": 90, "2 years": 730}
Counted = tuple[int, int]


def followed(visits: Iterable[Visit], days: int) -> Counted:
    """(ended in death or transplant by then, of those known until then)."""
    known = [visit for visit in visits if visit.ended or visit.left >= days]
    return sum(visit.ended and visit.left <= days for visit in known), len(known)


def died(visits: Iterable[Visit], days: int) -> Counted:
    """(dead by then, of those not censored earlier); transplanted people count as not dead."""
    known = [visit for visit in visits if visit.ended or visit.left >= days]
    return sum(visit.status == DEATH and visit.left <= days for visit in known), len(known)


def interval(visits: Iterable[Visit], days: int) -> tuple[float, float]:
    """95 % interval of the share of `followed`; the visits of one person hang together."""
    return clustered_wilson([followed(theirs, days) for theirs in by_person(visits)])


def by_person(visits: Iterable[Visit]) -> list[list[Visit]]:
    found: dict[int, list[Visit]] = {}
    for visit in visits:
        found.setdefault(visit.person, []).append(visit)
    return list(found.values())
