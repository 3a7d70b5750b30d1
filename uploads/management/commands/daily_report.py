"""manage.py daily_report --clinic CODE: what came on a day, what is odd about it, what waits, who is late."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Clinic
from uploads.interfaces.clinic_day import ClinicDay
from uploads.interfaces.daily_report import report_of


class Command(BaseCommand):
    help = (
        "Prints what files and messages brought to a clinic on one of its days, what was marked or refused, "
        "what waits for a person and which senders are late. It names no patient. “watch” writes the same "
        "as a file each day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument(
            "--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="default: today, where the clinic is"
        )

    def handle(self, *, clinic: str, day: date | None, **options) -> None:
        found = Clinic.objects.filter(code=clinic).first()
        if found is None:
            raise CommandError(f"No clinic has the code “{clinic}”.")
        at = timezone.now()
        today = at.astimezone(found.zone).date()
        if day and day > today:
            raise CommandError(f"{day} is yet to come.")
        self.stdout.write(report_of(ClinicDay(found, day or today, at)), ending="")
