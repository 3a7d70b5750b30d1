"""What procrastinate's worker runs for the record. Its arguments name a clinic by number only."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.models import Clinic
from patients.actions.notices import mailed


@app.task(name="patients.mail_notices", retry=RetryStrategy(max_attempts=6, wait=60))
@transaction.atomic
def mail_notices(clinic: int) -> None:
    """How many notices are new and where to sign in: nothing of a patient leaves by e-mail.

    Several that were raised at once are one e-mail: whoever comes second finds none that is new.
    """
    found = Clinic.objects.get(pk=clinic)
    if found.notice_email and (new := mailed(clinic=found)):
        send_mail(f"{new} new: sign in", f"{settings.SITE_ADDRESS}\n", None, [found.notice_email])
