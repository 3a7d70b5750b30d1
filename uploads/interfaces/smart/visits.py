"""What a browser's session keeps of a visit: with which token, encrypted, whom one may read, and until when."""

import time
from dataclasses import asdict, dataclass
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404

from accounts.ciphers import cipher
from uploads.models import LaunchClient

from .problems import LaunchProblem
from .tokens import GivenToken

VISITS = "visits"
PURPOSE = "visit"
# As many patients of record systems may be open in one browser.
MOST = 3
OVER = "This visit is over: its token was let go. Nothing of the patient was kept."


@dataclass(frozen=True)
class Visit:
    """`key`: the token, encrypted. `show`: what the card that led here was about."""

    client: int
    patient: str
    scope: str
    until: float
    key: str
    show: str = ""

    @property
    def token(self) -> str:
        try:
            return cipher(PURPOSE).decrypt(self.key.encode()).decode()
        except InvalidToken:
            raise LaunchProblem(410, OVER) from None


def keep(session: SessionBase, client: LaunchClient, given: GivenToken) -> str:
    """The id of the visit in its address."""
    sealed = cipher(PURPOSE).encrypt(given.access.encode()).decode()
    visit = Visit(client.pk, given.patient, given.scope, given.until, sealed, given.show)
    kept = {**_standing(session), (name := str(uuid4())): asdict(visit)}
    session[VISITS] = dict(list(kept.items())[-MOST:])
    return name


def visit_of(session: SessionBase, name: str) -> tuple[Visit, LaunchClient]:
    """Raises Http404 where this browser has no such visit, LaunchProblem (410) where it is over."""
    if name not in session.get(VISITS, {}):
        raise Http404
    standing = _standing(session)
    session[VISITS] = standing
    if name not in standing:
        raise LaunchProblem(410, OVER)
    visit = Visit(**standing[name])
    found = LaunchClient.objects.filter(pk=visit.client, sender__allowed=True)
    client = found.select_related("sender__clinic", "sender__user").first()
    if client is None:
        end(session, name)
        raise LaunchProblem(410, OVER)
    return visit, client


def end(session: SessionBase, name: str) -> bool:
    """Lets go of the token; whether there was one."""
    kept = session.get(VISITS, {})
    was = kept.pop(name, None) is not None
    session[VISITS] = kept
    return was


def _standing(session: SessionBase) -> dict[str, dict]:
    return {name: one for name, one in session.get(VISITS, {}).items() if one["until"] > time.time()}
