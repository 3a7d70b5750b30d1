"""manage.py watch FOLDER --clinic CODE: a nightly feed."""

import io
import json
import logging
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone

from accounts.models import Clinic, no_clinic
from interpretation.words import upper_first
from uploads import room
from uploads.importers.bulk.arrival import QUIET
from uploads.interfaces.report_folder import write_reports
from uploads.interfaces.watched_folder import DONE, FAILED, OUTCOMES, FolderBusy, WatchedFolder, alone
from uploads.told import COUNTS

logger = logging.getLogger(__name__)
# Longest wait between two tries while the database cannot be reached, in seconds.
LONGEST_WAIT = 300
# Seconds between two writings of the daily report.
REPORT_EVERY = 60


class Command(BaseCommand):
    help = (
        f"Stores each file that appears in FOLDER as “upload” does, once it is whole, and moves it to {DONE} "
        f"or {FAILED} within it; beside a file in {FAILED} stands why. Runs until it is stopped (Ctrl-C, "
        "TERM): the file at hand is finished first. A file that still grows, or whose name ends in .part, is "
        "not taken. A folder of FHIR Bulk Data (NDJSON) is taken as one file, once all files of its manifest are "
        f"there; without a manifest, once nothing in it has changed for {QUIET} seconds. What of FHIR was refused or "
        f"waits stands in {OUTCOMES}, an OperationOutcome a line."
    )

    # Whether files came since the last report.
    took = False
    # For room on the disk.
    is_waiting = False

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--by", metavar="USERNAME", help="who uploads; without it, the user “upload”")
        parser.add_argument(
            "--sender", default="", help="where the files come from: chooses its profile and mappings"
        )
        parser.add_argument("--every", type=float, default=10, metavar="SECONDS", help="default: 10")
        parser.add_argument(
            "--settle",
            type=float,
            default=5,
            metavar="SECONDS",
            help="so long unchanged is whole; default: 5",
        )
        parser.add_argument("--once", action="store_true", help="what is there now, then stop: for cron")
        parser.add_argument(
            "--report",
            type=Path,
            metavar="DIR",
            help="where the daily report of the clinic is written; default: reports in VAR_DIR",
        )
        parser.add_argument("--apply-changes", action="store_true", help="as for “upload”")
        parser.add_argument("--accept-questions", action="store_true", help="as for “upload”")

    def handle(self, *, folder: Path, every: float, settle: float, once: bool, **options) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder. Make it, or name another.")
        clinic = Clinic.objects.filter(code=options["clinic"]).first()
        if clinic is None:
            raise CommandError(no_clinic(options["clinic"]))
        names = ("clinic", "by", "sender", "apply_changes", "accept_questions")
        store = partial(self.upload, outcomes=folder / OUTCOMES, **{name: options[name] for name in names})
        feed = WatchedFolder(folder, store, self.stderr.write, settle, settings.MAX_UPLOAD_MB * 1024 * 1024)
        reports = DailyReports(clinic, options["report"] or settings.VAR_DIR / "reports", self.stderr.write)
        try:
            with alone(folder):
                refused = self.once(feed) if once else self.until_stopped(feed, every, reports)
            if once:
                reports.write()
        except FolderBusy:
            raise CommandError(f"Another process watches {folder} already.") from None
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}.") from None
        if refused and once:
            raise SystemExit(1)

    def once(self, feed: WatchedFolder) -> int:
        feed.whole(time.monotonic())
        time.sleep(feed.settle)
        return self.take(feed)

    def until_stopped(self, feed: WatchedFolder, every: float, reports: "DailyReports | None" = None) -> int:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write(f"Watching {feed.folder} (Ctrl-C stops).")
        refused, wait = 0, every
        while not stop.is_set():
            try:
                refused += self.take(feed)
                if reports:
                    reports.write_when_due(at_once=self.took)
                    self.took = False
                wait = every
            except DatabaseError as error:
                wait = min(wait * 2, LONGEST_WAIT)
                logger.warning(
                    "The database cannot be used (%s). Next try in %.0f s.", type(error).__name__, wait
                )
            close_old_connections()
            stop.wait(wait)
        return refused

    def take(self, feed: WatchedFolder) -> int:
        """Without room the files wait where they are; gives how many were refused."""
        is_short = room.disk().is_short
        if is_short and not self.is_waiting:
            logger.warning("%s The files wait.", upper_first(room.NO_ROOM))
        self.is_waiting = is_short
        return 0 if is_short else feed.round(time.monotonic())

    def upload(self, files: list[Path], **options) -> dict[str, str]:
        """Through the command “upload”: there is one way in."""
        self.took = True
        printed = io.StringIO()
        try:
            call_command("upload", *map(str, files), json=True, stdout=printed, stderr=self.stderr, **options)
        except SystemExit:
            pass  # files that were refused say so below
        except CommandError as error:
            if len(files) > 1:
                raise
            return {files[0].name: str(error)}
        return self.told(files, [json.loads(line) for line in printed.getvalue().splitlines()])

    def told(self, files: list[Path], found: list[dict]) -> dict[str, str]:
        reasons = {file.name: [] for file in files}
        read = set()
        for one in found:
            name = next(name for name in reasons if _is_of(one["file"], name))
            read.add(name)
            if one["reason"]:
                reasons[name].append(one["reason"])
            counts = ", ".join(f"{one[key]:,} {key}" for key in COUNTS)
            self.stdout.write(f"{one['file']}: {one['reason'] or counts}")
        for name in reasons.keys() - read:
            reasons[name].append("It could not be read: too large, or no file. See what the command printed.")
        return {name: " ".join(said) for name, said in reasons.items()}


class DailyReports:
    """The daily reports of a clinic, written from the record when files came and each REPORT_EVERY seconds:
    messages come and people decide beside."""

    def __init__(self, clinic: Clinic, folder: Path, say: Callable[[str], None]) -> None:
        self.clinic, self.folder, self.say = clinic, folder, say
        self._written = float("-inf")

    def write_when_due(self, at_once: bool) -> None:
        if at_once or time.monotonic() - self._written >= REPORT_EVERY:
            self.write()

    def write(self) -> None:
        """A report that cannot be written holds up no file."""
        try:
            write_reports(self.folder, self.clinic, timezone.now())
        except OSError as error:
            self.say(f"The daily report cannot be written: {error.filename}: {error.strerror}.")
        self._written = time.monotonic()


def _is_of(said: str, name: str) -> bool:
    """Whether an upload is of this file: a sheet of a workbook stands behind the name."""
    return said == name[:255] or said.startswith(f"{name[:150]} › ")
