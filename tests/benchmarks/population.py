"""The population page over made people whose values are spread over the whole plane."""

import time
from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic, Membership, Role, User
from patients.population.counting import BINNED
from tests.benchmarks.people import add_summaries

ROUNDS = 7
__all__ = ["BINNED", "run"]
# Enzymes from a sixteenth to sixteen times, INR from -0.8 to +3; each with 24 draws kept for the sparklines.
SPREAD = """
UPDATE patients_assessment SET
    enzyme_from = 100, enzyme_to = 100 * 2 ^ ((patient_id * 7919 %% 801) / 100.0 - 4),
    inr_from = 1.2, inr_to = 1.2 + (patient_id * 104729 %% 39 - 8) / 10.0,
    enzyme_points = (
        SELECT jsonb_agg(jsonb_build_array(to_char(latest_at - (24 - n) * interval '30 days',
            'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), 100 + n * (patient_id %% 9 - 4))) FROM generate_series(1, 24) n),
    inr_points = (
        SELECT jsonb_agg(jsonb_build_array(to_char(latest_at - (24 - n) * interval '30 days',
            'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), 1.2 + n * 0.02)) FROM generate_series(1, 24) n)
WHERE clinic_id = %(clinic)s
"""


def run(patients: int) -> Iterator[tuple[str, float, int]]:
    """Of each address: its name, the fastest round in milliseconds, the answer's size in bytes."""
    client = Client()
    client.force_login(_crowd(patients))
    month = f"{timezone.now().year - 1}-12"
    for name, address in {
        "now": "/population/",
        "one diagnosis": "/population/?dx=cirrhosis&corner=all",
        "a past month": f"/population/?month={month}",
    }.items():
        took, size = _fastest(client, address)
        yield name, took, size


def _crowd(patients: int) -> User:
    name = f"plane-{patients}"
    clinic = Clinic.objects.create(code=name, name="Plane", time_zone="Europe/London")
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    first = 10_000_000 + patients
    add_summaries(clinic, first, first + patients - 1)
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, {"clinic": clinic.pk})
        cursor.execute("VACUUM (ANALYZE) patients_assessment")
    return user


def _fastest(client: Client, address: str) -> tuple[float, int]:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
    return min(taken), len(answer.content)
