"""Who asks: a JWT that the record system signs, checked with the keys that it publishes. [CDS Hooks 2.0, Security]"""

import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any

import jwt
from django.core.cache import cache

from uploads.models import Sender

from .problems import HookProblem

# Asymmetric ones alone: the first two are recommended, the others are what many send.
ALGORITHMS = ("ES384", "RS384", "ES256", "RS256", "PS384", "PS256")
CLAIMS = ("iss", "aud", "exp", "iat", "jti")
# Seconds: clocks that differ, the longest life of a token, how long keys are kept, how long they are waited for.
LEEWAY, LIFE, KEYS_KEPT, PATIENCE = 60, 3600, 300, 5


def sender_of(authorization: str, address: str) -> Sender:
    """Raises HookProblem (401). `address`: the one that was called; a token for it is taken once."""
    sender, claims = signed(authorization, address)
    if claims["exp"] - claims["iat"] > LIFE:
        raise HookProblem(401, "The token lives for more than an hour.")
    key = sha256(f"{sender.pk} {claims['jti']}".encode()).hexdigest()
    if not cache.add(f"hook:{key}", True, max(int(claims["exp"] - time.time()), 0) + 2 * LEEWAY):
        raise HookProblem(401, "The token was used before.")
    return sender


def signed(authorization: str, address: str = "") -> tuple[Sender, dict[str, Any]]:
    """By whom, and its claims; without `address` for whatever address it is."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HookProblem(401, "Send a signed token: Authorization: Bearer JWT.")
    try:
        sender = _issuer_of(token)
        return sender, _claims(token, sender, address)
    except jwt.PyJWKClientConnectionError:
        raise HookProblem(503, "The keys of the token’s issuer cannot be fetched at the moment.", 5) from None
    except jwt.PyJWTError as error:
        raise HookProblem(401, f"The token is not accepted: {error}.") from None


def _issuer_of(token: str) -> Sender:
    """By what the token says of itself, which its signature then proves."""
    header = jwt.get_unverified_header(token)
    issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    found = Sender.objects.filter(issuer=issuer, allowed=True) if isinstance(issuer, str) and issuer else None
    sender = found.select_related("clinic", "user").first() if found is not None else None
    if sender is None:
        raise jwt.InvalidIssuerError("Its issuer is not known here")
    if header.get("jku", sender.key_set) != sender.key_set:
        raise jwt.InvalidTokenError("Its keys (jku) are elsewhere than was agreed")
    return sender


def _claims(token: str, sender: Sender, address: str) -> dict[str, Any]:
    # The key alone: many key sets name no algorithm, and one that is guessed from the key is too narrow.
    key = key_set(sender.key_set).get_signing_key_from_jwt(token).key
    options: Any = {"require": list(CLAIMS), "verify_aud": bool(address)}
    audience = {"audience": address} if address else {}
    return jwt.decode(
        token,
        key,
        algorithms=list(ALGORITHMS),
        issuer=sender.issuer,
        leeway=LEEWAY,
        options=options,
        **audience,
    )


@lru_cache(maxsize=64)
def key_set(address: str) -> jwt.PyJWKClient:
    """Keeps keys for a while; a key that it does not know it looks for anew, at most twice a minute."""
    return jwt.PyJWKClient(address, cache_jwk_set=True, lifespan=KEYS_KEPT, timeout=PATIENCE)


forget_keys: Callable[[], None] = key_set.cache_clear
