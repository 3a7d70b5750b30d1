"""Pages asked for as somebody, with a memory that is empty at first."""

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from patients.imprints.memory import MEMORY

TOKENS = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w{64}')


def kept(kind: str = "page") -> int:
    """How many of it memory has."""
    return sum(key[0] == kind for key in MEMORY._kept)


@pytest.fixture(autouse=True)
def empty_memory():
    MEMORY.clear()
    yield
    MEMORY.clear()


@pytest.fixture
def seen(client, patient):
    """seen(user, "?tab=all"): the patient page as somebody sees it, without the tokens of its forms."""

    def seen(user, query: str = "?tab=all", headers: dict | None = None) -> str:
        client.force_login(user)
        address = reverse("patients:detail", args=[patient.uuid])
        page = client.get(address + query, headers=headers or {}).content.decode()
        return TOKENS.sub("", page)

    return seen


@pytest.fixture
def at(monkeypatch):
    """at(moment): the view's clock."""

    def at(moment):
        monkeypatch.setattr("patients.views.detail.timezone", SimpleNamespace(now=lambda: moment))

    return at
