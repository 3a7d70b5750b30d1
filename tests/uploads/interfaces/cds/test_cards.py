"""The cards: which there are, what they say, and that they say what the product says of the same record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from interpretation import Event, interpret
from interpretation.record.records import SaidElsewhere
from tests.interpretation.vignettes import VIGNETTES
from tests.uploads.interfaces.cds.record_system import request_body, resources
from uploads.interfaces.cds import asked, supplied
from uploads.interfaces.cds.cards import CardLinks, cards

LINKS = CardLinks("https://liver.example/knowledge/")
EXPECTED = {
    "1 progressive CLD": "info",
    "2 ACLF": "critical",
    "3 post-acute injury, failing": "critical",
    "4 post-acute injury, recovering": "",
    "5 DILI, two draws": "warning",
    "6 noise": "",
    "7 warfarin started": "info",
    "8 plasma given": "critical",
    "9a cholestasis and antibiotics": "warning",
    "9b then vitamin K": "",
    "10 Fontan": "info",
    "11 two laboratories": "info",
    "12 burnt-out cirrhosis": "info",
}


def read(case, zone, **person):
    hook = asked.HookRequest(None, "Practitioner/7", "p-1", resources(case, **person))
    return supplied.read(hook, zone=zone, at=case.as_of)


@pytest.fixture
def zone(db, clinic):
    return clinic.zone


@pytest.mark.parametrize("name", VIGNETTES)
def test_what_was_supplied_is_read_as_the_record_is(name, zone):
    case = VIGNETTES[name][0]
    found = read(case, zone)
    assert found.unread == ()
    ours, theirs = interpret(case), interpret(found.case)
    assert (theirs.dissociation.grade, theirs.urgency.level) == (ours.dissociation.grade, ours.urgency.level)
    assert theirs.dissociation.inr_to == ours.dissociation.inr_to


@pytest.mark.parametrize(("name", "indicator"), EXPECTED.items())
def test_indicator_is_the_urgency(name, indicator, zone):
    found = read(VIGNETTES[name][0], zone)
    answered = cards(found, interpret(found.case), LINKS)
    assert [card["indicator"] for card in answered] == ([indicator] if indicator else [])


@pytest.mark.parametrize("name", [name for name, indicator in EXPECTED.items() if indicator])
def test_a_card_is_short_and_whole(name, zone):
    found = read(VIGNETTES[name][0], zone)
    report = interpret(found.case)
    (card,) = cards(found, report, LINKS)
    assert 0 < len(card["summary"]) < 140
    assert (
        "bleed" not in card["detail"].replace("variceal bleeding", "") and "plasma to" not in card["detail"]
    )
    assert "vitamin K 10 mg" not in card["detail"].lower()
    assert f"Rests on {len(found.case.draws)} draws" in card["detail"]
    codes = [reason["code"] for reason in card["overrideReasons"]]
    assert codes[-1] == "known" and {"vka", "doac", "vitamin_k_deficiency"} <= set(codes)
    assert len(codes) == len(set(codes))
    assert all(_is_filled(value) for value in card.values())


def _is_filled(value) -> bool:
    return value not in (None, "", [], {})


def test_not_interpretable_says_why(zone):
    found = read(VIGNETTES["7 warfarin started"][0], zone)
    (card,) = cards(found, interpret(found.case), LINKS)
    assert card["summary"].startswith("INR not interpretable: the latest INR, 2.6 on 30 Jun 2025, cannot")
    assert "Warfarin since 9 Jun 2025" in card["detail"]


def test_a_prescription_tells_of_an_anticoagulant(zone):
    case = VIGNETTES["7 warfarin started"][0]
    prefetch = resources(replace(case, events=()))
    request = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p-1"},
        "medicationCodeableConcept": {"text": "Warfarin 5 mg tablets"},
        "authoredOn": "2025-06-09",
    }
    prefetch["requests"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": request}]}
    found = supplied.read(asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=case.as_of)
    assert [event.kind for event in found.case.events] == ["vka"]
    assert interpret(found.case).dissociation.grade == "not_interpretable"


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error", "unknown"])
def test_a_prescription_that_was_never_in_force_tells_nothing(status, zone):
    case = VIGNETTES["6 noise"][0]
    request = {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p-1"},
        "medicationCodeableConcept": {"text": "Warfarin"},
        "authoredOn": "2025-06-09",
    }
    hook = asked.HookRequest(None, "u", "p-1", resources(case) | {"requests": request})
    assert supplied.read(hook, zone=zone, at=case.as_of).case.events == ()


def test_results_of_somebody_else_are_left_alone(zone):
    case, other = VIGNETTES["6 noise"][0], VIGNETTES["2 ACLF"][0]
    prefetch = resources(case) | {"others": resources(other, "p-2")["results"]}
    found = supplied.read(asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=case.as_of)
    assert len(found.case.draws) == len(case.draws)
    assert found.others == sum(len(draw.results) for draw in other.draws)


def test_what_cannot_be_read_is_counted_on_the_card(zone):
    case = VIGNETTES["2 ACLF"][0]
    prefetch = resources(case)
    prefetch["results"]["entry"][0]["resource"]["valueQuantity"] = {"value": 420, "unit": "furlongs"}
    found = supplied.read(asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=case.as_of)
    (card,) = cards(found, interpret(found.case), LINKS)
    assert "1 result could not be read: " in card["detail"] and "furlongs" in card["detail"]


@pytest.mark.parametrize(("relation", "is_said"), [("next", True), ("self", False)])
def test_a_card_says_that_only_the_first_page_came(relation, is_said, zone):
    """The public sandbox asks for no second one."""
    case = VIGNETTES["2 ACLF"][0]
    prefetch = resources(case)
    prefetch["results"]["link"] = [{"relation": relation, "url": "https://records.example/fhir?page=2"}]
    found = supplied.read(asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=case.as_of)
    (card,) = cards(found, interpret(found.case), LINKS)
    assert ("There is more in the record system than was supplied." in card["detail"]) == is_said


def test_without_drugs_the_card_asks(zone):
    case = VIGNETTES["2 ACLF"][0]
    prefetch = {key: value for key, value in resources(case).items() if key != "statements"}
    found = supplied.read(asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=case.as_of)
    (card,) = cards(found, interpret(found.case), LINKS)
    assert "No drugs were supplied: ask whether an anticoagulant is taken." in card["detail"]


def test_a_bound_and_zero_stay_what_they_are(zone):
    prefetch = resources(VIGNETTES["6 noise"][0])
    first, second = (entry["resource"] for entry in prefetch["results"]["entry"][:2])
    first["valueQuantity"] |= {"value": 5, "comparator": "<"}
    second["valueQuantity"] |= {"value": 0}
    found = supplied.read(
        asked.HookRequest(None, "u", "p-1", prefetch), zone=zone, at=VIGNETTES["6 noise"][0].as_of
    )
    told = {(one.value, one.comparator) for draw in found.case.draws for one in draw.results}
    assert {(5.0, "<"), (0.0, "")} <= told


def test_nothing_that_was_typed_becomes_markdown(zone):
    case = VIGNETTES["7 warfarin started"][0]
    drug = replace(case.events[0], label="[Warfarin](https://evil.example) <b>")
    found = read(replace(case, events=(drug,)), zone)
    (card,) = cards(found, interpret(found.case), LINKS)
    assert r"\[Warfarin\](https://evil.example) \<b\>" in card["detail"]


def test_a_reason_given_elsewhere_is_evidence_and_no_verdict():
    case = VIGNETTES["1 progressive CLD"][0]
    said = SaidElsewhere("vka", case.as_of - timedelta(days=1), "EHR", "since last week")
    before, after = interpret(case), interpret(replace(case, said=(said,)))
    cause = next(one for one in after.causes if one.key == "vka")
    assert cause.recorded == ("Said in EHR on 1 Jul 2026: “since last week”",)
    assert cause.verdict == "pending"
    assert (after.dissociation.grade, after.urgency.level) == (
        before.dissociation.grade,
        before.urgency.level,
    )
    later = replace(said, on=case.as_of + timedelta(days=1))
    assert interpret(replace(case, said=(later,))).causes == before.causes


def test_a_date_alone_has_no_hour(zone):
    prefetch = resources(VIGNETTES["6 noise"][0])
    for entry in prefetch["results"]["entry"]:
        entry["resource"]["effectiveDateTime"] = entry["resource"]["effectiveDateTime"][:10]
    hook = asked.HookRequest(None, "u", "p-1", prefetch)
    found = supplied.read(hook, zone=zone, at=VIGNETTES["6 noise"][0].as_of)
    assert [draw.hour_known for draw in found.case.draws] == [False] * len(found.case.draws)


def test_events_of_a_case_come_through(zone):
    case = VIGNETTES["8 plasma given"][0]
    assert [event.kind for event in read(case, zone).case.events] == ["plasma"]
    assert isinstance(read(case, zone).case.events[0], Event)


def test_a_body_of_the_hook_is_read():
    body = request_body(resources(VIGNETTES["6 noise"][0]))
    assert body["hook"] == "patient-view"
