"""A chart review of invented patients, its three people, and answers."""

from datetime import date

import pytest

from accounts.models import Membership, Role, User
from patients.actions.chart_review import add_labels, make_review
from patients.models import Patient
from tests.patients.chart_review.answers import said


@pytest.fixture
def reviewers(clinic, clinician) -> dict[str, User]:
    people = {"first": clinician}
    for name in ("second", "decider"):
        people[name] = User.objects.create_user(name, password="liver-test")
        Membership.objects.create(user=people[name], clinic=clinic, role=Role.CLINICIAN)
    return people


@pytest.fixture
def ward(clinic, make_draw) -> list[Patient]:
    """Four people whose ALT falls while their INR rises, four who are well; three draws each."""
    people = []
    for number in range(8):
        ill = number < 4
        patient = Patient.objects.create(
            clinic=clinic, mrn=f"Q-{number}", family_name=f"Zwingli{number}", birth_date="1950-01-01", sex="F"
        )
        for month, alt, inr in ((1, 160, 1.1), (3, 90, 1.4), (5, 45, 1.8)):
            make_draw(
                patient,
                f"2026-0{month}-01T08:00",
                ALT=(alt if ill else 30, 40),
                INR=(inr if ill else 1.0, 1.2),
            )
        people.append(patient)
    return people


@pytest.fixture
def review(clinic, clinician, reviewers, ward):
    return make_review(
        clinic=clinic, by=clinician, name="Spring", people=reviewers, since=date(2026, 4, 1), size=8, seed=3
    )


@pytest.fixture
def answer(review):
    """answer(user, {number: yes or no}): their labels."""

    def add(user, answers: dict[int, bool]) -> int:
        return add_labels(
            review=review, by=user, labels={number: said(one) for number, one in answers.items()}
        )

    return add


@pytest.fixture
def complete(review, reviewers, answer):
    """The second misses one of the ill and names one who is well; the third decides: ill, and well."""
    truth = {
        item.number: item.grade in ("critical", "established", "possible") for item in review.items.all()
    }
    ill = next(number for number, one in truth.items() if one)
    well = next(number for number, one in truth.items() if not one)
    answer(reviewers["first"], truth)
    answer(reviewers["second"], truth | {ill: False, well: True})
    answer(reviewers["decider"], {ill: True, well: False})
    return review
