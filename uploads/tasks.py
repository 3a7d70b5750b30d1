"""What procrastinate's worker runs: found under this name in every app. Its arguments name a job by number only."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from uploads.staging import jobs

QUEUE = "uploads"


@app.task(name="uploads.job", queue=QUEUE, pass_context=True)
def upload_job(context: JobContext, job: int) -> None:
    jobs.work(job, context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="uploads.take_up", queue=QUEUE, queueing_lock="uploads.take_up")
def take_up(timestamp: int) -> None:
    """Each minute: jobs whose worker has died."""
    jobs.take_up()
