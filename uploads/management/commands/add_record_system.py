"""manage.py add_record_system NAME --clinic CODE: a record system that asks by CDS Hooks."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Clinic, no_clinic
from patients.actions.errors import Refused
from uploads.interfaces.senders import add_record_system


class Command(BaseCommand):
    help = "Lets a record system ask for cards of a clinic's patients by CDS Hooks (/cds-services)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="stands beside what its users say of a cause")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument(
            "--issuer", required=True, metavar="URL", help="as whom it signs its tokens (iss)"
        )
        parser.add_argument("--keys", required=True, metavar="URL", help="where it publishes its keys (JWKS)")
        parser.add_argument(
            "--authority", default="", help="only numbers of this system are the clinic's MRNs"
        )

    def handle(self, *, name: str, clinic: str, **options: str) -> None:
        found = Clinic.objects.filter(code=clinic).first()
        if found is None:
            raise CommandError(no_clinic(clinic))
        about = {"issuer": options["issuer"], "key_set": options["keys"], "authority": options["authority"]}
        try:
            system = add_record_system(clinic=found, name=name, **about)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(
            f"{system} may ask /cds-services for {found}. manage.py add_sender --block ends that."
        )
