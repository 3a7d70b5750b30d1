"""Laboratory results against the record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import isclose
from typing import TypeVar

from interpretation.record import analytes
from interpretation.record.date_alone import DateAlone
from interpretation.words import upper_first
from patients.actions.bulk import NewResult, Withdrawal
from patients.actions.days import two_of_a_day
from patients.models import Result
from patients.values.validation import CheckedResult
from patients.values.validation import ValueProblem as Trouble
from uploads.importers.dates import written
from uploads.importers.meanings import test_of
from uploads.importers.records import NO_VALUE, WITHDRAWN, LabRow, Parsed, Place
from uploads.matching.record_view import KnownResult, RecordView, is_day, minute

from .days import PARTS, TOTAL, DayDraws
from .kept import KnownOther
from .match import CHANGED, NEW, REFUSED, SAME, WAITING, Match
from .people import AFTER_DEATH, NUMBER_ALONE, doubt_of
from .reading import NONE, Read, code_clash, read_beside, read_cells
from .series import Series, method_of
from .versions import ASK, KEEP, STATUS_RANK, TAKE, Verdict, confirms, verdict

# A value is stored and flagged when it is merely unusual. These questions need their answer first: yes, by
# `accept_questions`. A "unit_slip" that the value before it speaks against is none of them.
_ASK_FIRST = ("unit_slip", "slip", "limit_misfit", "not_quite_the_test", "unknown_code", "number_alone")
_COLUMNS = {"test": "test", "value": "value", "unit": "unit", "lower": "ref_low", "upper": "ref_high"}
LATER_COUNTS = "Another result of the same test and minute counts: the later-verified or final one."
HIGHER_COUNTS = "Another result of the same test and minute counts: the higher one, until a person decides."
# What to do where a value looks like one in another unit, or with its point moved.
_SLIPS = ("unit_slip", "slip")
_CORRECT = " Correct the value or its unit."
_CONFIRM = " Correct the value or its unit; if it is right as it is, confirm it."
Known = TypeVar("Known", KnownResult, KnownOther)
_REMEDIES = {
    "impossibly_low": " Correct it.",
    "impossibly_high": " Correct it.",
    "part_above_total": " Correct one of them.",
    "limits_not_in_order": " Correct one of them.",
    "decimal_mark": " Write all numbers of the file with the same mark.",
    "in_words": " Enter it, or leave the row out.",
    "not_quite_the_test": " If it is here, confirm it; else leave the row out.",
    "unknown_test": " It is not one of the tests kept here: say on the uploads page what it means, "
    "correct the name or leave it out.",
}


class ResultMatcher:
    """Reads all results of one file first, so that each can be judged beside its whole draw."""

    def __init__(self, view: RecordView, parsed: Parsed, items: list, file: int, asked) -> None:
        self.view, self.file, self.marks = view, file, (parsed.decimal, parsed.thousands)
        self.keep_stored, self.accept = not asked.apply_changes, asked.accept_questions
        self.draws: dict[tuple, dict[str, float]] = {}
        self._minutes: dict[datetime, datetime] = {}
        # Each row as it was read first, by its identity: the caller holds the rows.
        self._firsts: dict[int, tuple[CheckedResult | None, list[Trouble]]] = {}
        self.series, self.days = Series(view), DayDraws(view)
        self._gather([item for item in items if type(item) is LabRow])

    def match(self, item: LabRow) -> Match:
        if item.status in (WITHDRAWN, NO_VALUE):
            return self._gone(item)
        reading, troubles = self._read(item)
        return self._held_back(item, reading, troubles) or self._judged(item, reading, troubles)

    def _held_back(
        self, item: LabRow, reading: CheckedResult | None, troubles: list[Trouble]
    ) -> Match | None:
        """Refused, or waiting for a person, whatever the record holds of this test."""
        if refusals := [trouble for trouble in troubles if trouble.level == "refuse"]:
            return self._problem(item, refusals, REFUSED)
        if misplaced := self.misplaced(item):
            return misplaced
        if any(trouble.level == "person" for trouble in troubles):
            return self._problem(item, troubles, WAITING)
        if reading is None:
            return Match(self.at(item, "value"), REFUSED, "the value is missing. Fill it in.")
        return None

    def _judged(self, item: LabRow, reading: CheckedResult, troubles: list[Trouble]) -> Match:
        """Beside the record, unless something of it is asked first."""
        troubles = [self._slip(item, reading, trouble) for trouble in (*troubles, *_open_points(item))]
        if odd := self.series.surprise(item, reading, self.view.moment(item.taken_at)):
            troubles.append(odd)
        if any(trouble.code in _ASK_FIRST for trouble in troubles):
            return self._ask(item, reading, troubles)
        return self._compare(item, reading, " ".join(t.text for t in troubles))

    def _slip(self, item: LabRow, reading: CheckedResult, trouble: Trouble) -> Trouble:
        """A slip of unit is asked first only where that unit fits the value before: else it is a mark."""
        unit, at = trouble.suggestion_unit, self.view.moment(item.taken_at)
        if trouble.code != "unit_slip" or not unit or self.series.could_be(item, reading, unit, at):
            return trouble
        return replace(trouble, code="unit_unlike")

    def misplaced(self, item: LabRow) -> Match | None:
        """At a time that cannot be or is unclear, of somebody who is not here, or outside of their life."""
        taken_at = self.view.moment(item.taken_at)
        if taken_at > self.view.now:
            shown = item.taken_at if is_day(self.draw(item)[1]) else taken_at
            text = f"{written(shown)} lies in the future. Correct it."
            return Match(self.at(item, "collected_at"), REFUSED, text)
        if unsure := self.untimed(item) or self.stranger(item):
            return unsure
        person, day = self.view.patients[item.mrn], self.view.day(taken_at)
        if day < person.fields["birth_date"]:
            text = "the sample was taken before the patient was born. Correct one of the dates."
            return Match(self.at(item, "collected_at"), REFUSED, text)
        if item.mrn in self.view.deaths and day > self.view.deaths[item.mrn]:
            text = AFTER_DEATH.format(what="The sample was taken")
            return Match(self.at(item, "collected_at"), WAITING, text)
        return None

    def untimed(self, item: LabRow) -> Match | None:
        """Waits: the clocks of this clinic never show the hour of the sample, or show it twice."""
        self.view.moment(item.taken_at)
        text = self.view.unclear.get(item.taken_at)
        return Match(self.at(item, "collected_at"), WAITING, text) if text else None

    def stranger(self, item: LabRow) -> Match | None:
        """Waits: nobody here has this number, or whoever has it is somebody else."""
        doubt = doubt_of(item, self.view)
        return doubt and Match(self.at(item, doubt.column), WAITING, doubt.text, unclear=doubt.unclear)

    def _gone(self, item: LabRow) -> Match:
        """The laboratory takes a result back, or says that there is none to have."""
        taken_back = item.status == WITHDRAWN
        words = "Withdrawn by the laboratory" if taken_back else "No result could be obtained"
        analyte = analytes.find(test_of(item))
        if analyte is None:
            return Match(self.at(item, "test"), SAME, f"{words}: not one of the tests kept here.")
        if unsure := self.untimed(item) or self.stranger(item):
            return unsure
        if number_alone(item) and not self.accept:
            words = f"{NUMBER_ALONE} Is it this patient?"
            return Match(self.at(item, "mrn"), WAITING, words, asks=True, unclear="alone")
        known = self._counting(item, analyte.key, method_of(item))
        if not known:
            return Match(item.place, SAME, f"{words}: nothing of it counts in the record.")
        if known[1:] and not known[0].order:
            text = (
                f"{words}, but that day has several results without an hour: withdraw the right one by hand."
            )
            return Match(item.place, WAITING, text)
        return self._take_back(item, known[0], words, taken_back)

    def _take_back(self, item: LabRow, known: KnownResult, words: str, taken_back: bool) -> Match:
        if not taken_back or known.by_person:
            return Match(item.place, WAITING, f"{words}, but {known.shown} is stored: withdraw that by hand.")
        known.counts, known.status = False, Result.Status.WITHDRAWN
        text = f"{words}: {known.shown} no longer counts."
        if known.pk is None:
            known.record.counts, known.record.why, known.record.lost_as = False, words, known.status
            return Match(item.place, CHANGED, text, settled=True)
        return Match(item.place, CHANGED, text, Withdrawal(item.mrn, known.pk, words), settled=True)

    def _counting(self, item: LabRow, analyte: str, method: str) -> list[KnownResult]:
        """The version that counts now: by the laboratory's own name of it, else in the draw, else in the
        draws of the day."""
        named = self.view.orders[item.mrn, item.order, analyte] if item.order else ()
        there = self.view.results[*self.draw(item), analyte, method]
        return [known for known in named if known.counts] or [known for known in there if known.counts]

    def _ask(self, item: LabRow, reading: CheckedResult, troubles: list[Trouble]) -> Match:
        """Waits, unless it is in the record already or a person has said that it is right."""
        if self.accept:
            found = self._compare(item, reading, " ".join(t.text for t in troubles))
            if found.outcome == NEW:
                found.reason += " Stored: confirmed as right."
            return found
        if known := self._known(item, reading):
            return self._equal_to(item, known)
        found = self._problem(item, troubles, WAITING)
        found.asks, found.unclear = True, "alone" if number_alone(item) else ""
        return found

    def _known(self, item: LabRow, reading: CheckedResult) -> KnownResult | None:
        there = self.view.results[*self.draw(item), reading.analyte, reading.method]
        equal = [known for known in there if _equal(known, reading)]
        equal.sort(key=lambda known: not known.counts)
        return next((known for known in equal[:1] if not confirms(item, reading, known)), None)

    def _gather(self, items: list[LabRow]) -> None:
        """The values of each draw that would count."""
        newest: dict[tuple, LabRow] = {}
        self.series.remember_stored(items)
        for item in items:
            reading, _ = self._firsts[id(item)] = self._first(item)
            if reading is None:
                continue
            self.series.remember(item, reading)
            draw = self.draw(item)
            if is_day(draw[1]):
                _keep_highest(self.draws.setdefault(draw, {}), {reading.analyte: reading.value})
                continue
            key = (draw, reading.analyte)
            if key not in newest or not _later(newest[key], item):
                newest[key] = item
                self.draws.setdefault(draw, {})[reading.analyte] = reading.value
        for draw, values in self.draws.items():
            stored = self.view.draws.get(draw, {})
            if is_day(draw[1]):
                _keep_highest(values, stored)
            else:
                self.draws[draw] = values | stored if self.keep_stored else stored | values

    def _first(self, item: LabRow) -> Read:
        return self._firsts.get(id(item)) or read_cells(item, self.marks)

    def _read(self, item: LabRow) -> tuple[CheckedResult | None, list[Trouble]]:
        reading, troubles = self._first(item)
        if item.code and (clash := code_clash(item)):
            return None, [clash]
        key = reading.analyte if reading else getattr(analytes.find(test_of(item)), "key", "")
        if others := read_beside(key, self.draws.get(self.draw(item), NONE)):
            reading, troubles = read_cells(item, self.marks, others)
        if reading and reading.analyte == TOTAL:
            troubles = [*troubles, *self._below_stored_part(item, reading)]
        if reading:
            reading = as_measured(reading, item, self._verified(item))
        return reading, troubles

    def _verified(self, item: LabRow) -> datetime | None:
        return self.view.moment(item.verified_at) if item.verified_at else None

    def _below_stored_part(self, item: LabRow, total: CheckedResult) -> list[Trouble]:
        """A total that is new may not lie below a direct bilirubin that is stored; where the hour is not
        known that one may be of another draw."""
        draw = self.draw(item)
        if is_day(draw[1]) or not is_below_part(total, self.view.draws.get(draw, NONE)):
            return []
        text = "Total bilirubin is below the direct bilirubin that is stored for this draw."
        return [Trouble("value", "part_above_total", text, "refuse")]

    def _compare(self, item: LabRow, reading: CheckedResult, question: str) -> Match:
        draw = self.draw(item)
        there = self.view.results[*draw, reading.analyte, reading.method]
        if not there and not item.order:
            # What most rows are: the first result of its test in its draw.
            entry = self._entry(item, self._marked(reading, question), draw, None)
            there.append(entry)
            return self._new(item, entry, question)
        if known := self._known(item, reading):
            return self._equal_to(item, known)
        named = self.view.orders[item.mrn, item.order, reading.analyte] if item.order else []
        versions = self._versions(item, reading, there)
        candidates = [known for known in (*named, *versions) if known.counts]
        counting, rival = sides(candidates, self.file)
        said = verdict(item, reading, counting) if counting else Verdict(ASK)
        if said.does == KEEP:
            return Match(item.place, SAME, said.text)
        beside = next((known for known in candidates if known in there), None)
        entry = self._entry(item, self._marked(reading, question), draw, beside)
        words = self._beside(entry, rival, [] if candidates else there)
        there.append(entry)
        if item.order:
            named.append(entry)
        if counting is None:
            return self._new(item, entry, question, words)
        if said.does == TAKE:
            found = self._replace(item, entry, counting, said, " ".join(filter(None, (question, words))))
            found.flagged = self._is_marked(question, words)
            return found
        return self._differs(item, entry, counting, question, words)

    def _differs(
        self, item: LabRow, entry: KnownResult, old: KnownResult, question: str, words: str
    ) -> Match:
        """A correction, where a person asks for it."""
        entry.record.corrects, entry.record.replaces = True, old.pk
        said = (f"Stored {old.shown}, file {entry.shown}.", question, words)
        flagged = self._is_marked(question, words) and not self.keep_stored
        return Match(item.place, CHANGED, " ".join(filter(None, said)), entry.record, flagged)

    def _versions(self, item: LabRow, reading: CheckedResult, there: list[KnownResult]) -> list[KnownResult]:
        """Of draws without an hour a status or order tells the versions of one result from results of two."""
        if not isinstance(item.taken_at, DateAlone):
            return there
        return [
            known
            for known in there
            if known.status != reading.status
            and (known.file == self.file or known.status != Result.Status.CORRECTED)
            and not (item.order and known.order and item.order != known.order)
        ]

    def _new(self, item: LabRow, entry: KnownResult, question: str, words: str = "") -> Match:
        """Flagged for whoever confirms, and marked in the record unless a person has called it right."""
        marked = self._is_marked(question, words)
        said = " ".join(filter(None, (question, words)))
        flagged = bool(question) or marked
        entry.match = Match(item.place, NEW, said, entry.record, flagged, settled=flagged and not marked)
        return entry.match

    def _is_marked(self, question: str, words: str) -> bool:
        return "marked" in words or (bool(question) and not self.accept)

    def _marked(self, reading: CheckedResult, question: str) -> CheckedResult:
        """What is odd stays marked in the record, unless a person has said that it is right."""
        return reading if self.accept or not question else replace(reading, unconfirmed=question[:300])

    def _entry(
        self, item: LabRow, reading: CheckedResult, draw: tuple, version_of: KnownResult | None
    ) -> KnownResult:
        """What this row brings, as later rows see it. `version_of`: the result beside which it stands."""
        received = self.view.moment(item.received_at) if item.received_at else self.view.arrived
        record = NewResult(item.mrn, self.view.first_moment(draw[1]), item.laboratory, reading, received)
        if is_day(draw[1]):
            record.hour_known, record.ordinal = False, self.days.place(draw, reading, version_of)
        record.comment = " ".join(filter(None, (item.comment, reading.comment)))[:300]
        record.draw_note, record.order_key = item.draw_note, item.order
        entry = KnownResult(reading.value, reading.comparator, True, file=self.file, row=item.place.name)
        entry.shown = f"{item.value} {item.unit}".strip()
        entry.record, entry.verified_at = record, reading.verified_at
        entry.status, entry.order, entry.ordinal = reading.status, item.order, record.ordinal
        return entry

    def _replace(
        self, item: LabRow, entry: KnownResult, old: KnownResult, said: Verdict, words: str
    ) -> Match:
        """The laboratory's own replacement: stored with the new rows, the old version kept."""
        old.counts, record = False, entry.record
        if old.pk is None:
            old.record.counts, old.record.why = False, said.old_why
        if old.status != Result.Status.PRELIMINARY:
            record.reading = replace(record.reading, status=Result.Status.CORRECTED)
        record.corrects, record.declared = True, True
        record.replaces, record.old_why = old.pk, said.old_why
        text = " ".join(filter(None, (said.text, f"Now {entry.shown}.", words)))
        return Match(item.place, CHANGED, text, record, settled=True)

    def _equal_to(self, item: LabRow, known: KnownResult) -> Match:
        if known.file == self.file and known.record is not None and known.record.corrects:
            return Match(item.place, CHANGED, f"Differs from the record, as {known.row} does.")
        if known.row and known.file == self.file:
            return Match(item.place, SAME, f"The same as {known.row}.")
        if known.draw_withdrawn or known.status == "withdrawn":
            return Match(item.place, SAME, "In the record, where it was withdrawn.")
        return Match(item.place, SAME, "Superseded in the record." if known.status == "superseded" else "")

    def _beside(self, entry: KnownResult, rival: KnownResult | None, of_day: list[KnownResult]) -> str:
        return self._rival(entry, rival) if rival else _same_day(entry, of_day)

    def _rival(self, entry: KnownResult, rival: KnownResult) -> str:
        """Two results of one file for one test and minute: both are kept. A later verification or a final
        status decides; where neither tells, the higher counts and is marked. [clinical.md 4.4 a]"""
        winner, told = _winner(entry, rival)
        loser = rival if winner is entry else entry
        loser.counts = loser.record.counts = False
        loser.record.why = LATER_COUNTS if told else HIGHER_COUNTS
        place = upper_first(rival.row)
        which = "this one counts" if winner is entry else "that one counts"
        if told:
            return f"{place} gives {rival.shown} for the same test and minute: both are kept, {which}."
        winner.record.reading = replace(
            winner.record.reading,
            unconfirmed=f"Two results of one minute, {rival.shown} and {entry.shown}: the higher counts.",
        )
        return f"{place} gives {rival.shown} for the same test and minute: both are kept and marked, {which}."

    def draw(self, item: LabRow) -> tuple:
        """MRN, minute (or day alone) and laboratory."""
        if isinstance(item.taken_at, DateAlone):
            return item.mrn, item.taken_at.date(), item.laboratory
        minutes = self._minutes.get(item.taken_at)
        if minutes is None:
            minutes = self._minutes[item.taken_at] = minute(self.view.moment(item.taken_at))
        return item.mrn, minutes, item.laboratory

    def _problem(self, item: LabRow, troubles: list[Trouble], outcome: str) -> Match:
        first = troubles[0]
        if first.code == "derived_test":
            return Match(self.at(item, "test"), SAME, f"{first.text} Nothing to do.", settled=True)
        text = " ".join(t.text + _REMEDIES.get(t.code, "") for t in troubles)
        if any(t.code in _SLIPS for t in troubles):
            text += _CORRECT if outcome == REFUSED else _CONFIRM
        return Match(self.at(item, _COLUMNS.get(first.field, first.field)), outcome, text)

    def at(self, item: LabRow, column: str) -> Place:
        """In wide form the place is the test's own column."""
        if item.place.column and column not in ("mrn", "collected_at"):
            return item.place
        return item.place.at(column)


