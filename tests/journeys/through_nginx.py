"""A browser goes through nginx with TLS, as in a hospital: the file for nginx that a site takes, production settings.

    python -m tests.journeys.through_nginx

It takes two minutes, and adds a clinic to the database: to an embedded one of its own, or to that of DATABASE_URL and
MIGRATE_URL. Fails where something is not as it must be.
"""

import http.client
import os
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import requests
import urllib3
from playwright.sync_api import BrowserContext, Page, Response, expect, sync_playwright

from tests import nginx
from tests.benchmarks.cluster import free_port, until
from tests.benchmarks.machines import Table
from tests.journeys.browsing import ARGUMENTS, find_chromium

ROOT = Path(__file__).parents[2]
NAME, PASSWORD = "dora", "through-nginx-and-back"
# A browser takes such names from the host itself by https alone.
SESSION, TOKEN = "__Host-sessionid", "__Host-csrftoken"
# Where a browser cannot say that it comes from.
INVENTED = "198.51.100.66"
# Bytes, and requests a second that nginx takes in any case: the hundred, and ten a second.
SMALL, SLOW = 500, 20
# What must be in no log.
TYPED = "Zebedee"
SERVICE = ["-m", "gunicorn", "--config", "python:config.serve", "config.wsgi"]
CLINIC = ["--clinic", "proxied", "--role", "data_manager", "--create-clinic", "Proxied Hospital"]
LABS = "mrn,collected_at,ALT (U/L),INR\nN-1,2026-01-05T08:30,112,1.2\nN-1,2026-06-09T08:30,34,1.7\n"
PEOPLE = "mrn,family_name,given_name,sex,birth_date\nN-1,Ito,Mai,F,1970-05-01\n"


def main() -> None:
    if not nginx.PROGRAM:
        raise SystemExit(nginx.MISSING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before it was through"))
    # The certificate is the machine's own.
    urllib3.disable_warnings()
    table = Table()
    with tempfile.TemporaryDirectory(prefix="through-nginx-") as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)
        site = Site(Path(folder), stack)
        site.start()
        table.row("What was tried", "found")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            context = browser.new_context(ignore_https_errors=True)
            seen: list[Response] = []
            context.on("response", lambda one: seen.append(one))
            sign_in(site, context, table)
            upload(site, context.pages[0], table)
            what_was_sent(seen, table)
            forms_from_elsewhere(site, context, table)
            bodies(site, context, table)
            browser.close()
        the_address_of_whom(site, table)
        too_often(site, table)
        the_way_from_http(site, table)
        logs(site, table)
    if table.faults:
        raise SystemExit("\n".join(table.faults))


class Site:
    """One web, one worker, nginx before them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.port, self.plain, self.secure = free_port(), free_port(), free_port()
        self.url = f"https://localhost:{self.secure}"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder / "var"),
            "PRODUCTION": "true",
            "BEHIND_PROXY": "true",
            "ALLOWED_HOSTS": "localhost",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "BIND": f"127.0.0.1:{self.port}",
            "WITH_WORKER": "true",
        }

    def start(self) -> None:
        for words in (["migrate", "--verbosity=0"], ["collectstatic", "--no-input", "--verbosity=0"]):
            self.manage(*words)
        self.manage("add_staff", NAME, *CLINIC, answer=f"{PASSWORD}\n{PASSWORD}\n")
        self.web = subprocess.Popen(
            [sys.executable, *SERVICE], cwd=ROOT, env=self.environment, start_new_session=True
        )
        self.stack.callback(self.stop_web)
        nginx.write(self.folder, [self.port], plain=self.plain, port=self.secure)
        proxy = nginx.start(self.folder)
        self.stack.callback(proxy.wait)
        self.stack.callback(proxy.terminate)
        until(self.is_ready)

    def manage(self, *words: str, answer: str = "") -> str:
        """Without a terminal a password is read from what is sent."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            input=answer,
            capture_output=True,
            text=True,
            check=True,
            start_new_session=True,
        ).stdout

    def is_ready(self) -> bool:
        try:
            return self.ask("/health/ready").status_code == 200
        except requests.ConnectionError:
            return False

    def ask(self, address: str) -> requests.Response:
        return requests.get(self.url + address, verify=False, timeout=60)

    def stop_web(self) -> None:
        self.web.terminate()
        self.web.wait()


def sign_in(site: Site, context: BrowserContext, table: Table) -> None:
    """On a port that is not the usual one: a form is taken only from where it was shown."""
    context.set_extra_http_headers({"X-Forwarded-For": INVENTED})
    page = context.new_page()
    page.goto(site.url)
    page.get_by_label("Sign-in name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site.url}/")
    names = sorted(cookies(context))
    table.tell("signed in; cookies of this host alone", str(names), names == sorted([SESSION, TOKEN]))
    context.set_extra_http_headers({})


