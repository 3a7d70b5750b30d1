"""manage.py worker: does the long work of the uploads pages until it is told to stop."""

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app

from patients.actions.marks.work import assess_all
from patients.models import AssessmentMark
from patients.tasks import hand_over_marked
from uploads.staging import jobs

# Seconds in which what is under way may end by itself; then it is rolled back and left to the next worker.
PATIENCE = 5


class Command(BaseCommand):
    help = "Reads, stores and undoes large files (procrastinate's worker). Run one or more; Ctrl-C stops."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")

    def handle(self, *, once, **options):
        jobs.take_up()
        hand_over_marked()
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(
                wait=not once,
                # Two small jobs need not wait for a large one; a job works in a thread of its own.
                concurrency=2,
                shutdown_graceful_timeout=PATIENCE,
                delete_jobs="always",
            )
        if once:
            # What it stored last: the queue was empty before that was handed over.
            for _ in assess_all(AssessmentMark.objects.all()):
                pass
