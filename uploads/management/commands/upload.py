"""manage.py upload FILE... --clinic CODE: the uploads page for a nightly job. A folder of FHIR Bulk Data is a file."""

import json
import stat
from functools import partial
from os import stat_result
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, User, no_clinic
from interpretation.words import upper_first
from patients.actions.errors import Refused
from uploads import actions, room, told
from uploads.importers import bulk, fhir
from uploads.importers.bulk.packing import pack
from uploads.importers.records import WRITING, FilePart, FileRefused
from uploads.mappings import clean_sender
from uploads.models import Upload
from uploads.profile_words import read_with
from uploads.staging.file_store import nameless
from uploads.staging.outcomes import write_outcomes
from uploads.staging.progress import PAUSE, STAGES, Progress

SYSTEM_USER = "upload"
Contents = list[tuple[str, FilePart]]


class Command(BaseCommand):
    help = (
        "Stores files in a clinic's record: patients, diagnoses, events and results as CSV, XLSX, XLS or "
        "ODS, HL7 v2 results, FHIR R4 bundles, and folders as a FHIR Bulk Data export leaves them (NDJSON)."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--by", metavar="USERNAME", help="who uploads; without it, the user “upload”")
        parser.add_argument(
            "--sender", default="", help="where the files come from: chooses its profile and mappings"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, store nothing")
        parser.add_argument(
            "--outcomes",
            type=Path,
            metavar="FOLDER",
            help="of FHIR: write there what was refused or waits, an OperationOutcome a line, without names",
        )
        parser.add_argument("--json", action="store_true", help="print one object a file, one a line")
        parser.add_argument(
            "--accept-questions",
            action="store_true",
            help="store values that only ask whether they are right (a unit that looks wrong), as they stand",
        )
        parser.add_argument(
            "--apply-changes",
            action="store_true",
            help="store values that differ from the record, as corrections",
        )

    def handle(self, *, files, clinic, sender, dry_run, apply_changes, accept_questions, **options) -> None:
        if room.disk().is_short and not dry_run:
            raise CommandError(upper_first(room.NO_ROOM))
        clinic = _clinic(clinic)
        contents, missing = _read(files)
        for sentence in missing:
            self.stderr.write(sentence)
        uploads, asked = [], {"apply_changes": apply_changes, "accept_questions": accept_questions}
        asked["sender"] = clean_sender(sender)
        if self.stderr.isatty():
            asked["progress"] = OnOneLine(self.stderr)
        if contents and dry_run:
            uploads = actions.look(contents=contents, clinic=clinic, **asked)
        elif contents:
            uploads = self._store(contents, clinic, _person(options["by"]), asked)
            _write_outcomes(uploads, contents, options["outcomes"])
        for upload in uploads:
            self._say(upload, dry_run=dry_run, as_json=options["json"], accepted=accept_questions)
        if missing or any(upload.reason for upload in uploads):
            raise SystemExit(1)

    def _store(self, contents, clinic, by, asked) -> list[Upload]:
        """Once more when somebody else was writing the same records: at night nobody sends it again."""
        store = partial(actions.store, contents=contents, clinic=clinic, by=by, **asked)
        try:
            try:
                return store()
            except Refused as refusal:
                if refusal.constraint != "deadlock":
                    raise
                return store()
        except Refused as refusal:
            raise CommandError(f"Nothing was stored. {refusal.sentence}") from None

    def _say(self, upload: Upload, *, dry_run: bool, as_json: bool, accepted: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_summary(upload)))
        else:
            self.stdout.write(_line(upload, dry_run))
        if upload.reason:
            self.stderr.write(f"{upload.file}: refused. {upload.reason}{_where_to(upload)}")
        for sentence in told.problems(upload.tally, upload.sheet, accepted):
            self.stderr.write(f"{upload.file}: {sentence}")


class OnOneLine(Progress):
    """For whoever sits at the terminal."""

    def __init__(self, out) -> None:
        self._out, self._words, self._done, self._total, self._told = out, "", 0, 0, 0.0

    def stage(self, name: str, total: int | None = None) -> None:
        if total is not None:
            self._done, self._total = 0, total
        self._words = STAGES[name]
        self._tell()

    def advance(self, rows: int) -> None:
        self._done += rows
        self._tell()
        if self._done >= self._total:
            self._out.write("")

    def _tell(self) -> None:
        if monotonic() - self._told < PAUSE:
            return
        self._told = monotonic()
        of = f": {self._done:,} of {self._total:,} rows" if self._total else ""
        self._out.write(f"\r{self._words}{of}\033[K", ending="")
        self._out.flush()


def _write_outcomes(uploads: list[Upload], contents: Contents, folder: Path | None) -> None:
    if folder is None:
        return
    own = {name for name, part in contents if bulk.sniff(part) or fhir.sniff(part.head)}
    try:
        for upload in uploads:
            if upload.file in own:
                write_outcomes(upload, folder)
    except OSError as error:
        raise CommandError(f"{folder}: the outcomes cannot be written there ({error.strerror}).") from None


def _where_to(upload: Upload) -> str:
    if upload.state != Upload.State.UNMAPPED:
        return ""
    if any(name["what"] == WRITING for name in upload.unknown):
        return " Say it on the uploads page."
    return " Or say on the uploads page what its names mean."


def _summary(upload: Upload) -> dict:
    counts = {name: getattr(upload, name) for name in told.COUNTS}
    about = {"file": upload.file, "kind": upload.kind, "format": upload.format}
    return about | counts | {"flagged": upload.tally.flagged, "reason": upload.reason}


def _line(upload: Upload, dry_run: bool) -> str:
    if upload.reason:
        return f"{upload.file}: refused, nothing stored."
    end = " Nothing was stored: dry run." if dry_run else ""
    notes = f" {upload.notes}" if upload.notes else ""
    read = read_with([upload]).get(upload.pk)
    notes += f" Read with {read.names}: {read.words}." if read and read.names else ""
    what = f"{upload.get_kind_display()} ({upload.format}). {told.counts(upload, upload.tally.flagged)}"
    return f"{upload.file}: {what}.{notes}{end}"


def _clinic(code: str) -> Clinic:
    clinic = Clinic.objects.filter(code=code).first()
    if clinic is None:
        raise CommandError(no_clinic(code))
    return clinic


def _person(username: str | None) -> User:
    if username is None:
        user, made = User.objects.get_or_create(
            username=SYSTEM_USER, defaults={"first_name": "Upload", "last_name": "command"}
        )
        if made:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"No active person has the sign-in name “{username}”.")
    return user


