"""Files in: previewed, stored all or nothing, discarded, undone. patients.actions writes the record.

`reading`: files to uploads; `running`: their rows, chunk by chunk; `replaying`: rows of stored files that
waited for a person; `turns`: who waits for whom; `uploads.staging.jobs`: what a worker does.
"""

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions import bulk
from patients.actions import undo as out
from patients.actions.assess import assess_once
from patients.actions.errors import Refused
from patients.actions.marks import assess_later
from patients.actions.marks.work import assess_all
from patients.actions.notices import lapse_waiting
from patients.models import AssessmentMark
from patients.tasks import hand_over_marked
from patients.words import full_moment
from uploads import mappings, matching
from uploads.matching import ReadFile, StoreOptions
from uploads.models import Sender, Upload
from uploads.staging import file_store
from uploads.staging.progress import SILENT, Progress

from .reading import Contents, name_it, read, read_kept, take, upload_of, was_read_with
from .replaying import holds_back, let_go, replay
from .running import MANY, BatchRun, MovedOn, analyse_many, clear, holds_many, is_many
from .turns import lock_people, locked, take_turns

State = Upload.State


@dataclass(frozen=True)
class Stored:
    """`moved_on`: the record changed since the preview, nothing was stored and the preview is new."""

    uploads: list[Upload]
    moved_on: bool = False


def receive(*, contents: Contents, clinic: Clinic, by: User, sender: str = "") -> UUID:
    """A batch whose files are kept and wait to be read by `preview_kept`."""
    batch = uuid4()
    with transaction.atomic():
        for name, content in contents:
            part = matching.part_of(content)
            upload = Upload(batch=batch, clinic=clinic, sender=sender, by=by, state=State.QUEUED)
            name_it(upload, name, part)
            upload.save()
            file_store.keep(upload, part)
    return batch


def preview(*, contents: Contents, clinic: Clinic, by: User, sender: str = "") -> UUID:
    """A batch whose files wait for confirmation. Nothing of the record is written."""
    files, batch = read(contents, clinic, sender), uuid4()
    with transaction.atomic():
        uploads = [upload_of(file, clinic, by, batch, sender) for file in files]
        _show(files, uploads, SILENT)
    return batch


def preview_kept(*, batch: UUID, progress: Progress = SILENT) -> None:
    """As `preview`, of files that were received, or of those that wait once their names have a meaning."""
    uploads = list(Upload.objects.filter(batch=batch).select_related("clinic", "by").order_by("pk"))
    if not any(upload.state == State.QUEUED for upload in uploads):
        return read_again(batch=batch, progress=progress)
    progress.stage("reading")
    first = uploads[0]
    contents = [(upload.file, file_store.fetch(upload)) for upload in uploads]
    files = read(contents, first.clinic, first.sender, progress)
    with transaction.atomic():
        if not locked(batch, State.QUEUED):
            raise Refused("These files were read or discarded already.")
        # A workbook becomes an upload a sheet: all are made anew, in the order in which they are stored.
        Upload.objects.filter(batch=batch).delete()
        made = [upload_of(file, first.clinic, first.by, batch, first.sender) for file in files]
        _show(files, made, progress)


def read_again(*, batch: UUID, progress: Progress = SILENT) -> None:
    """What waits, after names were given a meaning: its preview is new."""
    with transaction.atomic():
        uploads = locked(batch, State.PREVIEWED, State.UNMAPPED)
        if not uploads:
            raise Refused("Nothing is waiting here: these files were stored, discarded or refused.")
        _show_again(uploads, progress)


def read_waiting(
    *, batch: UUID, by: User, also: Collection[int] = (), progress: Progress = SILENT
) -> list[Upload]:
    """What waits in a batch for names that have a meaning now: rows of stored files are stored, files that
    could not be read get a preview. Nothing, where somebody else was faster. `also`: see `replay`."""
    there = Upload.objects.filter(batch=batch).select_related("clinic").defer("digests", "before")
    states = {upload.state for upload in mappings.answered(there)}
    if State.UNMAPPED in states:
        read_again(batch=batch, progress=progress)
    if also or State.STORED in states:
        return replay(batch=batch, by=by, also=also, progress=progress)
    return []


