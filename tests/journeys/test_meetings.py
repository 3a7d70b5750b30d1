"""A whole meeting over the demo people, from proposal to close: a presenter and the room, two writers."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Membership, Role, User
from meetings.models import Discussion, Meeting

from .browsing import LAPTOP, PROJECTOR, open_tab
from .planning import close, order, plan, start, take

# People with a grade of their own, so that the screens differ.
NAMES = ("Rossi", "Lindqvist", "Adeyemi", "Hansen")


@pytest.fixture
def colleague(hospital, db) -> User:
    user, new = User.objects.get_or_create(username="berg", first_name="Ola", last_name="Berg")
    if new:
        Membership.objects.create(user=user, clinic=hospital.demo, role=Role.CLINICIAN)
    return user


@pytest.fixture
def window(visit):
    return visit("clinician")


def begin(window, meeting: Meeting, names=NAMES) -> None:
    window.go(f"/meetings/{meeting.uuid}/")
    for name in names:
        take(window.page, name)
    start(window.page)
    expect(window.page.locator(".stage-who h1")).to_contain_text(names[0])


def test_a_meeting_from_proposal_to_close(window, visit, hospital):
    page = window.page
    window.go("/meetings/")
    meeting = plan(window, "Meeting of the journey")
    proposed = page.locator("ul.proposed")
    expect(proposed).to_contain_text("Established, not discussed before")
    expect(proposed).to_contain_text("Critical")
    window.examine("meeting-proposals")
    for name in NAMES:
        take(page, name)
    page.get_by_label("Add by MRN").fill("D-0006")
    page.get_by_label("Question", exact=True).fill("Can the antivirals stop?")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("ol.items")).to_contain_text("Kim")
    assert order(page) == [*NAMES, "Kim"]

    page.get_by_role("button", name="Up: Kim").focus()
    page.keyboard.press("Enter")
    expect(page.locator("ol.items > li").nth(3)).to_contain_text("Kim")
    # All of it in the window: nothing scrolls while it is dragged.
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.locator("ol.items > li").filter(has_text="Kim").drag_to(
        page.locator("ol.items > li").first,
        source_position={"x": 12, "y": 12},
        target_position={"x": 30, "y": 4},
    )
    page.set_viewport_size(LAPTOP)
    expect(page.locator("ol.items > li").first).to_contain_text("Kim")
    window.settled()
    page.reload()
    assert order(page)[0] == "Kim"
    page.get_by_role("button", name="Drop Kim").click()
    expect(page.locator("ol.items")).not_to_contain_text("Kim")
    question = page.get_by_label("Question about Rossi")
    question.fill("Recovery, or failing synthesis?")
    question.press("Tab")
    window.settled()
    window.examine("meeting-agenda")

    start(page)
    expect(page.locator(".stage-who h1")).to_contain_text("Rossi")
    expect(page.locator(".stage-question")).to_contain_text("Recovery, or failing synthesis?")
    room = visit("viewer")
    room.go(f"/meetings/{meeting.uuid}/audience/")
    expect(room.page.locator(".stage-who h1")).to_contain_text("Rossi")
    window.examine("meeting-present")
    window.for_readme("meeting", PROJECTOR)
    room.examine("meeting-audience")

    page.keyboard.press("ArrowRight")
    expect(page.locator(".stage-who h1")).to_contain_text("Lindqvist")
    expect(room.page.locator(".stage-who h1")).to_contain_text("Lindqvist")
    page.reload()
    expect(page.locator(".stage-who h1")).to_contain_text("Lindqvist")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-who h1")).to_contain_text("Rossi")
    window.settled()

    page.get_by_text("Plan changed", exact=True).click()
    expect(page.locator("#outcome-state")).to_contain_text("Saved")
    page.get_by_label("Note of the discussion").press_sequentially("Not a recovery. Vitamin K, then refer.")
    expect(room.page.locator(".stage-decided")).to_contain_text("Not a recovery. Vitamin K, then refer.")
    page.get_by_text("Add an action", exact=True).click()
    page.get_by_text("Repeat tests", exact=True).click()
    page.locator(".add-action").get_by_label("INR", exact=True).check()
    page.locator(".add-action").get_by_role("button", name="Add").click()
    expect(page.locator("#stage-actions")).to_contain_text("Repeat INR")
    page.get_by_text("Transplant evaluation", exact=True).click()
    page.locator(".add-action").get_by_role("button", name="Add").click()
    expect(page.locator("#stage-actions")).to_contain_text("Refer for transplant evaluation")
    window.settled()
    window.examine("meeting-outcome")
    room.examine("meeting-audience-decided")

    page.locator("#step-after").click()
    expect(page.locator(".stage-who h1")).to_contain_text("Lindqvist")
    cause = page.locator("#stage-causes .cause").first
    name = cause.locator("h3").inner_text()
    cause.locator("summary").click()
    cause.get_by_text("excluded", exact=True).click()
    cause.get_by_role("button", name="Save").click()
    expect(page.locator("#stage-causes")).to_contain_text(re.compile(f"Excluded:.*{re.escape(name)}"))
    window.examine("meeting-verdict")
    page.locator("details.jump summary").click()
    page.get_by_role("button", name=re.compile("Adeyemi")).click()
    expect(page.locator(".stage-who h1")).to_contain_text("Adeyemi")
    page.get_by_text("No change", exact=True).click()
    expect(page.locator("#outcome-state")).to_contain_text("Saved")
    window.settled()
    page.get_by_role("link", name="Close…").click()
    expect(page.locator("main")).to_contain_text("3 patients")
    expect(page.locator("main")).to_contain_text("proposed again: Hansen.")
    window.examine("meeting-close")
    close(page)
    expect(page.locator("main")).to_contain_text("Not a recovery. Vitamin K, then refer.")
    expect(room.page.locator("main")).to_contain_text("This meeting is closed.")
    assert Discussion.objects.filter(item__meeting=meeting).count() == 3
    window.examine("meeting-record")

    page.get_by_text("Write an addendum on Rossi").click()
    page.get_by_label("Addendum on Rossi").fill("The family agreed by telephone.")
    page.get_by_label("Addendum on Rossi").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.locator(".addenda")).to_contain_text("The family agreed by telephone.")
    page.get_by_role("link", name="as it was shown").first.click()
    expect(page.locator(".banner")).to_contain_text("Later results are not shown.")
    window.examine("meeting-discussion")

    window.go(f"/patients/{hospital.patient('D-0001').uuid}/")
    open_tab(page, "Meetings")
    expect(page.locator("#meetings-of")).to_contain_text("Not a recovery.")
    window.settled()
    page.locator("#meetings-of").get_by_role("link", name="then and now").click()
    window.examine("meeting-then-and-now")
    window.go("/meetings/actions/")
    expect(page.locator(".actions-table")).to_contain_text("Refer for transplant evaluation")
    window.examine("meeting-actions")
    window.go("/")
    expect(page.locator("#meetings-next")).to_contain_text("2 actions of mine")
    window.examine("meeting-worklist")
    window.go(f"/meetings/{meeting.uuid}/")
    page.get_by_role("button", name="Plan the next one like this").click()
    expect(page.locator("ul.proposed")).to_contain_text("2 actions outstanding")
    expect(page.locator("ul.proposed")).to_contain_text("Not reached on")
    window.go("/meetings/")
    window.examine("meeting-list")


def test_two_people_write_at_once_and_nothing_is_lost(window, visit, hospital, colleague):
    meeting = plan(window, "Meeting of two writers")
    begin(window, meeting, ["García"])
    item = meeting.items.get()
    second = visit("berg")
    second.go(f"/meetings/{meeting.uuid}/items/{item.uuid}/")
    theirs, mine = (one.page.get_by_label("Note of the discussion") for one in (window, second))

    theirs.press_sequentially("Biopsy was refused.")
    expect(window.page.locator("#outcome-state")).to_contain_text("Saved")
    mine.press_sequentially("Ask the family first.")
    told = second.page.locator("#outcome-state").get_by_role("alert")
    expect(told).to_contain_text("Chidi Okafor wrote here at the same time")
    expect(told).to_contain_text("Biopsy was refused.")
    expect(mine).to_have_value("Ask the family first.")
    second.examine("meeting-two-writers")
    second.page.get_by_role("button", name="Keep both notes").click()
    expect(mine).to_have_value("Biopsy was refused.\n\nAsk the family first.")

    # The first still has the old text on the screen: going on typing, they are told in turn.
    window.page.get_by_text("No change", exact=True).click()
    expect(window.page.locator("#outcome-state")).to_contain_text("Somebody else wrote here too")
    expect(theirs).to_have_value("Biopsy was refused.")
    window.page.get_by_role("button", name=re.compile("Somebody else wrote")).click()
    expect(theirs).to_have_value("Biopsy was refused.\n\nAsk the family first.")
    theirs.press("Control+End")
    theirs.press_sequentially(" Agreed.")
    expect(window.page.locator("#outcome-state")).to_contain_text("Saved")
    window.settled()
    item.refresh_from_db()
    assert (item.decision, item.note[-8:]) == ("no_change", " Agreed.")


def test_a_meeting_is_run_without_scripts(visit, hospital, colleague):
    window = visit("clinician", javascript=False)
    page = window.page
    window.go("/meetings/plan/")
    page.get_by_label("Title").fill("Meeting without scripts")
    page.get_by_role("button", name="Store").click()
    meeting = Meeting.objects.get(title="Meeting without scripts")
    for name in ("Haddad", "Okoro"):
        take(page, name)
    page.get_by_role("button", name="Up: Okoro").click()
    assert order(page) == ["Okoro", "Haddad"]
    start(page)
    expect(page.locator(".stage-who h1")).to_contain_text("Okoro")
    page.get_by_role("button", name="Next ›").click()
    expect(page.locator(".stage-who h1")).to_contain_text("Haddad")
    page.get_by_role("radio", name="Plan changed").check(force=True)
    page.get_by_label("Note of the discussion").fill("ERCP again")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_label("Note of the discussion")).to_have_value("ERCP again")
    page.get_by_text("Add an action", exact=True).click()
    page.get_by_label("What is to be done").fill("Book ERCP")
    page.locator(".add-action").get_by_role("button", name="Add").click()
    expect(page.locator("#stage-actions")).to_contain_text("Book ERCP")
    page.get_by_role("link", name="Close…").click()
    close(page)
    expect(page.locator("main")).to_contain_text("ERCP again")
    window.go(f"/patients/{hospital.patient('D-0009').uuid}/")
    open_tab(page, "Meetings")
    page.get_by_role("link", name="Meetings of this patient").click()
    expect(page.locator("main")).to_contain_text("Then and now")
    window.go("/")
    page.get_by_role("link", name="My actions and the next meeting").click()
    expect(page).to_have_url(re.compile("/meetings/actions/"))
    assert meeting.items.count() == 2
