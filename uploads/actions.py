"""Files in: previewed, stored all or nothing, discarded, undone. patients.actions writes the record."""

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions import bulk
from patients.actions import undo as out
from patients.actions.assess import assess_once
from patients.actions.copying import copy_rows
from patients.actions.errors import Refused
from uploads import matching
from uploads.importers.main import SHEETS_LEFT
from uploads.importers.records import Part
from uploads.importers.workbook import Limits
from uploads.mappings import meanings_of
from uploads.matching import CHANGED, NEW, File, Match
from uploads.models import Sender, Upload, UploadRow

# What a page can store before a browser or a proxy gives up waiting: about a thousand rows a second.
PAGE_ROWS = 50_000
State = Upload.State


@dataclass(frozen=True)
class Stored:
    """`moved_on`: the record changed since the preview, nothing was stored and the preview is new."""

    uploads: list[Upload]
    moved_on: bool = False


@transaction.atomic
def preview(*, contents: list[tuple[str, bytes]], clinic: Clinic, by: User, sender: str = "") -> UUID:
    """A batch whose files wait for confirmation. Nothing of the record is written."""
    files = _read(contents, clinic, sender)
    count = sum(len(file.parsed.items) for file in files)
    if count > PAGE_ROWS:
        raise Refused(
            f"These files hold {count:,} rows; this page takes {PAGE_ROWS:,} at a time. Upload fewer or "
            "smaller files, or ask the system administrator to store them with “manage.py upload”."
        )
    matching.match(files, clinic=clinic, now=timezone.now())
    batch = uuid4()
    for file in files:
        upload = _upload(file, clinic, by, batch, sender)
        upload.content = None if upload.state == State.REFUSED else file.part.content
        upload.save()
        _write_rows(upload, file)
    return batch


@transaction.atomic
def read_again(*, batch: UUID) -> None:
    """What waits, after names were given a meaning: its preview is new."""
    uploads = _locked(batch, State.PREVIEWED, State.UNMAPPED)
    if not uploads:
        raise Refused("Nothing is waiting here: these files were stored, discarded or refused.")
    files = _kept(uploads)
    matching.match(list(files.values()), clinic=uploads[0].clinic, now=timezone.now())
    for upload in uploads:
        _show_again(upload, files[upload.pk])


@transaction.atomic
def confirm(*, batch: UUID, by: User, apply_changes: bool = False, accept_questions: bool = False) -> Stored:
    """Stores a previewed batch if it would still do what its preview shows.

    `accept_questions`: the values that only ask whether they are right are stored too, as new.
    """
    uploads = _waiting(batch)
    clinic = uploads[0].clinic
    files, now = _kept(uploads), timezone.now()
    read = list(files.values())
    _lock_people(clinic, read)
    matching.match(read, clinic=clinic, now=now)
    if any(_seen(upload) != files[upload.pk].signature for upload in uploads):
        for upload in uploads:
            _show_again(upload, files[upload.pk])
        return Stored(uploads, moved_on=True)
    asked = {"apply_changes": apply_changes, "accept_questions": accept_questions}
    if any(asked.values()):
        matching.match(read, clinic=clinic, now=now, **asked)
    with assess_once():
        for upload in uploads:
            file = files[upload.pk]
            if any(asked.values()) and _seen(upload) != file.signature:
                _show_again(upload, file)
            _write_record(upload, file, by, apply_changes)
            _mark_stored(upload)
    return Stored(uploads)


@transaction.atomic
def store(
    *,
    contents: list[tuple[str, bytes]],
    clinic: Clinic,
    by: User,
    sender: str = "",
    apply_changes: bool = False,
    accept_questions: bool = False,
    system: Sender | None = None,
    arrived: datetime | None = None,
) -> list[Upload]:
    """Without a preview: what the command does. Rows that are fine are stored, the others are listed.

    `system` and `arrived` for a message of another system: its name is the sender of the mappings.
    """
    sender = system.name if system else sender
    files = _read(contents, clinic, sender)
    _lock_people(clinic, files)
    asked = {"apply_changes": apply_changes, "accept_questions": accept_questions}
    matching.match(files, clinic=clinic, now=timezone.now(), arrived=arrived, **asked)
    batch, uploads = uuid4(), []
    with assess_once():
        for file in files:
            upload = _upload(file, clinic, by, batch, sender)
            upload.system = system
            # A person can still name what is not known, on the page.
            upload.content = file.part.content if upload.state == State.UNMAPPED else None
            upload.save()
            _write_rows(upload, file)
            if upload.state == State.PREVIEWED:
                _write_record(upload, file, by, apply_changes)
                _mark_stored(upload)
            uploads.append(upload)
    return uploads


