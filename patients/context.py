"""How many notices wait for somebody, for the bar of every page."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.permissions import clinics_of


@dataclass(frozen=True)
class NoticeCounts:
    """Of the clinics of one person. `late`: untaken for so many hours that every page says so; of several clinics
    the fewest."""

    untaken: int = 0
    late: int = 0
    hours: int = 0


def notices(request: HttpRequest) -> dict:
    """Counted where a page shows it: a fragment costs no query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"notices": NoticeCounts()}
    return {"notices": SimpleLazyObject(lambda: counts_of(user))}


# Asked for by every page: written out, it costs a third of what the same query costs that is put together each time.
COUNT = """
SELECT count(*), count(*) FILTER (WHERE raised_at <= late) FROM patients_notice
JOIN unnest(%s::bigint[], %s::timestamptz[]) AS here (id, late) ON clinic_id = here.id
WHERE done_at IS NULL AND lapsed_at IS NULL AND taken_at IS NULL
"""


def counts_of(user: User) -> NoticeCounts:
    clinics = [clinic for clinic in clinics_of(user) if not clinic.is_silent]
    now = timezone.now()
    late = [now - timedelta(hours=clinic.untaken_hours) for clinic in clinics]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [[clinic.pk for clinic in clinics], late])
        return NoticeCounts(*cursor.fetchone(), min((clinic.untaken_hours for clinic in clinics), default=0))
