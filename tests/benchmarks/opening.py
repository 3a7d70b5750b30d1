"""Opening a patient of 60 draws, what the page loads after that, and the worklist, against a bare sign-in page.

In CPU time of this process and of its PostgreSQL, one round after the other, the fastest of each.
"""

import html
from collections.abc import Callable, Iterator
from functools import partial

from django.test import Client

from accounts.models import Clinic, Membership, Role, User
from patients.imprints.memory import MEMORY
from tests.benchmarks import lists
from tests.benchmarks.people import add_patient_with_draws
from tests.benchmarks.weight import LATER

ROUNDS, DRAWS, PATIENTS = 12, 60, 1_000
SIGN_IN, LIST = "/accounts/login/", "/?show=all"
HTMX = {"HX-Request": "true"}
# Made anew: nothing is kept of anybody.
BUDGETS = {
    "patient page, 60 draws, made anew": 6,
    "patient page, 60 draws, kept": 2.5,
    "all that it loads, made anew": 0,
    "all that it loads, kept": 10,
    "worklist, a full page, made anew": 0,
    "worklist, a full page, kept": 8,
}
Work = Callable[[], object]
# What, measured, against, ratio, budget with verdict.
Row = tuple[str, str, str, str, str]


def run() -> Iterator[Row]:
    # Does before the first page what a web process does.
    import config.wsgi  # noqa: F401

    lists.count_all_time()
    clinic = Clinic.objects.create(code="opening", name="Opening", time_zone="Europe/London")
    client, crowd = _clinician(clinic), lists.make(PATIENTS)
    page = f"/patients/{add_patient_with_draws(clinic, DRAWS).uuid}/"
    later = parts_of(client.get(page).content.decode())
    opened = (
        partial(lists.get, client, page),
        partial(_get_all, client, later),
        partial(lists.get, crowd.client, LIST),
    )
    works = [work for one in opened for work in ((_forget, one), (_keep, one))]
    taken = interleaved([(_keep, partial(lists.get, Client(), SIGN_IN)), *works])
    for (what, budget), took in zip(BUDGETS.items(), taken[1:], strict=True):
        ratio = took / taken[0]
        verdict = f"at most {budget:g}: {'met' if ratio <= budget else 'MISSED'}" if budget else ""
        yield what, f"{took:.1f} ms", f"{taken[0]:.1f} ms sign-in", f"{ratio:.1f}", verdict


def parts_of(page: str) -> list[str]:
    """The addresses of what it loads by itself."""
    return [html.unescape(one or other) for one, other in LATER.findall(page)]


def interleaved(works: list[tuple[Work, Work]]) -> list[float]:
    """Of each the second, after the first, which is not measured."""
    best: list[float] = []
    for place in range(ROUNDS):
        taken = []
        for before, work in works:
            before()
            taken.append(lists.cpu_milliseconds(work))
        # The first rounds warm up.
        best = taken if place < 2 else [min(pair) for pair in zip(best, taken, strict=True)]
    return best


def _forget() -> None:
    MEMORY.clear()


def _keep() -> None:
    """As the round before has left it."""


def _get_all(client: Client, addresses: list[str]) -> None:
    for address in addresses:
        answer = client.get(address, headers=HTMX)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")


def _clinician(clinic: Clinic) -> Client:
    user = User.objects.create_user(f"opens-{clinic.code}")
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    client = Client()
    client.force_login(user)
    return client