def look(
    *, contents: list[tuple[str, bytes]], clinic: Clinic, sender: str = "", **asked: bool
) -> list[Upload]:
    """What `store` would do, with nothing written at all: the uploads returned are not saved."""
    files = _read(contents, clinic, sender)
    matching.match(files, clinic=clinic, now=timezone.now(), **asked)
    return [_upload(file, clinic, None, uuid4(), sender) for file in files]


@transaction.atomic
def discard(*, batch: UUID, by: User) -> None:
    """A preview that nobody wants: its rows and content go."""
    for upload in _locked(batch, State.PREVIEWED, State.UNMAPPED) or _waiting(batch):
        upload.rows.all().delete()
        upload.state, upload.content, upload.unknown = State.DISCARDED, None, []
        upload.save(update_fields=["state", "content", "unknown"])


@transaction.atomic
def undo(*, uploads: list[Upload], by: User) -> None:
    """Takes stored files back, the last one first."""
    ids = [upload.pk for upload in uploads]
    locked = list(Upload.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("-pk"))
    if any(upload.state != State.STORED for upload in locked):
        raise Refused("This is undone already, or was never stored.")
    bulk.lock_patients(pk__in=set().union(*map(out.touched, locked)))
    with assess_once():
        for upload in locked:
            out.undo(upload=upload, by=by)
            upload.state, upload.undone_at, upload.undone_by = State.UNDONE, timezone.now(), by
            upload.save(update_fields=["state", "undone_at", "undone_by"])


def stored_before(upload: Upload) -> Upload | None:
    """The stored upload of the very same file in this clinic, if there is one."""
    same = Upload.objects.filter(clinic=upload.clinic_id, sha256=upload.sha256, state=State.STORED)
    return same.exclude(pk=upload.pk).select_related("by").order_by("stored_at").first()


def too_large(name: str) -> str:
    return f"{name}: larger than {settings.MAX_UPLOAD_MB} MB. Split it into smaller files and upload those."


def _lock_people(clinic: Clinic, files: list[File]) -> None:
    """Of all files at once: two batches that name the same people the other way round take turns."""
    bulk.lock_patients(clinic=clinic, mrn__in={mrn for file in files for mrn in file.mrns})


def _read(contents: list[tuple[str, bytes]], clinic: Clinic, sender: str) -> list[File]:
    limits = Limits(
        cells=settings.MAX_SHEET_CELLS,
        unpacked_mb=settings.MAX_SHEET_UNPACKED_MB,
        memory_mb=settings.MAX_SHEET_MEMORY_MB,
        seconds=settings.MAX_SHEET_SECONDS,
    )
    return matching.read(contents, meanings_of(clinic, sender), limits)


def _kept(uploads: list[Upload]) -> dict[int, File]:
    """What waits, read again with what its names mean by now, in the order in which it is stored."""
    parts = [(str(upload.pk), Part(bytes(upload.content), upload.sheet)) for upload in uploads]
    files = matching.read_again(parts, meanings_of(uploads[0].clinic, uploads[0].sender))
    return {int(file.name): file for file in files}


def _locked(batch: UUID, *states: str) -> list[Upload]:
    """Of two people who do something with a batch, the second one waits and sees what the first one did."""
    rows = Upload.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
    uploads = list(rows.filter(batch=batch).order_by("pk"))
    return [upload for upload in uploads if upload.state in states] if states else uploads


def _waiting(batch: UUID) -> list[Upload]:
    """The files of the batch that wait, locked: of two people who confirm, the second is told."""
    uploads = _locked(batch)
    waiting = [upload for upload in uploads if upload.state == State.PREVIEWED]
    if waiting:
        return waiting
    done = next((upload for upload in uploads if upload.stored_at), None)
    if done:
        at = done.stored_at.astimezone(done.clinic.zone)
        raise Refused(
            f"These files were stored already, on {at:%-d %B %Y at %H:%M}. Nothing is stored twice."
        )
    if any(upload.state == State.UNMAPPED for upload in uploads):
        raise Refused("These files cannot be stored before their names have a meaning: see “Not known here”.")
    raise Refused("Nothing is waiting here: these files were discarded or refused.")


