"""Rows of the worklist: as they are told, for whoever may do the same, until time alone changes them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Clinic, Membership, Role, User
from meetings.models import Nomination
from patients.actions.assess import assess
from patients.actions.contacts import record_contact
from patients.demo.load import load
from patients.imprints.memory import MEMORY
from patients.imprints.worklist import ListShown, row_of
from patients.models import Assessment, AssessmentMark, Patient
from patients.plugins import annotations_of, columns_for
from patients.worklist import WorklistState, page
from tests.patients.asking import today

HOUR = timedelta(hours=1)


@pytest.fixture
def listed(client):
    """listed(user): the rows of the whole list as somebody sees them."""

    def listed(user, query: str = "?show=all") -> str:
        client.force_login(user)
        return re.search(r"<tbody>.*</tbody>", client.get(f"/{query}").content.decode(), re.S)[0]

    return listed


CHANGES = {
    "a name": (lambda p, by: Patient.objects.filter(pk=p.pk).update(family_name="Renamed"), "Renamed"),
    "its summary": (lambda p, by: Assessment.objects.filter(pk=p.pk).update(bilirubin="77"), "77"),
    "a large file": (lambda p, by: AssessmentMark.objects.create(patient=p, clinic=p.clinic, changed=True),
                     "Being assessed"),
    "a contact": (lambda p, by: record_contact(patient=p, by=by, kind="plan", made_on=today(), owner=by,
                                               next_on=today() + timedelta(days=3)), "Ola Berg"),
    "asked for a meeting": (lambda p, by: Nomination.objects.create(clinic=p.clinic, patient=p, by=by,
                                                                    reason="Transplant?"), "asked for"),
    "the clinic's time": (lambda p, by: Clinic.objects.update(time_zone="Pacific/Auckland"), ""),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_the_next_list_shows_it(listed, clinician, established, colleague, what):
    change, words = CHANGES[what]
    before = listed(clinician)
    assert listed(clinician) == before and (not words or words not in before)
    kept = len(MEMORY)
    change(established, colleague)
    assert words in listed(clinician)
    assert len(MEMORY) > kept


def test_the_name_of_who_asks_next_is_as_it_is_now(listed, clinician, established, colleague):
    CHANGES["a contact"][0](established, colleague)
    assert "Ola Berg" in listed(clinician)
    User.objects.filter(pk=colleague.pk).update(last_name="Hill")
    assert "Ola Hill" in listed(clinician)


def test_each_role_has_its_own_rows(listed, viewer, clinician, data_manager, administrator, established):
    people = (viewer, clinician, data_manager, administrator)
    alone = {}
    for user in people:
        MEMORY.clear()
        alone[user] = listed(user)
    for user in (*people, *reversed(people)):
        assert listed(user) == alone[user]
    assert [user for user in people if "/nominate/" in alone[user] or ">add<" in alone[user]] == [clinician]


def test_nobody_sees_a_row_of_another_clinic(client, clinician, stranger, established):
    client.force_login(clinician)
    assert "Okafor" in client.get("/?show=all").content.decode()
    client.force_login(stranger)
    assert "Okafor" not in client.get("/?show=all").content.decode()


def test_who_works_in_two_clinics_sees_which(listed, clinician, stranger, other_clinic, clinic, established):
    assert "North Hospital" not in listed(clinician)
    Membership.objects.create(user=stranger, clinic=clinic, role=Role.VIEWER)
    assert "North Hospital" in listed(stranger)
    assert "North Hospital" not in listed(clinician)


def test_a_row_reads_the_same_until_its_end(clinician, clinic):
    """The demo's people, each looked at just before its row ends."""
    now = timezone.now()
    load(now)
    demo = Clinic.objects.get(code="demo")
    user = User.objects.get(username="clinician", memberships__clinic=demo)
    found = page(WorklistState(show="all"), [demo], now, more=annotations_of(columns_for(False))).rows
    assert len(found) > 10
    ends = []
    for one in found:

        def written(at, one=one):
            return row_of(one, demo, at, user, ListShown(several=False, contact=True))

        MEMORY.clear()
        text = written(now)
        (kept,) = MEMORY._kept.values()
        ends.append(kept.until)
        MEMORY.clear()
        assert written(kept.until - timedelta(seconds=1)) == text
    midnight = (now.astimezone(demo.zone) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    assert max(ends) >= min(now + HOUR, midnight)


def test_a_list_that_is_kept_asks_as_much_of_the_database(
    client, clinician, established, django_assert_num_queries
):
    client.force_login(clinician)
    client.get("/?show=all")
    with django_assert_num_queries(8):
        client.get("/?show=all")
    assess([established.pk])
    MEMORY.clear()
    with django_assert_num_queries(8):
        client.get("/?show=all")