def _read(files: list[str]) -> tuple[Contents, list[str]]:
    contents, sentences = [], []
    limit = settings.MAX_UPLOAD_MB * 1024 * 1024
    for name in files:
        path = Path(name)
        try:
            if path.is_dir():
                contents.append((path.resolve().name, _folder(name, path, limit)))
                continue
            if sentence := _cannot_read(name, path.stat(), limit):
                sentences.append(sentence)
                continue
            contents.append((path.name, FilePart(file=path.open("rb"), own=True)))
        except FileRefused as refusal:
            sentences.append(str(refusal))
        except OSError as error:
            sentences.append(f"{name}: cannot be read ({error.strerror}). Check the path.")
    return contents, sentences


def _folder(name: str, path: Path, limit: int) -> FilePart:
    """All of a folder as one file. FileRefused: it holds no resources, or too many."""
    file = nameless()
    part = FilePart(file=file, own=True)
    if not pack(path, file):
        raise FileRefused(
            f"{name}: this is a folder without FHIR Bulk Data (NDJSON). Name the files in it, such as "
            f"{name.rstrip('/')}/*.csv."
        )
    if file.seek(0, 2) > limit:
        raise FileRefused(
            f"{name}: packed it is larger than {settings.MAX_UPLOAD_MB} MB. Export fewer types (_type=Patient,"
            "Observation,Organization,DiagnosticReport,Condition,MedicationRequest,Procedure), or raise MAX_UPLOAD_MB."
        )
    return part


def _cannot_read(name: str, about: stat_result, limit: int) -> str:
    """Size and sort are asked before anything is read: a device has no end."""
    if not stat.S_ISREG(about.st_mode):
        return f"{name}: this is no file on a disk. Save the data as a CSV file and name that."
    return actions.too_large(Path(name).name) if about.st_size > limit else ""
