"""Marked results: stored and graded, confirmed or decided by a person, asked of whoever types."""

import pytest

from patients.actions.draws import confirm_result, correct_draw, count_instead
from patients.actions.errors import Refused
from patients.models import Result
from patients.values.validation import read_result
from tests.uploads.files import LABS_HEADER, PEOPLE, labs
from uploads import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(clinic, data_manager):
    def put(*contents: bytes):
        return actions.store(
            contents=[(f"{n}.csv", content) for n, content in enumerate(contents)],
            clinic=clinic,
            by=data_manager,
        )

    put(PEOPLE.encode())
    return put


@pytest.fixture
def marked(put):
    put(labs("N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,"))
    return Result.objects.get(value=5.1)


def test_a_marked_result_is_confirmed_by_a_person_once(marked, clinician):
    confirm_result(result=marked, by=clinician)
    marked.refresh_from_db()
    assert (marked.is_marked, marked.confirmed_by) == (False, clinician)
    with pytest.raises(Refused, match="has confirmed this on"):
        confirm_result(result=marked, by=clinician)


def test_a_correction_takes_the_mark_away(marked, clinician):
    confirm_result(result=marked, by=clinician)
    reading, _ = read_result(test="INR", value="1.6", unit="")
    draw = marked.draw
    given = {"taken_at": draw.taken_at, "laboratory": "", "method": "", "note": ""}
    correct_draw(draw=draw, by=clinician, version=draw.version, readings=[reading], reason="Slip", **given)
    marked.refresh_from_db()
    assert (marked.value, marked.unconfirmed, marked.confirmed_at) == (1.6, "", None)


def test_of_two_results_of_one_minute_a_person_decides(put, clinician):
    put(labs("N-1,2025-01-01T08:00,ALT,26,U/L,,", "N-1,2025-01-01T08:00,ALT,25,U/L,,"))
    higher, lower = Result.objects.get(value=26), Result.objects.get(value=25)
    count_instead(result=higher, other=lower, by=clinician)
    assert set(Result.objects.values_list("value", "status")) == {(26, "superseded"), (25, "final")}
    with pytest.raises(Refused, match="not marked any more"):
        count_instead(result=Result.objects.get(value=26), other=Result.objects.get(value=25), by=clinician)


def test_a_result_of_another_test_never_counts_instead(put, clinician):
    put(labs("N-1,2025-01-01,ALT,26,U/L,,", "N-1,2025-01-01,ALT,25,U/L,,", "N-1,2025-01-01,AST,30,U/L,,"))
    with pytest.raises(Refused, match="not two results"):
        count_instead(result=Result.objects.get(value=26), other=Result.objects.get(value=30), by=clinician)


def test_a_value_at_the_bedside_outlives_a_correction_of_the_laboratorys_own(put, clinician):
    rows = ("N-1,2025-01-01,INR,3.1,,,,", "N-1,2025-01-01,INR,8.0,,,,point_of_care")
    put(labs(*rows, header=LABS_HEADER + ",method"))
    own = Result.objects.get(value=3.1)
    draw = own.draw
    reading, _ = read_result(test="INR", value="3.2", unit="")
    given = {"taken_at": draw.taken_at, "laboratory": "", "method": "", "note": ""}
    correct_draw(draw=draw, by=clinician, version=draw.version, readings=[reading], reason="Slip", **given)
    assert set(Result.objects.values_list("value", "status")) == {(3.2, "corrected"), (8.0, "final")}