def as_measured(reading: CheckedResult, item: LabRow, verified: datetime | None) -> CheckedResult:
    method = method_of(item)
    if method or verified or item.status != "final":
        return replace(reading, method=method, status=item.status, verified_at=verified)
    return reading


def is_below_part(total: CheckedResult, stored: Mapping[str, float]) -> bool:
    """Whether a total lies below one of its parts that are stored."""
    parts = [part for part in PARTS if part in stored and total.analyte == TOTAL and not total.comparator]
    found = (analytes.check(part, stored[part], context={TOTAL: total.value}) for part in parts)
    return any(concern.code == "part_above_total" for concerns in found for concern in concerns)


def _equal(known: KnownResult, reading: CheckedResult) -> bool:
    return known.comparator == reading.comparator and isclose(
        known.value, reading.value, rel_tol=1e-6, abs_tol=1e-9
    )


def _later(one: LabRow, other: LabRow) -> bool:
    """Whether `one`, which stands above, was verified after `other`."""
    return bool(one.verified_at and other.verified_at and _stamp(one) > _stamp(other))


def _stamp(item: LabRow) -> float:
    return item.verified_at.timestamp()


def _winner(entry: KnownResult, rival: KnownResult) -> tuple[KnownResult, bool]:
    """(the one that counts, whether time or status tells it): else the higher. `rival` stands above."""
    if entry.verified_at and rival.verified_at and entry.verified_at != rival.verified_at:
        return (entry if entry.verified_at > rival.verified_at else rival), True
    ranks = [STATUS_RANK.get(one.status, 1) for one in (entry, rival)]
    if ranks[0] != ranks[1]:
        return (entry if ranks[0] > ranks[1] else rival), True
    return (rival if rival.value > entry.value else entry), False


