"""A hospital for the journeys: a server, a browser, the demo clinic, and clinics of a test's own."""

import os
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone
from django.utils.text import slugify
from playwright.sync_api import expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Clinic, Membership, Role, User
from patients.demo.load import add_clinic, add_person
from patients.demo.people import people
from tests.waiting import PATIENCE

from .browsing import ARGUMENTS, LAPTOP, Visit, find_chromium

# Loading 500 draws takes a while: the one journey that wants them loads them.
LONG = "D-0017"
# Milliseconds: what a page shows, and what is done on it, may take as long as a slow machine needs.
LIMIT = PATIENCE * 1000
expect.set_options(timeout=LIMIT)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "journeys":
            item.add_marker("journey")


@dataclass(frozen=True)
class Hospital:
    """The running server with its demo clinic, whose staff are named by their roles."""

    url: str
    demo: Clinic

    def patient(self, mrn: str):
        return self.demo.patients.get(mrn=mrn)

    def load(self, mrn: str):
        person = next(one for one in people(timezone.now(), self.demo.zone) if one.mrn == mrn)
        return add_person(person, self.demo, User.objects.get(username="clinician"))


@pytest.fixture(scope="package")
def chromium() -> str:
    path = find_chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail("CI must drive a real browser: script/test could not install Chromium here.")
    if path is None:
        pytest.skip("No Chromium here: install the package chromium, or set CHROMIUM to its path.")
    return path


@pytest.fixture(scope="package")
def hospital(chromium, django_db_setup, django_db_blocker):
    """Loaded once and not rolled back: the server reads it from a thread of its own. Emptied at the end."""
    with django_db_blocker.unblock():
        demo = add_clinic()
        clinician = User.objects.get(username="clinician")
        for person in people(timezone.now(), demo.zone):
            if person.mrn != LONG:
                add_person(person, demo, clinician)
        server = LiveServer("localhost")
        yield Hospital(server.url, demo)
        server.stop()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="package")
def browser(chromium, hospital):
    # The browser's driver runs an event loop in this thread; no query of ours runs inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
        # While that loop runs, Django keeps another connection for this thread.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def db(hospital):
    """In place of pytest-django's, which rolls back what the server has to see."""


@pytest.fixture
def own_clinic(db, request) -> Clinic:
    """A clinic for this test alone, with one person a role, named such as CODE-clinician."""
    # The name of a test may hold the brackets of its parameters, which no code of a clinic does.
    code = slugify(request.node.name.removeprefix("test_").replace("_", "-"))[:24].strip("-")
    clinic = Clinic.objects.create(code=code, name="North Hospital", time_zone="Europe/London")
    for role in Role:
        user = User.objects.create_user(f"{code}-{role}", password="liver-test")
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return clinic


@pytest.fixture
def visit(browser, hospital, db):
    """visit("clinician") opens a window with that person of the demo clinic signed in, visit("clinician",
    clinic) of another one, visit() nobody; javascript=False switches scripts off."""
    open_now: list[Visit] = []

    def visit(role: str = "", clinic: Clinic | None = None, *, javascript: bool = True) -> Visit:
        context = browser.new_context(viewport=LAPTOP, java_script_enabled=javascript, locale="en-GB")
        context.set_default_timeout(LIMIT)
        if role:
            name = f"{clinic.code}-{role}" if clinic else role.replace("_", "")
            context.add_cookies([{"name": "sessionid", "value": _session(name), "url": hospital.url}])
        one = Visit(context, hospital.url)
        open_now.append(one)
        return one

    yield visit
    for one in open_now:
        one.context.close()
    faults = [fault for one in open_now for fault in one.faults]
    assert not faults, "\n".join(dict.fromkeys(faults))


def _session(username: str) -> str:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client.cookies["sessionid"].value
