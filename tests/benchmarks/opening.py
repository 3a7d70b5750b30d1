"""Opening a patient of 60 draws, what the page loads after that, and the worklist, against a bare sign-in page.

In CPU time of this process and of its PostgreSQL, one round after the other, the fastest of each.
"""

import html
from collections.abc import Callable, Iterator
from functools import partial

from django.test import Client

from accounts.models import Clinic, Membership, Role, User
from tests.benchmarks import lists
from tests.benchmarks.people import add_patient_with_draws
from tests.benchmarks.weight import LATER

ROUNDS, DRAWS, PATIENTS = 12, 60, 1_000
SIGN_IN, LIST = "/accounts/login/", "/?show=all"
HTMX = {"HX-Request": "true"}
ANEW, AFTER, WORKLIST = "patient page, 60 draws", "all that it loads", "worklist, a full page"
BUDGETS = {ANEW: 6, AFTER: 10, WORKLIST: 8}
Work = Callable[[], object]
# What, milliseconds, those of the sign-in page, the budget as a ratio, 0 without one.
Row = tuple[str, float, float, float]


def run() -> Iterator[Row]:
    # Does before the first page what a web process does.
    import config.wsgi  # noqa: F401

    lists.count_all_time()
    clinic = Clinic.objects.create(code="opening", name="Opening", time_zone="Europe/London")
    client, crowd = _clinician(clinic), lists.make(PATIENTS)
    page = f"/patients/{add_patient_with_draws(clinic, DRAWS).uuid}/"
    later = parts_of(client.get(page).content.decode())
    taken = interleaved(
        {
            "sign-in": partial(lists.get, Client(), SIGN_IN),
            ANEW: partial(lists.get, client, page),
            AFTER: partial(_get_all, client, later),
            WORKLIST: partial(lists.get, crowd.client, LIST),
        }
    )
    bare = taken.pop("sign-in")
    for what, took in taken.items():
        yield what, took, bare, BUDGETS.get(what, 0)


def parts_of(page: str) -> list[str]:
    """The addresses of what it loads by itself."""
    return [html.unescape(one or other) for one, other in LATER.findall(page)]


def interleaved(works: dict[str, Work]) -> dict[str, float]:
    best: dict[str, float] = {}
    for place in range(ROUNDS):
        for what, work in works.items():
            taken = lists.cpu_milliseconds(work)
            # The first rounds warm up.
            best[what] = taken if place < 2 else min(best[what], taken)
    return best


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
