"""The rows of files chunk by chunk: matched, kept with their outcomes; when storing, written and assessed.

Memory holds one chunk. All of it is one transaction of whoever calls.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Clinic, User
from interpretation.record import analytes
from patients.actions import bulk, others
from patients.actions.assess import assess_once
from patients.actions.copying import copy_rows
from patients.actions.marks import assess_later
from patients.actions.notices import noting_history, raise_waiting
from patients.tasks import hand_over_marked
from uploads import matching
from uploads.importers.meanings import EXAMPLES
from uploads.matching import (
    CHANGED,
    LEFT_OUT,
    NEW,
    WAITING,
    Match,
    ReadFile,
    SortedRows,
    Sorter,
    StoreOptions,
)
from uploads.matching.tally import digest_of
from uploads.models import IdentityQuestion, Upload, UploadRow
from uploads.staging.progress import SILENT, Progress

# Tables that grow by thousands of rows at once: what the planner knows of them is out of date.
GROWING = (
    "patients_patient", "patients_draw", "patients_result", "patients_assessment", "patients_assessmentmark",
    "uploads_uploadrow",
)  # fmt: skip
# Only their owner may have them counted: a function of `accounts.protection` does it.
ANALYSE = "SELECT liver_analyze(%s)"
# From so many rows on.
MANY = 5000
# After so many chunks Python looks for garbage.
COLLECTED = 5
# Results that may make a patient "today": one that waits must not wait unseen.
PRESSING = ("ALT", "AST", "INR", "bilirubin_total", "bilirubin_direct")
_ROW = (
    "upload_id",
    "row",
    "column",
    "outcome",
    "flagged",
    "asks",
    "settled",
    "place",
    "mrn",
    "reason",
    "text",
)


class MovedOn(Exception):
    """The record changed since the preview: storing would do something else than it shows."""


@dataclass(frozen=True)
class BatchRun:
    """What to do with files. `rows`: keep each row with its outcome; `store`: write the record;
    `expected`: raise MovedOn where the rows do not become what the uploads' digests say."""

    clinic: Clinic
    by: User | None
    asked: StoreOptions
    rows: bool = True
    store: bool = False
    expected: bool = False
    progress: Progress = SILENT

    def __call__(self, files: list[ReadFile], uploads: Iterable[Upload]) -> None:
        """Fills each file's tally. The uploads are saved before."""
        pairs = list(zip(files, uploads, strict=True))
        if not (self.store and pairs):
            with collecting_by_hand() as collect:
                return self._run(files, pairs, collect)
        # Results stand in the last file of a batch.
        last = pairs[-1][1]
        large = holds_many(files) and not last.system_id
        later = assess_later(upload=last.pk) if large else nullcontext()
        with noting_history(upload=last), later, collecting_by_hand() as collect:
            self._run(files, pairs, collect)
        if large:
            hand_over_marked()
        for file, upload in pairs:
            outcomes = (WAITING, CHANGED) if upload.system_id and not self.asked.apply_changes else (WAITING,)
            _note_unanswered(upload, file, outcomes)

    def _run(self, files: list[ReadFile], pairs: list[tuple[ReadFile, Upload]], collect: Callable) -> None:
        now, sender = timezone.now(), pairs[0][1].sender if pairs else ""
        self.progress.stage("matching", sum(len(file.parsed.items) for file in files))
        sort = Sorter(files, self.clinic, now, sender)
        for number, chunk in enumerate(matching.chunks(files, str(settings.FILE_UPLOAD_TEMP_DIR))):
            self.progress.stage("matching")
            rows = sort(chunk)
            found = self._match(rows, now, pairs, number)
            for (file, upload), matches, sorted_rows in zip(pairs, found, rows, strict=True):
                file.tally.add(matches)
                file.tally.add_plain(sorted_rows.plain)
                if self.rows and matches:
                    told = (match for match in matches if match.outcome != LEFT_OUT)
                    copy_rows(UploadRow, _ROW, (_row(upload.pk, match) for match in told))
                    _keep_doubts(upload, matches)
            if self.store:
                self._store(pairs, found, rows)
                if number in (0, 9):
                    analyse_new(sum(map(len, rows)) * (number + 1))
            self.progress.advance(sum(map(len, rows)))
            if number % COLLECTED == COLLECTED - 1:
                collect()

    def _match(self, rows: list[SortedRows], now, pairs, number: int) -> list[list[Match]]:
        # Files of one batch come from one sender.
        files, items = [file for file, _ in pairs], [chosen.items for chosen in rows]
        given = {"clinic": self.clinic, "now": now, "sender": pairs[0][1].sender if pairs else ""}
        found = matching.match(
            files, items, **given, asked=self.asked.as_previewed if self.expected else self.asked
        )
        digests = [digest_of(matches, chosen.plain) for matches, chosen in zip(found, rows, strict=True)]
        for (file, upload), digest in zip(pairs, digests, strict=True):
            if self.expected and upload.digests[number : number + 1] != [digest]:
                raise MovedOn
            file.tally.digests.append(digest)
        if self.expected and not self.asked.nothing:
            found = matching.match(files, items, **given, asked=self.asked)
        return found

    def _store(self, pairs, found: list[list[Match]], rows: list[SortedRows]) -> None:
        self.progress.stage("storing")
        with assess_once():
            for (_, upload), matches, chosen in zip(pairs, found, rows, strict=True):
                _write_record(upload, matches, self.by, self.asked.apply_changes)
                if chosen.plain.draws:
                    bulk.store_draws(upload=upload, by=self.by, new=chosen.plain.draws)
            self.progress.stage("assessing")


