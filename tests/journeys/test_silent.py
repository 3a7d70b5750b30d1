"""A clinic that is silent: what its people find, and what a silent run has counted."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.models import Clinic


@pytest.fixture
def silent(hospital):
    """The demo clinic, until the journey is over."""
    rows = Clinic.objects.filter(pk=hospital.demo.pk)
    rows.update(is_silent=True, silent_why="Until its figures are known")
    yield hospital
    rows.update(is_silent=False)


def test_a_silent_clinic_has_values_and_says_why_no_readings(visit, silent):
    window = visit("clinician")
    page = window.page
    window.go("/")
    expect(page.get_by_role("complementary", name="Silent")).to_contain_text("does not show readings yet")
    window.examine("silent-list")
    window.go(f"/patients/{silent.patient('D-0001').uuid}/")
    expect(page.locator("#chart-card")).to_be_visible()
    expect(page.locator("#verdict, #orders, #signoff")).to_have_count(0)
    window.examine("silent-patient")
    window.refused = 403
    window.go("/population/")
    expect(page.get_by_role("heading", name="Silent")).to_be_visible()
    window.examine("silent-refused")


def test_a_silent_run_is_started_and_read(visit, hospital):
    window = visit("administrator")
    page = window.page
    window.go("/staff/silence/")
    window.examine("silence")
    page.get_by_role("link", name="What would have been flagged").click()
    expect(page.get_by_text("No run has counted anything yet.")).to_be_visible()
    window.examine("silent-runs-empty")
    call_command("silent", "--clinic", hospital.demo.code, "--keep", "--to", "2000-01-01")
    window.go("/silent/")
    expect(page.get_by_role("heading", name="Flag budget")).to_be_visible()
    window.examine("silent-runs")
    page.get_by_role("button", name="Run silently").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
