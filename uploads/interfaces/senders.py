"""Systems that send messages: added with a token that is shown once, found again by it."""

import secrets
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.errors import Refused
from uploads.models import Sender


@transaction.atomic
def add_sender(
    *,
    clinic: Clinic,
    name: str,
    authority: str = "",
    may_read: bool = False,
    issuer: str = "",
    key_set: str = "",
    by: User | None = None,
) -> tuple[Sender, str]:
    """The sender and its token, of which nothing but the hash is kept."""
    name = " ".join(name.split())
    if not name:
        raise Refused("The sender needs a name, such as the laboratory’s.")
    if Sender.objects.filter(clinic=clinic, name__iexact=name).exists():
        raise Refused(f"{clinic} already has a sender named “{name}”. Choose another name, or --new-token.")
    if bool(issuer) != bool(key_set):
        raise Refused("An issuer and the address of its keys are named together: --issuer and --keys.")
    if issuer and Sender.objects.filter(issuer=issuer).exists():
        raise Refused(f"Another sender has the issuer {issuer}.")
    sender = Sender(clinic=clinic, name=name, authority=authority.strip(), may_read=may_read, created_by=by)
    sender.issuer, sender.key_set = issuer, key_set
    sender.user = User(username=f"sender-{sender.uuid}", first_name=name[:150], is_active=False)
    sender.user.set_unusable_password()
    sender.user.save()
    token = _renew(sender)
    sender.save()
    return sender, token


@transaction.atomic
def new_token(*, sender: Sender) -> str:
    """A token in place of the old one, which is worth nothing from now on."""
    token = _renew(sender)
    sender.allowed = True
    sender.save(update_fields=["token_hash", "allowed"])
    return token


def block(*, sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(allowed=False)


def sender_of(authorization: str) -> Sender | None:
    """Who signs in with this header, "Bearer TOKEN"; None where nobody may."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 20 <= len(token.strip()) <= 200:
        return None
    found = Sender.objects.filter(token_hash=_hash(token.strip()), allowed=True)
    return found.select_related("clinic", "user").first()


def seen(sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(last_seen=timezone.now())


def _renew(sender: Sender) -> str:
    token = secrets.token_urlsafe(32)
    sender.token_hash = _hash(token)
    return token


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
