"""What a record system gives for a code: the token to read with, which patient, and who is signed in there."""

import re
import time
from dataclasses import dataclass
from typing import Any

import jwt
from authlib.integrations.base_client import OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign

from uploads.interfaces.cds.tokens import key_set
from uploads.models import LaunchClient

from .clients import secret_of
from .configuration import Configuration
from .fetching import asking, session_for
from .keys import signing_key
from .launching import SCOPES, LaunchAsked
from .problems import AGAIN, LATER, TELL, LaunchProblem

# As SMART App Launch asks for them (RS256), and what record systems use beside it.
ALGORITHMS = ("RS256", "RS384", "ES256", "ES384", "PS256", "PS384")
CLAIMS = ("iss", "aud", "exp", "iat", "sub")
# Seconds: clocks that differ; the life of what we sign; the longest that a token is kept, whatever it says of itself.
LEEWAY, OURS, LONGEST = 60, 300, 3600
ID = re.compile(r"(?!\.+$)[A-Za-z0-9.-]{1,64}")
OURS_TO_MEND = ("invalid_client", "unauthorized_client", "unsupported_grant_type")
NOT_TAKEN = (
    "{client} did not take the code of this launch ({error}). A code holds once, and for a short time."
)


@dataclass(frozen=True)
class GivenToken:
    """`until` in seconds; `fhir_user`: "" where the record system did not say who is signed in there."""

    access: str
    patient: str
    scope: str
    until: float
    fhir_user: str = ""
    show: str = ""


class OwnKey(PrivateKeyJWT):
    """Signs with our key, for as long as SMART App Launch allows, and says which key it was."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        header = {"kid": auth.client_secret.kid, "typ": "JWT"}
        about = {"client_id": auth.client_id, "token_endpoint": token_endpoint, "header": header}
        return private_key_jwt_sign(auth.client_secret, alg="ES384", expires_in=OURS, **about)


def exchange(
    client: LaunchClient, configuration: Configuration, asked: LaunchAsked, *, code: str, redirect_uri: str
) -> GivenToken:
    """Raises LaunchProblem."""
    session = session_for(client, redirect_uri=redirect_uri, **_as_whom(client))
    session.register_client_auth_method(OwnKey(configuration.token))

    def ask() -> dict[str, Any]:
        grant = {"grant_type": "authorization_code", "code": code, "code_verifier": asked.verifier}
        return dict(session.fetch_token(configuration.token, **grant))

    try:
        told = asking(client, ask)
    except OAuthError as error:
        do = TELL if error.error in OURS_TO_MEND else AGAIN
        raise LaunchProblem(
            400, NOT_TAKEN.format(client=client, error=known_error(error.error)), do
        ) from None
    return _given(client, told, _fhir_user(client, configuration, asked, told.get("id_token")))


def _as_whom(client: LaunchClient) -> dict[str, Any]:
    if client.secret:
        return {"client_secret": secret_of(client), "token_endpoint_auth_method": "client_secret_basic"}
    key = signing_key()
    if key is None:
        raise LaunchProblem(503, f"There is no key with which to sign in at {client}.", TELL)
    return {"client_secret": key, "token_endpoint_auth_method": "private_key_jwt"}


def known_error(error: object) -> str:
    """A code of OAuth, and nothing that somebody else has written."""
    return str(error) if re.fullmatch(r"[a-z_]{1,40}", str(error)) else "no reason given"


def _given(client: LaunchClient, told: dict[str, Any], fhir_user: str) -> GivenToken:
    access, patient, scope = told.get("access_token"), told.get("patient"), told.get("scope", SCOPES)
    if not isinstance(access, str) or str(told.get("token_type")).lower() != "bearer":
        raise LaunchProblem(502, f"{client} gave no token that can be used.", TELL)
    if not isinstance(patient, str) or not ID.fullmatch(patient):
        raise LaunchProblem(400, f"{client} did not say which patient is open there.")
    for kind in ("Patient", "Observation"):
        if not is_granted(str(scope), kind):
            raise LaunchProblem(
                403,
                f"{client} does not let this product read the {kind} of the chart.",
                f"Ask whoever runs {client} to grant these scopes: {SCOPES}.",
            )
    show = told.get("appContext")
    return GivenToken(
        access, patient, str(scope), _until(told), fhir_user, show if isinstance(show, str) else ""
    )


def _until(told: dict[str, Any]) -> float:
    seconds = told.get("expires_in")
    known = seconds if isinstance(seconds, int | float) and 0 < seconds < LONGEST else LONGEST
    return time.time() + known


def is_granted(scope: str, kind: str) -> bool:
    """Whether these scopes let one read and search resources of this kind; as SMART 2 or 1 writes them."""
    for one in scope.split():
        found = re.fullmatch(r"patient/(\*|[A-Za-z]+)\.([a-z]+|\*)(\?.*)?", one)
        if found and found[1] in ("*", kind) and (found[2] in ("read", "*") or {"r", "s"} <= set(found[2])):
            return True
    return False


def _fhir_user(client: LaunchClient, configuration: Configuration, asked: LaunchAsked, token: object) -> str:
    """Who is signed in there, by a token that was checked in full; "" where none came."""
    if not token:
        return ""
    if not configuration.issuer or not isinstance(token, str):
        raise LaunchProblem(502, f"{client} says who is signed in there, and not with which keys.", TELL)
    claims = _checked(client, configuration, token)
    if claims.get("nonce") != asked.nonce:
        raise LaunchProblem(400, f"What {client} says of who is signed in there belongs to another launch.")
    named = claims.get("fhirUser") or claims.get("profile")
    return named if isinstance(named, str) else ""


def _key_of(address: str, token: str) -> Any:
    """The one that it names; where it names none, the only key of the set. [OpenID Connect Core 1.0, 10.1]"""
    keys = key_set(address)
    if "kid" in jwt.get_unverified_header(token):
        return keys.get_signing_key_from_jwt(token).key
    # Fetched anew: without a name nothing tells that a kept one is over.
    found = [one for one in keys.get_jwk_set(refresh=True).keys if one.public_key_use in ("sig", None)]
    if len(found) != 1:
        raise jwt.PyJWKClientError("Which of the keys it was is not said")
    return found[0].key


def _checked(client: LaunchClient, configuration: Configuration, token: str) -> dict[str, Any]:
    try:
        key = _key_of(configuration.keys, token)
        claims = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=configuration.issuer,
            audience=client.client_id,
            leeway=LEEWAY,
            options={"require": list(CLAIMS)},
        )
    except (jwt.PyJWKClientConnectionError, ValueError):
        raise LaunchProblem(502, f"The keys of {client} cannot be fetched at the moment.", LATER) from None
    except jwt.PyJWTError as error:
        kind = type(error).__name__
        raise LaunchProblem(
            400, f"What {client} says of who is signed in there is not accepted ({kind})."
        ) from None
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client.client_id:
        raise LaunchProblem(400, f"What {client} says of who is signed in there is for somebody else.")
    return claims
