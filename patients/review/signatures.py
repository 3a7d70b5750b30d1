"""Who stands behind an entry of the knowledge: the signatures on its wording, and on earlier ones."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from interpretation.catalogue import KnowledgeEntry
from interpretation.catalogue.amending import values
from interpretation.record.records import Report
from patients.models import Signature
from patients.review.behind import entries_behind, signable

AGREE, AMEND, DISPUTE, WITHDRAWN = Signature.Stance.values


@dataclass(frozen=True)
class Stances:
    """Of one entry. `standing`: on its present wording; `earlier`: of persons who signed another wording alone.

    Each person once, the latest first; whoever has withdrawn is in neither.
    """

    standing: tuple[Signature, ...] = ()
    earlier: tuple[Signature, ...] = ()

    def of(self, stance: str) -> list[Signature]:
        return [one for one in self.standing if one.stance == stance]

    @property
    def is_signed(self) -> bool:
        return any(one.stance == AGREE for one in self.standing)


@dataclass(frozen=True)
class Behind:
    """How many entries stand behind a reading, and how many of them a clinician has signed or disputes."""

    entries: int
    signed: int
    disputed: int


NOBODY = Stances()


def stances_of(entries: Iterable[KnowledgeEntry]) -> dict[str, Stances]:
    """By anchor; one query. Entries of which nobody ever said anything are left out."""
    wanted = {entry.anchor: entry for entry in entries}
    latest = (
        Signature.objects.filter(entry__in=wanted)
        .select_related("by", "clinic")
        .order_by("entry", "by", "fingerprint", "-id")
        .distinct("entry", "by", "fingerprint")
    )
    found: dict[str, list[Signature]] = defaultdict(list)
    for row in latest:
        found[row.entry].append(row)
    return {anchor: _stances(wanted[anchor], rows) for anchor, rows in found.items()}


def every_stance() -> dict[str, Stances]:
    return stances_of(signable().values())


def behind(report: Report) -> Behind:
    """One query."""
    entries = entries_behind(report)
    stances = stances_of(entries).values()
    return Behind(
        entries=len(entries),
        signed=sum(one.is_signed for one in stances),
        disputed=sum(bool(one.of(DISPUTE)) for one in stances),
    )


def changes_between(then: Signature, entry: KnowledgeEntry) -> list[tuple[str, str, str]]:
    """What the entry said when it was signed and says now: place, then, now, "" where there was or is nothing."""
    before, now = json.loads(then.content), json.loads(entry.content)
    old, new = values(then.content), values(entry.content)
    places = [place for place in {**old, **new} if old.get(place) != new.get(place)]
    found = [(place, _text(old.get(place)), _text(new.get(place))) for place in places]
    if before.get("sources") != now.get("sources"):
        found.append(("sources", *(", ".join(of.get("sources", [])) for of in (before, now))))
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _stances(entry: KnowledgeEntry, rows: list[Signature]) -> Stances:
    rows = sorted(rows, key=lambda row: -row.pk)
    here = [row for row in rows if row.fingerprint == entry.fingerprint]
    # Whoever has said anything of the present wording has read it: what was signed before is told no more.
    spoken = {row.by_id for row in here}
    earlier: dict[int, Signature] = {}
    for row in rows:
        if row.by_id not in spoken and row.stance != WITHDRAWN:
            earlier.setdefault(row.by_id, row)
    standing = tuple(row for row in here if row.stance != WITHDRAWN)
    return Stances(standing, tuple(earlier.values()))
