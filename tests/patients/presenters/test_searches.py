"""A search by name: posted, kept in the session, and named in the address by an id."""

from django.test import Client
from django.urls import reverse

from patients.actions.assess import assess
from patients.searches import KEPT, KEY


def search(client, text: str, **more):
    return client.post(reverse("patients:search"), {"q": text, **more})


def shown(client, address: str) -> str:
    return client.get(address).content.decode()


def test_no_address_holds_what_was_searched(client, clinician, patient):
    assess([patient.pk])
    client.force_login(clinician)
    address = search(client, " okafor ").url
    assert "okafor" not in address.lower()
    page = shown(client, address)
    assert "Okafor, Ada" in page and 'value="okafor"' in page
    # Every link of the list holds the id, none the words.
    assert "q=okafor" not in page and address.removeprefix("/?") in page


def test_back_and_reload_find_the_earlier_search(client, clinician, patient):
    assess([patient.pk])
    client.force_login(clinician)
    first, second = search(client, "okafor").url, search(client, "nobody").url
    assert first != second and search(client, "okafor").url == first
    assert "Okafor, Ada" in shown(client, first)
    assert "No patient matches." in shown(client, second)


def test_an_address_of_before_leads_to_one_with_an_id(client, clinician):
    client.force_login(clinician)
    response = client.get("/?q=okafor&grade=critical")
    assert response.status_code == 302 and "okafor" not in response.url and "grade=critical" in response.url


def test_an_empty_search_is_the_list(client, clinician):
    client.force_login(clinician)
    assert search(client, "  ").url.rstrip("?") == "/"


def test_in_another_session_the_id_says_nothing_and_the_page_says_so(client, clinician, patient):
    assess([patient.pk])
    client.force_login(clinician)
    address = search(client, "nobody").url
    other = Client()
    other.force_login(clinician)
    page = shown(other, address)
    assert "This search ended with its session" in page and "Okafor, Ada" in page and "nobody" not in page


def test_only_the_newest_searches_are_kept(client, clinician):
    client.force_login(clinician)
    for number in range(KEPT + 5):
        search(client, f"name{number}")
    kept = list(client.session[KEY].values())
    assert len(kept) == KEPT and kept[-1] == f"name{KEPT + 4}"


def test_the_call_list_keeps_the_search(client, clinician):
    client.force_login(clinician)
    client.get(reverse("patients:call-list") + search(client, "zzz").url.removeprefix("/"))
    address = search(client, "zzz").url.removeprefix("/")
    assert client.get(reverse("patients:call-list") + address).context["back"].startswith("/?search=")
