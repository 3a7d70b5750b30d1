"""A launch from a record system, to the page of the visit: what goes on, and what never does."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role
from patients.models import Draw, Patient
from tests.uploads.interfaces.smart.conftest import back_from, begun, fill, text
from tests.uploads.interfaces.smart.record_system import CLIENT
from uploads.interfaces.smart import keys, visits
from uploads.interfaces.smart.clients import secret_of, set_client
from uploads.interfaces.smart.problems import LaunchProblem
from uploads.models import LaunchKey, Sender, VisitLook

pytestmark = pytest.mark.django_db


def refused(response, status: int, words: str) -> None:
    """A page with a sentence, and no visit in the browser."""
    assert response.status_code == status, text(response)
    assert words in text(response) and "The launch does not go on" in text(response)
    assert not response.wsgi_request.session.get(visits.VISITS)
    assert not VisitLook.objects.exists() and not Patient.objects.filter(family_name="Quillfeather").exists()


# --- what goes on ---


def test_a_launch_shows_the_patient_as_a_visit(page):
    answer = page()
    said = text(answer)
    assert answer.status_code == 200
    assert "Visit, not stored" in said and "Quillfeather" in said and "R-7001" in said
    assert "Critical" in said and "<svg" in said and "as IQ …001" in said


def test_nothing_of_a_visit_is_stored(page):
    page()
    assert not Patient.objects.exists() and not Draw.objects.exists()


def test_what_is_asked_there_is_bound_to_browser_launch_and_server(client, clinician, system, registered):
    client.force_login(clinician)
    asks = parse_qs(urlsplit(begun(client, system.launch())).query)
    assert asks["aud"] == [system.base] and asks["code_challenge_method"] == ["S256"]
    assert asks["redirect_uri"] == ["http://testserver/smart/callback"] and len(asks["state"][0]) > 30
    kinds = "Patient Observation Condition MedicationStatement MedicationRequest MedicationAdministration"
    wanted = {"launch", "openid", "fhirUser", *(f"patient/{one}.rs" for one in kinds.split())}
    assert set(asks["scope"][0].split()) == wanted


def test_this_product_signs_with_its_own_key(client, system, registered, page):
    system.method = "private_key_jwt"
    set_client(sender=registered.sender, fhir_base=system.base, client_id=CLIENT)
    system.our_keys = client.get("/smart/jwks.json").json()
    (key,) = system.our_keys["keys"]
    assert key["alg"] == "ES384" and "d" not in key
    assert "Visit, not stored" in text(page())


def test_a_slash_at_the_end_of_the_issuer_is_the_same_server(client, clinician, system, registered):
    client.force_login(clinician)
    query = system.launch().replace("%2Ffhir", "%2Ffhir%2F")
    assert begun(client, query).startswith(system.origin)


def test_who_is_in_this_record_is_opened_there(client, patient, system, launched):
    fill(system, "p-2", {"value": patient.mrn}, birthDate=patient.birth_date.isoformat())
    system.faults["token"] = {"appContext": "why"}
    visit = launched(patient="p-2").url
    answer = client.get(visit)
    assert answer.url == f"/patients/{patient.uuid}/?tab=why"
    assert not VisitLook.objects.exists()
    assert client.get(visit).status_code == 404


def test_the_number_alone_opens_nobody(client, patient, system, page):
    fill(system, "p-2", {"value": patient.mrn}, birthDate="1980-01-01")
    said = text(page("p-2"))
    assert "Visit, not stored" in said and "with another date of birth" in said
    assert "Okafor" not in said and str(patient.uuid) not in said


def test_somebody_of_another_clinic_is_not_found(system, page, other_clinic):
    mine = {"clinic": other_clinic, "mrn": "S-1", "family_name": "Secretname", "sex": "F"}
    Patient.objects.create(birth_date="1961-04-02", **mine)
    fill(system, "p-2", {"value": "S-1"}, birthDate="1961-04-02")
    said = text(page("p-2"))
    assert "Visit, not stored" in said and "Secretname" not in said and "another date of birth" not in said


def test_five_thousand_results_are_read_page_by_page(system, page):
    del system.resources[:]
    subject, now = {"reference": "Patient/p-1"}, timezone.now()
    for number in range(2500):
        at = (now - timedelta(hours=number)).isoformat()
        for code, unit, value in (("1742-6", "U/L", 90), ("6301-6", "{INR}", 1.5)):
            coding = {"coding": [{"system": "http://loinc.org", "code": code}]}
            quantity = {"value": value, "unit": unit}
            about = {"code": coding, "effectiveDateTime": at, "valueQuantity": quantity}
            kind = {"resourceType": "Observation", "status": "final", "subject": subject}
            system.resources.append(kind | about)
    said = text(page())
    assert system.asked.count("Observation") == 20
    assert "Show all 2500 draws" in said


# --- what comes back from there ---


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 600},
        {"iat": int(time.time()) + 600},
        {"nonce": "of another launch"},
        {"nonce": None},
    ],
)
def test_who_is_signed_in_there_is_checked(claims, system, launched):
    system.faults["claims"] = claims
    refused(launched(), 400, "who is signed in there")


def test_a_signature_of_another_key_is_refused(system, launched):
    system.faults["key"] = rsa.generate_private_key(65537, 2048)
    refused(launched(), 400, "InvalidSignatureError")


@pytest.mark.parametrize("alg", ["HS256", "none"])
def test_a_signature_that_anybody_can_make_is_refused(alg, system, launched):
    system.faults |= {"alg": alg, "key": "x" * 40 if alg == "HS256" else None}
    refused(launched(), 400, "who is signed in there")


def test_a_wrong_audience_ends_there(client, clinician, system, registered):
    client.force_login(clinician)
    address = begun(client, system.launch()).replace("aud=http", "aud=https")
    assert requests.get(address, allow_redirects=False, timeout=20).status_code == 400


def test_a_code_that_has_expired_is_refused(system, launched):
    system.faults["code_life"] = -1
    refused(launched(), 400, "did not take the code of this launch (invalid_grant)")


def test_a_wrong_secret_is_no_fault_of_the_person(system, registered, launched):
    set_client(sender=registered.sender, fhir_base=system.base, client_id=CLIENT, secret="wrong")
    refused(launched(), 400, "Tell whoever runs this system")


def test_the_way_back_is_taken_once(client, clinician, system, registered):
    client.force_login(clinician)
    back = back_from(begun(client, system.launch()))
    assert client.get(back).status_code == 302
    again = client.get(back)
    assert again.status_code == 400 and "used already" in text(again)


def test_a_code_of_another_launch_is_not_taken(client, clinician, system, registered):
    """The code is bound to the proof key of its own launch."""
    client.force_login(clinician)
    first, second = (back_from(begun(client, system.launch())) for _ in range(2))
    code = parse_qs(urlsplit(first).query)["code"][0]
    state = parse_qs(urlsplit(second).query)["state"][0]
    refused(client.get(f"/smart/callback?code={code}&state={state}"), 400, "invalid_grant")


def test_a_launch_is_taken_once_there(client, clinician, system, registered):
    client.force_login(clinician)
    query = system.launch()
    back_from(begun(client, query))
    assert requests.get(begun(client, query), allow_redirects=False, timeout=20).status_code == 400


def test_the_way_back_is_of_the_browser_that_was_sent(client, clinician, system, registered):
    """Nobody brings somebody else into a visit of their own choice."""
    client.force_login(clinician)
    back = back_from(begun(client, system.launch()))
    other = Client()
    other.force_login(clinician)
    refused(other.get(back), 400, "belongs to no launch of this browser")


def test_the_way_back_after_long_is_refused(client, clinician, system, registered, monkeypatch):
    client.force_login(clinician)
    back = back_from(begun(client, system.launch()))
    now = time.time
    monkeypatch.setattr("uploads.interfaces.smart.launching.time.time", lambda: now() + 700)
    refused(client.get(back), 400, "took too long")


def test_another_server_that_answers_is_refused(client, clinician, system, registered):
    client.force_login(clinician)
    back = back_from(begun(client, system.launch()))
    refused(client.get(f"{back}&iss=https://elsewhere.example"), 400, "Another server")


def test_who_says_no_reads_nothing(system, launched):
    system.faults["error"] = "access_denied"
    refused(launched(), 403, "was told not to let this product read the chart")
    assert system.asked == ["configuration"]


def test_what_an_error_says_is_not_repeated(system, launched):
    system.faults["error"] = "<b>call 0800</b>"
    answer = launched()
    refused(answer, 403, "no reason given")
    assert "0800" not in text(answer)


@pytest.mark.parametrize("patient", [None, 7, "", "..", "p-1/../p-2", "p-1?x=1"])
def test_without_a_patient_nothing_is_read(patient, system, launched):
    system.faults["token"] = {"patient": patient}
    refused(launched(), 400, "did not say which patient")


@pytest.mark.parametrize("token", [{"access_token": None}, {"token_type": "mac"}, {"token_type": None}])
def test_a_token_that_cannot_be_used_is_refused(token, system, launched):
    system.faults["token"] = token
    refused(launched(), 502, "no token that can be used")


@pytest.mark.parametrize("scope", ["launch patient/Patient.rs", "patient/Observation.rs", "user/*.rs", ""])
def test_without_results_or_patient_nothing_is_read(scope, system, launched):
    system.faults["token"] = {"scope": scope}
    refused(launched(), 403, "does not let this product read")


def test_what_else_is_not_granted_is_said(system, page):
    system.faults["token"] = {"scope": "launch patient/Patient.read patient/Observation.rs"}
    said = text(page())
    assert "did not let this product read: diagnoses, drugs as told, prescriptions, drugs as given" in said
    assert "Condition" not in system.asked


def test_the_answer_of_another_patient_is_refused(client, system, launched):
    fill(system, "p-2", {"value": "R-7002"})
    visit = launched().url
    system.faults["answers"] = "p-2"
    answer = client.get(visit)
    assert answer.status_code == 502 and "somebody else" in text(answer)
    assert "Quillfeather" not in text(answer) and not VisitLook.objects.exists()


def test_results_of_another_patient_are_left_out(system, page):
    fill(system, "p-2", {"value": "R-7002"})
    system.faults["mixed"] = True
    said = text(page())
    assert "of somebody else" in said and "were left out" in said


def test_a_second_launch_does_not_change_the_first_visit(client, system, launched):
    fill(system, "p-2", {"value": "R-7002"})
    first = launched().url
    second = launched(patient="p-2").url
    assert "R-7001" in text(client.get(first)) and "R-7002" in text(client.get(second))


def test_a_bearer_goes_to_no_other_host(client, system, launched):
    system.faults["next"] = "http://127.0.0.1:1/fhir/Observation?page=2"
    system.page = 2
    answer = client.get(launched().url)
    assert answer.status_code == 502 and "sends this product elsewhere" in text(answer)


def test_pages_that_go_round_end(system, page):
    system.page = 2
    system.faults["next"] = "Observation?patient=p-1"
    assert page().status_code == 200
    assert len(system.asked) < 12


def test_more_than_can_be_read_is_not_shown_in_part(system, page, monkeypatch):
    monkeypatch.setattr("uploads.interfaces.smart.reading.RESOURCES", 5)
    answer = page()
    assert answer.status_code == 502 and "Nothing of it is shown" in text(answer)


def test_an_answer_that_never_ends_is_given_up(client, launched, monkeypatch):
    visit = launched().url
    monkeypatch.setattr("uploads.interfaces.smart.fetching.MOST_BYTES", 500)
    answer = client.get(visit)
    assert answer.status_code == 502 and "cannot be reached, or gave an answer" in text(answer)


# --- whom one asks ---


def test_an_unknown_issuer_is_asked_nothing(client, clinician, system, registered):
    client.force_login(clinician)
    for issuer in (
        "http://169.254.169.254/",
        system.origin,
        f"{system.base}/x",
        f"{system.base}@evil.example",
        "",
    ):
        refused(client.get("/smart/launch", {"iss": issuer, "launch": "x"}), 400, "knows no record system")
    assert system.asked == []


def test_a_blocked_record_system_launches_nothing(client, clinician, system, registered):
    Sender.objects.filter(pk=registered.sender_id).update(allowed=False)
    client.force_login(clinician)
    refused(client.get(f"/smart/launch?{system.launch()}"), 400, "knows no record system")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "file:///etc/passwd", 7])
def test_addresses_that_were_not_agreed_are_not_asked(name, address, client, clinician, system, registered):
    system.faults["configuration"] = {name: address}
    client.force_login(clinician)
    refused(client.get(f"/smart/launch?{system.launch()}"), 502, f"names a {name} that is elsewhere")


def test_without_proof_keys_nobody_is_sent_there(client, clinician, system, registered):
    system.faults["configuration"] = {"code_challenge_methods_supported": ["plain"]}
    client.force_login(clinician)
    refused(client.get(f"/smart/launch?{system.launch()}"), 502, "PKCE")


def test_a_record_system_that_does_not_answer_is_said_to_be(client, clinician, system, registered):
    set_client(sender=registered.sender, fhir_base="http://127.0.0.1:1/fhir", client_id=CLIENT, secret="x")
    client.force_login(clinician)
    answer = client.get("/smart/launch", {"iss": "http://127.0.0.1:1/fhir", "launch": "x"})
    refused(answer, 502, "cannot be reached")


def test_what_it_says_of_itself_is_kept_a_while(client, clinician, system, registered):
    client.force_login(clinician)
    for _ in range(3):
        begun(client, system.launch())
    assert system.asked == ["configuration"]


def test_launches_have_a_rate(client, clinician, system, registered, monkeypatch):
    monkeypatch.setattr("uploads.interfaces.smart.views.MOST", 2)
    client.force_login(clinician)
    answers = [client.get(f"/smart/launch?{system.launch()}").status_code for _ in range(4)]
    assert answers[:2] == [302, 302] and answers[-1] == 429


# --- who may ---


def test_our_own_sign_in_comes_first_and_the_launch_goes_on(client, clinician, system, registered):
    query = system.launch()
    first = client.get(f"/smart/launch?{query}")
    assert first.url.startswith("/accounts/login/?next=")
    typed = {"login": "clinician", "password": "liver-test"}
    after = client.post(first.url, typed)
    assert after.url == f"/smart/launch?{query}"
    on = client.get(after.url)
    assert on.status_code == 200 and f'content="0; url={system.origin}/authorize?' in text(on)
    assert "Location" not in on


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DATA_MANAGER, Role.ADMINISTRATOR])
def test_whoever_reads_the_record_of_the_clinic_may(role, clinic, clinician, page):
    Membership.objects.filter(user=clinician).update(role=role)
    assert "Visit, not stored" in text(page())


def test_who_reads_no_record_is_not_sent_there(client, clinician, system, registered):
    Membership.objects.filter(user=clinician).update(role=Role.PRIVACY_OFFICER)
    client.force_login(clinician)
    assert client.get(f"/smart/launch?{system.launch()}").status_code == 403
    assert system.asked == []


def test_a_stranger_is_not_sent_there(client, stranger, system, registered):
    client.force_login(stranger)
    answer = client.get(f"/smart/launch?{system.launch()}")
    assert answer.status_code == 403 and "You do not work in this clinic" in text(answer)
    assert system.asked == []


def test_who_leaves_the_clinic_sees_the_visit_no_more(client, clinician, launched):
    visit = launched().url
    Membership.objects.filter(user=clinician).delete()
    assert client.get(visit).status_code == 403


def test_a_visit_is_of_one_browser(clinician, launched):
    visit = launched().url
    other = Client()
    other.force_login(clinician)
    assert other.get(visit).status_code == 404


# --- the token ---


def test_the_token_stands_nowhere_that_can_be_read(client, system, page, caplog):
    answer = page()
    (token,) = system.tokens
    kept = str(dict(client.session)) + str(client.cookies) + text(answer) + caplog.text
    assert token not in kept and "Quillfeather" not in caplog.text and "R-7001" not in caplog.text


def test_a_visit_that_was_ended_is_over(client, launched):
    visit = launched().url
    assert client.post(f"{visit}end/").status_code == 302
    assert client.get(visit).status_code == 404
    assert client.session[visits.VISITS] == {}
    assert client.post(f"{visit}end/").status_code == 404


def test_a_visit_ends_with_its_token(client, launched, monkeypatch):
    visit = launched().url
    now = time.time
    monkeypatch.setattr("uploads.interfaces.smart.visits.time.time", lambda: now() + 3700)
    answer = client.get(visit)
    assert answer.status_code == 410 and "This visit is over" in text(answer)
    assert client.session[visits.VISITS] == {}


def test_who_signs_out_takes_no_visit_along(client, clinician, launched):
    visit = launched().url
    client.post("/accounts/logout/")
    assert visits.VISITS not in client.session
    client.force_login(clinician)
    assert client.get(visit).status_code == 404


def test_the_next_person_has_no_visit_of_the_one_before(client, viewer, launched):
    visit = launched().url
    client.force_login(viewer)
    assert client.get(visit).status_code == 404


def test_a_few_visits_are_kept(client, launched):
    first, *_ = [launched().url for _ in range(visits.MOST + 1)]
    assert client.get(first).status_code == 404


# --- our keys ---


def test_without_a_key_the_key_set_is_empty(client, db):
    assert client.get("/smart/jwks.json").json() == {"keys": []}


def aged(key: LaunchKey, **by) -> LaunchKey:
    """Made so long ago; the database lets nobody say so of one that is there."""
    return LaunchKey(kid=key.kid, private=key.private, made_at=timezone.now() - timedelta(**by))


def test_a_new_key_is_published_before_it_signs(db, monkeypatch):
    old, new = aged(keys.make_key(), days=30), aged(keys.make_key(), minutes=5)
    monkeypatch.setattr(LaunchKey.objects, "all", lambda: [new, old])
    assert keys.signing_key().kid == old.kid
    assert [key["kid"] for key in keys.published()["keys"]] == [new.kid, old.kid]


def test_an_old_key_is_published_for_another_day(db, monkeypatch):
    old, new = aged(keys.make_key(), days=30), aged(keys.make_key(), hours=20)
    monkeypatch.setattr(LaunchKey.objects, "all", lambda: [new, old])
    assert keys.signing_key().kid == new.kid and len(keys.published()["keys"]) == 2
    new.made_at -= timedelta(hours=10)
    assert [key["kid"] for key in keys.published()["keys"]] == [new.kid]


def test_secrets_are_kept_encrypted(registered):
    key = keys.make_key()
    assert "not-so-secret" not in registered.secret and "PRIVATE" not in key.private


def test_a_key_of_another_secret_key_is_replaced_when_one_registers_anew(registered, settings):
    about = {"sender": registered.sender, "fhir_base": registered.fhir_base, "client_id": CLIENT}
    set_client(**about)
    old = keys.signing_key().kid
    settings.SECRET_KEY = "another" * 8
    assert keys.signing_key() is None and keys.published() == {"keys": []}
    set_client(**about)
    assert keys.signing_key().kid != old


def test_a_secret_of_another_secret_key_is_said(registered, settings):
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(LaunchProblem, match="cannot be read any more"):
        secret_of(registered)


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