@contextmanager
def collecting_by_hand() -> Iterator[Callable]:
    """Python looks for garbage again and again while thousands of rows are made: a third of the time. Here it
    looks once in some chunks, and only at what is new."""

    def collect() -> None:
        gc.collect()
        gc.freeze()

    gc.freeze()
    gc.disable()
    try:
        yield collect
    finally:
        gc.enable()
        gc.unfreeze()


def analyse_new(rows: int) -> None:
    """Tables that this transaction alone has filled: without numbers of them queries are planned badly.

    So is what triggers ask of each row: planned for a table of few rows it stays as it was, until numbers are new.
    Whoever else does the same at this moment is not waited for.
    """
    if rows < MANY / 2:
        return
    sql = "SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[]) AND reltuples < %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(GROWING), rows])
        if names := [name for (name,) in cursor.fetchall()]:
            cursor.execute(ANALYSE, [names])


def is_many(rows: int) -> bool:
    """Whether a browser would wait too long: a worker does it."""
    return rows > MANY


def holds_many(files: list[ReadFile]) -> bool:
    return is_many(sum(len(file.parsed.items) for file in files))


def analyse_many(uploads: list[Upload]) -> None:
    """After they were committed."""
    if is_many(sum(upload.read for upload in uploads)):
        _analyse()


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ANALYSE, [list(GROWING)])


def clear(upload: Upload) -> None:
    """What was kept of its rows, before they are read again."""
    upload.rows.all().delete()
    upload.identity_questions.all().delete()


def _note_unanswered(upload: Upload, file: ReadFile, outcomes: tuple[str, ...]) -> None:
    """What waits of the tests that decide urgency is a notice; so is what differs in a message."""
    found = {
        analyte: number
        for (outcome, analyte), number in file.tally.unanswered.items()
        if outcome in outcomes and analyte in PRESSING
    }
    tests = [analytes.ANALYTES[analyte].name for analyte in found]
    raise_waiting(upload=upload, tests=tests, count=sum(found.values()))


def _keep_doubts(upload: Upload, matches: list[Match]) -> None:
    """One for each identity: all its rows are in one chunk."""
    found: dict[tuple, IdentityQuestion] = {}
    for asked in (match.asked for match in matches if match.asked):
        who = {"family_name": asked.family_name[:200], "given_name": asked.given_name[:200]}
        mrn, family, born = asked.key
        given = {"why": asked.why, "mrn": mrn[:200], "family": family[:200], "birth_date": born}
        new = IdentityQuestion(upload=upload, count=0, sex=asked.sex, **given, **who)
        question = found.setdefault((asked.why, asked.key), new)
        question.count += 1
        if asked.example and len(question.examples) < EXAMPLES:
            question.examples.append(asked.example)
    IdentityQuestion.objects.bulk_create(found.values(), batch_size=2000)


def _row(upload: int, match: Match) -> tuple:
    place = match.place
    return (
        upload, place.row, place.column[:80], match.outcome, match.flagged, match.asks, match.settled,
        place.words[:80], match.mrn[:64], match.reason[:300], " · ".join(place.cells).rstrip(" ·")[:500],
    )  # fmt: skip


def _write_record(upload: Upload, matches: list[Match], by: User, apply_changes: bool) -> None:
    of = _by_kind(matches, {NEW, CHANGED} if apply_changes else {NEW})
    before = []
    for kind, model, write in _WRITERS:
        new, own = of[model], [change for change in of[bulk.StoredChange] if change.kind == kind]
        if new or own:
            before += write(upload=upload, by=by, new=new, changes=own)
    if (results := of[bulk.NewResult]) or of[bulk.Withdrawal]:
        before += bulk.store_results(upload=upload, by=by, new=results, gone=of[bulk.Withdrawal])
    kept, lost = of[others.NewOther], of[others.OtherWithdrawal]
    if kept or lost:
        before += others.store_others(upload=upload, by=by, new=kept, gone=lost)
    upload.before.extend(before)


def _by_kind(matches: list[Match], wanted: set[str]) -> defaultdict[type, list]:
    """What is to be written; also what the laboratory has settled itself."""
    of: defaultdict[type, list] = defaultdict(list)
    for match in matches:
        if match.record and (match.outcome in wanted or match.settled):
            of[type(match.record)].append(match.record)
    return of


_WRITERS = (
    ("patient", bulk.NewPatient, bulk.store_patients),
    ("diagnosis", bulk.NewDiagnosis, bulk.store_diagnoses),
    ("event", bulk.NewEvent, bulk.store_events),
    ("anticoagulant", bulk.NoAnticoagulant, bulk.store_no_anticoagulants),
)
