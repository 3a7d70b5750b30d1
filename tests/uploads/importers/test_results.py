"""Results of a file against the record: new, same, changed, refused, waiting."""

import pytest

from patients.models import Draw, Patient, Result
from tests.uploads.files import LABS_HEADER, labs, outcomes, reasons

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people(people):
    pass


def counting(analyte="ALT"):
    rows = Result.objects.filter(analyte=analyte, status__in=Result.COUNTING, draw__withdrawn_at=None)
    return [row.value for row in rows.order_by("draw__taken_at")]


def test_results_of_one_minute_share_a_draw(put):
    (upload,) = put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,7,55", "N-1,2025-01-01T08:00:30,INR,1.2,,,"))
    draw = Draw.objects.get()
    assert upload.new == draw.results.count() == 2
    assert (draw.source, draw.upload, draw.entered_by) == ("upload", upload, upload.by)


def test_a_time_without_zone_is_the_clinics(put):
    put(labs("N-1,2025-07-01T08:00,ALT,40,U/L,,"))
    assert Draw.objects.get().taken_at.isoformat() == "2025-07-01T07:00:00+00:00"


def test_zero_limits_and_comparators_are_kept(put):
    put(labs("N-1,2025-01-01,ALT,<5,U/L,0,55"))
    result = Result.objects.get()
    assert (result.comparator, result.value, result.lower_limit, result.upper_limit) == ("<", 5, 0, 55)


@pytest.mark.parametrize(
    ("sign", "said", "outcome"),
    [
        ("<", ("<", 5), "new"), ("less than", ("<", 5), "new"), ("-", ("", 5), "new"), ("", ("", 5), "new"),
        ("5", None, "waiting"), ("1.", None, "waiting"), ("−1", None, "waiting"), ("+", None, "waiting"),
    ],
)  # fmt: skip
def test_a_column_of_signs_never_becomes_part_of_the_number(put, sign, said, outcome):
    header = f"{LABS_HEADER},comparator"
    (upload,) = put(labs(f"N-1,2025-01-01,ALT,5,U/L,,,{sign}", header=header))
    assert outcomes(upload) == [outcome]
    stored = [(result.comparator, result.value) for result in Result.objects.all()]
    assert stored == ([said] if said else [])


@pytest.mark.parametrize(
    ("row", "outcome", "words"),
    [
        ("N-1,2025-01-01,Zonulin,300,U/L,,", "waiting", "“Zonulin” is not known"),
        ("N-1,2025-01-01,ALT,40,furlongs,,", "waiting", "unit 'furlongs' is not known"),
        ("N-1,2025-01-01,Albumin,38,,,", "waiting", "the unit is missing"),
        ("N-1,2025-01-01,ALT,pending,U/L,,", "waiting", "stands for no value"),
        ("N-1,2025-01-01,ALT,,U/L,,", "refused", "the value is missing"),
        ("N-1,2025-01-01,ALT,60000,U/L,,", "refused", "highest value accepted"),
        ("N-1,2025-01-01,Albumin,3.5,g/L,,", "refused", "Did you mean g/dL?"),
        ("N-1,2025-01-01,Creatinine,1.2,umol/L,,", "refused", ""),
        ("N-1,2025-01-01,Platelets,2.5,K/uL,,", "waiting", "Did you mean"),
        ("N-1,2025-01-01,Platelets,12,K/uL,,", "new", "unusually low"),
        ("N-1,2025-01-01,INR,7.5,,,", "new", "unusually high"),
        ("N-1,2025-01-01,INR,25,,,", "new", "unusually high"),
        ("N-1,2025-01-01,INR,51,,,", "refused", "highest value accepted"),
        ("N-1,2025-01-01,ALT,0,U/L,,", "new", "unusually low"),
        ("N-1,2025-01-01,Lactate dehydrogenase,5,ukat/L,,", "new", ""),
        ("N-1,2025-01-01,LDH,100001,U/L,,", "refused", "highest value accepted"),
        ("N-1,2025-01-01,INR,2.5,,,", "new", ""),
        ("N-1,2199-01-01,ALT,40,U/L,,", "refused", "lies in the future"),
        ("N-1,1969-12-31,ALT,40,U/L,,", "refused", "before the patient was born"),
        ("N-9,2025-01-01,ALT,40,U/L,,", "waiting", "No patient with this MRN"),
        (",2025-01-01,ALT,40,U/L,,", "refused", "the MRN is missing"),
    ],
)
def test_each_row_has_its_outcome_and_reason(put, row, outcome, words):
    (upload,) = put(labs(row))
    assert outcomes(upload) == [outcome]
    assert words in reasons(upload)[0]
    assert Result.objects.count() == (outcome == "new")


