"""The page of signatures: how many entries are signed, which are not, and how often each stands behind a reading."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from accounts.models import Clinic
from interpretation.catalogue import KnowledgeEntry
from patients.models import ShownEntry
from patients.presenters.knowledge.chapters import chapter_title, entry_address
from patients.presenters.knowledge.signed import SignedLine, lines
from patients.review.behind import signable
from patients.review.signatures import AMEND, DISPUTE, NOBODY, Stances

# What the page can list, and so many a page.
LISTS = {
    "open": "Not signed",
    "earlier": "Signed in an earlier wording",
    "signed": "Signed",
    "amended": "Amendment proposed",
    "disputed": "Disputed",
}
SHOWN = 40
PAGE = re.compile(r"[1-9]\d{0,3}", re.ASCII)


@dataclass(frozen=True)
class SignedCounts:
    """Of all entries that can be signed; `by` the lists of the page."""

    entries: int
    by: dict[str, int]


@dataclass(frozen=True)
class ShownBasis:
    """Of how many patients it was counted in how many an entry stands behind, and when."""

    of: int
    at: datetime


@dataclass(frozen=True)
class EntryRow:
    entry: KnowledgeEntry
    chapter: str
    address: str
    patients: int
    signed: tuple[SignedLine, ...]
    is_signed: bool

    @property
    def says(self) -> str:
        """Its sentence, or its first lines where it has none."""
        fields = (f"{field.label}: {'; '.join(field.lines)}" for field in self.entry.fields)
        return self.entry.text or ". ".join(fields)


@dataclass(frozen=True)
class EntryRows:
    """Some rows of one list: `first` to `last` of `total`; the pages beside, 0 where there is none."""

    rows: tuple[EntryRow, ...]
    total: int
    first: int
    last: int
    before: int
    after: int


def signed_counts(stances: dict[str, Stances]) -> SignedCounts:
    entries = signable()
    by = {key: sum(_fits(stances.get(anchor, NOBODY), key) for anchor in entries) for key in LISTS}
    return SignedCounts(len(entries), by)


def shown_basis() -> ShownBasis | None:
    """None where it was not counted yet."""
    row = ShownEntry.objects.order_by("-counted_at").first()
    return ShownBasis(row.of, row.counted_at) if row else None


def entry_rows(stances: dict[str, Stances], listed: str, page: str, clinics: Iterable[Clinic]) -> EntryRows:
    """Those that stand behind most readings first, then as the chapters have them."""
    shown = dict(ShownEntry.objects.values_list("entry", "patients"))
    found = [one for anchor, one in signable().items() if _fits(stances.get(anchor, NOBODY), listed)]
    found.sort(key=lambda one: -shown.get(one.anchor, 0))
    pages = max(1, -(-len(found) // SHOWN))
    at = min(int(page) if PAGE.fullmatch(page) else 1, pages)
    some = found[(at - 1) * SHOWN : at * SHOWN]
    make = partial(_row, stances=stances, shown=shown, clinics=list(clinics))
    return EntryRows(
        rows=tuple(make(one) for one in some),
        total=len(found),
        first=(at - 1) * SHOWN + 1,
        last=(at - 1) * SHOWN + len(some),
        before=at - 1,
        after=at + 1 if at < pages else 0,
    )


def rows_behind(
    entries: Iterable[KnowledgeEntry], stances: dict[str, Stances], clinics: Iterable[Clinic]
) -> list[EntryRow]:
    """All of them, as the chapters have them."""
    make = partial(_row, stances=stances, shown={}, clinics=list(clinics))
    return [make(one) for one in entries]


def _row(
    entry: KnowledgeEntry, *, stances: dict[str, Stances], shown: dict[str, int], clinics: list[Clinic]
) -> EntryRow:
    anchor = entry.anchor
    found = stances.get(anchor, NOBODY)
    return EntryRow(
        entry=entry,
        chapter=chapter_title(anchor),
        address=entry_address(anchor),
        patients=shown.get(anchor, 0),
        signed=lines(found, clinics),
        is_signed=found.is_signed,
    )


def _fits(stances: Stances, listed: str) -> bool:
    if listed == "signed":
        return stances.is_signed
    if listed == "earlier":
        return not stances.standing and bool(stances.earlier)
    if listed in ("amended", "disputed"):
        return bool(stances.of(AMEND if listed == "amended" else DISPUTE))
    return not stances.is_signed
