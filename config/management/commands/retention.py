"""manage.py retention: lets go what the site has decided not to keep longer."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from config.operating.retention import retain

NO_OWNER = "The role of MIGRATE_URL does not own the tables: only their owner may purge."


class Command(BaseCommand):
    help = "Deletes what is older than the KEEP_ settings say; each deletion leaves a row of audit with its reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *, dry_run: bool, **options: object) -> None:
        try:
            for sentence in retain(dry_run=dry_run):
                self.stdout.write(sentence)
        except ProgrammingError as error:
            if getattr(error.__cause__, "sqlstate", "") != "42501":
                raise
            raise CommandError(NO_OWNER) from None
