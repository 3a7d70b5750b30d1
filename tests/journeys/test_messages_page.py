"""Messages of another system on the Uploads page: a name that a person maps, and one set aside."""

import pytest
from playwright.sync_api import expect

from patients.models import Result
from tests.uploads.oru import obx, oru
from uploads.interfaces import messages, senders

from .record import people_file
from .test_uploads import drop, file


@pytest.fixture
def sender(own_clinic):
    return senders.add_sender(clinic=own_clinic, name="North analyser")[0]


def test_a_message_with_an_unknown_name_is_stored_once_the_name_has_a_meaning(visit, own_clinic, sender):
    window = visit("data_manager", own_clinic)
    page = window.page
    drop(window, [file("people.csv", people_file("N-1,Ito,Mai,F,1970-05-01"))])
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    messages.receive(sender=sender, raw=oru(obx("LW^Leberwert^L"), obx("1920-8^AST^LN", n=2), id="M-7"))
    messages.receive(sender=sender, raw=oru(id="M-8", live="T"))

    window.go("/uploads/")
    window.examine("uploads-messages")
    page.get_by_role("link", name="M-7", exact=True).click()
    heading = page.get_by_role("heading", name="A message of North analyser that needs a person")
    expect(heading).to_be_visible()
    window.examine("message-waiting")
    page.get_by_label("Leberwert").select_option(label="ALT")
    page.get_by_role("button", name="Remember and store again").click()
    expect(page.get_by_text("1 message that waited for this was stored again.")).to_be_visible()
    expect(page.get_by_role("heading", name="Not known here")).to_have_count(0)
    window.examine("message-stored")
    kept = Result.objects.filter(draw__patient__clinic=own_clinic).values_list("analyte", flat=True)
    assert set(kept) == {"ALT", "AST"}

    window.go("/uploads/mappings/")
    window.examine("mappings")
    window.go("/uploads/")
    page.get_by_role("button", name="Set aside: message M-8").click()
    expect(page.get_by_text("No message needs a person.")).to_be_visible()
