"""Measures the budgets of the design as ratios within one run: python -m tests.benchmarks [--patients N]

Uses a database of its own, which it drops at the end. Nothing here is asserted by the tests.
"""

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.owner")
ROUNDS = 15
CHOICES = {
    "uploads": "only the uploads",
    "million": "also an upload of 1,000,000 results",
    "characteristics": "only the published figures of the rule",
    "population": "only the population page",
    "reading": "only interpret() and past grades",
    "weight": "only what travels",
    "opening": "only the patient page and the worklist, opened",
    "lists": "only the worklist's every filter, sort and page",
}
# Of so many rows of a second file one waits for a person.
ODD = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=10_000, help="the larger worklist (default 10,000)")
    for name, what in CHOICES.items():
        parser.add_argument(f"--{name}", action="store_true", help=what)
    parser.add_argument("--only", default="", help="of the lists those with this in their name: 'by draw'")
    chosen = parser.parse_args()
    for name, measure in {"characteristics": measure_characteristics, "reading": measure_reading}.items():
        if getattr(chosen, name):
            return measure()
    size = chosen.patients
    django.setup()
    from django.conf import settings
    from django.db import connection

    # As in production; Django's own test set-up is left out, it slows each template down.
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["testserver"]
    connection.creation.create_test_db(verbosity=0, serialize=False, autoclobber=True)
    # Ended from outside it cleans up as well; what a kill leaves, the next run drops.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        say("What", "measured", "against", "ratio", "budget")
        alone = {"population": partial(measure_population, size), "weight": measure_weight}
        alone |= {"opening": measure_opening, "lists": partial(measure_lists, size, chosen.only)}
        for name, measure in alone.items():
            if getattr(chosen, name):
                return measure()
        if not chosen.uploads:
            measure_weight()
            measure_opening()
            measure_reading()
            measure_changes()
            measure_pages(size)
            measure_meetings(size)
            measure_population(size)
        measure_uploads(chosen.million)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure_characteristics() -> None:
    """Needs no database."""
    from tests.benchmarks import characteristics

    say("What", "measured", "published", "z", "budget")
    for name, measure, measured, published, z in characteristics.run():
        farthest = f"{max(z, key=abs):.1f}"
        say(f"{name}, {measure}", f"{measured:.2f}%", f"{published:g}%", farthest, "|z| < 3 in each seed")


def measure_weight() -> None:
    """First of all: it looks at the knowledge for the first time in this process."""
    from tests.benchmarks import weight

    for what, measured, budget in weight.run():
        say(what, measured, "", "", budget)


def measure_opening() -> None:
    from tests.benchmarks import opening

    for row in opening.run():
        say(*row)


def measure_reading() -> None:
    """Needs no database."""
    from tests.benchmarks import reading

    say("What", "measured", "60 draws", "ratio", "budget")
    for row in reading.run():
        say(*row)


def measure_changes() -> None:
    from interpretation.changes import what_would_change
    from interpretation.report import interpret
    from tests.benchmarks.courses import case

    given = case(60)
    report = interpret(given)
    # A case keeps what was once worked out of it: each round has a new one.
    new = iter([case(60) for _ in range(ROUNDS + 1)])
    few = milliseconds(lambda: interpret(next(new)))
    change = milliseconds(lambda: what_would_change(given, report))
    ratio = f"{change / few:.1f}"
    say("what would change, 60 draws", f"{change:.1f} ms", f"{few:.2f} ms", ratio, "under 15 ms")


