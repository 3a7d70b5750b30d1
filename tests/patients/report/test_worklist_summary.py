"""What the worklist shows from the summary: what is new or worse, what comes next, what rises slowly."""

from datetime import UTC, date, datetime, timedelta

import pytest

from patients.actions.assess import assess
from patients.models import Assessment, Event, Patient
from patients.worklist import PLACES

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def draws(patient, make_draw):
    """draws((10, 1.2, 30), ...): days ago, INR and ALT; then the summary."""

    def draws(*rows: tuple[int, float, float]) -> Assessment:
        for days, inr, alt in rows:
            make_draw(patient, datetime.now(UTC) - days * DAY, INR=inr, ALT=(alt, 40))
        assess([patient.pk])
        return Assessment.objects.get(pk=patient.pk)

    return draws


SLOW = [(3300, 1.0, 60), (3200, 1.0, 60), (2000, 1.3, 60), (1000, 1.5, 60), (200, 1.7, 60), (20, 1.7, 60)]


def test_a_slow_rise_is_named_and_stands_with_the_rising(draws):
    row = draws(*SLOW)
    year = (datetime.now(UTC) - 3300 * DAY).year
    assert row.slow_rise == f"INR rising slowly: 1.0 to 1.7 since {year}"
    assert (row.grade, row.grade_rank) == ("none", PLACES.index("rising"))
    assert row.new_or_worse


def test_a_rise_that_a_window_sees_is_not_called_slow(draws):
    row = draws(*SLOW, (1, 2.3, 60))
    assert row.slow_rise == "" and row.urgency != "routine"


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([], False),
        ([(200, 1.0, 30), (5, 1.1, 30)], False),
        ([(5, 1.8, 30)], True),
        ([(152, 1.2, 120), (77, 1.4, 80), (2, 1.7, 40)], True),
    ],
)
def test_new_is_who_was_never_reviewed_and_has_something_to_see(draws, rows, seen):
    assert draws(*rows).new_or_worse is seen


def test_the_dead_are_neither_new_nor_overdue(draws, patient):
    Patient.objects.filter(pk=patient.pk).update(died_on=date.today())
    row = draws((3000, 1.0, 120), (700, 1.4, 80), (600, 2.7, 40))
    assert (row.new_or_worse, row.first_overdue_on, row.contact_on) == (False, None, None)
    assert row.next_steps == []


def test_what_comes_next_is_stored_with_its_dates(draws):
    step, asked = draws((10, 1.0, 30)).next_steps
    assert asked == {"ask": "ALT, AST and INR in one sample, twice", "when": "dated"}
    assert step["tests"] == ["ALT", "INR"]
    assert step["soon"] < step["due"] == step["from"] < step["over"]


def test_an_inr_that_cannot_be_read_has_its_course_too(draws, patient):
    Event.objects.create(
        patient=patient, kind="vka", label="Warfarin", started_at=datetime.now(UTC) - 9 * DAY
    )
    row = draws((100, 1.1, 120), (2, 2.6, 44))
    assert row.grade == "not_interpretable"
    assert [value for _, value in row.inr_points] == [1.1, 2.6]
    assert (row.points_enzyme, [value for _, value in row.enzyme_points]) == ("ALT", [120, 44])


def test_ast_stands_in_where_alt_is_missing(patient, make_draw):
    make_draw(patient, datetime.now(UTC) - DAY, INR=1.1, AST=(80, 40))
    assess([patient.pk])
    row = Assessment.objects.get(pk=patient.pk)
    assert (row.points_enzyme, len(row.enzyme_points)) == ("AST", 1)


def test_the_latest_bilirubin_keeps_its_bound(patient, make_draw):
    make_draw(patient, datetime.now(UTC) - 9 * DAY, INR=1.1, bilirubin_total=30)
    make_draw(patient, datetime.now(UTC) - DAY, INR=1.1, bilirubin_total="<62")
    assess([patient.pk])
    assert Assessment.objects.get(pk=patient.pk).bilirubin == "<62"
