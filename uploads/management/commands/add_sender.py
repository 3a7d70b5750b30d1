"""manage.py add_sender NAME --clinic CODE: a system that may send messages, and its token."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from patients.actions.errors import Refused
from uploads.interfaces import senders
from uploads.models import Sender


class Command(BaseCommand):
    help = "Lets a system send HL7 v2 messages for a clinic; prints its token, once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="such as the laboratory’s name; it is shown beside what it sends")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument(
            "--authority", default="", help="only numbers of this authority (PID-3.4) are this clinic's MRNs"
        )
        parser.add_argument(
            "--read", action="store_true", help="may also read the clinic's patients and results: /fhir/"
        )
        parser.add_argument(
            "--issuer",
            default="",
            help="asks by CDS Hooks (/cds-services) and signs its tokens as this issuer",
        )
        parser.add_argument(
            "--keys", default="", metavar="ADDRESS", help="where that issuer publishes its keys (JWKS)"
        )
        parser.add_argument("--new-token", action="store_true", help="a new token for a sender there is")
        parser.add_argument("--block", action="store_true", help="takes nothing from this sender any more")

    def handle(self, *, name, clinic, new_token, block, **options):
        found = Clinic.objects.filter(code=clinic).first()
        if found is None:
            raise CommandError(no_clinic(clinic))
        if not (new_token or block):
            how = {"may_read": options["read"], "issuer": options["issuer"], "key_set": options["keys"]}
            self._add(found, name, authority=options["authority"], **how)
            return
        sender = Sender.objects.filter(clinic=found, name__iexact=name).first()
        if sender is None:
            raise CommandError(f"{found} has no sender named “{name}”.")
        if block:
            senders.block(sender=sender)
            self.stdout.write(f"{sender} is blocked. --new-token lets it in again.")
        else:
            self._tell(sender, senders.new_token(sender=sender))

    def _add(self, clinic: Clinic, name: str, **how) -> None:
        try:
            self._tell(*senders.add_sender(clinic=clinic, name=name, **how))
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None

    def _tell(self, sender: Sender, token: str) -> None:
        self.stdout.write(f"{sender} may send to {sender.clinic}. Its token, shown only now:\n{token}")
        self.stdout.write("Messages go by POST to /hl7/ with the header “Authorization: Bearer TOKEN”.")
        if sender.may_read:
            self.stdout.write("The same header opens /fhir/Patient and /fhir/Observation for reading.")
