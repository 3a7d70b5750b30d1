"""manage.py verify_audit: whether the log of looks and the other tables of audit are as they were sealed."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.sealing import seal
from accounts.audit.verifying import Walk, walk
from accounts.models import Purge

FORKED = (
    "The head {head} is not in this chain: it was made anew since that head was written down, "
    "or the head belongs to another database."
)


class Command(BaseCommand):
    help = "Walks the chain of sealed rows of audit, prints its head, and fails at the first row that does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a head that was logged before: it must be in the chain"
        )
        parser.add_argument("--seal", action="store_true", help="seal first what no worker has sealed yet")

    def handle(self, *, head: str, **options: bool) -> None:
        if options["seal"]:
            seal()
        found = walk()
        if found.fault:
            raise CommandError(found.fault)
        if head and head.strip().lower() not in found.heads:
            raise CommandError(FORKED.format(head=head))
        self.tell(found)

    def tell(self, found: Walk) -> None:
        sealed = f"{found.rows:,} rows in {found.seals:,} seals fit, {found.unsealed:,} are not sealed yet."
        self.stdout.write(f"{sealed}\nHead: {found.head}")
        for restored in Purge.objects.filter(statement="RESTORE").order_by("pk"):
            self.stdout.write(f"On {restored.at:%Y-%m-%d} this database was {restored.reason}.")
        for table, count in sorted(found.purged.items()):
            why = Purge.objects.filter(table_name=table).latest("pk")
            self.stdout.write(
                f"{count:,} sealed rows of {table} were purged, the last on {why.at:%Y-%m-%d}: {why.reason}"
            )
