"""What a change has to say reaches the page that htmx changes in part."""

import re

import pytest
from django.urls import reverse

from patients.models import SignOff

HTMX = {"HX-Request": "true"}
SAID = re.compile(r'<div id="said" hx-swap-oob="innerHTML">(.*?)</div>', re.DOTALL)


@pytest.fixture
def review(patient) -> str:
    return reverse("patients:cause-review", args=[patient.uuid, "vitamin_k_deficiency"])


def announced(response) -> str:
    told = " ".join(SAID.findall(response.content.decode()))
    return " ".join(re.sub(r"<[^>]+>", " ", told).split())


def test_a_verdict_is_announced(client, clinician, review):
    client.force_login(clinician)
    response = client.post(review, {"verdict": "excluded", "seen": ""}, headers=HTMX)
    assert announced(response) == "Vitamin K deficiency: excluded, saved"
    # Once: the next part of the page says nothing.
    assert announced(client.get(review.split("causes")[0], headers=HTMX)) == ""


def test_without_scripts_the_page_says_it(client, clinician, review):
    client.force_login(clinician)
    response = client.post(review, {"verdict": "excluded", "seen": ""}, follow=True)
    assert announced(response) == ""
    assert '<li class="success">Vitamin K deficiency: excluded, saved</li>' in response.content.decode()


def test_a_refusal_announces_nothing(client, clinician, review):
    client.force_login(clinician)
    response = client.post(review, {"verdict": "perhaps"}, headers=HTMX)
    assert response.status_code == 422 and announced(response) == ""


def test_a_poll_takes_nothing_that_is_meant_for_a_page(client, clinician, review):
    client.force_login(clinician)
    client.post(review, {"verdict": "excluded", "seen": ""})
    detail = review.split("causes")[0]
    assert announced(client.get(detail, headers=HTMX | {"X-Poll": "1"})) == ""
    assert "excluded, saved" in client.get(detail).content.decode()


def test_the_check_of_a_row_takes_nothing_that_is_meant_for_a_page(client, clinician, patient, review):
    client.force_login(clinician)
    client.post(review, {"verdict": "excluded", "seen": ""})
    detail = review.split("causes")[0]
    assert announced(client.post(f"{detail}draws/check/?row=ALT", {"ALT-value": "34"}, headers=HTMX)) == ""
    assert "excluded, saved" in client.get(detail).content.decode()


def test_a_sign_off_is_announced(client, clinician, patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    client.force_login(clinician)
    page = client.get(reverse("patients:detail", args=[patient.uuid])).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    data = {"note": "Seen", "seen": seen}
    response = client.post(reverse("patients:signoff-add", args=[patient.uuid]), data, headers=HTMX)
    assert announced(response) == "Signed off as reviewed, saved"
    assert SignOff.objects.exists()
