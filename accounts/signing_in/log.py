"""The log of sign-ins: writing a line, and reading those of a clinic's people, the latest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.db.models import Q
from django.http import HttpRequest

from accounts.looks import LookChoice, people_of
from accounts.models import Clinic, SignInEvent, User

What = SignInEvent.What
STEP = 50


@dataclass(frozen=True)
class LogLine:
    at: datetime
    who: str
    what: str
    by: str
    address: str


def log(
    what: str,
    *,
    user: User | None,
    request: HttpRequest | None = None,
    by: User | None = None,
    detail: str = "",
) -> None:
    address = get_adapter().get_client_ip(request) if request else ""
    SignInEvent.objects.create(user=user, what=What(what), by=by, detail=detail, address=address)


def lines_of(
    clinics: Iterable[Clinic], *, person: str = "", before: int | None = None
) -> tuple[list[LogLine], int | None]:
    """One step of lines, and where the next one starts (None at the end)."""
    found = SignInEvent.objects.filter(user__in=people_of(list(clinics)).order_by().values("pk"))
    if person:
        found = found.filter(user__username=person)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("user", "by").order_by("-pk")[: STEP + 1])
    more = rows[STEP - 1].pk if len(rows) > STEP else None
    return [_line(row) for row in rows[:STEP]], more


def all_events(choice: LookChoice, *, unknown: bool) -> Iterator[SignInEvent]:
    """Every one, the latest first, read in pieces; `unknown`: refusals of names that nobody has too."""
    people = Q(user__in=people_of(list(choice.clinics)).order_by().values("pk"))
    found = SignInEvent.objects.filter(people | Q(user=None) if unknown else people)
    if choice.since:
        found = found.filter(at__gte=choice.since)
    if choice.until:
        found = found.filter(at__lt=choice.until)
    yield from found.select_related("user", "by").order_by("-at", "-pk").iterator(2000)


def _line(row: SignInEvent) -> LogLine:
    what = row.get_what_display()
    return LogLine(
        at=row.at,
        who=f"{row.user} ({row.user.username})",
        what=f"{what}: {row.detail}" if row.detail else what,
        by=str(row.by) if row.by and row.by_id != row.user_id else "",
        address=row.address,
    )
