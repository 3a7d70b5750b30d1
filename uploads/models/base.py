"""What several models have in common: a word of a person that stands until it is taken back."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User


class StandingAnswer(models.Model):
    """What a person of a clinic has said about a sender's files and messages; `word` names it in a sentence.

    It stands until it is undone, and its row is kept.
    """

    word = ""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    # "" where files name none; a mapping then holds for every sender.
    sender = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def undone_who_when(name: str, **words: str) -> models.CheckConstraint:
    """Who undid a row and when are both known, or it stands."""
    stands = Q(undone_at__isnull=True, undone_by__isnull=True)
    undone = Q(undone_at__isnull=False, undone_by__isnull=False)
    return models.CheckConstraint(condition=stands | undone, name=name, **words)
