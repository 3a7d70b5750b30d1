"""What a record system says of itself: where one signs in, where a code becomes a token, who signs who somebody is."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache

from uploads.models import LaunchClient

from .fetching import JSON, agreed, json_of, origin, session_for
from .problems import TELL, LaunchProblem

PLACE = "/.well-known/smart-configuration"
# Seconds that an answer is kept.
KEPT = 600


@dataclass(frozen=True)
class Configuration:
    """`issuer` and `keys` are "" where the record system does not say who somebody is."""

    authorize: str
    token: str
    issuer: str = ""
    keys: str = ""


def configuration_of(client: LaunchClient) -> Configuration:
    """Raises LaunchProblem (502)."""
    key = f"smart:{client.pk}:{client.fhir_base}"
    if kept := cache.get(key):
        return Configuration(**kept)
    told = json_of(client, session_for(client), client.fhir_base + PLACE, headers=JSON, withhold_token=True)
    found = _read(client, told)
    cache.set(key, asdict(found), KEPT)
    return found


def _read(client: LaunchClient, told: dict[str, Any]) -> Configuration:
    methods = told.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        raise LaunchProblem(
            502, f"{client} does not offer PKCE with S256, without which nobody is signed in.", TELL
        )
    keys = _agreed(client, told, "jwks_uri") if told.get("jwks_uri") else ""
    issuer = told.get("issuer")
    return Configuration(
        _agreed(client, told, "authorization_endpoint"),
        _agreed(client, told, "token_endpoint"),
        issuer if isinstance(issuer, str) and keys else "",
        keys,
    )


def _agreed(client: LaunchClient, told: dict[str, Any], name: str) -> str:
    address = told.get(name)
    if not isinstance(address, str) or origin(address) not in agreed(client):
        raise LaunchProblem(502, f"{client} names a {name} that is elsewhere than was agreed.", TELL)
    return address
