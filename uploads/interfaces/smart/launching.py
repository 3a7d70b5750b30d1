"""To the sign-in of a record system, and what a browser must bring back from there."""

import secrets
import time
from dataclasses import asdict, dataclass

from authlib.common.security import generate_token
from django.http import HttpRequest
from django.urls import reverse

from uploads.models import LaunchClient

from .configuration import configuration_of
from .fetching import session_for
from .problems import LaunchProblem

ASKED = "launches_asked"
# As many may be on their way in one browser; each for so many seconds.
MOST, LIFE = 5, 600
TYPES = (
    "Patient",
    "Observation",
    "Condition",
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
)
SCOPES = " ".join(["launch", "openid", "fhirUser", *(f"patient/{one}.rs" for one in TYPES)])


@dataclass(frozen=True)
class LaunchAsked:
    """What was sent along: proves at the end that the same browser and this very launch come back."""

    client: int
    verifier: str
    nonce: str
    at: float


def begin(request: HttpRequest, client: LaunchClient, launch: str) -> str:
    """The address of the record system's sign-in; what belongs to it stays in the session of this browser."""
    configuration = configuration_of(client)
    asked = LaunchAsked(client.pk, generate_token(64), secrets.token_urlsafe(24), time.time())
    session = session_for(client, scope=SCOPES, redirect_uri=callback(request), code_challenge_method="S256")
    address, state = session.create_authorization_url(
        configuration.authorize,
        state=secrets.token_urlsafe(32),
        code_verifier=asked.verifier,
        nonce=asked.nonce,
        aud=client.fhir_base,
        launch=launch,
    )
    kept = {**request.session.get(ASKED, {}), state: asdict(asked)}
    request.session[ASKED] = dict(list(kept.items())[-MOST:])
    return address


def come_back(request: HttpRequest) -> LaunchAsked:
    """What was asked with this state, once. Raises LaunchProblem (400)."""
    waiting = request.session.get(ASKED, {})
    found = waiting.pop(request.GET.get("state", ""), None)
    if found is None:
        raise LaunchProblem(400, "This answer belongs to no launch of this browser, or was used already.")
    request.session[ASKED] = waiting
    asked = LaunchAsked(**found)
    if time.time() - asked.at > LIFE:
        raise LaunchProblem(400, "This launch took too long.")
    return asked


def callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("smart-callback"))