def sides(counting: list[Known], file: int) -> tuple[Known | None, Known | None]:
    """The first that is stored, or another file's; the first of this file."""
    stored = [known for known in counting if known.file != file]
    own = [known for known in counting if known.file == file]
    return next(iter(stored), None), next(iter(own), None)


def _same_day(entry: KnownResult, there: list[KnownResult]) -> str:
    """Two values of one test and day without an hour are of two draws; each is marked. [clinical.md 4.4 a]"""
    counting = [known for known in there if known.counts]
    if not counting:
        return ""
    other = max(counting, key=lambda known: known.value)
    values = [known.shown for known in (*counting, entry)]
    mark = two_of_a_day(values)[:300]
    for known in (*counting, entry):
        if known.record:
            known.record.reading = replace(known.record.reading, unconfirmed=mark)
        if known.match:
            known.match.settled, known.match.flagged = False, True
            known.match.reason = known.match.reason or mark
    place = f"{upper_first(other.row)} gives" if other.row else "Stored is"
    return (
        f"{place} {other.shown} for the same test and day, and neither has a time: both are kept as two draws "
        "and marked, the higher counts."
    )


def _keep_highest(values: dict[str, float], others: Mapping[str, float]) -> None:
    for key, value in others.items():
        values[key] = max(value, values.get(key, value))


def number_alone(item: LabRow) -> bool:
    return item.identity is not None and item.identity.number_alone


def _open_points(item: LabRow) -> list[Trouble]:
    """What the sender leaves open about a message's result: a person must say yes."""
    points = []
    if item.declared and item.code and analytes.find(item.code) is None:
        text = (
            f"The code {item.code[:20]} is not one of those known for this test; only its name is. "
            "Is it this test, in blood?"
        )
        points.append(Trouble("test", "unknown_code", text, "confirm"))
    if number_alone(item):
        points.append(Trouble("mrn", "number_alone", f"{NUMBER_ALONE} Is it this patient?", "confirm"))
    if item.warning:
        points.append(Trouble("test", "warning", item.warning, "confirm"))
    return points
