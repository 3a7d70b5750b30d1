"""Nobody gets what was written for somebody who may do otherwise; what is personal is never kept."""

import itertools
import re
import zlib

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, PatientAccess, Role, User
from patients.imprints.memory import MEMORY
from tests.patients.imprints.conftest import TOKENS, kept

READERS = ("viewer", "clinician", "data_manager", "administrator")
HTMX = {"HX-Request": "true"}
PARTS = ({}, HTMX, HTMX | {"HX-Target": "tabs"})


@pytest.fixture
def readers(viewer, clinician, data_manager, administrator) -> dict[str, User]:
    for name, user in zip(READERS, (viewer, clinician, data_manager, administrator), strict=True):
        user.first_name, user.last_name = f"Given{name}", f"Family{name}"
        user.save()
    return dict(zip(READERS, (viewer, clinician, data_manager, administrator), strict=True))


def texts() -> list[str]:
    return [zlib.decompress(one.packed).decode() for one in MEMORY._kept.values()]


@pytest.mark.parametrize("headers", PARTS)
def test_everybody_sees_what_is_made_for_them_alone(seen, at, readers, established, headers):
    """In whatever order they come."""
    at(timezone.now())
    alone = {}
    for name, user in readers.items():
        MEMORY.clear()
        alone[name] = seen(user, headers=headers)
    MEMORY.clear()
    for order in itertools.permutations(READERS):
        for name in order:
            assert seen(readers[name], headers=headers) == alone[name]


def test_only_who_decides_or_enters_has_the_forms_for_it(seen, readers, established):
    for name in (*READERS, *reversed(READERS)):
        page = seen(readers[name])
        may = name == "clinician"
        assert ("Add draw" in page, 'name="seen"' in page, "Noted: asked for" in page) == (may, may, may)
    # Two ways to see it, whatever the number of people.
    assert kept() == 2


def test_nothing_of_a_person_is_kept(client, readers, established):
    tokens = set()
    for user in readers.values():
        client.force_login(user)
        page = client.get(reverse("patients:detail", args=[established.uuid]))
        assert user.last_name in page.content.decode()
        tokens |= set(TOKENS.findall(page.content.decode()))
        tokens |= {client.session.session_key, client.cookies["csrftoken"].value}
    assert len(tokens) >= 2 * len(readers)
    for text in texts():
        assert "Given" not in text and "Family" not in text and "X-Person" not in text
        assert not [token for token in tokens if token in text]


def test_each_look_has_tokens_of_its_own_and_they_work(client, clinician, established):
    client.force_login(clinician)
    client.handler.enforce_csrf_checks = True
    address = reverse("patients:detail", args=[established.uuid])
    tokens = []
    for _ in range(2):
        page = client.get(address).content.decode()
        tokens.append(re.search(r'orders/review_pattern/.*?middlewaretoken" value="(\w+)"', page, re.S)[1])
    assert tokens[0] != tokens[1]
    answer = client.post(
        f"{address}orders/review_pattern/", {"said": "done", "csrfmiddlewaretoken": tokens[1]}
    )
    assert answer.status_code == 302


def test_a_warm_memory_opens_no_door(client, clinician, stranger, established):
    address = reverse("patients:detail", args=[established.uuid])
    client.force_login(clinician)
    assert client.get(address).status_code == 200
    for headers in PARTS:
        client.force_login(stranger)
        assert client.get(address, headers=headers).status_code == 404
        client.logout()
        assert client.get(address, headers=headers).status_code in (302, 401)


def test_a_role_that_has_changed_counts_at_once(seen, viewer, clinic, established):
    assert "Add draw" not in seen(viewer)
    Membership.objects.filter(user=viewer, clinic=clinic).update(role=Role.CLINICIAN)
    assert "Add draw" in seen(viewer)
    Membership.objects.filter(user=viewer, clinic=clinic).update(role=Role.VIEWER)
    assert "Add draw" not in seen(viewer)


def test_the_role_in_this_clinic_counts(seen, stranger, clinic, clinician, established):
    """A clinician elsewhere who reads here."""
    Membership.objects.create(user=stranger, clinic=clinic, role=Role.VIEWER)
    assert "Add draw" in seen(clinician)
    assert "Add draw" not in seen(stranger)


def test_each_look_is_logged(seen, clinician, viewer, established):
    for user in (clinician, viewer, clinician):
        seen(user)
    assert list(PatientAccess.objects.order_by("pk").values_list("user", "page")) == [
        (user.pk, "detail") for user in (clinician, viewer, clinician)
    ]


def test_a_page_that_is_kept_takes_few_queries(client, clinician, established, django_assert_num_queries):
    client.force_login(clinician)
    address = reverse("patients:detail", args=[established.uuid])
    client.get(address)  # the first click of a while renews the session
    # Session, person, patient, roles, the look, notices.
    with django_assert_num_queries(6):
        client.get(address)
    MEMORY.clear()
    with django_assert_num_queries(15):
        client.get(address)
