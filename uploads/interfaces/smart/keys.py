"""The keys with which this product signs in at record systems: made, published, changed for a new one."""

from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.utils import timezone
from joserfc.jwk import ECKey

from accounts.ciphers import cipher
from uploads.models import LaunchKey

PURPOSE = "launch key"
# Record systems have seen a new key by then, and have done with what an old one signed.
SEEN, DONE = timedelta(hours=1), timedelta(days=1)


def make_key() -> LaunchKey:
    """A new one: published at once, signed with after an hour."""
    made = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, auto_kid=True)
    sealed = cipher(PURPOSE).encrypt(made.as_pem(private=True)).decode()
    return LaunchKey.objects.create(kid=made.kid, private=sealed)


def signing_key() -> ECKey | None:
    """The latest that has been published for an hour, else the first of all; None where there is none."""
    row = _signing(_readable())
    return _opened(row) if row else None


def published() -> dict[str, list[dict[str, Any]]]:
    """The key set (JWKS): what signs now, what will, and what did within a day."""
    rows = _readable()
    signs = _signing(rows)
    kept = [row for row in rows if signs and (row.made_at >= signs.made_at or _is_fresh(row, rows))]
    return {"keys": [_opened(row).as_dict(private=False) for row in kept]}


def _readable() -> list[LaunchKey]:
    """The latest first; what another SECRET_KEY has encrypted is as if it were not there."""
    return [row for row in LaunchKey.objects.all() if _is_readable(row)]


def _is_readable(row: LaunchKey) -> bool:
    try:
        cipher(PURPOSE).decrypt(row.private.encode())
    except InvalidToken:
        return False
    return True


def _signing(rows: list[LaunchKey]) -> LaunchKey | None:
    """`rows`: the latest first."""
    seen = [row for row in rows if timezone.now() - row.made_at >= SEEN]
    return (seen or rows[-1:] or [None])[0]


def _is_fresh(row: LaunchKey, rows: list[LaunchKey]) -> bool:
    """Whether the one that followed it has signed for less than a day."""
    after = min((other.made_at for other in rows if other.made_at > row.made_at), default=None)
    return after is None or timezone.now() - after < SEEN + DONE


def _opened(row: LaunchKey) -> ECKey:
    pem = cipher(PURPOSE).decrypt(row.private.encode())
    return ECKey.import_key(pem, {"kid": row.kid, "use": "sig", "alg": "ES384"})
