"""Long work on a batch: handed to a worker, watched, cancelled, taken up again after a worker has died.

The job's row is the truth; procrastinate only brings it to a worker. A job whose worker is gone holds no lock
(`uploads.staging.progress`): nothing of it is stored, and the next worker begins it anew.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from interpretation.words import plural
from patients.actions.errors import Refused, refusing
from patients.outage import is_outage
from uploads import actions
from uploads.models import Job, Upload
from uploads.staging.progress import Cancelled, Interrupted, JobHeld, JobProgress, is_held

State, Task = Job.State, Job.Task
# A job that ends its worker so often is not begun again by itself.
ATTEMPTS = 3
GAVE_UP = (
    f"A worker stopped {ATTEMPTS} times while it did this, perhaps for lack of memory. Nothing of it is "
    "stored. Start it again, split the file into smaller ones, or ask the system administrator."
)
_BROKEN = "Something went wrong here. Nothing was stored. The system’s log says more."
_ABANDONED = "Cancelled: nothing was stored."


@transaction.atomic
def start(*, batch: UUID, task: str, by: User, **options) -> Job:
    """Hands the work to a worker. The second of two who start is told."""
    with refusing():
        job = Job.objects.create(batch=batch, task=task, by=by, options=options)
    _hand_over(job)
    return job


@transaction.atomic
def cancel(*, batch: UUID) -> None:
    """A job that waits ends here; one that is under way ends when its worker looks next."""
    job = Job.objects.select_for_update().filter(batch=batch, state__in=Job.LIVE).first()
    if job is None:
        raise Refused("This is finished already: there is nothing to cancel.")
    job.cancel = True
    job.save(update_fields=["cancel"])
    if not is_held(job):
        _finish(job, State.CANCELLED, _ABANDONED)


@transaction.atomic
def again(*, batch: UUID, by: User) -> Job:
    """Begins the last job of a batch anew, in `by`'s name, after it stopped."""
    last = Job.objects.filter(batch=batch).first()
    if last is None or last.state not in (State.FAILED, State.CANCELLED):
        raise Refused("There is nothing to start again here.")
    return start(batch=batch, task=last.task, by=by, **last.options)


def take_up() -> int:
    """Jobs whose worker is gone are handed over again; how many. A worker does this when it starts."""
    count = 0
    for pk in list(Job.objects.filter(state__in=Job.LIVE).values_list("pk", flat=True)):
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=pk, state__in=Job.LIVE).first()
            if job is None or is_held(job) or _is_queued(job):
                continue
            count += 1
            if job.cancel:
                _finish(job, State.CANCELLED, _ABANDONED)
            elif job.attempts >= ATTEMPTS:
                _finish(job, State.FAILED, GAVE_UP)
            else:
                job.state = State.QUEUED
                job.save(update_fields=["state"])
                _hand_over(job)
    return count


def work(pk: int, stopping: Callable[[], bool] = lambda: False) -> None:
    """What a worker does with a job that it is given."""
    job = Job.objects.select_related("by").filter(pk=pk, state__in=Job.LIVE).first()
    if job is None:
        return
    try:
        with JobProgress(job, stopping) as progress:
            _work(job, progress)
    except JobHeld:
        # Another worker was faster.
        return


def _work(job: Job, progress: JobProgress) -> None:
    if not Job.objects.filter(pk=job.pk, state__in=Job.LIVE).exists():
        return
    job.state, job.attempts = State.RUNNING, job.attempts + 1
    job.save(update_fields=["state", "attempts"])
    try:
        said = _TASKS[job.task](job, progress)
    except Cancelled:
        _finish(job, State.CANCELLED, _ABANDONED)
    except Interrupted:
        # Not its fault: the worker was asked to stop.
        job.state, job.attempts = State.QUEUED, job.attempts - 1
        job.save(update_fields=["state", "attempts"])
        _hand_over(job)
    except Refused as refusal:
        _finish(job, State.FAILED, f"Nothing was stored. {refusal.sentence}")
    except Exception as error:
        # While the database is gone nobody knows what it stored last: the next worker looks.
        if not is_outage(error):
            _finish(job, State.FAILED, _BROKEN)
        raise
    else:
        _finish(job, State.DONE, said)


def _read(job: Job, progress: JobProgress) -> str:
    actions.preview_kept(batch=job.batch, progress=progress)
    return ""


def _store(job: Job, progress: JobProgress) -> str:
    if job.attempts > 1 and _are(job, Upload.State.STORED):
        # The worker died after it had stored all and before it could say so.
        return "Stored."
    done = actions.confirm(batch=job.batch, by=job.by, progress=progress, **job.options)
    return stored_words(done)


def _undo(job: Job, progress: JobProgress) -> str:
    uploads = list(Upload.objects.filter(batch=job.batch, uuid__in=job.options["files"]).order_by("pk"))
    if job.attempts == 1 or any(upload.state == Upload.State.STORED for upload in uploads):
        anyway = job.options.get("anyway", False)
        actions.undo(uploads=uploads, by=job.by, anyway=anyway, progress=progress)
    return "Undone: what these files brought is withdrawn."


def _replay(job: Job, progress: JobProgress) -> str:
    return replayed_words(actions.read_waiting(batch=job.batch, by=job.by, progress=progress, **job.options))


def _are(job: Job, state: str) -> bool:
    """Whether files of the batch have come to this state and none waits."""
    states = set(Upload.objects.filter(batch=job.batch).values_list("state", flat=True))
    return state in states and Upload.State.PREVIEWED not in states


_TASKS = {Task.READ: _read, Task.STORE: _store, Task.UNDO: _undo, Task.REPLAY: _replay}


def stored_words(done: actions.Stored) -> str:
    if done.moved_on:
        return "The record changed since this preview. Nothing was stored: look at the new preview below."
    new = sum(upload.new for upload in done.uploads)
    return f"Stored: {new:,} {plural(new, 'new row')}."


def replayed_words(uploads: list[Upload]) -> str:
    """Of rows that waited for names and were read again."""
    if not uploads:
        return "The files were read again."
    new, left = sum(upload.new for upload in uploads), sum(upload.waiting for upload in uploads)
    said = f"The rows that waited were read again: {new:,} stored"
    return f"{said}, {left:,} still need a person." if left else f"{said}."


def _is_queued(job: Job) -> bool:
    return ProcrastinateJob.objects.filter(status="todo", args__job=job.pk).exists()


def _finish(job: Job, state: str, outcome: str) -> None:
    job.state, job.outcome, job.ended_at = state, outcome[:1000], timezone.now()
    job.save(update_fields=["state", "outcome", "ended_at"])


def _hand_over(job: Job) -> None:
    """In the transaction that writes the job: there is never one without the other."""
    from uploads.tasks import upload_job

    upload_job.defer(job=job.pk)
