"""Results of tests that are not interpreted here against the record: kept as they were sent, as text.

The laboratory's own status decides what becomes of an earlier version, as it does for our results; whatever
it leaves open is for a person. Nothing of the value is read.
"""

from dataclasses import dataclass
from datetime import datetime

from interpretation.record.date_alone import DateAlone
from patients.actions.others import NewOther, OtherWithdrawal
from patients.models import Result
from uploads.importers.records import NO_VALUE, WITHDRAWN, OtherRow
from uploads.matching.record_view import is_day

from .kept import KnownOther
from .match import CHANGED, NEW, REFUSED, SAME, WAITING, Match
from .people import NUMBER_ALONE
from .results import LATER_COUNTS, ResultMatcher, number_alone, sides
from .versions import ASK, KEEP, TAKE, Verdict, confirms, verdict

# A longer text is a report of its own.
LONGEST = 200
FIRST_COUNTS = "Another result of the same test and minute counts: the one that stands first."


@dataclass(frozen=True)
class _Said:
    """What a version is judged by."""

    status: str
    verified_at: datetime | None


class Others:
    """`results`: of the same file, which know people, draws and what a person said."""

    def __init__(self, results: ResultMatcher) -> None:
        self._results, self._book, self._file = results, results.view, results.file

    def match(self, item: OtherRow) -> Match:
        if item.status in (WITHDRAWN, NO_VALUE):
            unsure = self._results.untimed(item) or self._results.stranger(item)
            return unsure or self._alone(item) or self._gone(item)
        if not item.value or len(item.value) > LONGEST:
            text = (
                f"a text of more than {LONGEST} signs is not kept." if item.value else "the value is missing."
            )
            return Match(self._results.at(item, "value"), REFUSED, text)
        return self._results.misplaced(item) or self._alone(item) or self._compare(item)

    def _alone(self, item: OtherRow) -> Match | None:
        if not number_alone(item) or self._results.accept:
            return None
        words = f"{NUMBER_ALONE} Is it this patient?"
        return Match(self._results.at(item, "mrn"), WAITING, words, asks=True, unclear="alone")

    def _gone(self, item: OtherRow) -> Match:
        taken_back = item.status == WITHDRAWN
        words = "Withdrawn by the laboratory" if taken_back else "No result could be obtained"
        known = next((known for known in self._versions(item) if known.counts), None)
        if known is None:
            return Match(item.place, SAME, f"{words}: nothing of it counts in the record.")
        known.counts, known.status = False, Result.Status.WITHDRAWN
        text = f"{words}: {known.shown} no longer counts."
        if known.record:
            known.record.counts, known.record.why, known.record.lost_as = False, words, known.status
            return Match(item.place, CHANGED, text, settled=True)
        return Match(item.place, CHANGED, text, OtherWithdrawal(item.mrn, known.pk, words), settled=True)

    def _compare(self, item: OtherRow) -> Match:
        verified = self._book.moment(item.verified_at) if item.verified_at else None
        said = _Said(item.status, verified)
        versions = self._versions(item)
        if same := self._same(item, said, versions):
            return same
        others = _of_other_draws(item, versions)
        versions = [one for one in versions if one.counts and one not in others]
        counting, rival = sides(versions, self._file)
        judged = verdict(item, said, counting) if counting else Verdict(ASK)
        if judged.does == KEEP:
            return Match(item.place, SAME, judged.text)
        entry = self._entry(item, verified, _ordinal(counting or rival, others))
        words = _rival(entry, rival) if rival else _same_day(others)
        if counting is None:
            return Match(item.place, NEW, words, entry.record, bool(words), settled=bool(words))
        if judged.does == TAKE:
            return _replace(item, entry, counting, judged, words)
        entry.record.corrects, entry.record.replaces = True, counting.pk
        text = f"Stored {counting.shown}, file {entry.shown}."
        return Match(item.place, CHANGED, " ".join(filter(None, (text, words))), entry.record)

    def _same(self, item: OtherRow, said: _Said, versions: list[KnownOther]) -> Match | None:
        told = _told(item)
        equal = sorted((known for known in versions if known.told == told), key=lambda one: not one.counts)
        if not equal or confirms(item, said, equal[0]):
            return None
        known = equal[0]
        if known.file == self._file and known.record is not None and known.record.corrects:
            return Match(item.place, CHANGED, f"Differs from the record, as {known.row} does.")
        if known.row and known.file == self._file:
            return Match(item.place, SAME, f"The same as {known.row}.")
        return Match(item.place, SAME, "" if known.counts else "In the record, where it does not count.")

    def _versions(self, item: OtherRow) -> list[KnownOther]:
        """By the laboratory's own name of it, then in the draw."""
        there = self._book.others[*self._results.draw(item), item.key, item.method]
        named = self._book.other_orders[item.mrn, item.order, item.key] if item.order else []
        return list({id(known): known for known in (*named, *there)}.values())

    def _entry(self, item: OtherRow, verified: datetime | None, ordinal: int) -> KnownOther:
        """What this row brings, as later rows see it."""
        mrn, slot, laboratory = self._results.draw(item)
        value, unit, range_text = _told(item)
        record = NewOther(
            mrn,
            self._book.first_moment(slot),
            laboratory,
            item.key[:120],
            item.name[:120],
            code=item.code[:20],
            value=value,
            unit=unit,
            range=range_text,
            method=item.method,
            status=item.status,
            verified_at=verified,
            comment=item.comment,
            order_key=item.order,
            hour_known=not is_day(slot),
            ordinal=ordinal,
        )
        entry = KnownOther(_told(item), True, item.status, verified_at=verified, order=item.order)
        entry.file, entry.row, entry.record = self._file, item.place.name, record
        entry.ordinal = ordinal
        self._book.others[mrn, slot, laboratory, item.key, item.method].append(entry)
        if item.order:
            self._book.other_orders[mrn, item.order, item.key].append(entry)
        return entry


