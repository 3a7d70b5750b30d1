import json

import pytest

from tests.uploads.interfaces.cds.record_system import ISSUER, KeySet, published, token
from uploads.interfaces import senders
from uploads.interfaces.cds.tokens import forget_keys

SERVICE = "/cds-services/liver-dissociation"


@pytest.fixture
def keys():
    forget_keys()
    with published(KeySet()) as found:
        found.published.add("one")
        yield found


@pytest.fixture
def system(clinic, keys):
    """The record system as a sender of the clinic."""
    return senders.add_record_system(clinic=clinic, name="EHR", issuer=ISSUER, key_set=keys.address)


@pytest.fixture
def post(client, keys, system):
    """post(body, to=...) -> the answer; signed anew each time, unless `bearer` says otherwise."""

    def post(body, to: str = SERVICE, bearer: str | None = None, **headers):
        signed = token(keys, f"http://testserver{to}") if bearer is None else bearer
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        told = {"Authorization": f"Bearer {signed}"} if signed else {}
        return client.post(to, text, content_type="application/json", headers={**told, **headers})

    return post
