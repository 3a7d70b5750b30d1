"""A meeting is planned and its agenda filled, by hand on the page."""

import re
from datetime import datetime

from playwright.sync_api import expect

from meetings.models import Meeting


def plan(window, title: str, attendee: str = "Vera Lund", starts_at: datetime | None = None) -> Meeting:
    """Planned on the page; the agenda comes up with its proposals."""
    page = window.page
    window.go("/meetings/plan/")
    page.get_by_label("Title").fill(title)
    if starts_at:
        page.get_by_label("Date and time").fill(f"{starts_at:%Y-%m-%dT%H:%M}")
    page.get_by_label("Place").fill("Seminar room 2")
    page.get_by_label(re.compile("Comes back every")).fill("4")
    page.get_by_label(attendee).check()
    window.examine("meeting-plan")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return Meeting.objects.get(title=title)


def start(page) -> None:
    """At once on its day; before it only where that is confirmed."""
    early = page.get_by_role("link", name="Start before its day…")
    if early.count():
        early.click()
        page.get_by_role("button", name="Start it now").click()
    else:
        page.get_by_role("button", name="Start the meeting").click()


def close(page) -> None:
    """Everybody came, for hepatology."""
    for speciality in page.get_by_label(re.compile("^Speciality of")).all():
        speciality.fill("Hepatology")
    page.get_by_label("Everybody not marked above was present").check()
    page.get_by_role("button", name="Close and keep the record").click()


def take(page, name: str) -> None:
    page.get_by_role("button", name=re.compile(f"^Take {name}")).click()
    expect(page.locator("ol.items")).to_contain_text(name)


def order(page) -> list[str]:
    return [name.split(",")[0] for name in page.locator("ol.items .name").all_inner_texts()]
