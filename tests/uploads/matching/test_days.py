"""Draws of which only the day is known: two of one day are both kept and marked, never one over the other."""

import pytest

from patients.models import Draw, OtherResult, Result
from tests.uploads.files import LABS_HEADER, labs, outcomes, reasons
from tests.uploads.message_cases import case
from tests.uploads.oru import obx, oru
from uploads import actions, kept
from uploads.importers.dates import written
from uploads.importers.main import parse

pytestmark = pytest.mark.django_db
DAY = "N-1,2025-01-01,"


@pytest.fixture(autouse=True)
def _people(people):
    pass


def draws() -> list[tuple]:
    """Ordinal (None where the hour is known) and values of each draw, by test."""
    return [
        (
            None if draw.hour_known else draw.ordinal,
            sorted((row.analyte, row.value, row.is_marked) for row in draw.results.filter(status="final")),
        )
        for draw in Draw.objects.current().order_by("taken_at", "ordinal", "id")
    ]


def test_a_date_alone_has_no_hour(put):
    put(labs(DAY + "ALT,40,U/L,,", DAY + "INR,1.2,,,"))
    assert draws() == [(0, [("ALT", 40, False), ("INR", 1.2, False)])]


def test_two_values_of_one_day_are_two_draws_each_marked(put):
    content = labs(DAY + "ALT,300,U/L,,", DAY + "ALT,120,U/L,,", DAY + "INR,1.2,,,", DAY + "ALT,120,U/L,,")
    (upload,) = put(content)
    assert outcomes(upload) == ["new", "new", "new", "same"]
    assert draws() == [(0, [("ALT", 300, True), ("INR", 1.2, False)]), (1, [("ALT", 120, True)])]
    assert "Row 2 gives 300 U/L for the same test and day" in reasons(upload)[1]
    mark = "2 results of one day, times not known: 300 U/L and 120 U/L. The higher counts."
    assert set(Result.objects.filter(analyte="ALT").values_list("unconfirmed", flat=True)) == {mark}
    assert list(upload.rows.order_by("row").values_list("flagged", flat=True)) == [True, True, False, False]
    assert outcomes(put(content)[0]) == ["same"] * 4
    assert Draw.objects.count() == 2


def test_one_that_is_stored_is_joined_by_the_other_and_nothing_waits(put):
    put(labs(DAY + "ALT,300,U/L,,"))
    (upload,) = put(labs(DAY + "ALT,120,U/L,,", DAY + "ALT,90,U/L,,"))
    assert outcomes(upload) == ["new", "new"]
    assert reasons(upload)[0].startswith("Stored is 300 U/L for the same test and day")
    assert [found[0] for found in draws()] == [0, 1, 2]


def test_a_draw_of_that_day_with_an_hour_stays_apart(put):
    put(labs("N-1,2025-01-01T00:00,ALT,120,U/L,,", "N-1,2025-01-01T08:00,ALT,90,U/L,,"))
    (upload,) = put(labs(DAY + "ALT,120,U/L,,"))
    assert outcomes(upload) == ["new"]
    assert sorted(found[0] is None for found in draws()) == [False, True, True]


def test_a_corrected_result_of_a_file_is_a_version_and_no_second_draw(put):
    rows = (DAY + "ALT,300,U/L,,,preliminary", DAY + "ALT,310,U/L,,,corrected")
    put(labs(*rows, header=LABS_HEADER + ",status"))
    assert Draw.objects.count() == 1
    assert set(Result.objects.values_list("value", "status")) == {(300, "superseded"), (310, "corrected")}


def test_a_part_of_the_bilirubin_stands_beside_a_total_that_holds_it(put):
    rows = ("Bilirubin total,20", "Bilirubin total,100", "Direct bilirubin,60", "Direct bilirubin,10")
    (upload,) = put(labs(*(f"{DAY}{row},umol/L,," for row in rows)))
    assert outcomes(upload) == ["new"] * 4
    first, second = draws()
    assert first[1] == [("bilirubin_direct", 10, True), ("bilirubin_total", 20, True)]
    assert second[1] == [("bilirubin_direct", 60, True), ("bilirubin_total", 100, True)]


def test_undone_and_stored_again(put, clinician):
    content = labs(DAY + "ALT,300,U/L,,", DAY + "ALT,120,U/L,,")
    (upload,) = put(content)
    actions.undo(uploads=[upload], by=clinician)
    assert draws() == []
    put(content)
    assert [found[0] for found in draws()] == [0, 1]


def test_the_message_of_a_final_result_replaces_the_preliminary_one_of_its_day(put):
    put(oru(obx("1742-6^ALT^LN", "300", status="P"), taken="20250101"))
    (upload,) = put(oru(obx("1742-6^ALT^LN", "310", status="F"), taken="20250101"))
    assert outcomes(upload) == ["changed"]
    assert [(ordinal, found[0][1]) for ordinal, found in draws()] == [(0, 310)]


def test_the_case_of_two_draws_in_one_day(put):
    put(case("00_patients.csv"))
    content = case("13_dups.csv")
    (upload,) = put(content)
    mine = Draw.objects.current().filter(patient__mrn="P-1304").order_by("taken_at", "ordinal", "id")
    found = [(draw.hour_known, [row.value for row in draw.results.all()]) for draw in mine]
    assert found == [(False, [300]), (False, [120]), (True, [120])]
    assert [row.is_marked for draw in mine[:2] for row in draw.results.all()] == [True, True]
    # "p-1304" is nobody's number here.
    assert [row.mrn for row in upload.rows.filter(outcome="waiting")] == ["p-1304"]
    assert outcomes(put(content)[0]) == ["same"] * 9 + ["waiting"]


# --- results kept as sent ---


def test_two_values_of_one_day_are_both_kept_as_sent(put, clinic, data_manager):
    kept.keep(clinic=clinic, by=data_manager, keys=["glucose"])
    content = labs(DAY + "Glucose,5.1,mmol/L,,", DAY + "Glucose,9.0,mmol/L,,")
    (upload,) = put(content)
    assert outcomes(upload) == ["new", "new"]
    assert "both are kept" in reasons(upload)[1]
    rows = OtherResult.objects.order_by("ordinal").values_list("value", "hour_known", "ordinal", "status")
    assert list(rows) == [("5.1", False, 0, "final"), ("9.0", False, 1, "final")]
    assert outcomes(put(content)[0]) == ["same", "same"]


# --- what a file says of its dates ---


@pytest.mark.parametrize(
    "content",
    [
        labs(DAY + "ALT,40,U/L,,"),
        b"mrn,date,ALT (U/L),INR\nN-1,2025-01-01,90,1.1\n",
        oru(obx(), taken="20250301"),
        oru(obx(), taken="20250301+0100"),
    ],
)
def test_the_file_says_once_how_many_times_are_a_date_alone(content):
    notes = parse(content).whole.notes
    assert [note for note in notes if "date alone" in note] == [
        "1 collection time is a date alone: kept as “time not known”."
    ]


def test_the_hour_of_the_observation_goes_before_the_day_of_the_order(put):
    put(oru(obx(taken="202503010730"), taken="20250301"))
    draw = Draw.objects.get()
    assert (draw.hour_known, draw.taken_at.hour) == (True, 7)


def test_the_example_of_a_question_names_the_day_alone():
    (item,) = parse(labs(DAY + "ALT,40,U/L,,")).whole.items
    assert written(item.taken_at) == "2025-01-01"
