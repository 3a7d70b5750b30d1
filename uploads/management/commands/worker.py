"""manage.py worker: does the long work of the uploads pages until it is told to stop."""

import asyncio
import logging
import time
from contextlib import suppress

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.signals import on_stop

from patients.actions.marks.work import assess_all
from patients.models import AssessmentMark
from patients.outage import FAILURES, is_outage
from patients.tasks import hand_over_marked
from uploads.staging import jobs

logger = logging.getLogger(__name__)
# Seconds in which what is under way may end by itself; then it is rolled back and left to the next worker.
PATIENCE = 5
# Seconds between two tries, and for a connection, while the database does not answer.
PAUSE, CONNECTING = 2, 5
GONE = "The database does not answer: the worker waits for it. Check DATABASE_URL and that the server runs."


class Command(BaseCommand):
    help = "Reads, stores and undoes large files (procrastinate's worker). Run one or more; Ctrl-C stops."

    is_told_to_stop = is_waiting = False

    def add_arguments(self, parser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")

    def handle(self, *, once, **options) -> None:
        if not once:
            self._work_through_outages()
            return
        self._work(wait=False)
        # What it stored last: the queue was empty before that was handed over.
        for _ in assess_all(AssessmentMark.objects.all()):
            pass

    def _work_through_outages(self) -> None:
        """The database may go and another take its place: the worker waits for it and goes on."""
        while not self.is_told_to_stop:
            try:
                # It may end by itself where the database was gone for a moment: then it is begun anew, too.
                self._work(wait=True)
            except FAILURES as error:
                if not is_outage(error):
                    raise
                self._pause()

    def _pause(self) -> None:
        if not self.is_waiting:
            logger.warning(GONE)
        self.is_waiting = True
        time.sleep(PAUSE)
        close_old_connections()

    def _work(self, *, wait: bool) -> None:
        jobs.take_up()
        hand_over_marked()
        self.is_waiting = False
        connector = PsycopgConnector(kwargs=connector_params(), timeout=CONNECTING)
        with app.replace_connector(connector) as worker:
            asyncio.run(self._run(worker, wait=wait))

    async def _run(self, worker: App, *, wait: bool) -> None:
        async with worker.open_async():
            running = asyncio.ensure_future(
                worker.run_worker_async(
                    wait=wait,
                    # Two small jobs need not wait for a large one; a job works in a thread of its own.
                    concurrency=2,
                    shutdown_graceful_timeout=PATIENCE,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            with on_stop(lambda: self._stop(running)), suppress(asyncio.CancelledError):
                await running

    def _stop(self, running: asyncio.Future) -> None:
        self.is_told_to_stop = True
        running.cancel()
