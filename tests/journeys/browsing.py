"""One person at one browser window: every fault of a page is noted and fails the test."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from .reach import faults_of_reach

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAPTOP = {"width": 1280, "height": 800}
PROJECTOR = {"width": 1920, "height": 1080}
# The name of a look at a page: its screen and its colours.
LOOKS = {"1280-light": (LAPTOP, "light"), "1920-dark": (PROJECTOR, "dark")}
# A laptop whose reader has enlarged the page to 200 %.
ENLARGED = {"width": 640, "height": 400}
AXE = Axe()
EVERYTHING = os.environ.get("LONG") == "1"
# The second look has the same page in other colours: only these can be wrong anew.
# Without "preload" axe does not fetch every stylesheet again, which none of the rules asked for needs.
ALL = {"resultTypes": ["violations"], "preload": False}
COLOURS_ONLY = ALL | {"runOnly": ["color-contrast", "scrollable-region-focusable"]}
UUID = "[0-9a-f-]{36}"
# A form that comes back with a sentence is answered 422, which Chromium tells on its console.
REFUSAL = "Failed to load resource: the server responded with a status of 422"
REFUSING = re.compile(
    rf"/patients/{UUID}/draws/(add|{UUID})/(withdraw/)?$|/causes/[a-z_]+/review/$"
    rf"|/patients/{UUID}/(reviews/add|overrules/add|overrules/{UUID}/end)/$"
    rf"|/meetings/{UUID}/items/{UUID}/(outcome|actions/add|causes/[a-z_]+|question|imaging)/$"
    rf"|/meetings/{UUID}/(close|attendance)/$"
    rf"|/patients/{UUID}/(contacts|left-out)/(add|{UUID}/(withdraw|lift))/$"
    rf"|/patients/{UUID}/(concerns|notes)/(add|{UUID}/(close|addendum|strike))/$"
    rf"|/knowledge/entries/[\w-]+/$"
    rf"|/patients/{UUID}/anticoagulant/$"
    rf"|/uploads/waiting/{UUID}/decide/$"
    rf"|/staff/code/$"
    rf"|/uploads/senders/(add|{UUID})/$"
)
# The chart follows the window in the next frame.
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
FIGURES = "[data-figure], [data-figures]"
TOO_TALL = """boxes => boxes.map(box => box.querySelector(".main-svg").clientHeight - box.clientHeight)
    .filter(over => over > 1)"""
# A newer click replaces a request under way; htmx tells that as an error.
TAKEN_BACK = ("htmx:sendAbort", "htmx:afterRequest")
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`Security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"


def find_chromium() -> str | None:
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM") or "chromium", *NAMES))
    return next((path for path in found if path), None)


class Visit:
    """A window of its own: `visit.page` is Playwright's page."""

    def __init__(self, context, url: str):
        self.url = url
        self.faults: list[str] = []
        self.context = context
        # A status that this journey is answered on purpose.
        self.refused = 0
        # The hospital's own sign-in, where this journey goes there: its pages are not ours to examine.
        self.elsewhere: tuple[str, ...] = ()
        # While the network or the server fails on purpose.
        self.failing = False
        context.add_init_script(TELL_VIOLATIONS)
        self.page = context.new_page()
        self._listen()

    def go(self, address: str) -> None:
        self.page.goto(self.url + address)

    def settled(self) -> None:
        """htmx has no request under way and the chart, where there is one, is drawn."""
        expect(self.page.locator(BUSY)).to_have_count(0)
        self.page.evaluate(TWO_FRAMES)
        if self.page.locator(FIGURES).count():
            self.page.locator(FIGURES).locator(".main-svg").first.wait_for()

    def examine(self, name: str, within: str | None = None) -> None:
        """Axe, reach, and a picture: on a laptop in light, on a projector in dark; reach when enlarged too.

        Dark has the same colours on every page: a full run looks at every other one in it, LONG=1 at all.
        `within`: the part that differs from what this journey has examined before; axe looks at nothing else.
        """
        for look, (size, colours) in LOOKS.items():
            if colours == "dark" and not EVERYTHING and crc32(name.encode()) % 2:
                continue
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=colours)
            self.settled()
            self._check_rules(f"{name} {look}", ALL if colours == "light" else COLOURS_ONLY, within)
            self._check_reach(f"{name} {look}")
            self.picture(f"{name}-{look}")
        self.page.emulate_media(color_scheme="light")
        self.reach(f"{name} enlarged", ENLARGED)
        self.page.set_viewport_size(LAPTOP)

    def reach(self, name: str, size: dict[str, int]) -> None:
        """Whatever can be pressed is large enough and nothing is cut off at the side, in a window of this size."""
        self.page.set_viewport_size(size)
        self.settled()
        self._check_reach(name)

    def picture(self, name: str, *, full_page: bool = True) -> Path:
        """Where the picture lies. PICTURES=1 has it taken: of a long page that takes a second."""
        folder = settings.VAR_DIR / "screenshots"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.png"
        if os.environ.get("PICTURES") == "1":
            # To hide the caret, Playwright would write an inline style into each field and leave it there.
            self.page.screenshot(path=path, full_page=full_page, animations="disabled", caret="initial")
        return path

    def for_readme(self, name: str, size: dict[str, int] = LAPTOP) -> None:
        """A picture of the first screen for the README, made anew when UPDATE_PICTURES=1 asks for it."""
        if os.environ.get("UPDATE_PICTURES") == "1":
            self.page.set_viewport_size(size)
            self.settled()
            path = settings.BASE_DIR / "docs" / f"{name}.png"
            self.page.screenshot(path=path, animations="disabled", caret="initial")
            self.page.set_viewport_size(LAPTOP)

    def _check_rules(self, where: str, options: dict, within: str | None) -> None:
        for violation in AXE.run(self.page, within, options).response["violations"]:
            for node in violation["nodes"]:
                self.faults.append(
                    f"{where}: axe {violation['id']} at {node['target']}: {node['html'][:150]}"
                )

    def _check_reach(self, where: str) -> None:
        for over in self.page.locator(FIGURES).evaluate_all(TOO_TALL):
            self.faults.append(f"{where}: the chart is {over} px taller than its place")
        self.faults += [f"{where}: {fault}" for fault in faults_of_reach(self.page)]

    def _listen(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        address = urlsplit(message.location["url"]).path
        if message.type not in ("error", "warning"):
            return
        if self.failing or message.location["url"].startswith(self.elsewhere):
            return
        if self.refused and str(self.refused) in message.text:
            return
        if message.text.startswith(REFUSAL) and REFUSING.search(address):
            return
        if message.text.startswith(TAKEN_BACK):
            return
        self.faults.append(f"console {message.type} at {address}: {message.text}")

    def _failed(self, request) -> None:
        # Taken back by the page itself: a newer click or letter, or leaving before all had come.
        if self.failing or request.failure == "net::ERR_ABORTED":
            return
        self.faults.append(f"request failed: {request.url} {request.failure}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", *self.elsewhere)):
            self.faults.append(f"asks another server: {request.url}")


def open_tab(page, name: str) -> None:
    """A part of the record below the first screen of a patient."""
    page.get_by_role("navigation", name="Parts of the record").get_by_role("link", name=name).click()
    expect(page.locator(f"#tab-{name.lower()}")).to_have_attribute("aria-current", "true")


def open_cause(page, key: str):
    """One cause in the list of all, where a verdict has a note."""
    found = page.locator(f"#all-cause-{key}")
    if not found.is_visible():
        page.locator("#all-causes > summary").click()
        found.wait_for()
    return found


def open_review(page) -> None:
    """Sign-off and overrule, from the header of a patient."""
    if page.locator("#signoff").get_attribute("open") is None:
        page.locator("#signoff > summary").click()


def open_menu(page) -> None:
    """What is done with the whole record, from the header of a patient."""
    page.locator(".popover.menu > summary").click()
