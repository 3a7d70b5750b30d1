"""manage.py add_sender NAME --clinic CODE: a system that may send messages or read, and its token."""

from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Clinic, no_clinic
from interpretation.words import day
from patients.actions.errors import Refused
from uploads.interfaces import senders
from uploads.interfaces.tokens import USUAL_DAYS, expiry
from uploads.models import Sender, TokenScope


class Command(BaseCommand):
    help = "Lets a system send HL7 v2 messages for a clinic, or read it by FHIR; prints its token, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="such as the laboratory’s name; it is shown beside what it sends")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument(
            "--authority", default="", help="only numbers of this authority (PID-3.4) are this clinic's MRNs"
        )
        parser.add_argument("--read", action="store_true", help="also read patients and results: /fhir/")
        parser.add_argument("--only-read", action="store_true", help="read, and send nothing")
        parser.add_argument(
            "--days",
            type=int,
            default=USUAL_DAYS,
            metavar="N",
            help="the token opens so long; default: a year",
        )
        parser.add_argument("--new-token", action="store_true", help="a new token for a sender there is")
        parser.add_argument(
            "--overlap-hours", type=int, default=0, metavar="N", help="the old token opens so long beside it"
        )
        parser.add_argument("--block", action="store_true", help="takes nothing from this sender any more")

    def handle(self, *, name: str, clinic: str, **options: object) -> None:
        found = Clinic.objects.filter(code=clinic).first()
        if found is None:
            raise CommandError(no_clinic(clinic))
        try:
            if options["new_token"] or options["block"]:
                self._change(found, name, options)
            else:
                self._add(found, name, options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None

    def _add(self, clinic: Clinic, name: str, options: dict) -> None:
        scopes = {TokenScope.READ_FHIR} if options["only_read"] else {TokenScope.SEND_HL7}
        if options["read"]:
            scopes.add(TokenScope.READ_FHIR)
        how = {"authority": options["authority"], "scopes": scopes}
        self._tell(*senders.add_sender(clinic=clinic, name=name, expires_at=_until(clinic, options), **how))

    def _change(self, clinic: Clinic, name: str, options: dict) -> None:
        sender = Sender.objects.filter(clinic=clinic, name__iexact=name).first()
        if sender is None:
            raise CommandError(f"{clinic} has no sender named “{name}”.")
        if options["block"]:
            senders.block(sender=sender)
            self.stdout.write(f"{sender} is blocked. --new-token lets it in again.")
            return
        overlap = timedelta(hours=max(options["overlap_hours"], 0))
        self._tell(
            sender, senders.new_token(sender=sender, expires_at=_until(clinic, options), overlap=overlap)
        )

    def _tell(self, sender: Sender, secret: str) -> None:
        token = sender.tokens.get(ended_at=None, replaced_at=None)
        until = day(token.expires_at.astimezone(sender.clinic.zone) - timedelta(days=1))
        self.stdout.write(
            f"{sender} may {token.may} in {sender.clinic}. Its token, shown only now:\n{secret}"
        )
        self.stdout.write(f"It opens until the end of {until}, by the header “Authorization: Bearer TOKEN”:")
        if TokenScope.SEND_HL7 in token.scopes:
            self.stdout.write("messages by POST to /hl7/")
        if TokenScope.READ_FHIR in token.scopes:
            self.stdout.write("/fhir/Patient and /fhir/Observation for reading")


def _until(clinic: Clinic, options: dict) -> datetime:
    today = timezone.now().astimezone(clinic.zone).date()
    return expiry(clinic, today + timedelta(days=options["days"]))