def measure_pages(size: int) -> None:
    from django.test import Client

    from accounts.models import Clinic, Membership, Role, User
    from patients.models import Patient
    from tests.benchmarks.people import add_patient_with_draws, add_summaries

    clinic = Clinic.objects.create(code="bench", name="Benchmark", time_zone="Europe/London")
    user = User.objects.create_user("bench")
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    client = Client()
    client.force_login(user)
    # Whom the meetings step to.
    for count in (60, 500):
        add_patient_with_draws(clinic, count)
    add_summaries(clinic, 1, 1000)
    before = worklist_times(client)
    add_summaries(clinic, 1001, size)
    middle = Patient.objects.filter(mrn=f"B-{size // 2}").get().uuid
    for name, after in worklist_times(client).items():
        ratio = after / before[name]
        say(
            f"worklist, {name}",
            f"{after:.1f} ms of {size:,}",
            f"{before[name]:.1f} ms of 1,000",
            f"{ratio:.2f}",
            "1.5",
        )
    deep = milliseconds(lambda: get(client, f"/?show=all&sort=name&after={middle}"))
    first = before["by name"]
    say(
        "worklist, a page from the middle",
        f"{deep:.1f} ms",
        f"{first:.1f} ms first",
        f"{deep / first:.2f}",
        "",
    )


def measure_lists(size: int, only: str) -> None:
    """`size` is the largest clinic; the smallest is measured beside it, and the verdict is of these two."""
    from tests.benchmarks import lists

    crowds = [lists.make(one) for one in (lists.SMALL, lists.MIDDLE, size)]
    lists.count_all_time()
    bare, full = lists.run_bare(crowds)
    whole = full.taken[lists.SMALL]
    say(
        "worklist, a full page", f"{whole:.1f} ms", "", f"{whole / bare.taken[lists.SMALL]:.1f}", "8 sign-ins"
    )
    for one in lists.run(crowds, only=only):
        # Few rows on a page cost less: a page that is full only in the larger clinic stands beside a full one.
        small, large = one.taken[lists.SMALL], one.taken[size]
        against = small if one.rows[lists.SMALL] == one.rows[size] else max(small, whole)
        say_verdict(one.name, large, size, against, 1.5)
    for crowd in crowds:
        lists.hold_meetings(crowd)
    taken = lists.run_proposals(crowds).taken
    say_verdict("agenda proposals", taken[size], size, taken[lists.MIDDLE], 2)


def say_verdict(name: str, measured: float, size: int, against: float, budget: float) -> None:
    ratio = measured / against
    verdict = "met" if ratio <= budget else "NOT MET"
    say(name, f"{measured:.1f} ms of {size:,}", f"{against:.1f} ms", f"{ratio:.2f}", f"{budget:g}: {verdict}")


def measure_uploads(million: bool) -> None:
    from tests.benchmarks import uploads

    for results in (*uploads.SIZES, *((1_000_000,) if million else ())):
        found = uploads.run(results)
        odd = uploads.run(results, ODD)
        say(
            f"upload of {results:,} results",
            f"{found['file']:,.0f} rows/s",
            f"{found['copy']:,.0f} rows/s COPY",
            f"{found['file'] / found['copy']:.2f}",
            f"at least 0.4; peak {found['peak']:.0f} MB, {found['before']:.0f} before",
        )
        say(
            "  stored and assessed, on 2 cores",
            f"{found['assessed']:,.0f} rows/s",
            f"{found['copy']:,.0f} rows/s COPY",
            f"{found['assessed'] / found['copy']:.2f}",
            "at least 0.3",
        )
        say(
            f"  one row in {ODD} odd",
            f"{odd['file']:,.0f} rows/s",
            f"{odd['copy']:,.0f} rows/s COPY",
            f"{odd['file'] / odd['copy']:.2f}",
            "",
        )
        say(
            "  with history written by row",
            "",
            f"{found['copy_by_row']:,.0f} rows/s COPY",
            f"{found['file'] / found['copy_by_row']:.2f}",
            "",
        )


