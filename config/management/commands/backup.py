"""manage.py backup: the whole database as one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups.keeping import keep_latest
from config.backups.taking import Taken, take
from interpretation.words import counted


class Command(BaseCommand):
    help = "Writes the whole database into one file in FOLDER: there whole and checked, or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="on another disk than the database, best on another machine"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="then delete all but the latest N backups there"
        )
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            metavar="PUBLICKEY",
            help="encrypt it for this public key of age (age1...); may be given several times",
        )

    def handle(self, *, folder: Path, keep: int | None, recipient: list[str], **options: object) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number of at least 1.")
        taken = take(folder, recipient)
        self._tell(taken)
        for path in keep_latest(folder, keep, taken.found) if keep else ():
            self.stdout.write(f"Deleted: {path.name}")

    def _tell(self, taken: Taken) -> None:
        said = taken.found.manifest
        rows = f"{counted(said.row_count, 'row')} in {counted(len(said.rows), 'table')}"
        self.stdout.write(
            f"{taken.found.path}: {rows}, {taken.size / 1024**2:,.1f} MB, whole and checked.\n"
            f"SHA-256: {taken.digest}\nHead of the chain of audit: {said.audit_head}"
        )
