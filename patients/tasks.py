"""What procrastinate's worker runs for this app: found under this name in every app."""

from procrastinate.contrib.django import app

from patients.actions.assess import BATCH, assess_expired
from patients.models import Assessment

QUEUE = "assessments"
# At most so many batches a run: the next run goes on.
BATCHES = 20


@app.periodic(cron="* * * * *")
@app.task(name="patients.reassess_expired", queue=QUEUE, queueing_lock="patients.reassess_expired")
def reassess_expired(timestamp: int) -> None:
    """Each minute: the summaries that time alone has made untrue, each batch stored on its own."""
    for _ in range(BATCHES):
        if assess_expired(Assessment.objects.all(), limit=BATCH) < BATCH:
            return
