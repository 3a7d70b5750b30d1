"""The patient of a visit as the record system has it: each search page by page, from its FHIR server alone."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from authlib.integrations.requests_client import OAuth2Session

from uploads.importers.fhir.bundle import items
from uploads.interfaces.cds.supplied import queries
from uploads.models import LaunchClient

from .fetching import FHIR, json_of, origin, session_for
from .problems import AGAIN, TELL, LaunchProblem
from .tokens import is_granted
from .visits import Visit

# Of one visit: pages of searches, resources, seconds.
PAGES, RESOURCES, LONGEST = 400, 20_000, 50
KINDS = {
    "results": "Observation",
    "conditions": "Condition",
    "statements": "MedicationStatement",
    "requests": "MedicationRequest",
    "administrations": "MedicationAdministration",
}
WORDS = {
    "Observation": "results",
    "Condition": "diagnoses",
    "MedicationStatement": "drugs as told",
    "MedicationRequest": "prescriptions",
    "MedicationAdministration": "drugs as given",
}
TOO_MUCH = "{client} has more of this patient than can be read in one visit. Nothing of it is shown."


@dataclass
class ChartReader:
    """Asks with the token of a visit, and counts what it asks."""

    client: LaunchClient
    visit: Visit
    session: OAuth2Session = field(init=False)
    until: float = field(default_factory=lambda: time.monotonic() + LONGEST)
    pages: int = 0
    resources: int = 0

    def __post_init__(self) -> None:
        token = {"access_token": self.visit.token, "token_type": "Bearer"}
        self.session = session_for(self.client, token=token)

    def patient(self) -> dict[str, Any]:
        """The Patient of the launch, and nobody else."""
        found = self._get(self._address("patient"))
        if found.get("resourceType") != "Patient" or found.get("id") != self.visit.patient:
            raise LaunchProblem(
                502, f"{self.client} answered with somebody else than the patient of this launch."
            )
        return found

    def searches(self) -> dict[str, dict[str, Any]]:
        """A bundle by each key of `queries` that the scopes let one read."""
        granted = [key for key, kind in KINDS.items() if is_granted(self.visit.scope, kind)]
        return {key: self._search(self._address(key)) for key in granted}

    def missing(self) -> list[str]:
        """What the scopes do not let one read, in words."""
        return [WORDS[kind] for kind in KINDS.values() if not is_granted(self.visit.scope, kind)]

    def _address(self, key: str) -> str:
        return f"{self.client.fhir_base}/{queries(self.visit.patient)[key]}"

    def _search(self, address: str) -> dict[str, Any]:
        entries: list[dict] = []
        asked: set[str] = set()
        while address and address not in asked:
            asked.add(address)
            page = self._get(address)
            if page.get("resourceType") != "Bundle":
                raise LaunchProblem(502, f"{self.client} gave no answer that can be used.", TELL)
            entries += [one for one in items(page.get("entry")) if not _is_aside(one)]
            self._count(len(entries))
            address = self._next(page, address)
        self.resources += len(entries)
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def _next(self, page: dict[str, Any], here: str) -> str:
        links = [one for one in items(page.get("link")) if one.get("relation") == "next"]
        address = links[0].get("url") if links else ""
        if not address:
            return ""
        address = urljoin(here, str(address))
        # Its token is for this server: it is never taken to another one.
        if origin(address) != origin(self.client.fhir_base):
            raise LaunchProblem(502, f"{self.client} sends this product elsewhere for the next page.", TELL)
        return address

    def _count(self, entries: int) -> None:
        self.pages += 1
        if self.pages > PAGES or self.resources + entries > RESOURCES or time.monotonic() > self.until:
            raise LaunchProblem(502, TOO_MUCH.format(client=self.client), AGAIN)

    def _get(self, address: str) -> dict[str, Any]:
        return json_of(self.client, self.session, address, headers=FHIR)


def _is_aside(entry: dict[str, Any]) -> bool:
    """What a search says of itself."""
    search = entry.get("search")
    return isinstance(search, dict) and search.get("mode") == "outcome"