def upload(site: Site, page: Page, table: Table) -> None:
    page.goto(f"{site.url}/uploads/")
    texts = {"people.csv": PEOPLE, "labs.csv": LABS}
    files = [{"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in texts.items()]
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Store").click()
    page.get_by_role("link", name="Ito, Mai").click()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("112 → 34 U/L")
    table.tell(
        "a file uploaded, stored, its patient opened", verdict.inner_text()[:50].replace("\n", " "), True
    )


def what_was_sent(seen: list[Response], table: Table) -> None:
    """Pages, scripts and styles, since the browser began."""
    kinds = ("text/html", "text/css", "text/javascript")
    texts = [
        one for one in seen if one.status == 200 and one.headers.get("content-type", "").startswith(kinds)
    ]
    packed = Counter(one.headers.get("content-encoding", "not") for one in texts)
    # Of what is small nothing is gained.
    plain = [
        one.url
        for one in texts
        if "content-encoding" not in one.headers and int(one.headers.get("content-length", SMALL + 1)) > SMALL
    ]
    table.tell("pages, scripts and styles come compressed", f"{dict(packed)} {plain or ''}", not plain)
    pages = [one.headers for one in texts if "text/html" in one.headers["content-type"]]
    right = bool(pages) and all(
        "max-age=31536000" in head.get("strict-transport-security", "") for head in pages
    )
    table.tell("the browser is told to stay with https", f"{len(pages)} pages", right)


def forms_from_elsewhere(site: Site, context: BrowserContext, table: Table) -> None:
    origins = (site.url, f"https://localhost:{site.plain}", "https://elsewhere.example")
    found = [post(site, "/uploads/", b"", cookies(context), origin=origin)[0] for origin in origins]
    right = found[0] != 403 and found[1:] == [403, 403]
    table.tell("a form from here, from another port, from elsewhere", str(found), right)


def bodies(site: Site, context: BrowserContext, table: Table) -> None:
    """What is too large: in MB, where, who sends it, whose page says so."""
    who = cookies(context)
    for size, address, sender, ours in (
        (20, "/uploads/", {}, True),
        (5, "/accounts/login/", who, True),
        (9, "/accounts/login/", who, False),
        (302, "/uploads/", who, False),
    ):
        status, text = post(site, address, bytes(size * 1024**2), sender, origin=site.url)
        page = "our" if "Liver dissociation" in text else "nginx’s"
        name = "signed in" if sender else "not signed in"
        right = status == 413 and ("Liver dissociation" in text) is ours
        table.tell(f"{size} MB to {address}, {name}", f"{status}, {page} page", right)


def cookies(context: BrowserContext) -> dict[str, str]:
    return {one["name"]: one["value"] for one in context.cookies()}


def post(site: Site, address: str, body: bytes, sender: dict, *, origin: str) -> tuple[int, str]:
    """Status and text, also where they come before all is sent: most clients take that for a failure."""
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Origin": origin,
        "X-CSRFToken": sender.get(TOKEN, ""),
        "Cookie": "; ".join(f"{name}={value}" for name, value in sender.items()),
    }
    unsigned = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("localhost", site.secure, timeout=60, context=unsigned)
    with closing(connection):
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", address, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def the_address_of_whom(site: Site, table: Table) -> None:
    lines = [line for line in site.manage("audit").splitlines() if NAME in line]
    right = any("127.0.0.1" in line for line in lines) and not any(INVENTED in line for line in lines)
    table.tell("the log of sign-ins knows the address that nginx saw", f"{len(lines)} lines", right)


def too_often(site: Site, table: Table) -> None:
    """A hundred at once are taken; more than ten a second are not, for long."""
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        found = Counter(pool.map(lambda _: site.ask("/accounts/login/").status_code, range(300)))
    rate = 300 / (time.monotonic() - began)
    right = found.keys() <= {200, 429} and found[200] >= 100
    if rate < SLOW:
        table.row(
            "the sign-in page asked for 300 times at once", f"{dict(found)}: this machine is too busy to tell"
        )
        return
    table.tell(
        "the sign-in page asked for 300 times at once", f"{dict(found)}, {rate:.0f}/s", right and found[429]
    )


def the_way_from_http(site: Site, table: Table) -> None:
    url = f"http://localhost:{site.plain}"
    found = [
        requests.get(url + address, allow_redirects=False, timeout=60) for address in ("/", "/fhir/metadata")
    ]
    right = [answer.status_code for answer in found] == [301, 403]
    table.tell("http leads to https, but not a program", found[0].headers.get("Location", ""), right)


def logs(site: Site, table: Table) -> None:
    """Also of a request that fails: nginx's own line about that would quote it."""
    site.ask(f"/?q={TYPED}")
    site.stop_web()
    status = site.ask(f"/?q={TYPED}").status_code
    table.tell("the web is gone: nginx says so", str(status), status == 502)
    texts = {path.name: path.read_text() for path in site.folder.glob("*.log")}
    right = all(TYPED not in text for text in texts.values()) and "/uploads/" in texts["liver.log"]
    table.tell("what was typed stands in no log", f"{len(texts)} logs", right)


if __name__ == "__main__":
    main()