@pytest.mark.parametrize(
    ("row", "marked"),
    [
        ("INR,25,,,", True),
        ("ALT,0,U/L,,", True),
        ("AST,0,U/L,,", True),
        ("LDH,10001,U/L,,", True),
        ("LDH,9000,U/L,,", False),
        ("CK,900000,U/L,,", False),
        ("INR,5.9,,,", False),
    ],
)
def test_an_odd_value_is_stored_and_marked(put, row, marked):
    put(labs(f"N-1,2025-01-01,{row}"))
    assert Result.objects.get().is_marked is marked


def test_an_unknown_unit_in_row_9_is_named_and_the_rest_is_stored(put):
    rows = [f"N-1,2025-01-0{day},ALT,40,U/L,," for day in range(1, 8)]
    (upload,) = put(labs(*rows, "N-1,2025-01-08,ALT,40,stone,,"))
    (problem,) = upload.rows.filter(outcome="waiting")
    assert (problem.row, problem.column) == (9, "unit")
    assert "Use U/L" in problem.reason
    assert upload.new == 7


def test_a_reason_names_the_column_as_the_file_does(put):
    header = LABS_HEADER.replace("unit", "UoM")
    (upload,) = put(labs("N-1,2025-01-01,ALT,40,stone,,", header=header))
    assert upload.rows.get().column == "UoM"


def test_the_same_file_again_adds_nothing_and_says_so(put):
    content = labs("N-1,2025-01-01,ALT,40,U/L,,", "N-1,2025-01-01,INR,1.2,,,")
    put(content)
    (again,) = put(content)
    assert (again.new, again.same) == (0, 2)
    assert "This file was stored on" in again.notes
    assert Result.objects.count() == 2


def test_wide_form_is_stored_and_is_the_same_in_long_form(put):
    wide = "MRN;Date;ALT (U/L);INR;NA\n;;;;mmol/L\nN-1;2025-01-03;40,5;1,2;140\nN-1;2025-01-04;41;NA;NA\n"
    (upload,) = put(wide.encode())
    assert (upload.read, upload.new) == (4, 4)
    assert (counting(), counting("INR"), counting("sodium")) == ([40.5, 41], [1.2], [140])
    again = put(wide.encode(), labs("N-1,2025-01-03,Sodium,140,mmol/L,,", "N-1,2025-01-04,ALT,41,U/L,,"))
    assert [(one.new, one.same) for one in again] == [(0, 4), (0, 2)]


def test_the_same_value_in_another_unit_is_the_same(put):
    put(labs("N-1,2025-01-01,Albumin,3.8,g/dL,,"))
    (upload,) = put(labs("N-1,2025-01-01,ALB,38,g/L,,"))
    assert outcomes(upload) == ["same"]


def test_a_file_that_overlaps_adds_only_what_is_new(put):
    put(labs("N-1,2025-01-01,ALT,40,U/L,,"))
    (upload,) = put(labs("N-1,2025-01-01,ALT,40,U/L,,", "N-1,2025-01-02,ALT,50,U/L,,"))
    assert outcomes(upload) == ["same", "new"]
    assert counting() == [40, 50]


def test_a_result_joins_a_draw_that_was_typed(put, make_draw):
    typed = make_draw(Patient.objects.get(mrn="N-1"), "2025-01-01T08:00", laboratory="", ALT=40)
    (upload,) = put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,", "N-1,2025-01-01T08:00,INR,1.2,,,"))
    assert outcomes(upload) == ["same", "new"]
    typed.refresh_from_db()
    assert (typed.results.count(), typed.version) == (2, 2)


def test_a_value_that_differs_is_reported_with_both_and_not_stored(put):
    put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,"))
    (upload,) = put(labs("N-1,2025-01-01T08:00,ALT,44,U/L,,"))
    assert outcomes(upload) == ["changed"]
    assert "Stored 40 U/L, file 44 U/L." in reasons(upload)[0]
    assert counting() == [40]


def test_changes_are_stored_as_corrections_when_asked(put):
    put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,"))
    put(labs("N-1,2025-01-01T08:00,ALT,44,U/L,,"), apply_changes=True)
    assert counting() == [44]
    assert set(Result.objects.values_list("value", "status")) == {(40, "superseded"), (44, "corrected")}


