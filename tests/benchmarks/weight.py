"""What travels for the page of a patient with 60 draws and for the knowledge, and the first look at the knowledge."""

import gzip
import html
import re
import time
from collections.abc import Iterator

from django.test import Client

from accounts.models import Clinic, Membership, Role, User
from tests.benchmarks.people import add_patient_with_draws

TAKES = {"Accept-Encoding": "gzip"}
# What the page asks for by itself once it is there: every figure of the chart, past grades, what would change.
LATER = re.compile(r'data-figures="([^"]+)"|hx-get="([^"]+)" hx-trigger="load"')


def run() -> Iterator[tuple[str, str, str]]:
    """(what, measured, budget). The look at the knowledge must be the first of its process."""
    # Does before the first page what a web process does.
    import config.wsgi  # noqa: F401

    client, address = _clinician()
    # What every page needs once.
    client.get("/meetings/")
    first, again = (_milliseconds(client, "/knowledge/") for _ in range(2))
    yield "knowledge, first look", f"{first:.1f} ms, second {again:.1f} ms, {first / again:.1f}", "3"
    yield "knowledge, compressed", _kilobytes(len(_sent(client, "/knowledge/"))), "60 kB"
    page = _sent(client, address)
    plain = gzip.decompress(page)
    yield "patient page, plain", _kilobytes(len(plain)), "90 kB"
    yield "patient page, compressed", _kilobytes(len(page)), "30 kB"
    parts = [html.unescape(one or other) for one, other in LATER.findall(plain.decode())]
    later = sum(len(_sent(client, part, {"HX-Request": "true"})) for part in parts)
    yield f"second visit, with {len(parts)} parts", _kilobytes(len(page) + later), "40 kB"


def _clinician() -> tuple[Client, str]:
    """Signed in, and the address of a patient with 60 draws."""
    clinic = Clinic.objects.create(code="weight", name="Weight", time_zone="Europe/London")
    user = User.objects.create_user("weight")
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    client = Client()
    client.force_login(user)
    return client, f"/patients/{add_patient_with_draws(clinic, 60).uuid}/"


def _milliseconds(client: Client, address: str) -> float:
    start = time.process_time()
    client.get(address)
    return (time.process_time() - start) * 1000


def _sent(client: Client, address: str, headers: dict[str, str] | None = None) -> bytes:
    answer = client.get(address, headers=TAKES | (headers or {}))
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return answer.content


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"
