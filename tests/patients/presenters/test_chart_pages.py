"""The chart apart from the patient page: its page, its figures, its file."""

import json
import re

import pytest
from django.urls import reverse

from accounts.models import PatientAccess


@pytest.fixture
def get(client, clinician, patient):
    client.force_login(clinician)
    return lambda name, query="", **headers: client.get(
        reverse(f"patients:{name}", kwargs={"uuid": patient.uuid}) + query, headers=headers
    )


@pytest.fixture
def falling(patient, make_draw):
    for taken_at, alt, inr in (("2025-01-01T08:00", 112, 1.2), ("2026-01-01T08:00", ">400", 1.5)):
        make_draw(patient, taken_at, ALT=(alt, 40), INR=(inr, 1.2))
    return patient


def test_the_page_has_drawing_notes_and_table(get, falling):
    content = get("chart").content.decode()
    assert content.count('<svg class="drawn"') == 1
    assert "Hollow marks" in content and "&gt;400 (&gt;10.00 ×)" in content


def test_the_figures_come_at_once_and_hold_the_bound(get, falling):
    answer = json.loads(get("chart-figures").content)
    assert "stacked all units" in answer["figures"]
    assert ">400" in answer["draws"][-1]["words"]


def test_the_address_of_the_figures_changes_with_what_is_drawn_and_not_with_the_time(get, falling, make_draw):
    """A browser that has the figures of before a new draw must not show them after it."""

    def address() -> str:
        return re.search(r'data-figures="([^"]+)"', get("detail").content.decode())[1].replace("&amp;", "&")

    before = address()
    assert address() == before
    make_draw(falling, "2025-06-01T08:00", ALT=(90, 40), INR=(1.3, 1.2))
    after = address()
    assert after != before
    assert get("chart-figures", "?" + after.partition("?")[2]).status_code == 200


def test_without_draws_there_are_no_figures_and_no_file(get, patient):
    assert json.loads(get("chart-figures").content)["figures"] == {}
    assert get("chart-drawing").status_code == 302
    assert "No draws yet" in get("chart").content.decode()


def test_the_file_names_nobody_and_needs_no_style(get, falling):
    answer = get("chart-drawing", "?view=overlay")
    text = answer.content.decode()
    assert answer["Content-Type"] == "image/svg+xml"
    assert re.search(r'filename="alt-ast-inr-overlay-\d{4}-\d\d-\d\d.svg"', answer["Content-Disposition"])
    assert "var(" not in text and "decision support" in text
    assert falling.family_name not in text and falling.mrn not in text


@pytest.mark.parametrize("name", ["chart", "chart-drawing"])
def test_a_moment_that_cannot_be_read_leads_to_now(get, falling, name):
    assert get(name, "?as_of=tomorrow").status_code == 302


def test_figures_of_a_moment_that_cannot_be_read_are_refused(get, falling):
    assert get("chart-figures", "?as_of=tomorrow").status_code == 400


def test_looks_are_logged_and_the_figures_of_the_page_only_once(get, falling):
    for name in ("detail", "chart-figures", "chart", "chart-drawing"):
        get(name, **({"HX-Request": "true"} if name == "chart-figures" else {}))
    looks = PatientAccess.objects.order_by("id").values_list("page", flat=True)
    assert list(looks) == ["detail", "chart", "chart-drawing"]
