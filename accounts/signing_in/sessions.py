"""Open sessions: whose, from where, since when; and the longest that one lasts."""

import time
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

from .browsers import browser_in_words

# When the person signed in, in seconds: a new sign-in begins anew, a click does not.
SIGNED_IN_AT = "signed_in_at"


@dataclass(frozen=True)
class Session:
    pk: int
    browser: str
    address: str
    since: datetime
    seen: datetime
    is_this: bool


def sessions_of(user: User, this: str = "") -> list[Session]:
    """Those that are still open, the latest seen first."""
    found = UserSession.objects.purge_and_list(user)
    found.sort(key=lambda one: (one.session_key == this, one.last_seen_at), reverse=True)
    return [
        Session(
            one.pk,
            browser_in_words(one.user_agent),
            one.ip,
            one.created_at,
            one.last_seen_at,
            one.session_key == this,
        )
        for one in found
    ]


def begin(session: SessionBase) -> None:
    session[SIGNED_IN_AT] = int(time.time())


def is_over(session: SessionBase) -> bool:
    """Whether it has lasted as long as any may. One from before there was an end begins now."""
    if SIGNED_IN_AT not in session:
        begin(session)
    return time.time() - session[SIGNED_IN_AT] > settings.SESSION_LONGEST
