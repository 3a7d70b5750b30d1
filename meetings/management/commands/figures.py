import time

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from meetings.actions.figures import count_figures
from meetings.figures.counting import MONTHS

# A line each so many seconds says that it goes on.
LINE_EVERY = 10


class Command(BaseCommand):
    help = (
        "Counts the monthly figures of the clinics anew, from the record as it is now. "
        "Let it run each night: the page of figures shows what it has counted last."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clinic", metavar="CODE", help="only this clinic")
        parser.add_argument("--months", type=int, default=MONTHS, help=f"so many months back ({MONTHS})")

    def handle(self, **options) -> None:
        if not 1 <= options["months"] <= 120:
            raise CommandError("--months takes 1 to 120.")
        clinics = Clinic.objects.order_by("code")
        if code := options["clinic"]:
            clinics = clinics.filter(code=code)
            if not clinics:
                raise CommandError(no_clinic(code))
        for clinic in clinics:
            self.count(clinic, options["months"])

    def count(self, clinic: Clinic, months: int) -> None:
        self.started = self.said = time.monotonic()
        self.done = 0
        count_figures(clinic=clinic, months=months, progress=self.progress)
        seconds = time.monotonic() - self.started
        self.stdout.write(f"{clinic.code}: {self.done:,} patients over {months} months in {seconds:.0f} s.")

    def progress(self, done: int) -> None:
        self.done = done
        if time.monotonic() - self.said >= LINE_EVERY:
            self.said = time.monotonic()
            self.stdout.write(f"{done:,} patients")
