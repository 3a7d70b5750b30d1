"""A whole meeting of twenty, invented and real people: from the proposals to the next meeting."""

import csv
import re
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Clinic, Membership, Role, User
from meetings.models import AgendaItem, Meeting
from patients.demo.load import add_person, let_wait
from patients.demo.people import people
from patients.models import AssessmentMark
from tests.conftest import SHARED_DATA
from tests.uploads.workers import worker
from tests.waiting import until

from .browsing import EVERYTHING, PROJECTOR, open_tab
from .conftest import LONG
from .planning import close, order, plan, start, take
from .printing import check_pages, printed, words_of
from .record import WIDE
from .test_uploads import drop, file

ALL = 20
TITLE = "Hepatology meeting"
STAFF = {
    Role.VIEWER: ("Vera", "Lund"),
    Role.CLINICIAN: ("Chidi", "Okafor"),
    Role.DATA_MANAGER: ("Dana", "Mehta"),
    Role.ADMINISTRATOR: ("Ada", "Bergström"),
}
# Real people (MIMIC-IV demo), each with the day until which their meeting knows them.
REAL = {
    "10007818": date(2025, 8, 21),
    "10039708": date(2025, 4, 28),
    "10004235": date(2025, 10, 15),
    "10003400": date(2025, 4, 30),
    "10014354": date(2025, 6, 26),
    "10020740": date(2025, 10, 20),
    "10015860": date(2025, 1, 29),
    "10019003": date(2025, 7, 20),
}


def real_files() -> list[dict]:
    """The files of these people up to that day, moved by whole weeks: it lies within the last seven days."""
    folder = SHARED_DATA / "mimic-iv-demo"
    names = ("patients", "diagnoses", "events", "labs")
    return [file(f"{name}.csv", _moved((folder / f"{name}.csv").read_text())) for name in names]


def _moved(text: str) -> str:
    rows = csv.DictReader(StringIO(text))
    out = StringIO()
    writer = csv.DictWriter(out, rows.fieldnames)
    writer.writeheader()
    for row in rows:
        if row["mrn"] in REAL and (now := _as_known(row)):
            writer.writerow(now)
    return out.getvalue()