def test_a_superseded_result_that_comes_again_is_the_same(put):
    first = labs("N-1,2025-01-01T08:00,ALT,40,U/L,,")
    put(first)
    put(labs("N-1,2025-01-01T08:00,ALT,44,U/L,,"), apply_changes=True)
    (again,) = put(first)
    assert (outcomes(again), counting()) == (["same"], [44])


def test_a_withdrawn_draw_does_not_come_back_with_its_file(put, clinician):
    from patients.actions.draws import withdraw_draw

    content = labs("N-1,2025-01-01,ALT,40,U/L,,")
    put(content)
    withdraw_draw(draw=Draw.objects.get(), by=clinician, reason="Wrong tube")
    (again,) = put(content)
    assert (outcomes(again), counting()) == (["same"], [])


def test_of_two_results_of_one_minute_the_higher_counts_and_both_are_kept_and_marked(put):
    content = labs("N-1,2025-01-01T08:00,ALT,26,U/L,,", "N-1,2025-01-01T08:00,ALT,25,U/L,,")
    (upload,) = put(content)
    assert outcomes(upload) == ["new", "new"]
    assert "Row 2 gives 26 U/L" in reasons(upload)[1]
    assert set(Result.objects.values_list("value", "status")) == {(26, "final"), (25, "superseded")}
    assert [row.flagged for row in upload.rows.order_by("row")] == [False, True]
    marked = Result.objects.get(value=26)
    assert marked.is_marked
    assert marked.unconfirmed == "Two results of one minute, 26 U/L and 25 U/L: the higher counts."
    assert outcomes(put(content)[0]) == ["same", "same"]


def test_of_two_results_of_one_minute_the_later_verified_counts(put):
    header = LABS_HEADER + ",verified_at"
    rows = ("N-1,2025-01-01T08:00,ALT,26,U/L,,,2025-01-03", "N-1,2025-01-01T08:00,ALT,25,U/L,,,2025-01-02")
    put(labs(*rows, header=header))
    assert counting() == [26]


def test_a_surprise_is_stored_counts_and_is_marked(put):
    (upload,) = put(labs("N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,"))
    assert outcomes(upload) == ["new", "new"]
    assert reasons(upload)[1] == "Unconfirmed: 1.5 on 1 Jan 2025, now 5.1."
    assert counting("INR") == [1.5, 5.1]
    assert [row.is_marked for row in Result.objects.order_by("value")] == [False, True]


def test_a_surprise_is_told_by_what_the_record_holds(put):
    put(labs("N-1,2024-11-01,INR,1.5,,,"))
    (upload,) = put(labs("N-1,2025-01-13,INR,5.1,,,"))
    assert reasons(upload) == ["Unconfirmed: 1.5 on 1 Nov 2024, now 5.1."]


def test_only_a_slip_of_unit_or_point_waits(put):
    put(labs("N-1,2024-11-01,INR,1.5,,,", "N-1,2024-11-01,Bilirubin total,21,umol/L,,"))
    rows = labs("N-1,2025-01-13,INR,15,,,", "N-1,2025-01-13,Bilirubin total,1.2,umol/L,,")
    (upload,) = put(rows)
    assert outcomes(upload) == ["waiting", "waiting"]
    assert "1.5 would fit" in reasons(upload)[0] and "1.2 mg/dL" in reasons(upload)[1]
    (confirmed,) = put(rows, accept_questions=True)
    assert outcomes(confirmed) == ["new", "new"]
    assert not Result.objects.exclude(unconfirmed="").exists()


def test_a_unit_that_the_value_before_speaks_against_does_not_wait(put):
    """5 K/uL could be 5 lakh; beside 22 it is what it is, and marked."""
    put(labs("N-1,2025-02-22,Platelets,22,K/uL,,", "N-1,2025-03-02,Platelets,12,K/uL,,"))
    (upload,) = put(labs("N-1,2025-03-06,Platelets,5,K/uL,,", "N-1,2025-03-07,Platelets,3,K/uL,,"))
    assert outcomes(upload) == ["new", "new"]
    assert counting("platelets") == [22, 12, 5, 3]
    assert [row.is_marked for row in Result.objects.filter(value__lte=5)] == [True, True]
    assert "unusually low" in reasons(upload)[0]


