"""The entry forms: as pages, as fragments for htmx, and what they say when something is odd."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from interpretation.record import analytes
from patients.actions import draws, people
from patients.models import Diagnosis, Draw, Event, Patient, Result

HTMX = {"HX-Request": "true"}
DRAW = {"taken_at": "2025-01-01T08:00", "laboratory": "L1", "method": "", "note": "", "sample_problem": ""}


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def other(client, clinic):
    from tests.conftest import _staff

    return _staff("other", "clinician", clinic)


def at(name, *items):
    return reverse(f"patients:{name}", args=[getattr(item, "uuid", item) for item in items])


def typed(*, more=(), **values):
    """A posted draw of 1 January 2025, 08:00; ALT="88" or ALT=("88", "ukat/L")."""
    data = DRAW | dict(more)
    for key, value in values.items():
        value, unit = value if isinstance(value, tuple) else (value, analytes.get(key).unit)
        data |= {f"{key}-value": value, f"{key}-unit": unit}
    return data


def row(response, key):
    return next(row for row in response.context["form"].rows if row.key == key)


def texts(response, key):
    return [problem.text for problem in row(response, key).open_problems]


# The draw form


def test_draw_form_offers_every_test(staff, patient):
    page = staff.get(at("draw-add", patient)).content.decode()
    assert [key for key in analytes.ANALYTES if f'name="{key}-value"' not in page] == []


def test_draw_form_starts_with_what_decides(staff, patient):
    rows = staff.get(at("draw-add", patient)).context["form"].rows
    assert [row.key for row in rows][:3] == ["ALT", "AST", "INR"]


@pytest.mark.parametrize("number", [0, 1, 30])
def test_draw_form_asks_no_query_per_test_or_draw(
    staff, patient, make_draw, django_assert_max_num_queries, number
):
    for day in range(number):
        results = dict.fromkeys(("ALT", "AST", "bilirubin_total", "albumin", "crp", "haemoglobin"), 30)
        make_draw(patient, f"2025-01-{day + 1:02}T08:00", **results)
    # Session, user, patient, memberships, history context, access log, results, laboratories, a savepoint.
    with django_assert_max_num_queries(11):
        staff.get(at("draw-add", patient))


def test_draw_form_remembers_unit_limit_laboratory_and_value(staff, patient, clinician):
    staff.post(at("draw-add", patient), typed(albumin=("2.8", "g/dL"), more={"albumin-upper": "5.2"}))
    form = staff.get(at("draw-add", patient)).context["form"]
    albumin = next(row for row in form.rows if row.key == "albumin")
    assert (albumin.unit, albumin.upper, albumin.previous_shown) == ("g/dL", "5.2", "2.8 g/dL")
    assert form["laboratory"].value() == "L1"


def test_unit_not_used_yet_is_that_of_the_clinic(staff, patient, clinic):
    clinic.display_units = "conventional"
    clinic.save()
    assert row(staff.get(at("draw-add", patient)), "creatinine").unit == "mg/dL"


def test_default_limit_is_shown_but_not_stored(staff, patient):
    page = staff.get(at("draw-add", patient))
    assert row(page, "GGT").default_upper == "40"
    assert "default 40" in page.content.decode()
    staff.post(at("draw-add", patient), typed(GGT="60"))
    assert Result.objects.get().upper_limit is None


def test_the_default_limit_of_d_dimer_counts_completed_years(staff, patient):
    patient.birth_date = date(date.today().year - 80, 1, 1)
    patient.save()
    assert row(staff.get(at("draw-add", patient)), "d_dimer").default_upper == "0.8"


def test_draw_is_stored_in_the_clinics_time(staff, patient):
    response = staff.post(
        at("draw-add", patient), typed(ALT="88", INR="<1.1", more={"taken_at": "2025-07-01T08:00"})
    )
    assert response.status_code == 302
    draw = Draw.objects.get()
    assert draw.taken_at == datetime(2025, 7, 1, 7, tzinfo=UTC)
    assert draw.results.get(analyte="INR").comparator == "<"


def test_zero_is_stored(staff, patient):
    staff.post(at("draw-add", patient), typed(crp="0"))
    assert Result.objects.get().value == 0


def test_sent_twice_is_stored_once_and_said(staff, patient):
    for _ in range(2):
        response = staff.post(at("draw-add", patient), typed(ALT="88"), follow=True)
    assert "already entered" in response.content.decode()
    assert Draw.objects.count() == 1


@pytest.mark.parametrize(
    ("taken_at", "sentence"),
    [
        ("2061-01-01T08:00", "The draw lies in the future."),
        ("1961-04-01T23:59", "The draw was taken before the patient was born."),
        ("", "Enter when it was taken."),
        ("yesterday", "Enter date and time such as 23 Nov 2026 08:30."),
        ("2025-01-01", "Enter the time of day too, such as 23 Nov 2026 08:30, or tick that it is not known."),
        ("2025-01-01T08:30Z", "Enter date and time such as 23 Nov 2026 08:30."),
        ("30 Feb 2025 08:30", "30 February 2025 does not exist."),
        ("03/04/2025 08:30", "03/04/2025 can be read two ways. Write 3 Apr 2025 or 4 Mar 2025."),
        ("2025-03-30T01:30", "This time did not exist: the clocks went forward."),
    ],
)
def test_time_is_refused_at_its_field(staff, patient, taken_at, sentence):
    response = staff.post(at("draw-add", patient), typed(ALT="88", more={"taken_at": taken_at}))
    assert response.status_code == 422
    assert response.context["form"].errors["taken_at"] == [sentence]


def test_a_draw_after_the_recorded_death_is_refused_until_one_of_them_is_mended(staff, patient):
    patient.died_on = date(2025, 6, 30)
    patient.save()
    late = typed(ALT="88", more={"taken_at": "2025-07-01T08:00"})
    (sentence,) = staff.post(at("draw-add", patient), late).context["form"].errors["taken_at"]
    assert sentence.startswith("The draw was taken after the recorded death on 30 June 2025")
    assert staff.post(at("draw-add", patient), typed(ALT="88", more={"taken_at": "2025-06-30T23:59"})).url
    patient.died_on = date(2025, 7, 1)
    patient.save()
    assert staff.post(at("draw-add", patient), late).status_code == 302


def test_empty_draw_is_refused(staff, patient):
    response = staff.post(at("draw-add", patient), typed())
    assert response.context["form"].non_field_errors() == ["Enter at least one result."]


def test_taken_place_links_to_the_draw_there(staff, patient, make_draw):
    there = make_draw(patient, "2025-01-01T08:00", ALT=50)
    page = staff.post(at("draw-add", patient), typed(ALT="88")).content.decode()
    assert "already has a draw" in page
    assert at("draw-edit", patient, there) in page


def test_impossible_value_is_refused_and_everything_typed_is_kept(staff, patient):
    response = staff.post(at("draw-add", patient), typed(ALT="60000", INR="1.4", more={"note": "fasting"}))
    page = response.content.decode()
    assert texts(response, "ALT") == ["ALT 60000 U/L is above 50000 U/L, the highest value accepted."]
    assert 'value="60000"' in page and 'value="1.4"' in page and 'value="fasting"' in page
    assert 'href="#entry-ALT-value"' in page and 'aria-invalid="true"' in page
    assert not Draw.objects.exists()


@pytest.mark.parametrize("value", ["haemolysed", "1,4", "nan"])
def test_what_is_no_number_is_refused(staff, patient, value):
    assert staff.post(at("draw-add", patient), typed(INR=value)).status_code == 422
    assert not Draw.objects.exists()


def test_unusual_value_asks_and_is_stored_once_confirmed(staff, patient):
    data = typed(ALT="20000")
    asked = staff.post(at("draw-add", patient), data)
    assert texts(asked, "ALT") == ["ALT 20000 U/L is unusually high. Please confirm."]
    staff.post(at("draw-add", patient), data | {"ALT-confirmed": row(asked, "ALT").token})
    assert Result.objects.get().value == 20000


def test_confirmation_counts_for_the_confirmed_text_only(staff, patient):
    token = row(staff.post(at("draw-add", patient), typed(ALT="20000")), "ALT").token
    response = staff.post(at("draw-add", patient), typed(ALT="30000", more={"ALT-confirmed": token}))
    assert response.status_code == 422


def test_unit_slip_is_asked_and_switched_by_a_button(staff, patient):
    data = typed(haemoglobin="14", more={"haemoglobin-upper": "155", "haemoglobin-was": "g/L||155"})
    asked = staff.post(at("draw-add", patient), data)
    assert "Did you mean g/dL?" in texts(asked, "haemoglobin")[0]
    switched = staff.post(at("draw-add", patient), data | {"switch": "haemoglobin g/dL"})
    assert switched.status_code == 200
    assert row(switched, "haemoglobin").unit == "g/dL"
    assert texts(switched, "haemoglobin") == []
    assert not Draw.objects.exists()


def test_slip_that_is_also_impossible_offers_only_the_unit(staff, patient):
    response = staff.post(at("draw-add", patient), typed(albumin="3.4"))
    assert texts(response, "albumin") == ["Albumin 3.4 g/L is unusually low. Did you mean g/dL?"]
    assert 'name="albumin-confirmed"' not in response.content.decode()


def test_untouched_limit_follows_the_unit(staff, patient):
    staff.post(at("draw-add", patient), typed(albumin=("2.8", "g/dL"), more={"albumin-upper": "5.2"}))
    more = {"taken_at": "2025-01-02T08:00", "albumin-upper": "5.2", "albumin-was": "g/dL||5.2"}
    staff.post(at("draw-add", patient), typed(albumin="27", more=more))
    assert Result.objects.get(value=27).upper_limit == pytest.approx(52)


def test_untouched_limit_is_not_that_of_another_laboratory(staff, patient):
    staff.post(at("draw-add", patient), typed(ALT="88", more={"ALT-upper": "40"}))
    more = {"taken_at": "2025-01-02T08:00", "laboratory": "L2", "ALT-upper": "40", "ALT-was": "U/L||40"}
    staff.post(at("draw-add", patient), typed(ALT="70", more=more))
    assert Result.objects.get(value=70).upper_limit is None


def test_direct_above_total_is_said_at_both(staff, patient):
    response = staff.post(at("draw-add", patient), typed(bilirubin_total="20", bilirubin_direct="30"))
    assert texts(response, "bilirubin_direct") == ["Direct bilirubin cannot be above total."]
    assert texts(response, "bilirubin_total") == ["Direct bilirubin cannot be above total."]


def test_twentyfold_change_within_a_day_asks_for_the_identity(staff, patient, make_draw):
    make_draw(patient, "2024-12-31T20:00", ALT=2000)
    response = staff.post(at("draw-add", patient), typed(ALT="90"))
    assert "Is this the same patient?" in texts(response, "ALT")[0]


def test_sample_problem_is_recorded_as_an_event(staff, patient):
    staff.post(at("draw-add", patient), typed(INR="2.5", more={"sample_problem": "Clotted"}))
    assert Event.objects.get().label == "Clotted"


# Warnings while typing


def check(staff, patient, key, data, draw=""):
    return staff.post(f"{at('draw-check', patient)}?draw={draw}&row={key}", data, headers=HTMX)


def test_check_speaks_of_the_row_and_stores_nothing(staff, patient):
    page = check(staff, patient, "ALT", typed(ALT="20000")).content.decode()
    assert "unusually high" in page
    assert 'id="entry-ALT-value"' not in page
    assert not Draw.objects.exists()


def test_check_of_total_speaks_of_direct_too(staff, patient):
    page = check(staff, patient, "bilirubin_total", typed(bilirubin_total="20", bilirubin_direct="30"))
    assert 'id="entry-bilirubin_direct-say" hx-swap-oob="true"' in page.content.decode()


def test_check_leaves_a_limit_being_typed_alone(staff, patient):
    page = check(staff, patient, "ALT", typed(ALT="88", more={"ALT-upper": "4", "ALT-was": "U/L||"}))
    assert "ALT-upper" not in page.content.decode()


def test_check_of_another_laboratory_brings_its_limits(staff, patient):
    staff.post(at("draw-add", patient), typed(ALT="88", more={"ALT-upper": "41"}))
    data = typed(ALT="", more={"ALT-was": "U/L||"})
    assert 'value="41"' in check(staff, patient, "laboratory", data).content.decode()


def test_check_during_a_correction_leaves_that_draw_out(staff, patient, make_draw):
    draw = make_draw(patient, "2025-01-01T08:00", ALT=4000)
    page = check(staff, patient, "ALT", typed(ALT="40"), draw=draw.uuid).content.decode()
    assert "same patient" not in page


def test_check_of_an_unknown_draw_is_that_of_a_new_one(staff, patient):
    assert check(staff, patient, "ALT", typed(ALT="40"), draw="x").status_code == 200


def test_check_of_an_unknown_row_is_not_found(staff, patient):
    assert check(staff, patient, "troponin", typed()).status_code == 404


# Correcting


@pytest.fixture
def draw(patient, clinician, staff):
    staff.post(at("draw-add", patient), typed(ALT="88", albumin=("2.8", "g/dL")))
    return Draw.objects.get()


def corrected(draw, **values):
    return typed(**values, more={"version": str(draw.version), "reason": "typing error"})


def test_edit_shows_what_was_typed(staff, patient, draw):
    response = staff.get(at("draw-edit", patient, draw))
    assert (row(response, "albumin").value, row(response, "albumin").unit) == ("2.8", "g/dL")
    assert 'value="1 Jan 2025 08:00"' in response.content.decode()


def test_edit_stored_unchanged_changes_nothing(staff, patient, draw):
    data = corrected(draw, ALT="88", albumin=("2.8", "g/dL"))
    assert staff.post(at("draw-edit", patient, draw), data).status_code == 302
    draw.refresh_from_db()
    assert draw.version == 1


@pytest.mark.parametrize("stored", ["2025-01-01T08:00:31+00:00", "2024-10-27T01:30:00+00:00"])
def test_edit_keeps_seconds_and_the_second_of_two_equal_hours(staff, patient, make_draw, stored):
    draw = make_draw(patient, stored, ALT=88)
    shown = staff.get(at("draw-edit", patient, draw)).context["form"]["taken_at"].value()
    more = {"taken_at": f"{shown:%Y-%m-%dT%H:%M}" if isinstance(shown, datetime) else shown, "version": "1"}
    staff.post(at("draw-edit", patient, draw), typed(ALT="88", INR="1.2", more=more))
    draw.refresh_from_db()
    assert (draw.taken_at, draw.results.count()) == (datetime.fromisoformat(stored), 2)


def test_edit_corrects(staff, patient, draw):
    staff.post(at("draw-edit", patient, draw), corrected(draw, ALT="98", albumin=("2.8", "g/dL")))
    assert draw.results.get(analyte="ALT").status == "corrected"


def test_edit_does_not_ask_again_what_was_confirmed(staff, patient, make_draw):
    draw = make_draw(patient, "2025-01-01T08:00", INR=7.5)
    inr = row(staff.get(at("draw-edit", patient, draw)), "INR")
    assert inr.doubts and inr.is_confirmed


def test_second_editor_sees_both_and_may_choose(staff, patient, draw, other):
    seen = corrected(draw, ALT="98", albumin=("2.8", "g/dL"))
    now = _readings(draw, ALT=77)
    draws.correct_draw(
        draw=draw,
        by=other,
        version=1,
        taken_at=draw.taken_at,
        readings=now,
        laboratory="L1",
        method="",
        note="",
        reason="phone call",
    )
    response = staff.post(at("draw-edit", patient, draw), seen)
    page = response.content.decode()
    assert response.status_code == 422
    assert "other changed this" in page and 'value="98"' in page and "77 U/L" in page
    assert draw.results.get(analyte="ALT").value == 77
    staff.post(
        at("draw-edit", patient, draw), seen | {"version": response.context["form"]["version"].value()}
    )
    assert draw.results.get(analyte="ALT").value == 98


def _readings(draw, **changed):
    from patients.values.validation import CheckedResult

    for result in draw.results.all():
        value = changed.get(result.analyte, result.value)
        yield CheckedResult(
            result.analyte, value, reported_value=str(value), reported_unit=analytes.get(result.analyte).unit
        )


def test_draw_is_withdrawn_with_a_reason_and_restored(staff, patient, draw):
    assert staff.post(at("draw-withdraw", patient, draw), {"reason": ""}).status_code == 422
    staff.post(at("draw-withdraw", patient, draw), {"reason": "wrong patient"})
    page = staff.get(at("draw-edit", patient, draw)).content.decode()
    assert "wrong patient" in page and "Restore" in page
    staff.post(at("draw-restore", patient, draw))
    assert Draw.objects.current().get() == draw


def test_draw_of_another_patient_is_not_found(staff, patient, draw, clinician, clinic):
    someone = people.add_patient(
        clinic=clinic,
        by=clinician,
        mrn="2",
        family_name="B",
        given_name="",
        sex="F",
        birth_date=date(1970, 1, 1),
    )
    assert staff.get(at("draw-edit", someone, draw)).status_code == 404


# With htmx


def test_form_comes_alone_to_htmx(staff, patient):
    page = staff.get(at("draw-add", patient), headers=HTMX).content.decode()
    assert "<html" not in page and "hx-post" in page


def test_refused_form_returns_to_where_it_was(staff, patient):
    response = staff.post(at("draw-add", patient), typed(), headers=HTMX)
    assert (response.status_code, response["HX-Retarget"], response["HX-Reswap"]) == (
        422,
        "#entry",
        "innerHTML",
    )


def test_stored_form_refreshes_the_page(staff, patient):
    page = staff.post(at("draw-add", patient), typed(ALT="88"), headers=HTMX).content.decode()
    assert 'id="workspace"' in page and "The draw is stored." in page


# People, diagnoses, events


PERSON = {"mrn": "N-7", "family_name": "Berg", "given_name": "Jo", "birth_date": "1970-01-01", "sex": "F"}


def test_patient_is_added(staff, clinic):
    response = staff.post(at("add"), PERSON)
    assert response["Location"] == at("detail", Patient.objects.get())


def test_clinic_is_asked_only_where_there_is_a_choice(staff, clinician, clinic, other_clinic):
    from accounts.models import Membership

    assert "clinic" not in staff.get(at("add")).context["form"].fields
    Membership.objects.create(user=clinician, clinic=other_clinic, role="clinician")
    assert "clinic" in staff.get(at("add")).context["form"].fields
    staff.post(at("add"), PERSON | {"clinic": str(other_clinic.uuid)})
    assert Patient.objects.get().clinic == other_clinic


def test_clinic_without_the_right_to_enter_is_not_offered(staff, clinician, other_clinic):
    from accounts.models import Membership

    Membership.objects.create(user=clinician, clinic=other_clinic, role="viewer")
    assert "clinic" not in staff.get(at("add")).context["form"].fields


def test_second_patient_with_an_mrn_is_refused_with_a_link(staff, patient):
    response = staff.post(at("add"), PERSON | {"mrn": patient.mrn})
    assert response.status_code == 422
    assert at("detail", patient) in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth_date", "2061-01-01"),
        ("birth_date", "01/02/1970"),
        ("died_on", "1969-12-31"),
        ("sex", ""),
        ("mrn", " "),
    ],
)
def test_patient_is_refused_at_the_field(staff, clinic, field, value):
    assert field in staff.post(at("add"), PERSON | {field: value}).context["form"].errors


def test_patient_edited_by_two(staff, patient, other):
    people.change_patient(patient=patient, by=other, version=1, family_name="Obi")
    response = staff.post(at("edit", patient), PERSON | {"version": "1", "family_name": "Eze"})
    assert response.status_code == 422
    assert ("Family name", "Obi") in response.context["differences"]
    assert 'value="Eze"' in response.content.decode()


def test_patient_is_withdrawn(staff, patient):
    staff.post(at("withdraw", patient), {"reason": "entered twice"})
    assert staff.get(at("detail", patient)).status_code == 404


def test_diagnosis_is_added_edited_withdrawn(staff, patient):
    staff.post(at("diagnosis-add", patient), {"kind": "cirrhosis", "codes": "K74.6, K70.3"})
    row = Diagnosis.objects.get()
    assert row.codes == ["K74.6", "K70.3"]
    staff.post(
        at("diagnosis-edit", patient, row), {"kind": "cirrhosis", "noted_on": "2020-01-01", "version": "1"}
    )
    row.refresh_from_db()
    assert row.noted_on == date(2020, 1, 1)
    staff.post(at("diagnosis-withdraw", patient, row), {"reason": "wrong"})
    assert not Diagnosis.objects.current().exists()


def test_same_diagnosis_is_refused_at_the_field(staff, patient, clinician):
    people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis", note="seen")
    response = staff.post(at("diagnosis-add", patient), {"kind": "cirrhosis"})
    assert "already recorded" in response.context["form"].errors["kind"][0]


def test_event_without_a_time_starts_at_midnight_of_the_clinic(staff, patient):
    staff.post(at("event-add", patient), {"kind": "vka", "started_at_day": "2025-07-01", "label": "warfarin"})
    assert Event.objects.get().started_at == datetime(2025, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"started_at_day": ""}, "started_at"),
        ({"started_at_day": "1.7.2025"}, "started_at"),
        ({"started_at_day": "2061-07-01"}, "started_at"),
        ({"ended_at_day": "2025-06-30"}, "ended_at"),
        ({"ended_at_clock": "10:00"}, "ended_at"),
        ({"stop_confirmed": "on"}, "ended_at"),
        ({"grade": "2"}, "grade"),
        ({"route": "iv"}, "route"),
        ({"kind": ""}, "kind"),
    ],
)
def test_event_is_refused_at_the_field(staff, patient, fields, field):
    data = {"kind": "vka", "started_at_day": "2025-07-01"} | fields
    response = staff.post(at("event-add", patient), data)
    assert list(response.context["form"].errors) == [field]
    assert not Event.objects.exists()


def test_encephalopathy_grade_zero_is_kept(staff, patient):
    data = {
        "kind": "encephalopathy",
        "started_at_day": "2025-07-01",
        "started_at_clock": "10:30",
        "grade": "0",
    }
    staff.post(at("event-add", patient), data)
    assert Event.objects.get().grade == 0


def test_event_is_edited_and_withdrawn(staff, patient, clinician):
    start = timezone.make_aware(datetime(2025, 7, 1), patient.clinic.zone)
    row = people.add_event(patient=patient, by=clinician, kind="vka", started_at=start)
    data = {
        "kind": "vka",
        "started_at_day": "2025-07-01",
        "ended_at_day": "2025-07-09",
        "stop_confirmed": "on",
    }
    staff.post(at("event-edit", patient, row), data | {"version": "1"})
    row.refresh_from_db()
    assert (row.started_at, row.stop_confirmed) == (start, True)
    staff.post(at("event-withdraw", patient, row), {"reason": "wrong"})
    assert not Event.objects.current().exists()


def test_every_kind_of_event_is_offered(staff, patient):
    from interpretation.record.records import EVENT_KINDS

    page = staff.get(at("event-add", patient)).content.decode()
    assert [kind for kind in EVENT_KINDS if f'value="{kind}"' not in page] == []
