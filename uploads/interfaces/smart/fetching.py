"""Asking a record system: nothing but the addresses that were agreed, no redirects, so many bytes, so long."""

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

from uploads.models import LaunchClient

from .problems import LATER, LaunchProblem

# Seconds until an answer begins, and until a whole one is there.
PATIENCE, LONGEST = 10, 30
MOST_BYTES = 32 * 2**20
PIECE = 2**16
Answer = TypeVar("Answer")
JSON = {"Accept": "application/json"}
FHIR = {"Accept": "application/fhir+json"}


class Bounded(HTTPAdapter):
    """Reads an answer itself, as far as its limits; requests would read whatever comes."""

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        response = super().send(request, **{**how, "stream": True, "timeout": PATIENCE})
        until, found = time.monotonic() + LONGEST, bytearray()
        with response:
            for piece in response.iter_content(PIECE):
                found += piece
                if len(found) > MOST_BYTES:
                    raise requests.ConnectionError("an answer that is too large")
                if time.monotonic() > until:
                    raise requests.Timeout("an answer that takes too long")
        response._content = bytes(found)
        return response


def origin(address: str) -> str:
    """ "https://records.hospital.example:8443", in small letters."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def agreed(client: LaunchClient) -> list[str]:
    """The origins that were named when the record system was added; no other one is asked."""
    return [origin(address) for address in (client.fhir_base, client.sign_in_origin) if address]


def session_for(client: LaunchClient, **how: Any) -> OAuth2Session:
    session = OAuth2Session(client.client_id, **how)
    session.adapters.clear()
    session.max_redirects = 0
    for allowed in agreed(client):
        session.mount(f"{allowed}/", Bounded())
    return session


def asking(client: LaunchClient, ask: Callable[[], Answer]) -> Answer:
    """What `ask` gives; raises LaunchProblem (502) where the record system does not answer as it should."""
    try:
        return ask()
    except requests.Timeout:
        raise LaunchProblem(504, f"{client} did not answer in time.", LATER) from None
    except (requests.RequestException, ValueError):
        # The kind alone: what others answer may hold anything.
        raise LaunchProblem(
            502, f"{client} cannot be reached, or gave an answer that cannot be used.", LATER
        ) from None


def json_of(client: LaunchClient, session: OAuth2Session, address: str, **how: Any) -> dict[str, Any]:
    """Raises LaunchProblem, as `asking` does."""

    def ask() -> dict[str, Any]:
        response = session.get(address, **how)
        response.raise_for_status()
        found = response.json()
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found

    return asking(client, ask)
