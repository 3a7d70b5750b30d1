"""The grade at each past draw: a link for every draw, the page's own moment marked, a table behind it."""

import re

import pytest
from django.urls import reverse

from accounts.models import PatientAccess

HTMX = {"HX-Request": "true"}


@pytest.fixture
def shown(client, clinician, established):
    """shown(htmx): the ribbon's answer in text."""
    client.force_login(clinician)
    address = reverse("patients:ribbon", args=[established.uuid])
    return lambda **more: client.get(address, more.pop("query", {}), **more).content.decode()


def test_each_draw_is_a_link_to_its_moment(shown, established):
    links = re.findall(r'<foreignObject [^>]*><a href="([^"]*as_of=[^"]*)"', shown(headers=HTMX))
    assert len(links) == 3
    assert all(link.startswith(f"/patients/{established.uuid}/?") for link in links)


def test_the_grades_are_said_in_words(shown):
    text = shown(headers=HTMX)
    assert text.count('aria-current="true"') == 1
    assert "Established" in text and "Not assessable" in text


def test_the_fragment_is_no_page_and_the_address_alone_is_one(shown):
    assert "<html" not in shown(headers=HTMX)
    assert "<html" in shown() and 'id="ribbon"' in shown()


def test_loaded_with_the_page_it_is_no_second_look(shown, client, established):
    looks = PatientAccess.objects.filter(patient=established)
    client.get(reverse("patients:detail", args=[established.uuid]))
    before = looks.count()
    shown(headers=HTMX)
    assert looks.count() == before


def test_the_part_asked_for_alone_is_logged(shown, established):
    shown(headers=HTMX)
    assert PatientAccess.objects.filter(patient=established, page="ribbon").count() == 1
