"""One-time codes: printed by an administrator for who has lost password or second factor."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.actions import refuse_reset, user_named
from accounts.models import Membership, OneTimeCode, User
from accounts.passwords import temporary_password

from .log import What, log

RESETS = {"password": "the password", "factor": "the second factor", "both": "password and second factor"}


def issue_code(
    *, membership: Membership, resets: str, by: User, request: HttpRequest
) -> tuple[OneTimeCode, str]:
    """By an administrator."""
    refuse_reset(membership.user, by)
    return make_code(user=membership.user, resets=resets, by=by, request=request)


@transaction.atomic
def make_code(
    *, user: User, resets: str, by: User | None = None, request: HttpRequest | None = None
) -> tuple[OneTimeCode, str]:
    """The code is given back this once; an older one ends. Without `by`: by the operator's command."""
    user = User.objects.select_for_update().get(pk=user.pk)
    now, code = timezone.now(), temporary_password()
    OneTimeCode.objects.filter(user=user, ended_at=None).update(ended_at=now)
    issued = OneTimeCode.objects.create(
        user=user,
        digest=_digest(code),
        resets_password=resets in ("password", "both"),
        resets_factor=resets in ("factor", "both"),
        issued_by=by,
        expires_at=now + timedelta(hours=settings.ONE_TIME_CODE_HOURS),
    )
    log(What.CODE_ISSUED, user=user, request=request, by=by, detail=RESETS[resets])
    return issued, code


@transaction.atomic
def use_code(*, name: str, code: str, request: HttpRequest) -> OneTimeCode | None:
    """Ends the code, what it resets, and every session; None: it is not this person's, used, or over."""
    user = user_named(name, exactly=True)
    open_now = OneTimeCode.objects.select_for_update().filter(ended_at=None, expires_at__gt=timezone.now())
    found = open_now.filter(user=user, user__is_active=True, digest=_digest(code)).first()
    if found is None:
        log(What.CODE_REFUSED, user=user, request=request)
        return None
    found.ended_at = timezone.now()
    found.save(update_fields=["ended_at"])
    _reset(found)
    log(What.CODE_USED, user=found.user, request=request, detail=_resets(found))
    return found


def _reset(code: OneTimeCode) -> None:
    if code.resets_factor:
        Authenticator.objects.filter(user=code.user).delete()
    if code.resets_password:
        code.user.set_unusable_password()
        code.user.password_is_temporary = True
        code.user.save(update_fields=["password", "password_is_temporary"])
    for session in UserSession.objects.filter(user=code.user):
        session.end()


def _resets(code: OneTimeCode) -> str:
    if code.resets_password and code.resets_factor:
        return RESETS["both"]
    return RESETS["password" if code.resets_password else "factor"]


def _digest(code: str) -> str:
    """As it was printed, whatever the capitals, hyphens and spaces."""
    letters = "".join(letter for letter in code.casefold() if letter.isalnum())
    return salted_hmac("accounts.one_time_code", letters, algorithm="sha256").hexdigest()
