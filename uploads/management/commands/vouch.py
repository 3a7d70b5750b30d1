"""manage.py vouch NAME --clinic CODE PERSON USERNAME: who a person of a record system is here."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from patients.actions.errors import Refused
from uploads.interfaces.smart.clients import end_vouching, vouch
from uploads.models import LaunchClient


class Command(BaseCommand):
    help = (
        "Says which member of staff a person of a record system is, so that a launch signs this person in where "
        "add_record_system --sign-on allows it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the record system")
        parser.add_argument("person", help="as it names the person (fhirUser), such as Practitioner/7")
        parser.add_argument("username", nargs="?", help="of the member of staff")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument(
            "--end", action="store_true", help="the record system vouches for this person no more"
        )

    def handle(
        self, *, name: str, clinic: str, person: str, username: str | None, end: bool, **more: object
    ) -> None:
        client = LaunchClient.objects.filter(sender__clinic__code=clinic, sender__name__iexact=name).first()
        if client is None:
            raise CommandError(
                f"No record system “{name}” launches for “{clinic}”. See manage.py add_record_system."
            )
        if end:
            ended = end_vouching(client=client, fhir_user=person)
            self.stdout.write(
                f"{client} vouches for {person} no more." if ended else f"{client} did not vouch for it."
            )
            return
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody has the sign-in name “{username or ''}”.")
        try:
            vouch(client=client, fhir_user=person, user=user)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"{person} of {client} is {user.username} here.")
