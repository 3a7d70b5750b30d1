"""Who is who in the tests: one clinic with a person in each role, a stranger elsewhere, one patient."""

import os
from datetime import date, datetime
from pathlib import Path

import hypothesis
import pytest
from django.test import override_settings

from accounts.models import Clinic, Membership, Role, User
from interpretation.record import analytes
from patients.models import Draw, Patient, Result
from tests.roles import runtime_role
from tests.uploads.fuzz import TRIED

# Slow machines are no failures; in CI the same examples are tried each time.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["fuzzed"] = dict(TRIED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    TRIED.update(getattr(node, "workeroutput", {}).get("fuzzed", {}))


def pytest_terminal_summary(terminalreporter):
    """How many hostile inputs were tried on the readers of files and messages."""
    if TRIED:
        terminalreporter.section("inputs tried on the readers")
        for name, count in sorted(TRIED.items()):
            terminalreporter.write_line(f"{count:7,}  {name}")
        terminalreporter.write_line(f"{TRIED.total():7,}  in all")


@pytest.fixture(scope="session", autouse=True)
def fast_passwords():
    """The real hash is slow on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Where the database has a runtime role, the tests have its rights and no more."""
    with django_db_blocker.unblock(), runtime_role():
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"No real laboratory files at {SHARED_DATA}: set SHARED_DATA to their folder.")
    return SHARED_DATA


@pytest.fixture
def clinic(db) -> Clinic:
    return Clinic.objects.create(code="north", name="North Hospital", time_zone="Europe/London")


@pytest.fixture
def other_clinic(db) -> Clinic:
    return Clinic.objects.create(code="south", name="South Hospital", time_zone="Europe/London")


def _staff(name: str, role: Role, clinic: Clinic) -> User:
    user = User.objects.create_user(name, password="liver-test")
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def viewer(clinic) -> User:
    return _staff("viewer", Role.VIEWER, clinic)


@pytest.fixture
def clinician(clinic) -> User:
    return _staff("clinician", Role.CLINICIAN, clinic)


@pytest.fixture
def data_manager(clinic) -> User:
    return _staff("datamanager", Role.DATA_MANAGER, clinic)


@pytest.fixture
def administrator(clinic) -> User:
    return _staff("administrator", Role.ADMINISTRATOR, clinic)


@pytest.fixture
def stranger(other_clinic) -> User:
    """A clinician of another clinic: sees nothing of ours."""
    return _staff("stranger", Role.CLINICIAN, other_clinic)


@pytest.fixture
def patient(clinic) -> Patient:
    return Patient.objects.create(
        clinic=clinic,
        mrn="N-100",
        family_name="Okafor",
        given_name="Ada",
        birth_date=date(1961, 4, 2),
        sex=Patient.Sex.FEMALE,
    )


@pytest.fixture
def make_draw(db):
    """make_draw(patient, "2025-01-01T08:00", ALT=112, INR="<1.1", laboratory="L1"): canonical units.

    A time without zone is the clinic's. A value "<5" keeps its comparator; a tuple (112, 40) gives the
    upper limit too. `hour_known=False`: the time is the midnight of its day.
    """
    return _make_draw


def _make_draw(patient, taken_at, *, laboratory="L1", method="", hour_known=True, **results) -> Draw:
    at = datetime.fromisoformat(taken_at) if isinstance(taken_at, str) else taken_at
    draw = Draw.objects.create(
        patient=patient,
        taken_at=at if at.tzinfo else at.replace(tzinfo=patient.clinic.zone),
        laboratory=laboratory,
        method=method,
        source=Draw.Source.HAND,
        hour_known=hour_known,
    )
    Result.objects.bulk_create(_result(draw, key, given) for key, given in results.items())
    return draw


def _result(draw: Draw, analyte: str, given) -> Result:
    value, upper = given if isinstance(given, tuple) else (given, None)
    number = str(value).lstrip("<>=")
    return Result(
        draw=draw,
        analyte=analyte,
        value=float(number),
        comparator=str(value).removesuffix(number),
        upper_limit=upper,
        reported_value=number,
        reported_unit=analytes.ANALYTES[analyte].unit,
    )