def _upload(file: File, clinic: Clinic, by: User | None, batch: UUID, sender: str) -> Upload:
    content, sheet = file.part.content, file.part.sheet
    name = _short_name(file.name)
    upload = Upload(
        batch=batch,
        clinic=clinic,
        file=f"{name[:150]} › {sheet}" if sheet else name,
        sheet=sheet,
        sender=sender,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        by=by,
    )
    _take(upload, file)
    return upload


def _take(upload: Upload, file: File) -> list[str]:
    """What was read, into the upload; the names of the fields that this sets."""
    parsed = file.parsed
    kept_for_names = parsed.unmapped or (parsed.reason and upload.content is not None)
    state = State.PREVIEWED
    if parsed.reason:
        state = State.UNMAPPED if kept_for_names else State.REFUSED
    fields = {
        "kind": parsed.kind,
        "format": parsed.format[:200],
        "state": state,
        "reason": parsed.reason[:1000],
        "unknown": [asdict(name) for name in parsed.unknown],
        **file.counts,
    }
    for name, value in fields.items():
        setattr(upload, name, value)
    upload.notes = " ".join(_notes(upload, parsed.notes))[:1000]
    upload.matches = file.matches
    return [*fields, "notes"]


def _notes(upload: Upload, notes) -> list[str]:
    before = None if upload.reason else stored_before(upload)
    if before is None:
        return list(notes)
    at = before.stored_at.astimezone(upload.clinic.zone)
    return [f"This file was stored on {at:%-d %B %Y at %H:%M} by {before.by}.", *notes]


def _short_name(name: str) -> str:
    """A name that is not text, as some disks hold, is kept with question marks."""
    name = name.encode("utf-8", "replace").decode()
    return name.replace("\\", "/").rsplit("/", 1)[-1][:255] or "file"


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


def _write_rows(upload: Upload, file: File) -> None:
    copy_rows(UploadRow, _ROW, (_row(upload.pk, match) for match in file.matches))


def _row(upload: int, match: Match) -> tuple:
    place = match.place
    return (
        upload, place.row, place.column[:80], match.outcome, match.flagged, match.asks, match.settled,
        place.words[:80], match.mrn[:64], match.reason[:300], " · ".join(place.cells).rstrip(" ·")[:500],
    )  # fmt: skip


def _seen(upload: Upload) -> list[tuple]:
    """What the preview showed, in the form of File.signature."""
    return list(upload.rows.order_by("id").values_list("row", "column", "outcome", "reason"))


def _show_again(upload: Upload, file: File) -> None:
    upload.rows.all().delete()
    # Of the sheets beside it nothing was kept but this.
    _, mark, sheets = upload.notes.partition(SHEETS_LEFT)
    fields = _take(upload, file)
    if mark and mark not in upload.notes:
        upload.notes = f"{upload.notes} {mark}{sheets}"[:1000].strip()
    upload.save(update_fields=fields)
    _write_rows(upload, file)


def _write_record(upload: Upload, file: File, by: User, apply_changes: bool) -> None:
    wanted = {NEW, CHANGED} if apply_changes else {NEW}
    records = [m.record for m in file.matches if m.record and (m.outcome in wanted or m.settled)]
    changes = [record for record in records if isinstance(record, bulk.Change)]
    for kind, model, write in _WRITERS:
        new = [record for record in records if isinstance(record, model)]
        own = [change for change in changes if change.kind == kind]
        if new or own:
            upload.before = upload.before + write(upload=upload, by=by, new=new, changes=own)
    results = [record for record in records if isinstance(record, bulk.NewResult)]
    gone = [record for record in records if isinstance(record, bulk.Withdrawal)]
    if results or gone:
        upload.before = upload.before + bulk.store_results(upload=upload, by=by, new=results, gone=gone)


_WRITERS = (
    ("patient", bulk.NewPatient, bulk.store_patients),
    ("diagnosis", bulk.NewDiagnosis, bulk.store_diagnoses),
    ("event", bulk.NewEvent, bulk.store_events),
)


def _mark_stored(upload: Upload) -> None:
    upload.state, upload.stored_at, upload.content, upload.unknown = State.STORED, timezone.now(), None, []
    upload.save(update_fields=["state", "stored_at", "content", "unknown", "before"])
