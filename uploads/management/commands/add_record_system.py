"""manage.py add_record_system NAME --clinic CODE: a record system that asks by CDS Hooks, or launches by SMART."""

from argparse import BooleanOptionalAction
from getpass import getpass
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Clinic, no_clinic
from patients.actions.errors import Refused
from uploads.interfaces.senders import add_launching_system, add_record_system
from uploads.interfaces.smart.clients import set_client
from uploads.models import Sender


class Command(BaseCommand):
    help = (
        "Lets a record system ask for cards of a clinic's patients by CDS Hooks (/cds-services), launch this product "
        "from a patient's chart by SMART App Launch (/smart/launch), or both. Named again with --fhir, how it launches "
        "is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="stands beside what its users say of a cause, and on visits")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--issuer", default="", metavar="URL", help="as whom it signs its tokens (iss)")
        parser.add_argument("--keys", default="", metavar="URL", help="where it publishes its keys (JWKS)")
        parser.add_argument(
            "--authority", default="", help="only numbers of this system are the clinic's MRNs"
        )
        parser.add_argument("--fhir", default="", metavar="URL", help="its FHIR server: iss of a launch")
        parser.add_argument(
            "--client", default="", metavar="ID", help="as whom it has registered this product"
        )
        parser.add_argument(
            "--secret",
            default="",
            metavar="FILE",
            help="the file with the client's secret, - to type it; without it this product signs with its own key",
        )
        parser.add_argument(
            "--sign-in-at",
            default="",
            metavar="URL",
            help="where people sign in there, if that is another server",
        )
        parser.add_argument(
            "--sign-on",
            action=BooleanOptionalAction,
            default=False,
            help="whoever is signed in there is signed in here, once `vouch` says who that is",
        )

    def handle(self, *, name: str, clinic: str, **options: str) -> None:
        found = Clinic.objects.filter(code=clinic).first()
        if found is None:
            raise CommandError(no_clinic(clinic))
        try:
            with transaction.atomic():
                self.add(found, name, options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None

    def add(self, clinic: Clinic, name: str, options: dict) -> None:
        system = _system(clinic, name, options)
        if system.issuer and _asks(options):
            self.stdout.write(f"{system} may ask /cds-services for {clinic}.")
        if options["fhir"]:
            client = set_client(
                sender=system,
                fhir_base=options["fhir"],
                client_id=options["client"],
                secret=_secret(options["secret"]),
                sign_in_origin=options["sign_in_at"],
                signs_on=bool(options["sign_on"]),
            )
            how = "with its secret" if client.secret else "with the keys of /smart/jwks.json"
            self.stdout.write(f"{system} may launch /smart/launch for {clinic}, {how}.")
        self.stdout.write("manage.py add_sender --block ends that.")


def _system(clinic: Clinic, name: str, options: dict) -> Sender:
    """Added, or found where only how it launches is said."""
    authority = options["authority"]
    if _asks(options):
        about = {"issuer": options["issuer"], "key_set": options["keys"], "authority": authority}
        return add_record_system(clinic=clinic, name=name, **about)
    there = Sender.objects.filter(clinic=clinic, name__iexact=name).first()
    return there or add_launching_system(clinic=clinic, name=name, authority=authority)


def _asks(options: dict) -> bool:
    """By CDS Hooks; what is said of neither is answered by what that needs."""
    return bool(options["issuer"] or options["keys"] or not options["fhir"])


def _secret(place: str) -> str:
    """Never from the command line itself, which others on the machine see."""
    if place == "-":
        return getpass("Secret of the client: ").strip()
    try:
        return Path(place).read_text().strip() if place else ""
    except OSError as error:
        raise CommandError(f"{place} cannot be read ({error.strerror}).") from None
