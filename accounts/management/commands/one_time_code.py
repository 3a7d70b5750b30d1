from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import user_named
from accounts.signing_in.codes import RESETS, make_code


class Command(BaseCommand):
    help = (
        "Prints a one-time code for who has lost password or second factor and has no administrator to ask."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the sign-in name")
        parser.add_argument("--for", dest="resets", choices=list(RESETS), default="both")

    def handle(self, *, name: str, resets: str, **options: object) -> None:
        user = user_named(name, exactly=True)
        if user is None:
            raise CommandError(f"Nobody has exactly the sign-in name “{name}”.")
        issued, code = make_code(user=user, resets=resets)
        self.stdout.write(f"{code}\nTaken once, until {issued.expires_at:%Y-%m-%d %H:%M} UTC.")
