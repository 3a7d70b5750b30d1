"""Whoever appears in an answer stands in the log: every address is asked, its answer read, the log compared."""

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import ListAccess, PatientAccess
from patients.actions.assess import assess
from patients.models import Patient
from tests.test_permissions import OURS, TABLE, WHO, address, things  # noqa: F401

# The log itself, and the file of it: a look at the log is no look at the record.
AUDIT = {"accounts:access", "accounts:access-csv"}
# The first of these whom the table lets in asks.
READERS = ("clinician", "data_manager", "administrator")


@pytest.fixture
def crowd(clinic, patient, things) -> list[Patient]:  # noqa: F811
    """Our patient and two more, each with a name that nothing else holds."""
    more = [
        Patient.objects.create(
            clinic=clinic, mrn=f"Q-77{number}", family_name=name, birth_date="1950-01-01", sex="F"
        )
        for number, name in enumerate(("Zwinglibrot", "Quastenfloss"))
    ]
    assess([patient.pk, *(one.pk for one in more)])
    return [patient, *more]


def shown(content: str, people: list[Patient]) -> set[int]:
    return {one.pk for one in people if one.family_name in content or one.mrn in content}


def logged(user) -> set[int]:
    single = set(PatientAccess.objects.filter(user=user).values_list("patient", flat=True))
    lists = ListAccess.objects.filter(user=user).values_list("patients", flat=True)
    return single.union(*lists)


def answer(method: str, path: str, user, data=None) -> tuple[str, set[int]]:
    """The answer's text, redirects followed, and who was logged; undone afterwards."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    with transaction.atomic():
        response = getattr(client, method)(path, data, follow=True)
        body = b"".join(response) if response.streaming else response.content
        found = logged(user)
        transaction.set_rollback(True)
    return body.decode(errors="replace"), found


@pytest.mark.parametrize("name", sorted(set(TABLE) & set(OURS) - AUDIT))
def test_whoever_appears_is_logged(name, request, crowd, things):  # noqa: F811
    path = address(name, things)
    for method, marks in zip(("get", "post"), TABLE[name], strict=True):
        who = next((one for one in READERS if marks[WHO.index(one)] == "o"), None)
        if who:
            text, found = answer(method, path, request.getfixturevalue(who))
            assert shown(text, crowd) <= found, method


def test_a_search_is_logged(clinician, crowd):
    text, found = answer("post", "/search/", clinician, {"q": "Zwingli"})
    assert "Zwinglibrot" in text and shown(text, crowd) == {crowd[1].pk} == found
