"""manage.py restore: a backup into an empty database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from config.backups.restoring import restore


class Command(BaseCommand):
    help = (
        "Puts a backup into an empty database, all of it or nothing, compares the two and verifies the audit."
    )
    # There are no tables to check.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--to",
            metavar="PLACE",
            help="another place than the settings name: a folder for an embedded database, or postgresql://...",
        )
        parser.add_argument(
            "--identity", type=Path, metavar="KEYFILE", help="the secret key of age that opens it"
        )

    def handle(self, *, file: Path, identity: Path | None, **options: object) -> None:
        # `--to` was obeyed before the settings were read (config.backups.target).
        for sentence in restore(file, identity):
            self.stdout.write(sentence)
        self.stdout.write("Done. Start the services.")
