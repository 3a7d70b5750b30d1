"""From a chart of the record system to the visit, in a browser that goes there and back by itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.uploads.interfaces.cds.record_system import resources
from tests.uploads.interfaces.cds.test_service import moved
from tests.uploads.interfaces.smart.record_system import CLIENT, SECRET, RecordSystem, running
from uploads.interfaces.cds.tokens import forget_keys
from uploads.interfaces.senders import add_launching_system
from uploads.interfaces.smart.clients import set_client

LOOKS = [(820, "light"), (820, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
def system(hospital, own_clinic):
    forget_keys()
    made = RecordSystem(redirect_uri=f"{hospital.url}/smart/callback")
    found = resources(moved("2 ACLF"), "p-1", identifier=[{"value": "R-7001"}])
    made.patients["p-1"] = found["patient"] | {"name": [{"family": "Quillfeather", "given": ["Ida"]}]}
    for key in ("results", "conditions", "statements"):
        made.resources += [entry["resource"] for entry in found[key]["entry"]]
    with running(made) as system:
        sender = add_launching_system(clinic=own_clinic, name="Record system")
        set_client(sender=sender, fhir_base=system.base, client_id=CLIENT, secret=SECRET)
        yield system


def test_a_launch_ends_on_the_visit_and_the_visit_ends(visit, own_clinic, system):
    window = visit("clinician", own_clinic)
    window.elsewhere = (system.origin,)
    window.go(f"/smart/launch?{system.launch()}")
    expect(window.page).to_have_url(re.compile("/smart/visits/"))
    expect(window.page.get_by_label("Visit", exact=True)).to_contain_text("Visit, not stored.")
    for width, colours in LOOKS:
        window.page.emulate_media(color_scheme=colours)
        window.reach(f"visit {width} {colours}", {"width": width, "height": 900})
        window.picture(f"visit-{width}-{colours}")
    window.examine("visit")
    window.page.get_by_role("button", name="End the visit").click()
    expect(window.page.get_by_text("The visit is over.")).to_be_visible()


def test_whoever_signs_in_first_goes_on_to_the_record_system(visit, own_clinic, system):
    window = visit()
    window.elsewhere = (system.origin,)
    window.go(f"/smart/launch?{system.launch()}")
    window.page.get_by_label("Sign-in name").fill(f"{own_clinic.code}-clinician")
    window.page.get_by_label("Password", exact=True).fill("liver-test")
    window.page.get_by_role("button", name="Sign in").click()
    expect(window.page).to_have_url(re.compile("/smart/visits/"))
