"""Files to uploads: read, named, their counts and questions kept."""

from uuid import UUID

from django.conf import settings

from accounts.models import Clinic, User
from patients.words import full_moment
from uploads import matching
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.main import SHEETS_LEFT
from uploads.importers.records import FilePart
from uploads.mappings import as_stored, meanings_of
from uploads.matching import ReadFile
from uploads.models import Upload
from uploads.staging import file_store
from uploads.staging.progress import SILENT, Progress

State = Upload.State
Contents = list[tuple[str, FilePart | bytes]]


def read(contents: Contents, clinic: Clinic, sender: str, progress: Progress = SILENT) -> list[ReadFile]:
    return matching.read(contents, meanings_of(clinic, sender), _limits(), progress)


def read_kept(uploads: list[Upload], progress: Progress = SILENT) -> dict[int, ReadFile]:
    """What waits, read again with what its names mean by now, in the order in which it is stored."""
    parts = [(str(upload.pk), file_store.fetch(upload)) for upload in uploads]
    files = matching.read_again(parts, meanings_of(uploads[0].clinic, uploads[0].sender), _limits(), progress)
    return {int(file.name): file for file in files}


def _limits() -> WorkbookLimits:
    return WorkbookLimits(
        cells=settings.MAX_SHEET_CELLS,
        unpacked_mb=settings.MAX_SHEET_UNPACKED_MB,
        memory_mb=settings.MAX_SHEET_MEMORY_MB,
        seconds=settings.MAX_SHEET_SECONDS,
        rows=settings.MAX_UPLOAD_ROWS,
        folder=str(settings.FILE_UPLOAD_TEMP_DIR),
    )


def upload_of(file: ReadFile, clinic: Clinic, by: User | None, batch: UUID, sender: str) -> Upload:
    """Not saved."""
    upload = Upload(batch=batch, clinic=clinic, sender=sender, by=by)
    name_it(upload, file.name, file.part)
    take(upload, file)
    return upload


def name_it(upload: Upload, name: str, part: FilePart) -> None:
    name = _short_name(name)
    upload.sheet = part.sheet
    upload.file = f"{name[:150]} › {part.sheet}" if part.sheet else name
    upload.sha256, upload.size = file_store.about(part)


def take(upload: Upload, file: ReadFile, *, kept: bool = False) -> list[str]:
    """What was read, into the upload; the names of the fields that this sets. `kept`: it waited already.

    Before its rows are run through this is half of it: counts, notes and names that nobody knows come then.
    """
    parsed = file.parsed
    state = State.PREVIEWED
    if parsed.reason:
        state = State.UNMAPPED if parsed.unmapped or kept else State.REFUSED
    upload.tally = file.tally
    fields = {
        "kind": parsed.kind,
        "format": parsed.format[:200],
        "state": state,
        "reason": parsed.reason[:1000],
        "unknown": as_stored(parsed.all_unknown),
        "head": parsed.head,
        "digests": file.tally.digests,
        **_versions(file),
        **file.tally.counts,
    }
    for name, value in fields.items():
        setattr(upload, name, value)
    # Of the sheets beside it nothing was kept but this: it stands last, so that it is found again.
    _, mark, sheets = upload.notes.partition(SHEETS_LEFT)
    notes = (*filter(None, (file.tally.said_words, file.tally.left_out_words)), *parsed.all_notes)
    told = sorted(notes, key=lambda note: note.startswith(SHEETS_LEFT))
    upload.notes = " ".join(_notes(upload, told))[:1000]
    if mark and mark not in upload.notes:
        upload.notes = f"{upload.notes} {mark}{sheets}"[:1000].strip()
    return [*fields, "notes"]


def was_read_with(upload: Upload, file: ReadFile) -> bool:
    """Whether the profile with which the file is read now is the one of its preview: another order of dates
    changes every day and no count."""
    return all(getattr(upload, name) == version for name, version in _versions(file).items())


def _versions(file: ReadFile) -> dict[str, int | None]:
    profile = file.profile
    return {
        "profile_version": profile.version or None,
        "defaults_version": profile.defaults_version or None,
    }


def stored_before(upload: Upload) -> Upload | None:
    """The stored upload of the very same file in this clinic, if there is one."""
    same = Upload.objects.filter(clinic=upload.clinic_id, sha256=upload.sha256, state=State.STORED)
    return same.exclude(pk=upload.pk).select_related("by").order_by("stored_at").first()


def _notes(upload: Upload, notes) -> list[str]:
    before = None if upload.reason else stored_before(upload)
    if before is None:
        return list(notes)
    at = before.stored_at.astimezone(upload.clinic.zone)
    what = "message" if upload.system_id else "file"
    return [f"This {what} was stored on {full_moment(at)} by {before.by}.", *notes]


def _short_name(name: str) -> str:
    """A name that is not text, as some disks hold, is kept with question marks."""
    name = name.encode("utf-8", "replace").decode()
    return name.replace("\\", "/").rsplit("/", 1)[-1][:255] or "file"
