import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_page_for_failures_needs_nothing_but_itself(page):
    html = get_template(page).render()
    assert "Nothing was stored" in html or "was not stored" in html
    assert "<style" not in html and "<script" not in html


@pytest.mark.django_db
def test_stale_form_says_what_to_do(viewer):
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "viewer", "password": "liver-test"})
    assert response.status_code == 403 and b"This page was open for too long" in response.content


def test_too_many_requests_is_a_page_of_ours(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post(reverse("account_login"))
    response = client.post(reverse("account_login"))
    assert response.status_code == 429 and b"Wait a minute" in response.content
