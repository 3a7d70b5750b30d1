"""The worklist's summary: what it holds, and that it follows the record."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from interpretation.monitoring import checklist
from interpretation.record.records import Case, Diagnosis, Draw, Result
from patients.actions.assess import assess, assess_once
from patients.follow_up.overdue import overdue_days
from patients.models import Assessment, CauseReview, Event, Patient
from patients.models import Diagnosis as StoredDiagnosis
from patients.report.summary import SPARK_POINTS, search_words
from patients.worklist import DIED, NEVER, PLACES

pytestmark = pytest.mark.django_db
CORE = ("ALT", "AST", "ALP", "GGT", "bilirubin_direct", "albumin", "platelets", "INR")


@pytest.fixture
def falling(patient, make_draw):
    """ALT falls and INR rises over five months, up to two days ago."""
    start = datetime.now(UTC) - timedelta(days=152)
    for days, alt, inr in [(0, 120, 1.2), (75, 80, 1.4), (150, 40, 1.7)]:
        make_draw(patient, start + timedelta(days=days), ALT=(alt, 40), INR=inr)
    return patient


def summary(patient) -> Assessment:
    assess([patient.pk])
    return Assessment.objects.get(pk=patient.pk)


def test_a_summary_holds_the_verdict_and_its_numbers(falling):
    row = summary(falling)
    assert (row.grade, row.grade_rank, row.regime, row.enzyme) == ("established", 1, "chronic", "ALT")
    assert (row.enzyme_from, row.enzyme_to, row.inr_from, row.inr_to) == (120, 40, 1.2, 1.7)
    assert round(row.enzyme_change_pct) == -67 and round(row.inr_change_pct) == 42
    assert row.last_draw_at == row.latest_at > row.baseline_at


def test_sparklines_hold_the_draws_of_the_window(falling):
    row = summary(falling)
    assert [value for _, value in row.enzyme_points] == [120, 80, 40]
    assert [value for _, value in row.inr_points] == [1.2, 1.4, 1.7]


def test_a_long_window_is_thinned_with_both_ends(patient, make_draw):
    start = datetime.now(UTC) - timedelta(days=61)
    for day in range(61):
        make_draw(patient, start + timedelta(days=day), ALT=(200 - 2 * day, 40), INR=1.0 + day / 50)
    points = summary(patient).inr_points
    assert len(points) == SPARK_POINTS
    assert (points[0][1], points[-1][1]) == (1.0, 2.2)


def test_a_patient_without_draws_has_a_summary_with_the_reason(patient):
    row = summary(patient)
    assert (row.grade, row.grade_rank, row.last_draw_at) == ("not_assessable", 6, None)
    assert row.reason and row.enzyme_points == []


def test_assessing_again_rewrites_the_row(falling, make_draw):
    before = summary(falling)
    make_draw(falling, datetime.now(UTC) - timedelta(days=1), ALT=(38, 40), INR=2.4)
    after = summary(falling)
    assert (before.grade, after.grade, after.inr_to) == ("established", "critical", 2.4)
    assert after.assessed_at > before.assessed_at


def test_many_patients_are_assessed_in_a_handful_of_queries(falling, clinic, django_assert_max_num_queries):
    others = [
        Patient.objects.create(
            clinic=clinic, mrn=f"N-{n}", family_name="F", birth_date=date(1960, 1, 1), sex="M"
        )
        for n in range(5)
    ]
    with django_assert_max_num_queries(13):
        assess([falling.pk, *others])
    assert Assessment.objects.count() == 6


def test_a_withdrawn_patient_leaves_the_worklist(patient, clinician):
    summary(patient)
    Patient.objects.update(
        withdrawn_at=datetime.now(UTC), withdrawn_by=clinician, withdrawn_reason="Entered twice"
    )
    assess([patient.pk])
    assert not Assessment.objects.exists()


def test_who_has_died_stands_below_everyone(falling):
    falling.died_on = date.today()
    falling.save()
    row = summary(falling)
    assert (row.grade, row.grade_rank) == ("established", DIED)
    assert row.overdue_on == [] and row.first_overdue_on is None


def test_diagnoses_that_stand_are_listed_once_by_date(patient):
    for kind, noted, resolved in [
        ("cirrhosis", date(2020, 1, 1), None),
        ("cirrhosis", date(2021, 1, 1), None),
        ("hepatitis_c", date(2010, 1, 1), None),
        ("sepsis", date(2019, 1, 1), date(2019, 2, 1)),
    ]:
        StoredDiagnosis.objects.create(patient=patient, kind=kind, noted_on=noted, resolved_on=resolved)
    assert summary(patient).diagnoses == ["hepatitis_c", "cirrhosis"]


def test_a_cause_is_open_until_a_person_judges_it(falling, clinician):
    Event.objects.create(
        patient=falling, kind="antibiotic", started_at=datetime.now(UTC) - timedelta(days=12)
    )
    row = summary(falling)
    assert row.open_causes >= 1 and "antibiotics" in row.named_causes
    for cause in row.named_causes:
        CauseReview.objects.create(patient=falling, cause=cause, verdict="excluded", by=clinician)
    row = summary(falling)
    assert (row.open_causes, row.named_causes) == (0, [])


def test_a_contributing_cause_is_named_but_not_open(falling, clinician):
    CauseReview.objects.create(patient=falling, cause="congestion", verdict="contributing", by=clinician)
    row = summary(falling)
    assert (row.open_causes, row.named_causes) == (0, ["congestion"])


def test_names_are_folded_for_search_and_sort(clinic):
    person = Patient.objects.create(
        clinic=clinic,
        mrn="D-00'7\\",
        family_name="O’Connor-Łukasz",
        given_name="Zoë ß",
        birth_date=date(1960, 1, 1),
        sex="F",
    )
    row = summary(person)
    for word in ("connor", "lukasz", "oconnorlukasz", "zoe", "ss", "d007", "00"):
        assert f"'{word}'" in row.search
    assert row.sort_name.startswith("o’connor-lukasz, zoe ss, d-00")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("D-0001", {"d", "0001", "d0001"}),
        ("50214", {"50214"}),
        ("O’Connor Seán", {"o", "connor", "oconnor", "sean"}),
        ("--", set()),
    ],
)
def test_a_word_is_found_by_its_parts_and_as_a_whole(text, found):
    assert search_words(text) == found


def test_within_assess_once_all_are_assessed_at_its_end(patient):
    with assess_once():
        assess([patient.pk])
        with assess_once():
            assess([patient.pk])
        assert not Assessment.objects.exists()
    assert Assessment.objects.count() == 1


def test_assess_once_that_fails_assesses_nobody(patient):
    with pytest.raises(RuntimeError), transaction.atomic(), assess_once():
        assess([patient.pk])
        raise RuntimeError
    assert not Assessment.objects.exists()
    assert summary(patient)


# --- overdue ---


def case(last: date, *, analytes=CORE, advanced=True, **known) -> Case:
    at = datetime(last.year, last.month, last.day, 8, tzinfo=UTC)
    results = tuple(Result(name, 1.0) for name in analytes)
    return Case(
        as_of=at + timedelta(days=1),
        draws=(Draw(at, results),),
        diagnoses=(Diagnosis("cirrhosis", last),) if advanced else (),
        **known,
    )


def test_an_item_is_overdue_the_day_after_its_grace():
    due = date(2026, 7, 1)
    days = list(overdue_days(checklist(case(date(2026, 1, 1)))))
    assert days == [due + timedelta(days=15)] * 8


@pytest.mark.parametrize(("advanced", "never"), [(True, 1), (False, 0)])
def test_never_done_stands_beside_overdue_in_advanced_disease(advanced, never):
    found = list(overdue_days(checklist(case(date(2026, 1, 1), analytes=CORE[:-1], advanced=advanced))))
    assert found.count(NEVER) == never


@pytest.mark.parametrize(
    ("level", "acute", "day"),
    [
        ("4_weeks", False, date(2026, 1, 30)),
        ("1_to_2_weeks", False, date(2026, 1, 16)),
        ("today", False, date(2026, 1, 2)),
        # 48 h and 12 h after 08:00: the nearest midnight.
        ("24_to_48_h", False, date(2026, 1, 3)),
        ("today", True, date(2026, 1, 2)),
        ("routine", False, date(2026, 7, 16)),
    ],
)
def test_urgency_makes_the_pair_overdue_earlier(level, acute, day):
    found = list(overdue_days(checklist(case(date(2026, 1, 1)), level, acute)))
    assert found.count(day) in (3, 8)
    assert min(found) == day


def test_nothing_is_overdue_after_death():
    assert list(overdue_days(checklist(case(date(2026, 1, 1), died_on=date(2026, 1, 2))))) == []


def test_an_inr_that_rises_with_the_enzymes_stands_before_the_quiet_rows(patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=(60, 40), INR=1.2)
    make_draw(patient, "2026-01-08T08:00", ALT=(400, 40), INR=1.9)
    assess([patient.pk])
    row = Assessment.objects.get(patient=patient)
    assert (row.grade, PLACES[row.grade_rank]) == ("none", "rising")
