"""What procrastinate's worker runs for this app: found under this name in every app. Arguments are numbers only."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import Clinic
from patients.actions.assess import BATCH, assess_expired
from patients.actions.marks.work import assess_marked, waiting
from patients.actions.notices import mailed
from patients.actions.silent import work_silent_run
from patients.actions.written.shown import count_shown
from patients.models import Assessment

QUEUE = "assessments"
# At most so many batches a run: the next run goes on.
BATCHES = 20
# So many batches of marked patients at once, each on a worker of its own: as many as wait, at most.
SLOTS = 32


@app.task(name="patients.mail_notices", retry=RetryStrategy(max_attempts=6, wait=60))
@transaction.atomic
def mail_notices(clinic: int) -> None:
    """How many notices are new and where to sign in: nothing of a patient leaves by e-mail.

    Several that were raised at once are one e-mail: whoever comes second finds none that is new. Of a silent clinic
    nobody is told, and what is new stays so.
    """
    found = Clinic.objects.get(pk=clinic)
    if found.is_silent:
        return
    if found.notice_email and (new := mailed(clinic=found)):
        send_mail(f"{new} new: sign in", f"{settings.SITE_ADDRESS}\n", None, [found.notice_email])


@app.task(name="patients.silent", queue=QUEUE, priority=-2)
def silent(run: int) -> None:
    """One silent run, after all other work: nobody waits at a bedside for it."""
    work_silent_run(pk=run)


@app.periodic(cron="* * * * *")
@app.task(name="patients.reassess_expired", queue=QUEUE, queueing_lock="patients.reassess_expired")
def reassess_expired(timestamp: int) -> None:
    """Each minute: the summaries that time alone has made untrue, each batch stored on its own."""
    for _ in range(BATCHES):
        if assess_expired(Assessment.objects.all(), limit=BATCH) < BATCH:
            return


@app.periodic(cron="20 2 * * *")
@app.task(name="patients.count_shown", queue=QUEUE, queueing_lock="patients.count_shown")
def count_shown_entries(timestamp: int) -> None:
    """At night: which entries of the knowledge stand behind how many readings."""
    count_shown()


@app.task(name="patients.assess_marked", queue=QUEUE, priority=-1)
def assess_marked_batch(slot: int) -> None:
    """One batch and then the next, in turn with the other work: small jobs need not wait for all of them."""
    if assess_marked():
        _defer(slot)


@app.periodic(cron="* * * * *")
@app.task(name="patients.take_up_marked", queue=QUEUE, queueing_lock="patients.take_up_marked")
def take_up_marked(timestamp: int) -> None:
    """Each minute: marks whose worker has died."""
    hand_over_marked()


def hand_over_marked() -> None:
    """To every worker, in the transaction that marks."""
    batches = -(-waiting()[: SLOTS * BATCH].count() // BATCH)
    for slot in range(min(batches, SLOTS)):
        _defer(slot)


def _defer(slot: int) -> None:
    """Once: what waits for a worker under this number already is enough."""
    try:
        with transaction.atomic():
            assess_marked_batch.configure(queueing_lock=f"patients.assess_marked.{slot}").defer(slot=slot)
    except AlreadyEnqueued:
        return
