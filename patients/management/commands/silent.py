"""manage.py silent: what the product would have said of a clinic, before anything is switched on."""

import json
import time
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Clinic, no_clinic
from patients.actions.errors import Refused
from patients.actions.silent import keep_silent_run
from patients.report.impact import CannotCompare
from patients.silent.running import silent_run
from patients.silent.tables import ClinicNumbers, as_text, tables, write_csv

from .reassess import LINE_EVERY


class Command(BaseCommand):
    help = (
        "Reads every draw of a clinic as it was known when it arrived and counts what would have been flagged, what "
        "followed, what could not be read, and the flags to expect a week. Nothing of the record is written, nobody "
        "is named. --keep puts the run on the page of silent runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", metavar="CODE", required=True, help="of this clinic")
        parser.add_argument("--from", dest="first", metavar="DAY", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", metavar="DAY", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--limits", metavar="FOLDER", type=Path, help="other knowledge, counted beside")
        parser.add_argument("--patients", type=float, help="of the budget: patients followed")
        parser.add_argument("--draws", type=float, help="of the budget: draws a month")
        parser.add_argument("--keep", action="store_true", help="keep the run for the page")
        parser.add_argument("--json", action="store_true", help="print what was counted as one JSON object")
        parser.add_argument("--csv", action="store_true", help="print the tables as CSV")

    def handle(self, **options) -> None:
        clinic = Clinic.objects.filter(code=options["clinic"]).first()
        if clinic is None:
            raise CommandError(no_clinic(options["clinic"]))
        found = self._found(clinic, options)
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        own = found["clinic"]
        numbers = ClinicNumbers(
            own["patients"] if options["patients"] is None else options["patients"],
            own["draws_a_month"] if options["draws"] is None else options["draws"],
        )
        made = tables(found, numbers)
        if options["csv"]:
            write_csv(made, self.stdout)
        else:
            self.stdout.write("\n\n".join(as_text(table) for table in made))

    def _found(self, clinic: Clinic, options: dict) -> dict:
        self.said = time.monotonic()
        asked = {name: options[name] for name in ("first", "last", "limits")}
        try:
            if options["keep"]:
                return keep_silent_run(clinic=clinic, progress=self.progress, **asked).found
            return silent_run(clinic, now=timezone.now(), progress=self.progress, **asked)
        except (CannotCompare, Refused) as error:
            raise CommandError(str(error)) from None

    def progress(self, done: int, total: int) -> None:
        """On standard error, so that the answer can be piped."""
        if time.monotonic() - self.said >= LINE_EVERY:
            self.said = time.monotonic()
            self.stderr.write(f"{done:,} of {total:,} patients")