def _as_known(row: dict) -> dict | None:
    """The row without what came later; None where all of it did."""
    until = REAL[row["mrn"]]
    weeks = timedelta(days=(date.today() - until).days // 7 * 7)
    now = dict(row)
    for name in ("collected_at", "noted_on", "started_at", "ended_at", "death_date"):
        if not row.get(name):
            continue
        moment = datetime.fromisoformat(row[name])
        late = moment.date() > until
        if late and name not in ("ended_at", "death_date"):
            return None
        moved = moment + weeks
        now[name] = "" if late else str(moved.date() if len(row[name]) == 10 else moved)
    return now


@pytest.fixture
def clinic(own_clinic) -> Clinic:
    """Staff with names, a second clinician, and as many invented people as the real ones leave room for."""
    for role, (given, family) in STAFF.items():
        User.objects.filter(username=f"{own_clinic.code}-{role}").update(first_name=given, last_name=family)
    berg = User.objects.create_user(f"{own_clinic.code}-berg", first_name="Ola", last_name="Berg")
    Membership.objects.create(user=berg, clinic=own_clinic, role=Role.CLINICIAN)
    by = User.objects.get(username=f"{own_clinic.code}-clinician")
    now = timezone.now()
    invented = [one for one in people(now, own_clinic.zone) if one.mrn != LONG and not one.contacts]
    for person in invented[: ALL - (len(REAL) if SHARED_DATA.is_dir() else 0)]:
        add_person(person, own_clinic, by)
    let_wait(own_clinic, now)
    return own_clinic


@pytest.mark.skipif(not EVERYTHING, reason="a minute and a half: LONG=1 script/test tests/journeys runs it")
def test_a_whole_meeting_from_proposal_to_printed_minutes(visit, clinic):
    chair = visit("clinician", clinic)
    if SHARED_DATA.is_dir():
        upload(chair, real_files())
    assert clinic.patients.count() == ALL
    meeting = plan(chair, TITLE, attendee="Ola Berg", starts_at=timezone.now())
    fill(chair, meeting)
    go_through(chair, visit, clinic, meeting)
    print_minutes(chair, meeting)
    come_back(chair, meeting)


def upload(window, files: list[dict]) -> None:
    # Thousands of results at once are read and stored by a worker.
    with worker():
        drop(window, files)
        window.page.get_by_role("button", name="Store").click()
        expect(window.page.get_by_role("heading", name="What happened")).to_be_visible()
        until(lambda: not AssessmentMark.objects.exists())


def look(window, name: str) -> None:
    """What the window shows without scrolling, light and dark."""
    for colours in ("dark", "light"):
        window.page.emulate_media(color_scheme=colours)
        window.settled()
        window.picture(f"wall-{name}-{colours}", full_page=False)


def fill(window, meeting: Meeting) -> None:
    """By keyboard: the proposed are taken, moved and dropped; who is not proposed is asked about by MRN."""
    page = window.page
    page.set_viewport_size(PROJECTOR)
    for one in page.locator("ul.proposed > li").all():
        expect(one.locator(".why").first).to_be_visible()
    look(window, "proposals")
    for tick in page.locator("ul.proposed input").all():
        tick.press("Space")
    page.get_by_role("button", name="Take the ticked ones").press("Enter")
    expect(page.locator("ul.proposed")).to_have_count(0)
    there = set(meeting.items.values_list("patient__mrn", flat=True))
    for mrn in meeting.clinic.patients.exclude(mrn__in=there).order_by("mrn").values_list("mrn", flat=True):
        page.get_by_label("Add by MRN").fill(mrn)
        page.get_by_label("Question", exact=True).fill("Is the monitoring still right?")
        page.keyboard.press("Enter")
        expect(page.locator("ol.items")).to_contain_text(mrn)
    expect(page.locator("ol.items > li")).to_have_count(ALL)

    before = order(page)
    page.get_by_role("button", name="Down: Lindqvist").press("Enter")
    expect(page.locator("ol.items > li").first).to_contain_text(before[1])
    page.get_by_role("button", name="Drop Lindqvist").press("Enter")
    expect(page.locator("ol.items")).not_to_contain_text("Lindqvist")
    page.locator("details.fold summary").press("Enter")
    page.get_by_role("button", name="Take back").press("Enter")
    expect(page.locator("ol.items > li").last).to_contain_text("Lindqvist")
    page.keyboard.press("Control+Home")
    look(window, "agenda")


# The pictures of these are kept.
SHOWN = ("D-0001", "D-0003", "D-0010", "10007818", "10039708", "10003400", "10004235", "10014354")
SPILT = """() => [...document.querySelectorAll(".stage .card")]
    .filter(card => card.scrollWidth > card.clientWidth + 1)
    .map(card => `${card.className} ${card.scrollWidth} > ${card.clientWidth}: ${card.innerText}`)"""
UNSEEN = """() => [...document.querySelectorAll(".stage-chart, .stage-since, #outcome, #stage-actions")]
    .filter(card => card.getBoundingClientRect().bottom > innerHeight).map(card => card.className)"""
# Words below 24 px, and words of the chart below 20 px, as they come out on the screen.
SMALL = """() => {
    const walker = document.createTreeWalker(document.querySelector(".stage"), NodeFilter.SHOW_TEXT);
    const small = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const box = node.parentElement, drawn = box.closest("svg.drawn");
        if (!node.textContent.trim() || !box.checkVisibility() || box.closest(".visually-hidden, noscript")) continue;
        const grown = drawn ? drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : 1;
        const size = parseFloat(getComputedStyle(box).fontSize) * grown;
        if (size < (drawn ? 20 : 24)) small.push(`${size} ${node.textContent.trim()}`);
    }
    return small;
}"""
TOO_LONG = "() => document.documentElement.scrollHeight - innerHeight"


def go_through(window, visit, clinic, meeting) -> None:
    """The chair leads, the room follows, a colleague writes at the same time."""
    page = window.page
    start(page)
    room, colleague = visit("viewer", clinic), visit("berg", clinic)
    room.page.set_viewport_size(PROJECTOR)
    room.go(f"/meetings/{meeting.uuid}/audience/")
    items = list(meeting.items.filter(state=AgendaItem.State.TAKEN).select_related("patient"))
    assert len(items) == ALL
    for place, item in enumerate(items, 1):
        for one in (page, room.page):
            expect(one.locator(".stage-who h1")).to_have_text(str(item.patient))
        expect(page.locator("details.jump summary")).to_have_text(f"{place} of {ALL}")
        shows_all(window, room)
        if item.patient.mrn in SHOWN:
            look(window, f"present-{item.patient.mrn}")
            look(room, f"audience-{item.patient.mrn}")
        if item.patient.mrn in (*DECISIONS, "D-0003") or place % 2 or place == ALL:
            decide(window, room, colleague, item)
            page.keyboard.press("ArrowRight")
        else:
            page.keyboard.press("n")
    page.reload()
    expect(page.locator(".stage-who h1")).to_have_text(str(items[-1].patient))
    expect(page.locator(".decided-count")).to_have_text(f"{ALL} of {ALL} decided")
    window.examine("whole-meeting-present")
    room.examine("whole-meeting-audience")
    page.set_viewport_size(PROJECTOR)
    page.get_by_role("link", name="Close…").click()
    expect(page.locator("main")).to_contain_text(f"Of {ALL} patients")
    close(page)
    expect(page.locator(".discussed")).to_have_count(ALL)
    expect(room.page.locator("main")).to_contain_text("This meeting is closed.")
    kept = dict(meeting.items.values_list("patient__mrn", "decision"))
    assert [kept.pop(mrn) for mrn in ("D-0001", "D-0002", "D-0008")] == ["change", "again", "change"]
    # An arrow key right after the click went on to the next patient and changed nothing.
    assert set(kept.values()) == {"no_change"}
    look(window, "record")
    window.examine("whole-meeting-record")


def shows_all(window, room) -> None:
    """Nothing is cut off, nothing that the room reads is out of sight or too small for the last row."""
    for one in (window, room):
        one.page.emulate_media(color_scheme="light")
        one.settled()
        assert one.page.evaluate(SPILT) == []
    assert window.page.evaluate(UNSEEN) == []
    assert room.page.evaluate(TOO_LONG) <= 0, room.page.locator(".stage").inner_text()
    for one in (window, room):
        assert one.page.evaluate(SMALL) == []


def decide(window, room, colleague, item) -> None:
    page = window.page
    decision, note = DECISIONS.get(item.patient.mrn, ("No change", ""))
    page.get_by_text(decision, exact=True).click()
    expect(page.locator("#outcome-state")).to_contain_text("Saved")
    if note:
        write(window, note)
        expect(room.page.locator(".stage-decided")).to_contain_text(note)
    if item.patient.mrn == "D-0001":
        stretch(page.get_by_label("Note of the discussion"))
        give_out(window)
        expect(room.page.locator("#stage-actions")).to_contain_text("Refer for transplant evaluation")
        look(window, "outcome")
        look(room, "outcome-audience")
    if item.patient.mrn == "D-0003":
        judge(window)
    if item.patient.mrn == "D-0008":
        write_at_once(window, colleague, item)
    # Out of the fields: there an arrow key belongs to the text.
    page.get_by_role("radio", name=decision).focus()


DECISIONS = {
    "D-0001": ("Plan changed", "Not a recovery: INR rises and albumin falls. Vitamin K first, then refer."),
    "D-0002": ("Discuss again", "Fibrinogen and D-dimer are still awaited."),
    "D-0008": ("Plan changed", "Biopsy was refused."),
}


def write(window, text: str) -> None:
    window.page.get_by_label("Note of the discussion").press_sequentially(text)
    expect(window.page.locator("#outcome-state")).to_contain_text("Saved")


def stretch(field) -> None:
    """By its corner. The browser keeps the height as an inline style, which no swap may carry on: the
    Content-Security-Policy forbids it, and the console says so."""
    box, mouse = field.bounding_box(), field.page.mouse
    x, y = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y + 40)
    mouse.up()
    assert field.get_attribute("style")


