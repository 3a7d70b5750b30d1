"""What would change the reading: its page and the part that the patient page loads."""

import re

import pytest
from django.urls import reverse

from accounts.models import PatientAccess
from patients.models import Diagnosis

HTMX = {"HX-Request": "true"}


@pytest.fixture
def progressive(patient, make_draw):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    for taken_at, alt, ast, inr in (
        ("2025-01-01T08:00", 112, 98, 1.2),
        ("2025-07-02T08:00", 74, 70, 1.3),
        ("2026-01-01T08:00", 48, 52, 1.5),
        ("2026-07-02T08:00", 34, 41, 1.7),
    ):
        make_draw(patient, taken_at, ALT=(alt, 40), AST=(ast, 40), INR=(inr, 1.2))
    return patient


@pytest.fixture
def get(client, clinician, patient):
    client.force_login(clinician)
    address = reverse("patients:changes", kwargs={"uuid": patient.uuid})
    return lambda query="", **headers: client.get(address + query, headers=headers)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_each_change_stands_with_its_source(get, progressive):
    content = get(**HTMX).content.decode()
    section = re.search(r'<section id="changes".*?</section>', content, re.S).group()
    assert "INR 2.1 or more would make it critical." in section
    assert section.count('class="cite"') == section.count("<li")
    assert "<html" not in content


def test_the_page_says_whose_and_when(get, progressive):
    response = get("?as_of=2026-01-31")
    assert "Lovelace" in text(response) or str(progressive) in text(response)
    assert "as of 31 Jan 2026" in text(response)
    assert "HX-Request" in response["Vary"]


def test_nothing_to_change_is_said(get, patient):
    assert "would change this reading" in text(get(**HTMX))
    assert b"<li" not in get(**HTMX).content


def test_a_draw_that_the_page_shows_is_led_to_there_and_else_all_are_opened(get, progressive):
    shown = get(**HTMX).content.decode()
    alone = get().content.decode()
    rests = re.compile(r'class="rests" href="([^"]*)#draw-')
    assert set(rests.findall(shown)) <= {""}
    assert all("draws=all" in href for href in rests.findall(alone))


def test_a_bad_date_leads_to_now(get, progressive):
    response = get("?as_of=tomorrow")
    assert response.status_code == 302 and response.url == reverse(
        "patients:changes", kwargs={"uuid": progressive.uuid}
    )


def test_the_patient_page_loads_it_and_has_a_link_without_scripts(client, clinician, progressive):
    client.force_login(clinician)
    address = reverse("patients:detail", kwargs={"uuid": progressive.uuid})
    content = client.get(f"{address}?as_of=2026-01-31&view=overlay").content.decode()
    link = f"{address}changes/?as_of=2026-01-31"
    assert f'hx-get="{link}" hx-trigger="load"' in content
    assert f'href="{link}">What would change this reading</a>' in content


def test_a_patient_without_draws_is_asked_nothing(client, clinician, patient):
    client.force_login(clinician)
    content = client.get(reverse("patients:detail", kwargs={"uuid": patient.uuid})).content
    assert b'id="changes"' not in content


def test_one_look_is_logged_once(get, client, progressive):
    client.get(reverse("patients:detail", kwargs={"uuid": progressive.uuid}))
    get(**HTMX)
    assert list(PatientAccess.objects.values_list("page", flat=True)) == ["detail"]


def test_no_query_for_each_draw(get, progressive, make_draw, django_assert_max_num_queries):
    for day in range(3, 30):
        make_draw(progressive, f"2026-07-{day:02}T08:00", ALT=34, INR=1.7)
    get(**HTMX)
    with django_assert_max_num_queries(13):
        get(**HTMX)
