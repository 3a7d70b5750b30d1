import pytest

from patients.actions.errors import Refused, Stale
from patients.actions.reviews import review_cause
from patients.models import Assessment, CauseReview


def review(patient, by, verdict="excluded", **more) -> CauseReview:
    return review_cause(patient=patient, by=by, cause="vka", verdict=verdict, **more)


def test_a_verdict_is_kept_with_who_and_why(patient, clinician):
    made = review(patient, clinician, note="  never taken ")
    assert (made.verdict, made.by, made.note) == ("excluded", clinician, "never taken")


def test_a_second_verdict_is_added_to_the_first(patient, clinician):
    first = review(patient, clinician)
    review(patient, clinician, "contributing", seen=first.pk)
    verdicts = patient.reviews.values_list("verdict", flat=True)
    assert list(verdicts) == ["excluded", "contributing"]


def test_the_same_verdict_twice_is_one(patient, clinician):
    assert review(patient, clinician, note="x") == review(patient, clinician, note="x", seen=None)


def test_a_verdict_of_a_colleague_is_not_overruled_unseen(patient, clinician, colleague):
    review(patient, colleague)
    with pytest.raises(Stale) as stale:
        review(patient, clinician, "contributing", seen=None)
    assert stale.value.by == colleague
    assert patient.reviews.count() == 1


def test_a_verdict_of_a_colleague_may_be_answered(patient, clinician, colleague):
    first = review(patient, colleague)
    assert review(patient, clinician, "contributing", seen=first.pk).by == clinician


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cause": "weather"}, "not on the list"),
        ({"verdict": "maybe"}, "Choose open"),
        ({"note": "x" * 501}, "longer than 500"),
    ],
)
def test_refuses_with_a_sentence(patient, clinician, change, words):
    given = {"cause": "vka", "verdict": "excluded", "note": ""} | change
    with pytest.raises(Refused, match=words):
        review_cause(patient=patient, by=clinician, **given)


def test_a_note_of_500_characters_fits(patient, clinician):
    assert len(review(patient, clinician, note="x" * 500).note) == 500


def test_the_worklist_names_it_at_once(patient, clinician):
    review(patient, clinician, "contributing")
    assert Assessment.objects.get(patient=patient).named_causes == ["vka"]
