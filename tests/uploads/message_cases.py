"""The cases of messages: files of others where they are here, and the people in them."""

from datetime import date

import pytest

from patients.models import Patient
from tests.conftest import SHARED_DATA

CASES = SHARED_DATA.parent / "cases"


def case(name: str) -> bytes:
    """The file, where the cases are here; else the test is skipped."""
    if not CASES.is_dir():
        pytest.skip(f"No cases at {CASES}.")
    return (CASES / name).read_bytes()


def kestrel(clinic, mrn: str, **more) -> Patient:
    who = {"family_name": "Kestrel", "given_name": "Ana", "sex": "F", "birth_date": date(1970, 1, 5)}
    return Patient.objects.create(clinic=clinic, mrn=mrn, **(who | more))
