from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from patients.models import CauseReview, Diagnosis, Event, Patient, Result
from patients.report.panel import case_for, cases_for, in_zone, panel

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_times_are_in_the_zone_of_the_clinic(patient, make_draw):
    make_draw(patient, datetime(2025, 7, 1, 8, tzinfo=UTC), ALT=112)
    draw = case_for(patient, NOW).draws[0]
    assert draw.taken_at.isoformat() == "2025-07-01T09:00:00+01:00"


def test_a_draw_is_named_by_its_uuid(patient, make_draw):
    draw = make_draw(patient, "2025-07-01T08:00", ALT=112)
    assert [d.id for d in case_for(patient, NOW).draws] == [str(draw.uuid)]


def test_draws_after_the_clock_are_not_read(patient, make_draw):
    make_draw(patient, "2025-07-01T08:00", ALT=112)
    make_draw(patient, "2025-07-02T08:00", ALT=100)
    assert len(case_for(patient, datetime(2025, 7, 1, 22, tzinfo=UTC)).draws) == 1


def test_withdrawn_draws_are_not_read(patient, make_draw, clinician):
    draw = make_draw(patient, "2025-07-01T08:00", ALT=112)
    draw.withdrawn_at, draw.withdrawn_by, draw.withdrawn_reason = timezone.now(), clinician, "wrong patient"
    draw.save()
    assert case_for(patient, NOW).draws == ()


@pytest.mark.parametrize("status", ["superseded", "withdrawn"])
def test_only_counting_results_are_read(patient, make_draw, status):
    draw = make_draw(patient, "2025-07-01T08:00", ALT=112, INR=1.2)
    Result.objects.filter(draw=draw, analyte="ALT").update(status=status)
    assert [r.analyte for r in case_for(patient, NOW).draws[0].results] == ["INR"]


def test_comparators_and_limits_are_kept(patient, make_draw):
    make_draw(patient, "2025-07-01T08:00", ALT=("<5", 40))
    result = case_for(patient, NOW).draws[0].result("ALT")
    assert (result.value, result.comparator, result.upper_limit) == (5, "<", 40)


def test_an_unrecorded_sex_is_empty(patient):
    patient.sex = Patient.Sex.UNKNOWN
    assert case_for(patient, NOW).sex == ""


def test_diagnoses_events_and_reviews_are_read(patient, clinician):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis", noted_on=date(2020, 1, 1), codes=["K74"])
    Event.objects.create(patient=patient, kind="vka", started_at=datetime(2025, 1, 1, tzinfo=UTC))
    CauseReview.objects.create(patient=patient, cause="vka", verdict="contributing", by=clinician)
    case = case_for(patient, timezone.now())
    found = case.diagnoses[0].codes, case.events[0].kind, case.reviews[0].by
    assert found == (("K74",), "vka", "clinician")


def test_many_patients_cost_as_many_queries_as_one(patient, clinic, make_draw, django_assert_max_num_queries):
    others = [
        Patient.objects.create(
            clinic=clinic, mrn=f"N-{n}", family_name="A", birth_date=date(1960, 1, 1), sex="M"
        )
        for n in range(4)
    ]
    for each in (patient, *others):
        make_draw(each, "2025-07-01T08:00", ALT=112, INR=1.2)
    with django_assert_max_num_queries(5):
        cases = cases_for([patient, *others], NOW)
    assert {len(case.draws) for case in cases.values()} == {1}


def test_one_way_for_a_page_and_for_many(patient, make_draw, clinician):
    make_draw(patient, "2025-07-01T08:00", ALT=112, INR=1.2)
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    assert panel(patient, NOW).case == case_for(patient, NOW)


def test_the_page_keeps_what_no_longer_counts(patient, make_draw):
    draw = make_draw(patient, "2025-07-01T08:00", ALT=112)
    Result.objects.filter(draw=draw).update(status="superseded")
    shown = panel(patient, NOW)
    assert len(shown.rows.results[draw.id]) == 1
    assert shown.case.draws[0].results == ()


def test_hours_are_counted_across_the_end_of_summer_time(clinic):
    """25 October 2026: 23:30 to 01:30 by the clock in London is three hours, not two."""
    zone = clinic.zone
    first = in_zone(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), zone)
    last = in_zone(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), zone)
    assert (first.hour, last.hour) == (23, 1)
    assert last - first == timedelta(hours=3)
