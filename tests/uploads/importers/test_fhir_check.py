"""What was found right once is not looked at again, and nothing else is let through by that."""

import itertools

from tests.uploads.importers.test_fhir import observation
from uploads.importers.fhir import check
from uploads.importers.fhir.check import RightParts, complaint

REFERENCE = {"reference": "Patient/p"}
DRUG = {
    "resourceType": "MedicationStatement",
    "status": "active",
    "medicationCodeableConcept": {"text": "Warfarin"},
    "subject": REFERENCE,
}
RESOURCES = [
    observation(),
    observation(performer=[{"display": "L1"}], category=[{"text": "laboratory"}]),
    # Right in another type, or in another element, or beside what is right.
    observation(category={"text": "laboratory"}),
    observation(performer={"display": "L1"}),
    observation(subject=[REFERENCE]),
    observation(subject={"reference": "Patient/p", "surprise": 1}),
    observation(code=None),
    observation(code={"text": ""}),
    observation(method={"text": "laboratory"}, valueQuantity={"value": "many"}),
    observation(referenceRange=[{"high": {"value": 40}}]),
    observation(referenceRange=[{"high": {"value": "40 U"}}]),
    DRUG,
    DRUG | {"category": [{"text": "laboratory"}]},
    DRUG | {"category": {"text": "laboratory"}},
    {name: value for name, value in DRUG.items() if name != "subject"},
]


def test_whatever_came_before_the_same_is_said_of_a_resource():
    alone = [complaint(resource) for resource in RESOURCES]
    assert {bool(wrong) for _, wrong in alone} == {True, False}
    for first, second in itertools.product(range(len(RESOURCES)), repeat=2):
        right = RightParts()
        complaint(RESOURCES[first], right=right)
        assert complaint(RESOURCES[second], right=right) == alone[second], (first, second)


def test_the_parts_of_a_wrong_resource_are_not_taken_for_right():
    right = RightParts()
    complaint(observation(performer={"display": "L1"}), right=right)
    assert not right


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(check, "_MOST", 3)
    right = RightParts()
    for number in range(9):
        assert complaint(observation(performer=[{"display": f"L{number}"}]), right=right) == ("", "")
    assert len(right) == 3
