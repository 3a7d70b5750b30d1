"""The draw form by hand: its time, a comma, the pair of ALT and INR, a pasted report."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from patients.forms.fields import written
from patients.models import Draw, Result
from tests.patients.forms.test_entry_views import at, check, row, texts, typed

REPORT = """Laboratory: North Laboratory
Collected: 30.10.2025 08:30
ALT (GPT)            44 H       U/l      < 35
INR                  1.7
Albumin              3.2        g/dl     3.5-5.2
Glucose              5.4        mmol/L
"""


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


def add(staff, patient, data):
    return staff.post(at("draw-add", patient), data)


def resent(response, **changed):
    """What the browser sends of the page that came back."""
    page = response.content.decode()
    inputs = re.findall(r"<input[^>]*>", page)
    data = {}
    for one in inputs:
        name, value = re.search(r' name="([^"]*)"', one), re.search(r' value="([^"]*)"', one)
        if name and ("checkbox" not in one or "checked" in one):
            data[name[1]] = value[1].replace("&lt;", "<") if value else ""
    form = response.context["form"]
    data |= {f"{row.key}-unit": row.unit for row in form.rows}
    return data | {"pasted": form["pasted"].value() or "", "method": "", "sample_problem": ""} | changed


# The time


def no_hour(day="2025-01-01", **more):
    return {"taken_at": day, "no_hour": "1"} | more


def test_a_day_alone_offers_that_its_time_is_not_known(staff, patient):
    response = add(staff, patient, typed(ALT="34", INR="1.1", more={"taken_at": "2025-01-01"}))
    assert response.status_code == 422
    assert 'name="no_hour" value="1">' in response.content.decode()
    assert "no_hour" not in staff.get(at("draw-add", patient)).content.decode()


def test_a_draw_whose_time_is_not_known_is_stored_as_such_once(staff, patient):
    for _ in range(2):
        add(staff, patient, typed(ALT="34", INR="1.1", more=no_hour()))
    draw = Draw.objects.get()
    local = draw.taken_at.astimezone(patient.clinic.zone)
    assert (draw.hour_known, f"{local:%Y-%m-%d %H:%M}") == (False, "2025-01-01 00:00")


def test_the_form_says_how_a_day_without_its_time_is_read(staff, patient):
    data = typed(ALT="34", more=no_hour())
    page = staff.post(at("draw-check", patient) + "?row=taken_at", data).content.decode()
    assert "Wed 1 Jan 2025, time not known" in page
    assert 'value="1" checked>' in page


def test_a_typed_time_goes_before_the_tick(staff, patient):
    add(staff, patient, typed(ALT="34", INR="1.1", more=no_hour("2025-01-01 00:00")))
    assert Draw.objects.get().hour_known


def test_another_draw_of_that_day_stays_beside_it_and_is_marked(staff, patient):
    add(staff, patient, typed(ALT="300", INR="1.1", more=no_hour()))
    add(staff, patient, typed(ALT="120", INR="1.1", more=no_hour()))
    first, second = Draw.objects.order_by("ordinal")
    assert (first.ordinal, second.ordinal) == (0, 1)
    marked = second.results.exclude(unconfirmed="")
    assert [row.unconfirmed for row in marked] == [
        "2 results of one day, times not known: 300 U/L and 120 U/L. The higher counts."
    ]


def test_the_time_is_said_later(staff, patient, make_draw):
    draw = make_draw(patient, "2025-01-01T00:00", hour_known=False, ALT=34, INR=1.1)
    page = staff.get(at("draw-edit", patient, draw))
    assert page.context["form"]["taken_at"].value() == "1 Jan 2025"
    same = typed(ALT="34", INR="1.1", more=no_hour("1 Jan 2025", version="1"))
    staff.post(at("draw-edit", patient, draw), same)
    draw.refresh_from_db()
    assert not draw.hour_known
    said = same | {"taken_at": "1 Jan 2025 00:00", "reason": "The ward knows"}
    staff.post(at("draw-edit", patient, draw), said)
    draw.refresh_from_db()
    assert draw.hour_known


def test_one_that_was_withdrawn_comes_back_beside_another_of_its_day(staff, patient):
    add(staff, patient, typed(ALT="300", INR="1.1", more=no_hour()))
    first = Draw.objects.get()
    staff.post(at("draw-withdraw", patient, first), {"reason": "Wrong tube"})
    add(staff, patient, typed(ALT="120", INR="1.1", more=no_hour()))
    page = staff.get(at("draw-edit", patient, first)).content.decode()
    assert "Withdrawn draw of 1 Jan 2025, time not known" in " ".join(page.split())
    staff.post(at("draw-restore", patient, first))
    assert sorted(Draw.objects.current().values_list("ordinal", flat=True)) == [0, 1]


def test_a_new_draw_has_no_time_until_somebody_says_it(staff, patient):
    response = staff.get(at("draw-add", patient))
    assert response.context["form"]["taken_at"].value() is None
    assert add(staff, patient, resent(response, **{"ALT-value": "34", "INR-value": "1.1"})).status_code == 422
    assert not Draw.objects.exists()


def test_the_button_now_fills_the_time_and_stores_nothing(staff, patient):
    data = typed(ALT="34", more={"taken_at": "", "now": "now"})
    response = add(staff, patient, data)
    form = response.context["form"]
    assert response.status_code == 200
    now = timezone.now().astimezone(patient.clinic.zone)
    assert form["taken_at"].value() in {written(now), written(now - timedelta(minutes=1))}
    assert form.time_said.endswith((", now", ", 1 minute ago"))
    assert row(response, "ALT").value == "34"
    assert not Draw.objects.exists()


def test_the_time_is_said_as_it_was_read(staff, patient):
    page = check(staff, patient, "taken_at", typed(more={"taken_at": "30.11.2020 1:11"})).content.decode()
    assert "Mon 30 Nov 2020, 01:11, " in page and "years ago" in page
    assert 'name="taken_at"' not in page


def test_a_day_that_does_not_exist_is_said_while_typing(staff, patient):
    page = check(staff, patient, "taken_at", typed(more={"taken_at": "30 Feb 2025 08:30"})).content.decode()
    assert "30 February 2025 does not exist." in page


def test_an_empty_time_is_not_called_wrong_while_typing(staff, patient):
    assert "Enter" not in check(staff, patient, "taken_at", typed(more={"taken_at": ""})).content.decode()


def test_the_check_of_now_brings_the_time_into_the_field(staff, patient):
    page = check(staff, patient, "taken_at", typed(more={"taken_at": "", "now": "now"})).content.decode()
    assert f'value="{timezone.now().astimezone(patient.clinic.zone).year}' not in page
    assert 'hx-swap-oob="true"' in page and ", now" in page


def test_a_time_asks_for_the_identity_where_it_lies_near_another_draw(staff, patient, make_draw):
    make_draw(patient, "2024-12-31T20:00", ALT=2000)
    page = check(staff, patient, "taken_at", typed(ALT="90")).content.decode()
    assert "Is this the same patient?" in page


def test_the_time_is_said_beside_a_refused_draw(staff, patient):
    response = add(staff, patient, typed(ALT="60000"))
    assert "Wed 1 Jan 2025, 08:00, " in response.content.decode()


# A comma


@pytest.mark.parametrize(
    ("value", "offers"),
    [
        ("44,5", ["44.5"]),
        ("<44,5", ["<44.5"]),
        ("1,234", ["1.234", "1234"]),
        ("0,234", ["0.234"]),
        ("1,4,5", []),
        ("haemolysed", []),
        ("60000", []),
    ],
)
def test_a_number_with_a_comma_is_offered_with_a_point(staff, patient, value, offers):
    found = row(add(staff, patient, typed(ALT=value)), "ALT")
    assert [text for _part, text in found.offers] == offers


def test_an_offered_number_is_taken_over_and_not_stored_yet(staff, patient):
    response = add(staff, patient, typed(ALT="44,5", INR="1,2", more={"take": "ALT value 44.5"}))
    assert (response.status_code, row(response, "ALT").value) == (200, "44.5")
    assert row(response, "INR").value == "1,2"
    assert not Draw.objects.exists()


def test_a_limit_with_a_comma_is_offered_too(staff, patient):
    more = {"albumin-lower": "3,5", "take": "albumin lower 3.5"}
    assert row(add(staff, patient, typed(albumin=("4.1", "g/dL"), more=more)), "albumin").lower == "3.5"


def test_only_what_was_offered_is_taken_over(staff, patient):
    response = add(staff, patient, typed(ALT="44,5", more={"take": "ALT value 445"}))
    assert row(response, "ALT").value == "44,5"


# ALT without INR


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({"ALT": "34"}, "INR"),
        ({"AST": "34"}, "INR"),
        ({"INR": "1.2"}, "ALT"),
        ({"ALT": "34", "INR": "1.2"}, ""),
        ({"AST": "34", "INR": "1.2"}, ""),
        ({"platelets": "150"}, ""),
    ],
)
def test_half_of_the_pair_asks_before_it_is_stored(staff, patient, given, lacks):
    response = add(staff, patient, typed(**given, more={"pair": "ask"}))
    assert response.status_code == (422 if lacks else 302)
    if lacks:
        question = f"No {lacks} with this draw: the pair is what the verdict rests on. Save without it?"
        assert question in response.content.decode()


def test_half_of_the_pair_asks_once(staff, patient):
    asked = add(staff, patient, typed(ALT="34", more={"pair": "ask"}))
    assert add(staff, patient, resent(asked)).status_code == 302
    assert Result.objects.get().value == 34


def test_the_question_comes_with_the_first_refusal_and_not_again(staff, patient):
    asked = add(staff, patient, typed(ALT="60000", more={"pair": "ask"}))
    assert "Save without it?" in asked.content.decode()
    again = add(staff, patient, resent(asked))
    assert again.status_code == 422 and "Save without it?" not in again.content.decode()


def test_a_correction_does_not_ask_for_the_pair(staff, patient, make_draw):
    draw = make_draw(patient, "2025-01-01T08:00", ALT=34)
    assert 'name="pair"' not in staff.get(at("draw-edit", patient, draw)).content.decode()


# A pasted report


@pytest.fixture
def read(staff, patient):
    """read(text, ALT="40"): the form after "Read this", with what was typed before."""

    def read(text, more=(), **values):
        data = {"taken_at": "", "laboratory": "", "pasted": text, "read": "read", "pair": "ask"}
        return add(staff, patient, typed(more=data | dict(more), **values))

    return read


def test_a_report_fills_the_form_and_stores_nothing(read, patient):
    response = read(REPORT)
    form = response.context["form"]
    assert response.status_code == 200 and not Draw.objects.exists()
    assert (row(response, "ALT").value, row(response, "ALT").upper) == ("44", "35")
    albumin = row(response, "albumin")
    assert (albumin.value, albumin.unit, albumin.lower, albumin.upper) == ("3.2", "g/dL", "3.5", "5.2")
    assert form["taken_at"].value() == "30 Oct 2025 08:30"
    assert form["laboratory"].value() == "North Laboratory"


def test_a_report_says_what_it_brought_and_what_it_left(read):
    page = read(REPORT).content.decode()
    assert "ALT, INR, Albumin" in page
    assert "Taken: Thu 30 Oct 2025, 08:30, " in page and "Laboratory: North Laboratory." in page
    assert "<li>Glucose 5.4 mmol/L</li>" in page
    assert "Laboratory: North Laboratory\nCollected" in page


def test_a_report_is_stored_as_it_was_shown(read, staff, patient):
    assert add(staff, patient, resent(read(REPORT))).status_code == 302
    draw = Draw.objects.get()
    assert draw.laboratory == "North Laboratory"
    stored = {result.analyte: (result.value, result.upper_limit) for result in draw.results.all()}
    assert stored == {"ALT": (44, 35), "INR": (1.7, None), "albumin": (32, 52)}


def test_what_is_typed_already_stays(read):
    response = read(REPORT, {"taken_at": "1 Jan 2025 08:00", "laboratory": "L1", "note": "fasting"}, ALT="40")
    page = response.content.decode()
    assert row(response, "ALT").value == "40"
    assert "40 U/L is typed already and stays." in page
    assert "The time “1 Jan 2025 08:00” is typed already and stays." in page
    assert "The laboratory “L1” is typed already and stays." in page
    assert 'value="fasting"' in page


def test_problems_of_a_report_stand_at_their_rows(read):
    response = read("ALT 60000 U/L\nAST 34 U/furlong\nINR 1,7\nGGT 30.5 U/L")
    assert "highest value accepted" in texts(response, "ALT")[0]
    assert row(response, "AST").unit == "U/furlong" and texts(response, "AST")
    assert row(response, "INR").offers == [("value", "1.7")]


def test_a_report_without_units_asks_to_check_those_shown(read):
    assert "The report gives no unit. Check: ALT in U/L." in read("ALT 34\nINR 1.2").content.decode()


def test_a_day_that_does_not_exist_is_said_of_a_report_too(read):
    text = REPORT.replace("30.10.2025", "30.02.2025")
    assert "30 February 2025 does not exist." in read(text).content.decode()


def test_the_report_of_another_patient_is_not_taken(read, patient):
    response = read("MRN: 999-7\nALT 34\nINR 1.2")
    assert f"this patient’s is {patient.mrn}. Nothing is taken over." in response.content.decode()
    assert row(response, "ALT").value == ""


def test_the_patients_own_mrn_may_lack_its_zeros(read, patient):
    response = read(f"MRN: {patient.mrn.lstrip('0')}\nALT 34\nINR 1.2")
    assert row(response, "ALT").value == "34"


def test_a_report_that_nobody_asked_to_read_is_read_before_anything_is_stored(staff, patient):
    first = add(staff, patient, typed(GGT="30", more={"pasted": "ALT 34\nINR 1.2", "pasted_before": ""}))
    assert first.status_code == 200 and not Draw.objects.exists()
    assert row(first, "ALT").value == "34"
    assert add(staff, patient, resent(first)).status_code == 302
    assert Result.objects.count() == 3


def test_nothing_pasted_says_so(read):
    assert "There is nothing to read: paste the report first." in read(" \n ").content.decode()


def test_a_pasted_report_comes_back_escaped(read):
    assert "<script>alert" not in read("<script>alert(1)</script>").content.decode()


def test_no_report_is_pasted_into_a_correction(staff, patient, make_draw):
    draw = make_draw(patient, "2025-01-01T08:00", ALT=34)
    page = staff.get(at("draw-edit", patient, draw)).content.decode()
    assert "Paste a report" not in page and 'name="now"' not in page