def measure_meetings(size: int) -> None:
    """After `measure_pages`, on its clinic with its people."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from meetings.actions import agenda, meetings
    from meetings.proposals import proposals
    from patients.models import Patient
    from tests.benchmarks.people import add_discussions, add_verdicts

    user = User.objects.get(username="bench")
    clinic = user.memberships.get().clinic
    meeting = meetings.plan_meeting(
        clinic=clinic, by=user, title="Benchmark", starts_at=timezone.now(), chair=user
    )
    add_discussions(clinic, user)
    found = milliseconds(lambda: proposals(meeting))
    say("agenda proposals", f"{found:.0f} ms of {size:,}", "", "", "under 200 ms at 100,000")

    patients = {patient: [] for patient in Patient.objects.filter(mrn__in=("D-60", "D-500"))}
    items = agenda.take(meeting=meeting, by=user, patients=patients)
    meetings.start(meeting=meeting, by=user)
    client = Client()
    client.force_login(user)
    addresses = [f"/patients/{item.patient.uuid}/" for item in items]
    step = f"/meetings/{meeting.uuid}/step/"

    def stepping() -> None:
        for item in items:
            client.post(step, {"item": str(item.uuid)}, headers={"HX-Request": "true"})

    taken = milliseconds(stepping)
    pages = milliseconds(lambda: [get(client, address) for address in addresses])
    ratio = f"{taken / pages:.2f}"
    say("stepping to 60, then to 500 draws", f"{taken:.0f} ms", f"{pages:.0f} ms pages", ratio, "1.2")
    audience = f"/meetings/{meeting.uuid}/audience/"
    seen = re.search(r"\?seen=([^\"]+)", client.get(audience).content.decode())[1]
    ask = {"headers": {"HX-Request": "true"}}
    poll = milliseconds(lambda: client.get(f"{audience}?seen={seen}", **ask))
    say("audience asks, nothing new", f"{poll:.1f} ms", "", "", "")

    add_verdicts(clinic, user)
    figures = milliseconds(lambda: get(client, "/meetings/figures/"))
    say("figures of the clinic", f"{figures:.0f} ms of {size:,}", "", "", "")
    few = count_months_of(clinic, 500)
    say("counting figures, 10 draws each", f"{few:.1f} ms a patient", "", "", "")


def count_months_of(clinic, patients: int) -> float:
    """Milliseconds a patient over 24 months, in a clinic of its own."""
    from django.utils import timezone

    from accounts.models import Clinic
    from meetings.figures.counting import count_months
    from tests.benchmarks.people import add_patients_with_draws

    small = Clinic.objects.create(code="figures", name="Figures", time_zone="Europe/London")
    add_patients_with_draws(small, patients, 10)
    start = time.perf_counter()
    count_months(small, timezone.now())
    return (time.perf_counter() - start) * 1000 / patients


def measure_population(size: int) -> None:
    """In a clinic of its own; a last one above the number from which the database bins."""
    from tests.benchmarks import population

    for patients in (size, population.BINNED + 1):
        for name, took, weight in population.run(patients):
            measured = f"{took:.0f} ms of {patients:,}"
            say(f"population, {name}", measured, f"{weight / 1000:,.0f} kB", "", "10,000 in 1 s")


ADDRESSES = {
    "new or worse": "/",
    "new or worse, by name": "/?sort=name",
    "everybody": "/?show=all",
    "by name": "/?show=all&sort=name",
    "by last draw": "/?show=all&sort=draw",
    "by INR change": "/?show=all&sort=inr",
    "by overdue": "/?show=all&sort=overdue",
    "established": "/?grade=established",
    "tests overdue": "/?overdue=1",
    "causes open": "/?causes=open",
    "to contact": "/?contact=due",
    "by contact": "/?contact=due&sort=contact",
    "my contacts": "/?mine=1",
    "left out": "/?left_out=1",
    "search": "/?q=family1234+given",
    "search of one letter": "/?q=f",
    "diagnosis": "/?dx=cirrhosis",
}


def worklist_times(client) -> dict[str, float]:
    addresses = {name: _with_id(client, address) for name, address in ADDRESSES.items()}
    return {
        name: milliseconds(lambda address=address: get(client, address))
        for name, address in addresses.items()
    }


def _with_id(client, address: str) -> str:
    """Where a search leads to: its words are kept in the session."""
    answer = client.get(address)
    return answer.url if answer.status_code == 302 else address


def get(client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")


def milliseconds(work: Callable[[], object]) -> float:
    """The fastest of some rounds after one to warm up: other work on the machine only ever adds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken)


def say(what: str, measured: str, against: str, ratio: str, budget: str) -> None:
    sys.stdout.write(f"{what:34} {measured:24} {against:22} {ratio:>6}  {budget}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