def give_out(window) -> None:
    """Tests to repeat by a day, a referral, a task for a colleague."""
    window.page.get_by_text("Add an action", exact=True).click()
    form = window.page.locator(".add-action")
    week, month = (date.today() + timedelta(days=days) for days in (7, 30))
    form.get_by_text("Repeat tests", exact=True).click()
    for test in ("INR", "ALT", "Alb"):
        form.get_by_label(test, exact=True).check()
    form.get_by_label("until").fill(str(month))
    form.get_by_role("button", name="Add").click()
    actions = window.page.locator("#stage-actions")
    expect(actions).to_contain_text("Repeat INR, ALT, Alb")
    form.get_by_text("Transplant evaluation", exact=True).click()
    form.get_by_role("button", name="Add").click()
    expect(actions).to_contain_text("Refer for transplant evaluation")
    form.get_by_label("What is to be done").fill("Vitamin K 10 mg, then INR")
    form.get_by_label("Who").select_option("Ola Berg")
    form.get_by_label("until").fill(str(week))
    form.get_by_role("button", name="Add").click()
    expect(actions).to_contain_text(f"Ola Berg, due {week.day} {week:%b %Y}")


def judge(window) -> None:
    cause = window.page.locator("#stage-causes .cause").first
    name = cause.locator("h3").inner_text()
    cause.locator("summary").click()
    cause.get_by_text("excluded", exact=True).click()
    cause.get_by_label(f"Note on {name}").fill("Level not detectable.")
    cause.get_by_role("button", name="Save").click()
    expect(window.page.locator("#stage-causes")).to_contain_text(re.compile(f"Excluded:.*{re.escape(name)}"))