def confirm(
    *,
    batch: UUID,
    by: User,
    apply_changes: bool = False,
    accept_questions: bool = False,
    progress: Progress = SILENT,
) -> Stored:
    """Stores a previewed batch if it would still do what its preview shows.

    `accept_questions`: the values that only ask whether they are right are stored too, as new.
    """
    asked = StoreOptions(apply_changes, accept_questions)
    try:
        with transaction.atomic():
            uploads = _confirm(batch, by, asked, progress)
    except MovedOn:
        with transaction.atomic():
            uploads = _waiting(batch)
            _show_again(uploads, progress)
        return Stored(uploads, moved_on=True)
    analyse_many(uploads)
    return Stored(uploads)


def store(
    *,
    contents: Contents,
    clinic: Clinic,
    by: User,
    sender: str = "",
    apply_changes: bool = False,
    accept_questions: bool = False,
    system: Sender | None = None,
    arrived: datetime | None = None,
    progress: Progress = SILENT,
) -> list[Upload]:
    """Without a preview: what the command does. Rows that are fine are stored, the others are listed.

    Patients of a large file are assessed after that, beside the workers: all are once this returns.

    `system` and `arrived` for a message of another system: its name is the sender of the mappings.
    """
    sender = system.name if system else sender
    progress.stage("reading")
    files, batch = read(contents, clinic, sender, progress), uuid4()
    with transaction.atomic():
        uploads = [upload_of(file, clinic, by, batch, sender) for file in files]
        take_turns(uploads)
        lock_people(clinic, files)
        for upload in uploads:
            upload.system = system
            upload.save()
        asked = StoreOptions(apply_changes, accept_questions, arrived)
        BatchRun(clinic, by, asked, store=True, progress=progress)(files, uploads)
        for upload, file in zip(uploads, files, strict=True):
            # Whoever came second sees in the notes what the first one has stored.
            take(upload, file)
            if upload.state == State.UNMAPPED:
                # A person can still name what is not known, on the page.
                file_store.keep(upload, file.part)
            if upload.state == State.PREVIEWED:
                upload.state, upload.stored_at = State.STORED, timezone.now()
                # A message is kept in any case: once its names have a meaning, it is stored again.
                if not system and (holds_back(upload) or file_store.left_over(upload).exists()):
                    file_store.keep(upload, file.part)
            upload.save()
    analyse_many(uploads)
    if holds_many(files):
        for _ in assess_all(AssessmentMark.objects.filter(upload__in=uploads)):
            progress.stage("assessing")
    return uploads


def look(
    *, contents: Contents, clinic: Clinic, sender: str = "", progress: Progress = SILENT, **asked: bool
) -> list[Upload]:
    """What `store` would do, with nothing written at all: the uploads returned are not saved."""
    progress.stage("reading")
    files = read(contents, clinic, sender, progress)
    uploads = [upload_of(file, clinic, None, uuid4(), sender) for file in files]
    BatchRun(clinic, None, StoreOptions(**asked), rows=False, progress=progress)(files, uploads)
    for upload, file in zip(uploads, files, strict=True):
        take(upload, file)
    return uploads


@transaction.atomic
def discard(*, batch: UUID, by: User) -> None:
    """A preview that nobody wants: its rows and content go."""
    uploads = locked(batch, State.QUEUED, State.PREVIEWED, State.UNMAPPED) or _waiting(batch)
    file_store.forget(uploads)
    for upload in uploads:
        clear(upload)
        upload.state, upload.unknown = State.DISCARDED, []
        upload.save(update_fields=["state", "unknown"])


