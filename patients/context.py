"""How many notices wait for somebody, for the bar of every page."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.permissions import clinics_of
from patients.models import Notice


@dataclass(frozen=True)
class NoticeCounts:
    """Of the clinics of one person. `late`: untaken for so many hours that every page says so."""

    untaken: int = 0
    late: int = 0
    hours: int = 0


def notices(request: HttpRequest) -> dict:
    """Counted where a page shows it: a fragment costs no query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"notices": NoticeCounts()}
    return {"notices": SimpleLazyObject(lambda: counts_of(user))}


def counts_of(user: User) -> NoticeCounts:
    hours = settings.NOTICE_HOURS
    late = Q(raised_at__lte=timezone.now() - timedelta(hours=hours))
    rows = Notice.objects.untaken().filter(clinic__in=clinics_of(user))
    return NoticeCounts(hours=hours, **rows.aggregate(untaken=Count("pk"), late=Count("pk", filter=late)))
