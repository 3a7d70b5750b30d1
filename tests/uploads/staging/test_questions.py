"""Values that only ask whether they are right: they wait, and are stored when a person says so."""

import pytest
from django.urls import reverse

from patients.models import Result
from tests.uploads.files import labs, outcomes, reasons
from tests.uploads.pages.test_views import address, drop
from tests.words import words_of
from uploads import actions
from uploads.models import Upload

pytestmark = pytest.mark.django_db
SLIP = "N-1,2025-01-01T08:00,Platelets,2.5,K/uL,,"
RATIO = "N-1,2025-01-02,prothrombin ratio,1.2,,,"
FILE = labs(SLIP, "N-1,2025-01-01,ALT,40,U/L,,")


@pytest.fixture(autouse=True)
def _people(people):
    pass


@pytest.fixture
def accept(clinic, data_manager):
    def accept(*rows: str, **asked):
        contents = [("labs.csv", labs(*rows))]
        (upload,) = actions.store(
            contents=contents, clinic=clinic, by=data_manager, accept_questions=True, **asked
        )
        return upload

    return accept


@pytest.mark.parametrize("row", [SLIP, RATIO])
def test_a_question_waits_until_it_is_accepted_and_is_the_same_from_then_on(put, accept, row):
    (waiting,) = put(labs(row))
    assert (outcomes(waiting), waiting.rows.get().asks) == (["waiting"], True)
    accepted = accept(row)
    assert (outcomes(accepted), accepted.new, accepted.waiting) == (["new"], 1, 0)
    assert "Stored: confirmed as right." in reasons(accepted)[0] and accepted.rows.get().flagged
    (again,) = put(labs(row))
    assert (outcomes(again), Result.objects.count()) == (["same"], 1)


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ("N-1,2025-01-01,Zonulin,300,U/L,,", "waiting"),
        ("N-1,2025-01-01,ALT,40,furlongs,,", "waiting"),
        ("N-1,2025-01-01,ALT,pending,U/L,,", "waiting"),
        ("N-9,2025-01-01,Platelets,2.5,K/uL,,", "waiting"),
        ("N-1,2025-01-01,ALT,60000,U/L,,", "refused"),
        ("N-1,2025-01-01,Albumin,3.5,g/L,,", "refused"),
        ("N-1,2199-01-01,Platelets,2.5,K/uL,,", "refused"),
    ],
)
def test_nothing_else_is_ever_accepted(accept, row, outcome):
    upload = accept(row)
    assert (outcomes(upload), upload.rows.get().asks) == ([outcome], False)
    assert not Result.objects.exists()


def test_an_accepted_value_that_differs_needs_its_own_yes(accept, put):
    put(labs("N-1,2025-01-01T08:00,Platelets,90,K/uL,,"))
    assert outcomes(accept(SLIP)) == ["changed"]
    assert Result.objects.get(status="final").value == 90
    accept(SLIP, apply_changes=True)
    assert Result.objects.get(status="corrected").value == 2.5


def test_the_preview_asks_and_the_tick_stores(manager):
    page = words_of(drop(manager, FILE))
    assert "This value is right: store it too" in page and "Is this right?" in page
    manager.post(address("store"), {"accept_questions": "on"})
    upload = Upload.objects.order_by("pk").last()
    assert (upload.read, upload.new, upload.waiting, Result.objects.count()) == (2, 2, 0, 2)


def test_without_the_tick_the_question_stays_and_the_rest_is_stored(manager):
    drop(manager, FILE)
    manager.post(address("store"))
    upload = Upload.objects.order_by("pk").last()
    assert (upload.new, upload.waiting, Result.objects.get().analyte) == (1, 1, "ALT")
    page = words_of(manager.get(reverse("uploads:preview", args=[upload.batch])))
    assert "accept_questions" not in page and "tick that the value is right" in page


def test_an_accepted_value_is_undone_with_its_file(accept, data_manager):
    actions.undo(uploads=[accept(SLIP)], by=data_manager)
    assert Result.objects.get().status == "withdrawn"
