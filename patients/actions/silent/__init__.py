"""Silent runs: started by a person, done by a worker, kept with who, when and which knowledge."""

import time
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from interpretation import knowledge
from patients.actions.errors import refusing
from patients.models import SilentRun
from patients.report.impact import CannotCompare
from patients.silent.running import silent_run

State = SilentRun.State
# Seconds between two words of how far it is; after so long without one its worker is gone.
PAUSE, LOST = 1.0, timedelta(minutes=10)
GONE = "The worker stopped before it was done. Nothing was counted: start it again."
BROKEN = "Something went wrong here. Nothing was counted. The system’s log says more."


@transaction.atomic
def start_silent_run(*, clinic: Clinic, by: User, first: date | None, last: date | None) -> SilentRun:
    """Hands it to a worker. One whose worker is gone makes room."""
    lost = SilentRun.objects.filter(clinic=clinic, state=State.RUNNING, beat_at__lt=timezone.now() - LOST)
    lost.update(state=State.FAILED, outcome=GONE, ended_at=timezone.now())
    with refusing():
        run = SilentRun.objects.create(clinic=clinic, by=by, first=first, last=last)
    from patients.tasks import silent

    silent.defer(run=run.pk)
    return run


def work_silent_run(*, pk: int) -> None:
    """What a worker does with one that waits."""
    waiting = SilentRun.objects.filter(pk=pk, state=State.QUEUED)
    if not waiting.update(state=State.RUNNING, beat_at=timezone.now()):
        return
    run = SilentRun.objects.select_related("clinic").get(pk=pk)
    try:
        found = silent_run(
            run.clinic, first=run.first, last=run.last, now=timezone.now(), progress=_Beat(run.pk)
        )
    except Exception:
        _end(run, state=State.FAILED, outcome=BROKEN)
        raise
    _end(run, state=State.DONE, found=found)


def keep_silent_run(
    *, clinic: Clinic, first: date | None, last: date | None, limits: Path | None, progress=lambda *_: None
) -> SilentRun:
    """The same at once, by a command; raises CannotCompare where the other limits cannot be read."""
    with refusing():
        run = SilentRun.objects.create(clinic=clinic, first=first, last=last, state=State.RUNNING)
    beat = _Beat(run.pk)

    def both(done: int, total: int) -> None:
        beat(done, total)
        progress(done, total)

    try:
        found = silent_run(clinic, first=first, last=last, limits=limits, now=timezone.now(), progress=both)
    except BaseException as error:
        _end(
            run, state=State.FAILED, outcome=str(error)[:300] if isinstance(error, CannotCompare) else BROKEN
        )
        raise
    _end(run, state=State.DONE, found=found)
    return run


class _Beat:
    """Writes how far a run is, now and then."""

    def __init__(self, pk: int) -> None:
        self._pk, self._said = pk, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said >= PAUSE or done == total:
            self._said = time.monotonic()
            rows = SilentRun.objects.filter(pk=self._pk)
            rows.update(done=done, total=total, beat_at=timezone.now())


def _end(run: SilentRun, **fields) -> None:
    fields |= {"ended_at": timezone.now(), "knowledge_version": knowledge.VERSION}
    # One that was given up meanwhile stays so.
    SilentRun.objects.filter(pk=run.pk, state=State.RUNNING).update(**fields)
    run.refresh_from_db()
