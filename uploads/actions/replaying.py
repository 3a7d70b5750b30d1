"""Rows of stored files that wait for a meaning of a name: kept with their file, and stored once it has one.

What was stored stays as it is: only the rows that waited are read again, as an upload of their own in the
same batch, with its own counts and its own undo.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.errors import Refused
from patients.actions.notices import lapse_waiting
from patients.words import full_moment
from uploads import mappings
from uploads.importers.meanings import unknown_names
from uploads.importers.records import Parsed
from uploads.matching import ReadFile, StoreOptions
from uploads.models import IdentityQuestion, Piece, Upload, UploadRow
from uploads.staging import file_store
from uploads.staging.progress import SILENT, Progress

from .reading import read_kept, take
from .running import BatchRun, analyse_many
from .turns import lock_people, locked, take_turns

State = Upload.State


def holds_back(upload: Upload) -> bool:
    """Whether rows of a file that is stored now wait for names; forgets the names for which none does."""
    names = [name for name in mappings.unknown_of(upload) if name.holds_rows]
    upload.unknown = mappings.as_stored(names) if upload.waiting else []
    return bool(upload.unknown)


def replay(*, batch: UUID, by: User, also: Collection[int] = (), progress: Progress = SILENT) -> list[Upload]:
    """Reads again what waits in stored files of a batch for names that have a meaning now, and stores it.

    `also`: uploads of which a person has said whose rows those are that wait.
    """
    with transaction.atomic():
        stored = locked(batch, State.STORED)
        held = mappings.answered(stored)
        held += [upload for upload in stored if upload.pk in also and upload not in held and _is_last(upload)]
        if not held:
            raise Refused("Nothing waits in these files any more: somebody else was faster.")
        progress.stage("reading")
        asking, files = _read(held, progress)
        made = _stored(held[0].clinic, files, by, progress) if files else []
    analyse_many(made)
    if asking and not made:
        raise Refused(" ".join(asking))
    return made


@transaction.atomic
def let_go(*, batch: UUID, by: User) -> None:
    """Nobody will mend the rows that were not stored: they stay out, and what was kept of the files goes."""
    stored = [upload for upload in locked(batch, State.STORED) if upload.system_id is None]
    held = [upload for upload in stored if upload.unknown or upload.kept]
    if not held:
        raise Refused("Nothing is kept of these files any more.")
    file_store.forget(held)
    IdentityQuestion.objects.filter(upload__in=stored, answer=None).delete()
    lapse_waiting(uploads=[upload.replays_id or upload.pk for upload in stored])
    for upload in held:
        at = timezone.now().astimezone(upload.clinic.zone)
        said = f"The rows that were not stored were given up on {full_moment(at)} by {by}."
        upload.unknown, upload.notes = [], f"{said} {upload.notes}".strip()[:1000]
        upload.save(update_fields=["unknown", "notes"])


def _is_last(upload: Upload) -> bool:
    """Whether its waiting rows were not read again since, and can be."""
    root = upload.replays_id or upload.pk
    later = Upload.objects.filter(replays=root, pk__gt=upload.pk, state=State.STORED)
    return Piece.objects.filter(upload=root).exists() and not later.exists()


def _read(held: list[Upload], progress: Progress) -> tuple[list[str], dict[Upload, ReadFile]]:
    """The held uploads with their waiting rows, in the order in which these are stored; and sentences about
    those that cannot be read before more names have a meaning, for which they wait from now on."""
    olds, asking, files = {upload.pk: upload for upload in held}, [], {}
    for pk, file in read_kept(held, progress).items():
        upload, parsed = olds[pk], file.parsed
        if parsed.unmapped:
            upload.unknown = mappings.as_stored(parsed.unknown)
            upload.save(update_fields=["unknown"])
            asking.append(f"{upload.file} waits for more: {parsed.reason}")
        elif parsed.reason:
            raise Refused(
                f"{upload.file} cannot be read with these meanings: {parsed.reason} "
                "Undo under Mappings what is wrong; its rows wait until then."
            )
        else:
            file.parsed = _waiting_rows(upload, parsed)
            files[upload] = file
    return asking, files


def _stored(clinic: Clinic, found: dict[Upload, ReadFile], by: User, progress: Progress) -> list[Upload]:
    """Each of the held uploads' waiting rows as a stored upload."""
    files, made = list(found.values()), [_follower(upload, by) for upload in found]
    take_turns(made)
    lock_people(clinic, files)
    for upload, file in zip(made, files, strict=True):
        take(upload, file)
        upload.save()
    BatchRun(clinic, by, StoreOptions(), store=True, progress=progress)(files, made)
    for upload, file in zip(made, files, strict=True):
        take(upload, file)
        upload.state, upload.stored_at = State.STORED, timezone.now()
        upload.notes = "The rows of this file that waited, read again with what people have said since."
        holds_back(upload)
        upload.save()
    for old in found:
        old.unknown = []
        old.save(update_fields=["unknown"])
    file_store.forget_settled(made)
    return made


def _waiting_rows(upload: Upload, parsed: Parsed) -> Parsed:
    waiting = upload.rows.filter(outcome=UploadRow.Outcome.WAITING)
    chosen = parsed.only(set(waiting.values_list("row", flat=True)))
    if isinstance(chosen.items, list):
        return chosen.knowing(unknown_names(chosen.items))
    return chosen


def _follower(upload: Upload, by: User) -> Upload:
    same = ("batch", "clinic", "sender", "file", "sheet", "sha256", "size")
    return Upload(replays=upload.replays or upload, by=by, **{name: getattr(upload, name) for name in same})