def _of_other_draws(item: OtherRow, versions: list[KnownOther]) -> list[KnownOther]:
    """As `ResultMatcher._versions`, the other way round: those of a day without an hour that stay beside it."""
    if not isinstance(item.taken_at, DateAlone):
        return []
    ordered = [one for one in versions if item.order and one.order]
    same = [one for one in ordered if one.order == item.order]
    return [
        one
        for one in versions
        if one.counts and one not in same and (one.status == item.status or one in ordered)
    ]


def _ordinal(version: KnownOther | None, others: list[KnownOther]) -> int:
    taken = {one.ordinal for one in others}
    return version.ordinal if version else next(n for n in range(len(taken) + 1) if n not in taken)


def _same_day(others: list[KnownOther]) -> str:
    if not others:
        return ""
    place = f"{others[0].row[:1].upper()}{others[0].row[1:]} gives" if others[0].row else "Stored is"
    return f"{place} {others[0].shown} for the same test and day, and neither has a time: both are kept."


def _told(item: OtherRow) -> tuple[str, str, str]:
    ends = f"{item.lower}–{item.upper}" if item.lower and item.upper else ""
    ends = ends or (f"≥{item.lower}" if item.lower else f"≤{item.upper}" if item.upper else "")
    return item.value, item.unit[:40], (item.range_text or ends)[:60]


def _rival(entry: KnownOther, rival: KnownOther) -> str:
    """Two of one file for one test and minute: both are kept; the later verified counts, else the first."""
    later = entry.verified_at and rival.verified_at and entry.verified_at > rival.verified_at
    loser = rival if later else entry
    loser.counts = loser.record.counts = False
    loser.record.why = LATER_COUNTS if later else FIRST_COUNTS
    place = rival.row[:1].upper() + rival.row[1:]
    which = "this one counts" if later else "that one counts"
    return f"{place} gives {rival.shown} for the same test and minute: both are kept, {which}."


def _replace(item: OtherRow, entry: KnownOther, old: KnownOther, said: Verdict, words: str) -> Match:
    """The laboratory's own replacement."""
    old.counts, record = False, entry.record
    if old.record:
        old.record.counts, old.record.why = False, said.old_why
    if old.status != Result.Status.PRELIMINARY:
        record.status = Result.Status.CORRECTED
    record.corrects, record.declared = True, True
    record.replaces, record.old_why = old.pk, said.old_why
    text = " ".join(filter(None, (said.text, f"Now {entry.shown}.", words)))
    return Match(item.place, CHANGED, text, record, settled=True)
