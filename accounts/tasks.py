"""What procrastinate's worker runs for this app: found under this name in every app."""

from procrastinate.contrib.django import app

from accounts.audit import sealing


@app.periodic(cron="* * * * *")
@app.task(name="accounts.seal_audit", queue="audit", queueing_lock="accounts.seal_audit")
def seal_audit(timestamp: int) -> None:
    """Each minute; the head of the chain goes to the log."""
    sealing.seal()
