import time

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from patients.actions.assess import BATCH, assess
from patients.models import Patient

# Without a terminal a line each so many seconds is enough.
LINE_EVERY = 10


class Command(BaseCommand):
    help = (
        "Rebuilds the worklist's summary of every patient, after a change of knowledge. "
        "Each batch is stored on its own, so it may be stopped and run again at any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("--clinic", metavar="CODE", help="only the patients of this clinic")

    def handle(self, **options):
        patients = Patient.objects.order_by("pk")
        if code := options["clinic"]:
            if not Clinic.objects.filter(code=code).exists():
                raise CommandError(no_clinic(code))
            patients = patients.filter(clinic__code=code)
        total, done, last = patients.count(), 0, 0
        self.started = self.said = time.monotonic()
        while ids := list(patients.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            assess(ids)
            done, last = done + len(ids), ids[-1]
            # Patients added meanwhile are assessed too.
            self.progress(done, max(total, done))
        end = "\n" if self.stdout.isatty() and done else ""
        self.stdout.write(f"{end}Reassessed {done:,} patients in {self.seconds():.0f} s.")

    def progress(self, done: int, total: int) -> None:
        words = f"{done:,} of {total:,} patients, {done / max(self.seconds(), 0.001):,.0f} a second"
        if self.stdout.isatty():
            self.stdout.write(f"\r{words}", ending="")
            self.stdout.flush()
        elif time.monotonic() - self.said >= LINE_EVERY:
            self.said = time.monotonic()
            self.stdout.write(words)

    def seconds(self) -> float:
        return time.monotonic() - self.started