def undo(*, uploads: list[Upload], by: User, anyway: bool = False, progress: Progress = SILENT) -> None:
    """Takes stored files back, the last one first. `anyway`: as of `patients.actions.undo`."""
    progress.stage("undoing", sum(upload.read for upload in uploads))
    ids = [upload.pk for upload in uploads]
    with transaction.atomic():
        stored = list(Upload.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("-pk"))
        if any(upload.state != State.STORED for upload in stored):
            raise Refused("This is undone already, or was never stored.")
        bulk.lock_patients(pk__in=set().union(*map(out.touched, stored)))
        large = is_many(sum(upload.read for upload in stored))
        with assess_later(upload=None) if large else nullcontext(), assess_once():
            for upload in stored:
                out.undo(upload=upload, by=by, anyway=anyway)
                upload.state, upload.undone_at, upload.undone_by = State.UNDONE, timezone.now(), by
                upload.unknown = upload.unknown if upload.system_id else []
                upload.save(update_fields=["state", "undone_at", "undone_by", "unknown"])
                progress.advance(upload.read)
            # What waited in them waits no more: the same file can be uploaded again.
            file_store.forget_settled(stored)
            lapse_waiting(uploads=[upload.replays_id or upload.pk for upload in stored])
            progress.stage("assessing")
        if large:
            hand_over_marked()
    analyse_many(uploads)


def too_large(name: str) -> str:
    return f"{name}: larger than {settings.MAX_UPLOAD_MB} MB. Split it into smaller files and upload those."


def is_large(size: int) -> bool:
    """As `is_many`, before anything is read: a row of a laboratory's file takes some 80 bytes."""
    return size > MANY * 80


def _confirm(batch: UUID, by: User, asked: StoreOptions, progress: Progress) -> list[Upload]:
    uploads = _waiting(batch)
    clinic = uploads[0].clinic
    progress.stage("reading")
    kept = read_kept(uploads, progress)
    files = [kept[upload.pk] for upload in uploads]
    if not all(was_read_with(upload, file) for upload, file in zip(uploads, files, strict=True)):
        raise MovedOn
    take_turns(uploads)
    lock_people(clinic, files)
    if not asked.nothing:
        # What a tick makes of a row is kept in place of what the preview said of it.
        for upload in uploads:
            clear(upload)
    run = BatchRun(clinic, by, asked, rows=not asked.nothing, store=True, expected=True, progress=progress)
    run(files, uploads)
    for upload, file in zip(uploads, files, strict=True):
        read_now = take(upload, file)
        upload.state, upload.stored_at = State.STORED, timezone.now()
        holds_back(upload)
        upload.save(update_fields=[*read_now, "stored_at", "before"])
    file_store.forget_settled(uploads)
    return uploads


def _show(files: list[ReadFile], uploads: list[Upload], progress: Progress) -> None:
    """A first preview: the files are kept, nothing of the record is written."""
    for upload, file in zip(uploads, files, strict=True):
        upload.save()
        if upload.state != State.REFUSED:
            file_store.keep(upload, file.part)
    if not files:
        return
    BatchRun(uploads[0].clinic, None, StoreOptions(), progress=progress)(files, uploads)
    for upload, file in zip(uploads, files, strict=True):
        upload.save(update_fields=take(upload, file))


def _show_again(uploads: list[Upload], progress: Progress) -> None:
    progress.stage("reading")
    kept = read_kept(uploads, progress)
    files = [kept[upload.pk] for upload in uploads]
    for upload in uploads:
        clear(upload)
    BatchRun(uploads[0].clinic, None, StoreOptions(), progress=progress)(files, uploads)
    for upload, file in zip(uploads, files, strict=True):
        upload.save(update_fields=take(upload, file, kept=True))


def _waiting(batch: UUID) -> list[Upload]:
    """The files of the batch that wait, locked: of two people who confirm, the second is told."""
    uploads = locked(batch)
    waiting = [upload for upload in uploads if upload.state == State.PREVIEWED]
    if waiting:
        return waiting
    done = next((upload for upload in uploads if upload.stored_at), None)
    if done:
        at = done.stored_at.astimezone(done.clinic.zone)
        raise Refused(f"These files were stored already, on {full_moment(at)}. Nothing is stored twice.")
    if any(upload.state == State.QUEUED for upload in uploads):
        raise Refused("These files are still being read.")
    if any(upload.state == State.UNMAPPED for upload in uploads):
        raise Refused("These files cannot be stored before their names have a meaning: see “Not known here”.")
    raise Refused("Nothing is waiting here: these files were discarded or refused.")


__all__ = [
    "Stored", "confirm", "discard", "is_large", "is_many", "let_go", "look", "preview", "preview_kept",
    "read_again", "read_waiting", "receive", "replay", "store", "too_large", "undo",
]  # fmt: skip
