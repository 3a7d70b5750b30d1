"""With which record systems this product is registered, and who their people are here."""

from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts.ciphers import cipher
from accounts.models import Membership, User
from patients.actions.errors import Refused, refusing
from uploads.models import LaunchClient, LaunchUser, Sender

from .fetching import origin
from .keys import make_key, signing_key
from .problems import TELL, LaunchProblem

PURPOSE = "launch secret"
NEAR = ("127.0.0.1", "localhost", "::1")


@transaction.atomic
def set_client(
    *,
    sender: Sender,
    fhir_base: str,
    client_id: str,
    secret: str = "",
    sign_in_origin: str = "",
    signs_on: bool = False,
) -> LaunchClient:
    """Registers it, or changes how it is registered. Without a secret it signs with our own key."""
    base = fhir_base.strip().rstrip("/")
    for address in filter(None, (base, sign_in_origin)):
        _check(address)
    if not client_id.strip():
        raise Refused("Name the client id that the record system gave.", "client")
    if LaunchClient.objects.filter(fhir_base=base).exclude(sender=sender).exists():
        raise Refused(f"Another record system has the FHIR server {base} already.", "fhir")
    if not secret and signing_key() is None:
        make_key()
    found = {
        "fhir_base": base,
        "client_id": client_id.strip(),
        "secret": cipher(PURPOSE).encrypt(secret.encode()).decode() if secret else "",
        "sign_in_origin": origin(sign_in_origin) if sign_in_origin else "",
        "signs_on": signs_on,
    }
    # Who "Practitioner/7" is at one server says nothing of who it is at another.
    others = LaunchUser.objects.filter(client__sender=sender, ended_at=None).exclude(client__fhir_base=base)
    others.update(ended_at=timezone.now())
    with refusing():
        return LaunchClient.objects.update_or_create(sender=sender, defaults=found)[0]


def secret_of(client: LaunchClient) -> str:
    """Raises LaunchProblem (503) where another SECRET_KEY has encrypted it."""
    try:
        return cipher(PURPOSE).decrypt(client.secret.encode()).decode() if client.secret else ""
    except InvalidToken:
        raise LaunchProblem(503, f"The secret for {client} cannot be read any more.", TELL) from None


@transaction.atomic
def vouch(*, client: LaunchClient, fhir_user: str, user: User) -> LaunchUser:
    """From now on this person of the record system is this member of staff."""
    name = plain_user(client, fhir_user)
    if not name:
        raise Refused("Name the person as the record system does: Practitioner/7.", "fhir_user")
    if user.is_superuser or user.is_staff or not user.is_active:
        raise Refused(f"{user.username} may not be signed in by a record system.", "username")
    if not Membership.objects.current().filter(user=user, clinic=client.sender.clinic).exists():
        raise Refused(f"{user.username} does not work in {client.sender.clinic}.", "username")
    end_vouching(client=client, fhir_user=fhir_user)
    return LaunchUser.objects.create(client=client, fhir_user=name, user=user)


def end_vouching(*, client: LaunchClient, fhir_user: str) -> int:
    standing = LaunchUser.objects.filter(
        client=client, fhir_user=plain_user(client, fhir_user), ended_at=None
    )
    return standing.update(ended_at=timezone.now())


def plain_user(client: LaunchClient, fhir_user: str) -> str:
    """ "Practitioner/7", however the record system writes the address; one of another server stays whole."""
    return fhir_user.strip().removeprefix(f"{client.fhir_base}/").split("/_history/")[0][:200]


def client_of(issuer: str) -> LaunchClient | None:
    """By the address of its FHIR server, as a launch names it."""
    found = LaunchClient.objects.filter(fhir_base=issuer.strip().rstrip("/"), sender__allowed=True)
    return found.select_related("sender__clinic", "sender__user").first()


def user_of(client: LaunchClient, fhir_user: str) -> User | None:
    """Who may come in by the record system's word: a member of its clinic, never the operator."""
    here = Membership.objects.current().filter(clinic=client.sender.clinic).values("user")
    found = LaunchUser.objects.filter(client=client, fhir_user=plain_user(client, fhir_user), ended_at=None)
    found = found.filter(user__in=here, user__is_active=True, user__is_superuser=False, user__is_staff=False)
    row = found.select_related("user").first()
    return row.user if row else None


def _check(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in NEAR):
        raise Refused(f"“{address}”: begin it with https://", "fhir")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Refused(f"“{address}”: an address without a name, a query and a fragment.", "fhir")
