"""The service by the SHALLs of CDS Hooks 2.0, each a test named after it, and what becomes of feedback."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from fhir.resources.R4B.operationoutcome import OperationOutcome

from accounts.models import PatientAccess
from interpretation.knowledge import load
from patients.models import CauseReview, Patient, Result
from patients.report.panel import case_for
from tests.interpretation.vignettes import VIGNETTES
from tests.uploads.interfaces.cds.conftest import SERVICE
from tests.uploads.interfaces.cds.record_system import request_body, resources, token
from uploads.interfaces.cds.tokens import key_set
from uploads.interfaces.smart.clients import set_client
from uploads.models import HookCard, HookFeedback, Sender

pytestmark = pytest.mark.django_db
FEEDBACK = f"{SERVICE}/feedback"
BLOCKS = Path(__file__).parents[5] / "shared" / "data" / "interop" / "cds-hooks"


def moved(name: str):
    """A vignette that ended yesterday."""
    case = VIGNETTES[name][0]
    by = datetime.now(UTC) - timedelta(hours=6) - case.draws[-1].taken_at
    return replace(
        case,
        draws=tuple(replace(draw, taken_at=draw.taken_at + by, id="") for draw in case.draws),
        events=tuple(
            replace(one, started_at=one.started_at + by, ended_at=one.ended_at and one.ended_at + by)
            for one in case.events
        ),
    )


@pytest.fixture
def aclf():
    return resources(moved("2 ACLF"))


@pytest.fixture
def recorded(patient, aclf):
    """The same person in the record."""
    aclf["patient"] |= {"birthDate": patient.birth_date.isoformat(), "identifier": [{"value": patient.mrn}]}
    return patient


def outcome(response) -> str:
    assert response["Content-Type"].startswith("application/fhir+json")
    return OperationOutcome.model_validate(response.json()).issue[0].diagnostics


# --- discovery ---


def test_discovery_shall_list_services_with_hook_description_and_id(client):
    (service,) = client.get("/cds-services").json()["services"]
    assert (service["hook"], service["id"]) == ("patient-view", "liver-dissociation")
    assert service["title"] and service["description"]
    assert set(service["prefetch"]) >= {"patient", "results", "conditions", "statements", "requests"}


def test_prefetch_templates_shall_use_only_what_every_system_resolves(client):
    (service,) = client.get("/cds-services").json()["services"]
    for template in service["prefetch"].values():
        assert template.count("{{") == template.count("{{context.patientId}}") == 1


def test_discovery_asks_for_every_test_of_ours(client):
    (service,) = client.get("/cds-services").json()["services"]
    codes = service["prefetch"]["results"].partition("code=")[2].partition("&")[0].split(",")
    assert {"1742-6", "1920-8", "6301-6"} <= set(codes)


# --- the request ---


def test_service_shall_answer_200_with_an_array_of_cards(post, aclf):
    response = post(request_body(aclf))
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    (card,) = response.json()["cards"]
    assert card["indicator"] == "critical" and card["source"]["label"].startswith("Liver dissociation")
    assert UUID(card["uuid"])


def test_no_guidance_shall_be_an_empty_array(post):
    response = post(request_body(resources(moved("6 noise"))))
    assert (response.status_code, response.json()) == (200, {"cards": []})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hook": None}, "“hook” is missing"),
        ({"hook": "order-sign"}, "answers the hook “patient-view”"),
        ({"hookInstance": None}, "“hookInstance” is missing"),
        ({"hookInstance": "7"}, "“hookInstance” is no UUID"),
        ({"context": None}, "“context” is missing"),
        ({"context": []}, "“context” is no object"),
        ({"context": {"userId": "Practitioner/7"}}, "“context.patientId” is missing"),
        ({"context": {"patientId": "p-1"}}, "“context.userId” is missing"),
        ({"context": {"userId": 7, "patientId": "p-1"}}, "“context.userId” is missing or no text"),
    ],
)
def test_a_request_that_is_not_whole_shall_be_refused(change, said, post, aclf):
    response = post(request_body(aclf, **change))
    assert response.status_code == 400
    assert said in outcome(response)


def test_prefetch_shall_be_an_object(post):
    assert "“prefetch” is no object" in outcome(post(request_body([1])))


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null", "[" * 5000])
def test_a_body_that_is_no_json_object_shall_be_refused(body, post):
    assert post(body).status_code == 400


def test_fields_that_are_not_known_shall_be_ignored(post, aclf):
    assert post(request_body(aclf, extension={"com.example": 1}, unknown=[1])).status_code == 200


@pytest.mark.parametrize(
    "missing",
    [None, {"resourceType": "OperationOutcome", "issue": []}, {"resourceType": "Bundle", "entry": []}],
)
def test_prefetch_that_could_not_be_had_shall_be_done_without(missing, post, aclf):
    response = post(request_body(aclf | {"conditions": missing, "statements": missing}))
    assert (response.status_code, len(response.json()["cards"])) == (200, 1)


@pytest.mark.parametrize("key", ["patient", "results", "conditions", "statements"])
def test_each_template_may_be_left_out_and_what_is_there_is_read(key, post, aclf):
    response = post(request_body({name: value for name, value in aclf.items() if name != key}))
    assert response.status_code == (412 if key == "results" else 200)


@pytest.mark.parametrize("prefetch", [None, {}, {"patient": None}, {"results": {"resourceType": "Bundle"}}])
def test_without_anything_usable_shall_be_412(prefetch, post):
    response = post(request_body(prefetch))
    assert response.status_code == 412
    assert outcome(response)


def test_a_method_that_is_not_defined_shall_be_refused(client, system):
    assert client.get(SERVICE).status_code == 405
    assert client.post("/cds-services").status_code == 405


# --- security ---


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://other.example"}, "issuer is not known"),
        ({"iss": None}, "issuer is not known"),
        ({"aud": "https://liver.example/cds-services"}, "Audience"),
        ({"aud": None}, "aud"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"jti": None}, "jti"),
        ({"iat": None}, "iat"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"exp": 4_000_000_000}, "more than an hour"),
    ],
)
def test_a_token_that_is_not_for_this_call_shall_be_refused(claims, said, post, keys, aclf):
    response = post(request_body(aclf), bearer=token(keys, f"http://testserver{SERVICE}", **claims))
    assert response.status_code == 401
    assert said in outcome(response)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_shall_be_taken_once(post, keys, aclf):
    bearer = token(keys, f"http://testserver{SERVICE}")
    assert [post(request_body(aclf), bearer=bearer).status_code for _ in range(2)] == [200, 401]


def test_a_signature_of_another_key_shall_be_refused(post, keys, aclf):
    bearer = token(keys, f"http://testserver{SERVICE}", kid="other", headers={"kid": "one"})
    assert post(request_body(aclf), bearer=bearer).status_code == 401


def test_a_token_that_is_not_signed_shall_be_refused(post, keys, aclf):
    head, body, _signature = token(keys, f"http://testserver{SERVICE}").split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    for bearer in (f"{none}.{body}.", f"{head}.{body}.", "x", "a.b.c"):
        assert post(request_body(aclf), bearer=bearer).status_code == 401


def test_a_shared_secret_shall_not_do(post, keys, aclf):
    import jwt

    claims = jwt.decode(token(keys, f"http://testserver{SERVICE}"), options={"verify_signature": False})
    bearer = jwt.encode(
        claims, "a secret that both have agreed on, long", algorithm="HS256", headers={"kid": "one"}
    )
    assert post(request_body(aclf), bearer=bearer).status_code == 401


@pytest.mark.parametrize("algorithm", ["ES384", "RS384", "RS256"])
def test_recommended_algorithms_shall_be_taken(algorithm, post, keys, aclf):
    kid = "one" if algorithm.startswith("ES") else "rsa"
    keys.key(kid, "EC" if kid == "one" else "RSA")
    keys.published.add(kid)
    bearer = token(keys, f"http://testserver{SERVICE}", kid=kid, algorithm=algorithm)
    assert post(request_body(aclf), bearer=bearer).status_code == 200


def test_keys_are_kept_and_a_new_one_is_looked_for(post, keys, aclf):
    for _ in range(3):
        assert post(request_body(aclf)).status_code == 200
    assert keys.asked == 1
    keys.published = {"two"}
    bearer = token(keys, f"http://testserver{SERVICE}", kid="two")
    assert post(request_body(aclf), bearer=bearer).status_code == 401
    assert keys.asked == 1, "whoever makes up key ids does not make us ask each time"
    key_set(keys.address).cooldown_duration = 0
    assert post(request_body(aclf), bearer=bearer).status_code == 200
    assert keys.asked == 2


def test_keys_that_are_elsewhere_than_agreed_shall_be_refused(post, keys, aclf):
    bearer = token(keys, f"http://testserver{SERVICE}", headers={"jku": "https://evil.example/jwks"})
    assert post(request_body(aclf), bearer=bearer).status_code == 401


def test_keys_that_cannot_be_fetched_are_said_to_be_away(post, keys, system, aclf):
    type(system).objects.filter(pk=system.pk).update(key_set="http://127.0.0.1:9/jwks")
    response = post(request_body(aclf))
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_who_is_blocked_is_refused(post, system, aclf):
    type(system).objects.filter(pk=system.pk).update(allowed=False)
    assert post(request_body(aclf)).status_code == 401


def test_too_many_requests_are_told_to_wait(post, aclf, settings):
    settings.SENDER_RATE = 1
    answers = [post(request_body(aclf)) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert int(answers[1]["Retry-After"]) <= 60


def test_scripts_of_agreed_origins_shall_be_let_in_and_no_other(client, settings):
    settings.CDS_ORIGINS = ["https://records.example"]
    for origin, allowed in (("https://records.example", True), ("https://evil.example", False)):
        response = client.options(SERVICE, headers={"Origin": origin})
        assert response.status_code == 204
        assert ("Access-Control-Allow-Origin" in response) == allowed
        assert "Origin" in response["Vary"]


# --- the record ---


def test_of_somebody_who_is_not_in_the_record_nothing_is_stored(post, aclf):
    post(request_body(aclf))
    assert not (Patient.objects.exists() or Result.objects.exists())
    assert not (HookCard.objects.exists() or PatientAccess.objects.exists())


def test_whoever_is_in_the_record_is_read_with_it_and_the_look_is_logged(post, aclf, recorded, system):
    (card,) = post(request_body(aclf)).json()["cards"]
    assert card["links"][0]["url"].endswith(f"/patients/{recorded.uuid}/")
    assert card["links"][0]["type"] == "absolute"
    look = PatientAccess.objects.get()
    assert (look.user, look.patient, look.page) == (system.user, recorded, "cds-hooks")
    assert HookCard.objects.get().patient == recorded
    assert not Result.objects.exists()


@pytest.mark.parametrize(
    "change", [{"birthDate": "1950-01-01"}, {"identifier": [{"value": "X-1"}]}, {"birthDate": None}]
)
def test_another_birth_date_or_number_is_somebody_else(change, post, aclf, recorded):
    aclf["patient"] = {key: value for key, value in (aclf["patient"] | change).items() if value is not None}
    (card,) = post(request_body(aclf)).json()["cards"]
    assert "links" not in card
    assert not PatientAccess.objects.exists()


def test_a_patient_of_another_clinic_is_nobody(post, aclf, recorded, other_clinic):
    Patient.objects.filter(pk=recorded.pk).update(clinic=other_clinic)
    (card,) = post(request_body(aclf)).json()["cards"]
    assert "links" not in card


def test_results_that_are_in_the_record_count_once(post, aclf, recorded, make_draw):
    draw = moved("2 ACLF").draws[-1]
    make_draw(recorded, draw.taken_at, INR=2.6)
    (card,) = post(request_body(aclf)).json()["cards"]
    assert card["indicator"] == "critical"


def test_of_a_silent_clinic_there_is_no_card(post, aclf, recorded, clinic):
    type(clinic).objects.filter(pk=clinic.pk).update(
        is_silent=True, silent_why="Before the figures are known"
    )
    response = post(request_body(aclf))
    assert (response.status_code, response.json()) == (200, {"cards": []})
    assert not HookCard.objects.exists()


# --- feedback ---


def told(card: str, reason: str = "vka", at: str = "2026-03-01T10:00:00Z", **entry) -> dict:
    system = "urn:liver-dissociation:override-reason"
    given = {"reason": {"code": reason, "system": system}, "userComment": "since last week"}
    return {
        "feedback": [
            {"card": card, "outcome": "overridden", "outcomeTimestamp": at, "overrideReason": given} | entry
        ]
    }


@pytest.fixture
def card(post, aclf, recorded) -> str:
    return post(request_body(aclf)).json()["cards"][0]["uuid"]


def cause_of(patient: Patient, key: str = "vka"):
    from interpretation import interpret

    patient.refresh_from_db()
    return next(one for one in interpret(case_for(patient, datetime.now(UTC))).causes if one.key == key)


def test_a_reason_that_is_a_cause_is_evidence_on_the_board_and_no_verdict(post, card, recorded):
    assert post(told(card), to=FEEDBACK).status_code == 200
    cause = cause_of(recorded)
    assert cause.recorded == ("Said in EHR on 1 Mar 2026: “since last week”",)
    assert cause.verdict == "pending"
    assert not CauseReview.objects.exists()


def test_the_same_feedback_again_is_one(post, card, recorded):
    for _ in range(2):
        assert post(told(card), to=FEEDBACK).status_code == 200
    assert HookFeedback.objects.count() == 1
    assert len(cause_of(recorded).recorded) == 1


@pytest.mark.parametrize(
    "entry",
    [
        {"outcome": "accepted", "overrideReason": None},
        {"overrideReason": None},
        {"overrideReason": {"userComment": "x"}},
    ],
)
def test_feedback_without_a_cause_is_kept_and_is_no_evidence(entry, post, card, recorded):
    assert post(told(card, **entry), to=FEEDBACK).status_code == 200
    assert HookFeedback.objects.count() == 1
    assert cause_of(recorded).recorded == ()


def test_known_is_a_reason_and_no_cause(post, card, recorded):
    assert post(told(card, "known"), to=FEEDBACK).status_code == 200
    recorded.refresh_from_db()
    assert recorded.said_elsewhere == []


def test_a_card_of_somebody_unknown_is_taken_and_nothing_kept(post, system):
    assert post(told(str(uuid4())), to=FEEDBACK).status_code == 200
    assert not HookFeedback.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"feedback": []},
        {"feedback": [7]},
        told("no-uuid"),
        told(str(uuid4()), outcome="ignored"),
        told(str(uuid4()), at="yesterday"),
        told(str(uuid4()), at="2026-03-01T10:00:00"),
        told(str(uuid4()), at=None),
    ],
)
def test_feedback_that_is_not_as_defined_shall_be_refused(body, post, system):
    response = post(body, to=FEEDBACK)
    assert response.status_code == 400
    assert outcome(response)


def test_every_reason_offered_is_taken_back(post, card, recorded):
    offered = ["vka", "doac", "vitamin_k_deficiency"]
    assert set(offered) <= set(load("causes")["cause"])
    for number, code in enumerate(offered):
        assert post(told(card, code, at=f"2026-03-01T10:00:0{number}Z"), to=FEEDBACK).status_code == 200
    assert all(cause_of(recorded, code).recorded for code in offered)


# --- the specification's own blocks ---


@pytest.mark.skipif(not BLOCKS.is_dir(), reason="the blocks of the specification are not here")
def test_the_requests_of_the_specification_are_answered(post):
    seen = 0
    for file in sorted(BLOCKS.glob("*.json")):
        body = json.loads(file.read_text())
        if isinstance(body, dict) and {"hook", "hookInstance", "context"} <= set(body):
            seen += 1
            response = post(body)
            assert response.status_code == (412 if "patientId" in body["context"] else 400), file.name
            assert outcome(response)
    assert seen >= 2


@pytest.mark.skipif(not BLOCKS.is_dir(), reason="the blocks of the specification are not here")
def test_our_cards_have_the_fields_of_the_specifications_cards(post, aclf):
    theirs = [
        card
        for file in sorted(BLOCKS.glob("*.json"))
        if isinstance(body := json.loads(file.read_text()), dict)
        for card in body.get("cards", [])
    ]
    known = {name for card in theirs for name in card} | {"overrideReasons"}
    (card,) = post(request_body(aclf)).json()["cards"]
    assert theirs and set(card) <= known
    assert {"summary", "indicator", "source"} <= set(card)


# --- the command ---


def test_a_record_system_is_added_by_name_and_keys(clinic, capsys):
    about = ("--clinic", clinic.code, "--issuer", "https://a.example", "--keys", "https://a.example/jwks")
    call_command("add_record_system", "EHR", *about)
    assert capsys.readouterr().out.startswith("EHR may ask /cds-services for ")
    system = Sender.objects.get()
    assert (system.issuer, system.key_set, system.tokens.count()) == (
        "https://a.example",
        "https://a.example/jwks",
        0,
    )
    with pytest.raises(CommandError, match="Another sender signs as https://a.example already"):
        call_command("add_record_system", "Other", *about)


@pytest.mark.parametrize(
    ("issuer", "keys"), [("", "https://a.example/jwks"), ("https://a.example", "file:///etc")]
)
def test_a_record_system_needs_issuer_and_keys(issuer, keys, clinic):
    with pytest.raises(CommandError, match="Name the issuer of its tokens"):
        call_command("add_record_system", "EHR", "--clinic", clinic.code, "--issuer", issuer, "--keys", keys)


def test_the_clinic_of_a_record_system_is_known(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command(
            "add_record_system", "EHR", "--clinic", "nowhere", "--issuer", "x", "--keys", "https://x"
        )


# --- and launches ---


def test_a_card_links_into_this_app_where_the_record_system_launches_it(post, system, aclf):
    about = {"fhir_base": "https://records.example/fhir", "client_id": "liver", "secret": "x"}
    set_client(sender=system, **about)
    (card,) = post(request_body(aclf)).json()["cards"]
    (link,) = card["links"]
    assert (link["type"], link["url"]) == ("smart", "http://testserver/smart/launch")
    assert link["appContext"] == "why" and link["label"]


def test_a_card_has_no_such_link_elsewhere(post, aclf):
    (card,) = post(request_body(aclf)).json()["cards"]
    assert "links" not in card