def write_at_once(window, colleague, item) -> None:
    """The colleague opened the page before the last words were stored: told, they keep both."""
    colleague.go(f"/meetings/{item.meeting.uuid}/items/{item.uuid}/")
    write(window, " Ask again in two weeks.")
    theirs = colleague.page.get_by_label("Note of the discussion")
    theirs.fill("The family would agree.")
    told = colleague.page.locator("#outcome-state").get_by_role("alert")
    expect(told).to_contain_text("Chidi Okafor wrote here at the same time")
    look(colleague, "two-writers")
    colleague.page.get_by_role("button", name="Keep both notes").click()
    both = "Biopsy was refused. Ask again in two weeks.\n\nThe family would agree."
    expect(theirs).to_have_value(both)
    colleague.settled()
    item.refresh_from_db()
    assert item.note == both


def print_minutes(window, meeting: Meeting) -> None:
    window.page.get_by_role("link", name="Print minutes").click()
    pages = printed(window, "whole-minutes")
    assert 3 <= pages <= 6
    words = words_of(window, "whole-minutes")
    check_pages(words, pages, f"Minutes: {TITLE}", meeting)
    said = " ".join(" ".join(words).split())
    for noted in (
        "Not a recovery: INR rises",
        "The family would agree.",
        "Repeat INR, ALT, Alb",
        "excluded: Level not detectable. (Chidi Okafor)",
    ):
        assert noted in said


def come_back(window, meeting: Meeting) -> None:
    """A newer result: then and now. What is not done comes to the next meeting by itself."""
    page = window.page
    now = f"{timezone.now() - timedelta(minutes=5):%Y-%m-%dT%H:%M}"
    upload(window, [file("labs.csv", f"{WIDE}\nD-0001,{now},30,39,2.0,North Laboratory\n")])
    page.get_by_role("link", name="Rossi, Elena").click()
    open_tab(page, "Meetings")
    expect(page.locator("#meetings-of")).to_contain_text("Not a recovery")
    window.settled()
    page.locator("#meetings-of").get_by_role("link", name="then and now").click()
    expect(page.get_by_role("row", name=re.compile("^INR 1.7 .* 2.0"))).to_contain_text("+18 %")
    look(window, "then-and-now")

    window.go(f"/meetings/{meeting.uuid}/")
    page.get_by_role("button", name="Plan the next one like this").click()
    rossi = page.locator("ul.proposed > li", has_text="Rossi")
    expect(rossi).to_contain_text("3 actions outstanding")
    expect(page.locator("ul.proposed > li", has_text="Lindqvist")).to_contain_text("again")
    take(page, "Rossi")
    start(page)
    expect(page.get_by_role("heading", name=re.compile("Since .*: plan changed"))).to_be_visible()
    expect(page.locator("#stage-actions")).to_contain_text("Vitamin K 10 mg, then INR")
    look(window, "next-present")
