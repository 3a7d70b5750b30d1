import time

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import QuerySet

from accounts.models import Clinic, no_clinic
from patients.actions.marks.work import assess_all, mark_all
from patients.models import AssessmentMark, Patient
from patients.tasks import hand_over_marked

# Marked at a time.
BATCH = 5000
# Without a terminal a line each so many seconds is enough.
LINE_EVERY = 10


class Command(BaseCommand):
    help = (
        "Rebuilds the worklist's summary of every patient, after a change of knowledge, the highest INR first, "
        "beside every worker that runs. Each batch is stored on its own: stopped, it is left to the workers, and "
        "it may be run again at any time."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clinic", metavar="CODE", help="only the patients of this clinic")

    def handle(self, **options) -> None:
        patients, marks = Patient.objects.order_by("pk"), AssessmentMark.objects.all()
        if code := options["clinic"]:
            if not Clinic.objects.filter(code=code).exists():
                raise CommandError(no_clinic(code))
            patients, marks = patients.filter(clinic__code=code), marks.filter(clinic__code=code)
        self.started = self.said = time.monotonic()
        total = self.mark(patients)
        for left in assess_all(marks):
            # Patients of files that are stored meanwhile are waited for too.
            self.progress(max(total - left, 0), total)
        self.progress(total, total)
        end = "\n" if self.stdout.isatty() and total else ""
        self.stdout.write(f"{end}Reassessed {total:,} patients in {self.seconds():.0f} s.")
        if failed := marks.count():
            raise CommandError(f"{failed:,} of them could not be read: the system’s log says more.")

    def mark(self, patients: QuerySet[Patient]) -> int:
        """Each batch of marks is stored on its own, and workers hear of them; how many patients."""
        total, last = 0, 0
        while ids := list(patients.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            mark_all(Patient.objects.filter(pk__in=ids))
            total, last = total + len(ids), ids[-1]
        with connection.cursor() as cursor:
            cursor.execute("SELECT liver_analyze(%s)", [["patients_assessmentmark"]])
        hand_over_marked()
        return total

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
