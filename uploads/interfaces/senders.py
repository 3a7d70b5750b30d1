"""Systems that send messages: added with a token that is shown once, blocked, and when they were last heard of."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.errors import Refused
from uploads.interfaces.tokens import WRITTEN, end_token, make_token, replace_token
from uploads.models import Sender, TokenScope


@transaction.atomic
def add_sender(
    *,
    clinic: Clinic,
    name: str,
    authority: str = "",
    scopes: Iterable[str] = (TokenScope.SEND_HL7,),
    expires_at: datetime | None = None,
    by: User | None = None,
) -> tuple[Sender, str]:
    """The sender and its first token."""
    sender = _added(Sender(clinic=clinic, name=name, authority=authority.strip(), created_by=by))
    return sender, make_token(sender=sender, scopes=scopes, expires_at=expires_at, by=by)


@transaction.atomic
def add_record_system(*, clinic: Clinic, name: str, issuer: str, key_set: str, authority: str = "") -> Sender:
    """A record system that asks by CDS Hooks: it signs its own tokens, as `issuer`, by the keys at `key_set`."""
    sender = Sender(clinic=clinic, name=name, authority=authority.strip(), issuer=issuer, key_set=key_set)
    if not issuer or urlsplit(key_set).scheme not in ("https", "http"):
        raise Refused("Name the issuer of its tokens, and the address of its keys: https://...", "key_set")
    if Sender.objects.filter(issuer=issuer).exists():
        raise Refused(f"Another sender signs as {issuer} already.", "issuer")
    return _added(sender)


@transaction.atomic
def add_launching_system(*, clinic: Clinic, name: str, authority: str = "") -> Sender:
    """A record system that launches this product and asks nothing by CDS Hooks."""
    return _added(Sender(clinic=clinic, name=name, authority=authority.strip()))


def _added(sender: Sender) -> Sender:
    sender.name = " ".join(sender.name.split())
    if not sender.name:
        raise Refused("The sender needs a name, such as the laboratory’s.", "name")
    if Sender.objects.filter(clinic=sender.clinic, name__iexact=sender.name).exists():
        raise Refused(
            f"{sender.clinic} already has a sender named “{sender.name}”. Choose another name.", "name"
        )
    sender.user = User(username=f"sender-{sender.uuid}", first_name=sender.name[:150], is_active=False)
    sender.user.set_unusable_password()
    sender.user.save()
    sender.save()
    return sender


@transaction.atomic
def new_token(
    *, sender: Sender, expires_at: datetime | None = None, overlap: timedelta = timedelta(0)
) -> str:
    """A token in place of all others, which open for `overlap` more; a blocked sender is let in again."""
    sender.allowed = True
    sender.save(update_fields=["allowed"])
    held = list(sender.tokens.filter(ended_at=None, replaced_at=None))
    scopes = {scope for token in held for scope in token.scopes} or {TokenScope.SEND_HL7}
    for token in held[1:]:
        end_token(token=token, by=None)
    if not held:
        return make_token(sender=sender, scopes=scopes, expires_at=expires_at)
    return replace_token(token=held[0], expires_at=expires_at, overlap=overlap, by=None)


def block(*, sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(allowed=False)


def seen(sender: Sender) -> None:
    """To the minute: to write for each message would cost as much as a small one."""
    now = timezone.now()
    if sender.last_seen is None or now - sender.last_seen >= WRITTEN:
        sender.last_seen = now
        Sender.objects.filter(pk=sender.pk).update(last_seen=now)
