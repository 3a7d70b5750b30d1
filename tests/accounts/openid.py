"""An OpenID provider that others wrote, in a process of its own."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from tests.waiting import PATIENCE

CLIENT, SECRET = "liver", "not-so-secret"
PEOPLE = [
    {
        "sub": "u-1",
        "preferred_username": "amara",
        "given_name": "Amara",
        "family_name": "Eze",
        "email": "amara@hospital.example",
        "groups": ["liver-doctors", "canteen"],
    },
    {"sub": "u-2", "preferred_username": "boris", "given_name": "Boris", "family_name": "Marin"},
    {"sub": "u-3", "preferred_username": "viewer", "groups": "liver-doctors"},
    {"sub": "u-4", "preferred_username": "operator", "groups": [1, None, {"a": 1}]},
]


@contextmanager
def provider(*, seconds: int = 3600) -> Iterator[str]:
    """Its address; its tokens are good for so many seconds."""
    port = _free_port()
    claims = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--token-max-age",
        str(seconds),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, *claims], **quiet)
    address = f"http://localhost:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


def use(settings, issuer: str) -> None:
    """As if the site had set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET."""
    app = {"provider_id": "hospital", "name": "North login", "client_id": CLIENT, "secret": SECRET}
    ours = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    app["settings"] = {"server_url": issuer}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**ours, "APPS": [app]}}
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "North login"


def groups(words: str) -> dict[str, tuple[str, str]]:
    """groups("liver-doctors=north:clinician")"""
    found = re.findall(r"([\w-]+)=([\w-]+):(\w+)", words)
    return {group: (clinic, role) for group, clinic, role in found}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(address: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(f"{address}/.well-known/openid-configuration", timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, "The provider did not start."
            assert time.monotonic() < end, "The provider does not answer."
            time.sleep(0.1)
