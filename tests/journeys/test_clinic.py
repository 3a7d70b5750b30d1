"""The administrator runs the clinic: its page, a token that is shown once, a last day; with and without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.models import Clinic, Membership
from tests.uploads.oru import oru
from uploads.models import SenderToken


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "plain"])
def test_run_the_clinic(visit, own_clinic, javascript):
    window = visit("administrator", own_clinic, javascript=javascript)
    page = window.page
    window.go("/staff/")
    page.get_by_role("link", name="Clinic", exact=True).click()
    page.get_by_label("Hours until an untaken notice").fill("12")
    window.refused = 422
    page.get_by_label("Name", exact=True).fill(" ")
    page.keyboard.press("Enter")
    expect(page.locator("#entry-name_error")).to_have_text("Enter the clinic’s name.")
    window.refused = 0
    page.get_by_label("Name", exact=True).fill("Northern Hospital")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_text("Stored: name, hours of notices.")).to_be_visible()
    expect(page.get_by_role("cell", name="North Hospital", exact=True)).to_be_visible()
    assert Clinic.objects.get(pk=own_clinic.pk).notice_hours == 12
    if javascript:
        window.examine("clinic")


def test_a_token_is_made_and_ended(visit, own_clinic):
    window = visit("administrator", own_clinic)
    page = window.page
    window.go("/uploads/tokens/")
    page.get_by_role("link", name="Add a system").click()
    page.get_by_label("Name", exact=True).fill("Analyser")
    window.examine("token-form")
    page.get_by_role("button", name="Add it").click()
    secret = page.locator("code.secret").inner_text()
    window.examine("token-once")
    answer = page.request.post(
        window.url + "/hl7/",
        data=oru(),
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "text/plain"},
    )
    assert answer.status == 200
    page.get_by_role("link", name="Done").click()
    window.examine("tokens")
    page.get_by_role("link", name="Replace this token of Analyser").click()
    page.get_by_label("The old one opens on for").select_option("one week")
    page.get_by_role("button", name="Replace it").click()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("replaced, opens until")).to_be_visible()
    page.get_by_role("link", name="End this token of Analyser").last.click()
    window.examine("token-end")
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert SenderToken.objects.filter(sender__clinic=own_clinic).exclude(ended_at=None).count() == 1


def test_a_last_day_is_named(visit, own_clinic):
    name = f"{own_clinic.code}-viewer"
    window = visit("administrator", own_clinic)
    page = window.page
    window.go(f"/staff/{own_clinic.code}/{name}/")
    page.get_by_label("Last day").fill("2099-03-03")
    window.examine("last-day")
    page.get_by_role("button", name="Save the role").click()
    expect(page.get_by_role("cell", name="Viewer until the end of 3 Mar 2099")).to_be_visible()
    assert str(Membership.objects.get(user__username=name).ends_on) == "2099-03-03"