@pytest.mark.parametrize("before", ["", "N-1,2025-01-02,Platelets,260,K/uL,,"])
def test_a_unit_that_fits_the_value_before_or_stands_alone_waits(put, before):
    """In every row of a file: its own odd values do not speak for one another."""
    if before:
        put(labs(before))
    rows = ("N-1,2025-03-06,Platelets,2.5,K/uL,,", "N-1,2025-03-07,Platelets,2.6,K/uL,,")
    (upload,) = put(labs(*rows))
    assert outcomes(upload) == ["waiting", "waiting"]
    assert "lakh" in reasons(upload)[1]


def test_a_value_beyond_its_limit_waits_where_the_other_unit_is_plausible_and_not_far_off(put):
    put(labs("N-1,2025-02-22,Haemoglobin,70,g/L,,"))
    (upload,) = put(labs("N-1,2025-03-06,Haemoglobin,11,g/L,,"))
    assert outcomes(upload) == ["waiting"]
    assert "11 g/dL it would fit" in reasons(upload)[0]


def test_plasma_and_point_of_care_of_one_minute_are_two_results(put):
    header = LABS_HEADER + ",method"
    rows = ("N-1,2025-01-01,INR,3.1,,,,", "N-1,2025-01-01,INR,8.0,,,,point_of_care")
    (upload,) = put(labs(*rows, header=header))
    assert outcomes(upload) == ["new", "new"]
    assert set(Result.objects.values_list("value", "method", "status")) == {
        (3.1, "", "final"),
        (8.0, "point_of_care", "final"),
    }


def test_a_row_that_is_repeated_in_a_file_is_the_same(put):
    row = "N-1,2025-01-01,ALT,26,U/L,,"
    (upload,) = put(labs(row, row))
    assert outcomes(upload) == ["new", "same"]
    assert reasons(upload)[1] == "The same as row 2."


def test_two_laboratories_are_two_draws(put):
    rows = ("N-1,2025-01-01,ALT,26,U/L,,,A", "N-1,2025-01-01,ALT,25,U/L,,,B")
    (upload,) = put(labs(*rows, header=LABS_HEADER + ",laboratory"))
    assert upload.new == Draw.objects.count() == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_direct_bilirubin_above_total_is_refused_in_either_order(put, order):
    rows = ("N-1,2025-01-01,Bilirubin total,20,umol/L,,", "N-1,2025-01-01,Direct bilirubin,30,umol/L,,")
    (upload,) = put(labs(*(rows[number] for number in order)))
    assert sorted(outcomes(upload)) == ["new", "refused"]
    assert counting("bilirubin_total") == [20]


def test_a_total_below_the_stored_direct_bilirubin_is_refused(put):
    put(labs("N-1,2025-01-01T08:00,Direct bilirubin,30,umol/L,,"))
    (upload,) = put(labs("N-1,2025-01-01T08:00,Bilirubin total,20,umol/L,,"))
    assert outcomes(upload) == ["refused"]


def test_a_code_that_contradicts_the_name_waits_for_a_person(put):
    header = LABS_HEADER + ",loinc"
    (upload,) = put(
        labs("N-1,2025-01-01,ALT,26,U/L,,,1920-8", "N-1,2025-01-01,Xyz,26,U/L,,,1742-6", header=header)
    )
    assert outcomes(upload) == ["waiting", "new"]


def test_wide_form_is_stored_by_cells(put):
    content = b"mrn,date,ALT (U/L),INR,Zonulin (U/L)\nN-1,2025-01-01,90,1.1,300\nN-1,2025-01-02,80,,\n"
    (upload,) = put(content)
    assert outcomes(upload) == ["new", "new", "waiting", "new"]
    assert upload.rows.get(outcome="waiting").column == "Zonulin (U/L)"
    assert counting() == [90, 80]


def test_the_hour_that_summer_time_repeats_comes_in_once(put):
    content = labs("N-1,2025-10-26T01:30+01:00,ALT,26,U/L,,", "N-1,2025-10-26T01:30+00:00,ALT,25,U/L,,")
    put(content)
    assert counting() == [26, 25]
    assert outcomes(put(content)[0]) == ["same", "same"]


def test_the_patients_are_assessed(put):
    put(labs("N-1,2025-01-01,ALT,26,U/L,,"))
    patient = Patient.objects.get(mrn="N-1")
    assert patient.assessment.last_draw_at == patient.draws.get().taken_at
