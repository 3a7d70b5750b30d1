"""What is around a page: kept without anybody in it, and never as it was told of other rights, clinics or notices."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic, Membership, Role, User
from patients.models import Notice
from tests.patients.imprints.conftest import TOKENS, kept


@pytest.fixture
def frame(client, established):
    """frame(user, address): head, bar and foot of a page as somebody sees it."""

    def frame(user, address: str = "") -> str:
        client.force_login(user)
        page = client.get(address or reverse("patients:detail", args=[established.uuid])).content.decode()
        return TOKENS.sub("", re.sub(r"<main.*</main>", "", page, flags=re.S))

    return frame


def rename(user: User) -> None:
    User.objects.filter(pk=user.pk).update(last_name="<Hill>")


def call_otherwise(user: User) -> None:
    User.objects.filter(pk=user.pk).update(username="another.name")


def decide(user: User) -> None:
    Membership.objects.filter(user=user).update(role=Role.CLINICIAN)


def work_elsewhere_too(user: User) -> None:
    other = Clinic.objects.create(code="second", name="Second Hospital")
    Membership.objects.create(user=user, clinic=other, role=Role.VIEWER)


def show_a_demo(user: User) -> None:
    Clinic.objects.update(is_demo=True)


def call_the_clinic_otherwise(user: User) -> None:
    Clinic.objects.update(name="Renamed & Sons")


CHANGES = {
    rename: "&lt;Hill&gt;</a>",
    call_otherwise: "Signed in as another.name",
    decide: ">Uploads</a>",
    work_elsewhere_too: "",
    show_a_demo: "Demo: invented people",
    call_the_clinic_otherwise: "Renamed &amp; Sons ·",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("address", ["", "/?show=all"])
def test_a_change_shows_on_the_next_page(frame, viewer, change, address):
    before = frame(viewer, address)
    assert frame(viewer, address) == before
    assert not CHANGES[change] or CHANGES[change] not in before
    change(viewer)
    after = frame(viewer, address)
    assert CHANGES[change] in after and after != before


def test_a_notice_that_waits_shows_on_the_next_page(frame, viewer, established, clinic):
    count = re.compile(r'id="notice-count"\s+hidden>')
    assert count.search(frame(viewer))
    told = {"kind": Notice.Kind.TODAY, "level": "today", "raised_at": timezone.now()}
    Notice.objects.create(patient=established, clinic=clinic, **told)
    assert not count.search(frame(viewer))


def test_two_of_one_role_share_it_and_each_has_their_own_name(frame, viewer, clinic):
    other = User.objects.create_user("other", first_name="Ida", last_name="Moen")
    Membership.objects.create(user=other, clinic=clinic, role=Role.VIEWER)
    first, second = frame(viewer), frame(other)
    assert f'data-person="{viewer.pk}"' in first and f'data-person="{other.pk}"' in second
    assert "Ida Moen" not in first and "Ida Moen" in second
    assert kept("frame") == 1


def test_what_was_typed_stands_in_the_search_of_who_typed_it(frame, viewer, client):
    client.force_login(viewer)
    address = client.post(reverse("patients:search"), {"q": 'ok"afor'}).url
    assert 'value="ok&quot;afor"' in frame(viewer, address)
    assert 'value=""' in frame(viewer, "/?show=all")


def test_the_foot_says_of_when_and_where_the_record_is(frame, clinician, clinic):
    foot = re.search(r"record as of \d+ \w+ 20\d\d, \d\d:\d\d \(([^)]+)\),\s+([^.]+)\.", frame(clinician))
    assert foot.groups() == (clinic.time_zone, clinic.name)


def test_its_forms_have_the_tokens_of_whoever_sends_them(established, clinician):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinician)
    page = client.get(reverse("patients:detail", args=[established.uuid])).content.decode()
    token = re.search(
        r'role="search">\s*<input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"', page
    )[1]
    search = reverse("patients:search")
    assert client.post(search, {"q": "okafor", "csrfmiddlewaretoken": token}).status_code == 302
    assert client.post(search, {"q": "okafor", "csrfmiddlewaretoken": token[::-1]}).status_code == 403


def test_what_is_said_once_is_not_kept(client, clinician, established):
    client.force_login(clinician)
    address = reverse("patients:detail", args=[established.uuid])
    client.post(f"{address}orders/review_pattern/", {"said": "done"})
    said = ['class="messages"' in client.get(address).content.decode() for _ in range(2)]
    assert said == [True, False]
