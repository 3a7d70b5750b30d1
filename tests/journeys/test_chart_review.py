"""A chart review from the sample to the predictive value: two people answer with the keyboard, a third decides."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership, Role, User

from .browsing import Visit

OTHERS = {"duarte": "Ines Duarte", "weiss": "Tom Weiss"}
# No; routine; fairly sure. Yes; within 24 to 48 h; fairly sure.
NO, YES = "279", "149"


@pytest.fixture
def reviewers(hospital, db) -> None:
    for username, name in OTHERS.items():
        given, family = name.split()
        user = User.objects.create_user(username, password="liver-test", first_name=given, last_name=family)
        Membership.objects.create(user=user, clinic=hospital.demo, role=Role.CLINICIAN)


def test_two_people_review_charts_and_a_third_decides(visit, reviewers):
    first = visit("clinician")
    review = sampled(first)
    answer_all(first, [NO, NO, YES, NO], look=True)
    second = visit("duarte")
    second.page.goto(review)
    answer_all(second, [NO, NO, YES, YES])
    expect(second.page.locator("main")).to_contain_text("The result comes once all is answered.")
    third = visit("weiss")
    third.page.goto(review)
    expect(third.page.locator("main")).to_contain_text("Tom Weiss: 0 of 1")
    third.page.goto(f"{review}paper/")
    third.examine("chart-review-paper")
    third.page.goto(review)
    answer_all(third, [NO])
    third.page.keyboard.press("r")
    third.page.wait_for_url("**/result/")
    expect(third.page.get_by_role("row", name=re.compile("^Positive predictive value"))).to_be_visible()
    expect(third.page.get_by_role("row", name=re.compile("^Dissociation 3 of 4"))).to_be_visible()
    third.examine("chart-review-result")


def sampled(window: Visit) -> str:
    """The address of a new review of four draws."""
    page = window.page
    window.go("/overrules/")
    page.get_by_role("link", name="Chart reviews").click()
    page.get_by_role("link", name="New chart review").click()
    window.examine("chart-review-add")
    page.get_by_label("Name", exact=True).fill("Autumn")
    page.get_by_label("Draws since").fill("2024-01-01")
    page.get_by_label("Draws", exact=True).fill("4")
    page.get_by_label("First reviewer").select_option(label="Chidi Okafor")
    page.get_by_label("Second reviewer").select_option(label="Ines Duarte")
    page.get_by_label("Decides where they differ").select_option(label="Tom Weiss")
    page.get_by_role("button", name="Draw the sample").press("Enter")
    expect(page.locator("main")).to_contain_text("4 draws are in the sample.")
    window.examine("chart-review")
    return page.url


def answer_all(window: Visit, answers: list[str], *, look: bool = False) -> None:
    window.page.keyboard.press("g")
    for number, keys in enumerate(answers):
        expect(window.page.locator("form.questions")).to_be_visible()
        if look and number == 0:
            window.examine("chart-review-item")
        answer(window.page, keys)


def answer(page: Page, keys: str) -> None:
    heading = page.get_by_role("heading", level=1).inner_text()
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("c")
    page.keyboard.press("ArrowDown")
    page.locator("label", has_text="Fairly sure").locator("input").focus()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)


def test_the_public_cohorts_are_read_and_printed(visit):
    window = visit("viewer")
    window.go("/knowledge/calibration/")
    window.examine("calibration")
    assert len(window.page.pdf(format="A4")) > 10_000
