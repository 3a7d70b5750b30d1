"""Marked results on the patient page: said, confirmed, and decided between two of one minute."""

import re

import pytest
from django.urls import reverse

from patients.models import Result
from tests.uploads.files import PEOPLE, labs
from uploads import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(clinic, data_manager):
    def put(*contents: bytes):
        named = [(f"{number}.csv", content) for number, content in enumerate(contents)]
        return actions.store(contents=named, clinic=clinic, by=data_manager)

    put(PEOPLE.encode())
    return put


@pytest.fixture
def surprise(put) -> Result:
    put(labs("N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,"))
    return Result.objects.get(value=5.1)


def page(client, result: Result) -> str:
    return client.get(reverse("patients:detail", args=[result.draw.patient.uuid])).content.decode()


def decide(client, result: Result, choice: str, **extra):
    patient, draw = result.draw.patient.uuid, result.draw.uuid
    address = reverse("patients:result-decide", args=[patient, draw, result.analyte])
    return client.post(address, {"choice": choice, "method": result.method}, **extra)


def test_a_marked_result_is_said_on_the_page_and_graded(client, clinician, surprise):
    client.force_login(clinician)
    text = page(client, surprise)
    assert "Unconfirmed results" in text and "1.5 on 1 Jan 2025, now 5.1" in text
    assert "5.1 is right" in text


def test_a_viewer_reads_the_mark_and_has_no_button(client, viewer, surprise):
    client.force_login(viewer)
    text = page(client, surprise)
    assert "Unconfirmed results" in text and "5.1 is right" not in text


def test_what_is_right_is_confirmed_and_no_longer_shown(client, clinician, surprise):
    client.force_login(clinician)
    assert decide(client, surprise, "right").status_code == 302
    surprise.refresh_from_db()
    assert surprise.confirmed_by == clinician
    assert "Unconfirmed results" not in page(client, surprise)


def test_they_are_folded_until_somebody_decides(client, clinician, put):
    put(
        labs(
            "N-1,2025-01-01,INR,1.5,,,",
            "N-1,2025-01-13,INR,5.1,,,",
            "N-1,2025-01-14,INR,1.5,,,",
            "N-1,2025-01-26,INR,5.2,,,",
        )
    )
    client.force_login(clinician)
    first, second = Result.objects.filter(value__gt=5).order_by("value")
    folded = re.search(r'<details class="card marked"[^>]*>', page(client, first))[0]
    assert " open" not in folded
    answer = decide(client, first, "right", headers={"HX-Request": "true"}).content.decode()
    assert " open" in re.search(r'<details class="card marked"[^>]*>', answer)[0] and "5.2 is right" in answer


def test_whoever_comes_second_is_told(client, clinician, surprise):
    client.force_login(clinician)
    decide(client, surprise, "right")
    again = decide(client, surprise, "right", headers={"HX-Request": "true"})
    assert again.status_code == 422


def test_of_two_results_of_one_minute_the_other_one_counts(client, clinician, put):
    put(labs("N-1,2025-01-01T08:00,ALT,26,U/L,,", "N-1,2025-01-01T08:00,ALT,25,U/L,,"))
    higher = Result.objects.get(value=26)
    client.force_login(clinician)
    assert "25 U/L counts instead" in page(client, higher)
    assert decide(client, higher, "other 25").status_code == 302
    assert Result.objects.get(status="final").value == 25


def test_nothing_is_decided_without_a_choice(client, clinician, surprise):
    client.force_login(clinician)
    assert decide(client, surprise, "").status_code == 422
    surprise.refresh_from_db()
    assert surprise.is_marked
