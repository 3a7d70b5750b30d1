"""Tokens of senders: made and shown once, replaced, ended, and whom they let in."""

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Clinic, User
from interpretation.words import day
from patients.actions.errors import Refused, refusing
from uploads.models import Sender, SenderToken, TokenScope
from uploads.models.senders import MOST_DAYS

# Unless something else is said.
USUAL_DAYS = 365
# A page warns so long before.
WARNED = timedelta(days=30)
# A use is written down once in so long.
WRITTEN = timedelta(minutes=1)
BLOCKED = "{sender} is blocked. The operator lets it in again: manage.py add_sender --new-token."
NOBODY = "Sign in with the token of a sender: Authorization: Bearer TOKEN."


STATES: dict[str, Callable[[SenderToken, datetime], bool]] = {
    "ended": lambda token, now: token.ended_at is not None,
    "expired": lambda token, now: token.is_over(now),
    "blocked": lambda token, now: not token.sender.allowed,
    "replaced": lambda token, now: token.replaced_at is not None,
    "endless": lambda token, now: token.expires_at is None,
    "soon": lambda token, now: token.expires_at - now <= WARNED,
    "open": lambda token, now: True,
}


class Unwelcome(Exception):
    """Why a request is not let in: `status` of HTTP, a sentence, and its code among FHIR's types of issues."""

    def __init__(self, status: int, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.code = status, sentence, code


def let_in(authorization: str, scope: TokenScope) -> Sender:
    """Whose token the header "Bearer TOKEN" holds; raises `Unwelcome` unless it opens this now."""
    token, now = _token_of(authorization), timezone.now()
    if token is None:
        raise Unwelcome(401, NOBODY, "login")
    if token.is_over(now):
        on = day(token.expires_at.astimezone(token.sender.clinic.zone))
        raise Unwelcome(401, f"This token expired on {on}. Ask the clinic for a new one.", "expired")
    if scope not in token.scopes:
        raise Unwelcome(403, f"This token is not for this: it may not {scope.label}.", "forbidden")
    if token.last_used is None or now - token.last_used >= WRITTEN:
        SenderToken.objects.filter(pk=token.pk).update(last_used=now)
    return token.sender


@transaction.atomic
def make_token(
    *, sender: Sender, scopes: Iterable[str], expires_at: datetime | None = None, by: User | None = None
) -> str:
    """One more token of a sender, of which nothing but the hash is kept; without a time it holds for a year."""
    if not sender.allowed:
        raise Refused(BLOCKED.format(sender=sender))
    secret, now = secrets.token_urlsafe(32), timezone.now()
    token = SenderToken(
        sender=sender,
        token_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        created_by=by,
        expires_at=expires_at or now + timedelta(days=USUAL_DAYS),
    )
    with refusing():
        token.save()
    return secret


@transaction.atomic
def replace_token(
    *, token: SenderToken, expires_at: datetime | None, overlap: timedelta, by: User | None
) -> str:
    """A new token for the same; the old one opens for `overlap` more, or ends now where that is nothing."""
    held, now = _standing(token), timezone.now()
    if held.replaced_at:
        raise Refused("Somebody else has replaced this token meanwhile.")
    secret = make_token(sender=held.sender, scopes=held.scopes, expires_at=expires_at, by=by)
    if not overlap:
        _end(held, now, by)
        return secret
    held.expires_at = min(held.expires_at or now + overlap, now + overlap)
    held.replaced_at = now
    held.save(update_fields=["expires_at", "replaced_at"])
    return secret


@transaction.atomic
def end_token(*, token: SenderToken, by: User | None) -> None:
    """It opens nothing any more."""
    _end(_standing(token), timezone.now(), by)


def expiry(clinic: Clinic, last_day: date) -> datetime:
    """The end of that day by the clocks of the clinic."""
    return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=clinic.zone)


def last_days(today: date) -> tuple[date, date, date]:
    """The first that can be chosen, the usual one and the latest."""
    return today, today + timedelta(days=USUAL_DAYS), today + timedelta(days=MOST_DAYS - 2)


def tokens_of(clinics: Iterable[Clinic]) -> QuerySet[SenderToken]:
    """By sender, the latest first."""
    found = SenderToken.objects.filter(sender__clinic__in=clinics)
    found = found.select_related("sender__clinic", "created_by", "ended_by")
    return found.order_by("sender__clinic__name", "sender__name", "-created_at")


def state_of(token: SenderToken, now: datetime) -> str:
    """One of STATES; the first that fits."""
    return next(name for name, fits in STATES.items() if fits(token, now))


def running_out(clinics: Iterable[Clinic], now: datetime) -> int:
    """How many tokens of these clinics ought to be replaced: they expire soon, or not at all."""
    open_ones = SenderToken.objects.filter(sender__clinic__in=clinics, sender__allowed=True, ended_at=None)
    soon = Q(expires_at=None) | Q(expires_at__gt=now, expires_at__lte=now + WARNED)
    return open_ones.filter(soon, replaced_at=None).count()


def _standing(token: SenderToken) -> SenderToken:
    """The token as it is now, held."""
    held = SenderToken.objects.select_for_update(of=("self",)).select_related("sender").get(pk=token.pk)
    if held.ended_at:
        raise Refused("Somebody else has ended this token meanwhile.")
    return held


def _end(token: SenderToken, now: datetime, by: User | None) -> None:
    token.ended_at, token.ended_by = now, by
    token.save(update_fields=["ended_at", "ended_by"])


def _token_of(authorization: str) -> SenderToken | None:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 20 <= len(secret.strip()) <= 200:
        return None
    found = SenderToken.objects.filter(token_hash=_hash(secret.strip()), ended_at=None, sender__allowed=True)
    return found.select_related("sender__clinic", "sender__user").first()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
