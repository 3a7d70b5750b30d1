"""One person at a browser, as the load run needs many: signs in, reads pages with their parts, enters and decides."""

import gzip
import http.client
import random
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

PASSWORD = "liver-demo"
# Seconds after which an answer counts as an error, and for which a server may take to start.
PATIENCE = 60
LISTS = {
    "worklist": "/",
    "worklist, everybody": "/?show=all&sort=name",
    "worklist, overdue": "/?overdue=1",
    "population": "/population/",
    "meetings": "/meetings/",
    "knowledge": "/knowledge/",
}
PARTS = ("chart/figures/", "ribbon/", "changes/")
HTMX = {"HX-Request": "true"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SEEN = re.compile(r'name="seen" value="(\d*)"')
# How often each is done, of ten.
READS, PAGES, WRITES = 4, 4, 2


@dataclass(frozen=True)
class Answer:
    """`status` 0: none came."""

    kind: str
    status: int
    seconds: float
    text: str = ""
    location: str = ""


class Person:
    def __init__(self, port: int, name: str, patients: list[str]) -> None:
        self.name, self.patients = name, patients
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def sign_in(self) -> None:
        self.ask("sign-in page", "/accounts/login/")
        answer = self.send("sign-in", "/accounts/login/", {"login": self.name, "password": PASSWORD})
        if answer.status != 302:
            raise SystemExit(f"{self.name} does not get in: {answer.status}")

    def step(self) -> Iterator[Answer]:
        """What somebody does next, and what it was answered."""
        do = random.choices((self.look, self.page, self.write), (READS, PAGES, WRITES))[0]
        yield from do()

    def look(self) -> Iterator[Answer]:
        kind = random.choice(list(LISTS))
        yield self.ask(kind, LISTS[kind])

    def page(self) -> Iterator[Answer]:
        address = random.choice(self.patients)
        yield self.ask("patient", address)
        for part in PARTS:
            yield self.ask(f"patient, {part.strip('/')}", address + part, HTMX)

    def write(self) -> Iterator[Answer]:
        address = random.choice(self.patients)
        yield from random.choice((self.draw, self.draw, self.event, self.verdict))(address)

    def draw(self, address: str) -> Iterator[Answer]:
        at = datetime.now(UTC) - timedelta(minutes=random.randrange(2 * 365 * 24 * 60))
        form = {"taken_at": f"{at:%Y-%m-%dT%H:%M}", "laboratory": "L1", "method": "", "note": ""}
        form |= {"ALT-value": f"{random.randrange(20, 90)}", "ALT-unit": "U/L", "ALT-upper": "40"}
        form |= {"INR-value": f"{random.uniform(1, 2):.1f}", "INR-unit": ""}
        yield self.send("a draw is added", f"{address}draws/add/", form)

    def event(self, address: str) -> Iterator[Answer]:
        day = datetime.now(UTC) - timedelta(days=random.randrange(2, 700))
        form = {"kind": "infection", "label": "Load", "started_at_day": f"{day:%Y-%m-%d}"}
        yield self.send("an event is added", f"{address}events/add/", form)

    def verdict(self, address: str) -> Iterator[Answer]:
        page = self.ask(
            "patient, list of causes", f"{address}?tab=why&list=causes", HTMX | {"HX-Target": "causes-list"}
        )
        yield page
        place = page.text.partition("all-cause-heparin")[2]
        if seen := SEEN.search(place):
            form = {
                "verdict": random.choice(("excluded", "pending")),
                "note": "",
                "seen": seen[1],
                "list": "all",
            }
            yield self.send("a verdict is given", f"{address}causes/heparin/review/", form, HTMX)

    # --- requests ---

    def send(self, kind: str, address: str, form: dict[str, str], headers: dict | None = None) -> Answer:
        token = {"csrfmiddlewaretoken": self.cookies["csrftoken"]}
        return self.ask(kind, address, FORM | (headers or {}), urlencode(form | token))

    def ask(
        self, kind: str, address: str, headers: dict | None = None, body: str | bytes | None = None
    ) -> Answer:
        start = time.perf_counter()
        try:
            status, text, location = self._answer(address, headers or {}, body)
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            status, text, location = 0, type(error).__name__, ""
        return Answer(kind, status, time.perf_counter() - start, text, location)

    def _answer(self, address: str, headers: dict, body: str | bytes | None) -> tuple[int, str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept-Encoding": "gzip", "Cookie": cookie, **headers}
        self.connection.request("POST" if body else "GET", address, body, headers)
        answer = self.connection.getresponse()
        sent = answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        zipped = answer.headers["Content-Encoding"] == "gzip"
        text = (gzip.decompress(sent) if zipped else sent).decode(errors="replace")
        return answer.status, text, answer.headers.get("Location", "")


def wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"No server at port {port}.")
