"""What people have said about names and persons in files, taken back."""

import pghistory
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from patients.actions.errors import Refused
from uploads.models import StandingAnswer


@transaction.atomic
def take_back(*, answer: StandingAnswer, by: User) -> None:
    """From now on it is asked again. What was stored by it stays stored."""
    locked = type(answer).objects.select_for_update(no_key=True).get(pk=answer.pk)
    if locked.undone_at:
        raise Refused(f"This {locked.word} is undone already.")
    locked.undone_at, locked.undone_by = timezone.now(), by
    with pghistory.context(user=by.pk):
        locked.save(update_fields=["undone_at", "undone_by"])
