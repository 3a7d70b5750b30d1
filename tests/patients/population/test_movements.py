"""Which movement each patient made, who is on the plane, and where everybody stood at a month's end."""

from datetime import UTC, datetime
from math import log2

import pytest

from patients.actions.assess import assess
from patients.models import Assessment
from patients.population.counting import count
from patients.population.listing import listed, trail
from patients.population.movements import REACH, as_then, chosen, corner_of, on_plane, place_of, placed
from patients.worklist import DIED_URGENCY, WorklistState
from tests.patients.population.times import LATEST, NOW

pytestmark = pytest.mark.django_db


def stands(row: Assessment) -> Assessment:
    return placed(Assessment.objects.filter(pk=row.pk)).get()


def then(row: Assessment, until: datetime) -> Assessment:
    return as_then(Assessment.objects.filter(pk=row.pk), until).get()


def test_the_corridor_is_the_reference_change():
    """clinical.md 4.1: ALT -37.5 to +60 %, AST -27.5 to +38 %."""
    assert {name: round(reach, 2) for name, reach in REACH.items()} == {"ALT": 0.68, "AST": 0.46}
    assert REACH["ALT"] == pytest.approx(-log2(1 - 0.375), abs=0.01)


@pytest.mark.parametrize(
    ("enzyme", "inr", "corner"),
    [
        ((112, 34), (1.2, 1.7), "dissociation"),
        # Two steps of rounding are a rise, as the rule has it; one is not.
        ((112, 34), (1.2, 1.4), "dissociation"),
        ((112, 34), (1.2, 1.3), "recovery"),
        ((112, 34), (1.7, 1.2), "recovery"),
        ((112, 34), (1.2, 1.2), "recovery"),
        ((100, 90), (1.2, 1.6), "dissociation"),
        ((100, 100), (1.2, 1.6), "injury"),
        ((100, 110), (1.2, 1.6), "injury"),
        ((100, 400), (1.2, 1.6), "injury"),
        ((100, 400), (1.2, 1.2), "new_injury"),
        ((100, 400), (1.6, 1.2), "new_injury"),
        ((100, 100), (1.2, 1.2), "within"),
        ((100, 63), (1.2, 1.3), "within"),
        ((100, 159), (1.3, 1.2), "within"),
        ((100, 62), (1.2, 1.3), "recovery"),
        ((100, 161), (1.2, 1.3), "new_injury"),
        # INR fell while the enzyme did not move: that is no new injury.
        ((100, 110), (1.6, 1.2), "recovery"),
    ],
)
def test_movement_by_place(put, enzyme, inr, corner):
    """The database and the pure function say the same."""
    found = stands(put(enzyme, inr))
    assert found.corner == corner
    place = place_of(*enzyme, *inr)
    assert (found.x, found.y) == pytest.approx(place)
    assert corner_of("ALT", *place) == corner


@pytest.mark.parametrize(
    ("to", "corner"), [(73, "within"), (72, "recovery"), (137, "within"), (139, "new_injury")]
)
def test_ast_has_the_narrower_corridor(put, to, corner):
    assert stands(put((100, to), enzyme="AST")).corner == corner
    assert corner_of("AST", log2(to / 100), 0.0) == corner


@pytest.mark.parametrize("grade", ["critical", "established", "possible"])
def test_whom_the_rule_grades_is_counted_as_dissociation(put, grade):
    """With quiet enzymes ALT may have gone up a little, or an INR not recovered."""
    assert stands(put((22, 28), (1.2, 1.6), grade)).corner == "dissociation"
    assert stands(put((3000, 300), (1.9, 1.9), grade)).corner == "dissociation"


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ((100, 25, 1.2, 1.6), (-2, 0.4)),
        ((100, 100, 1.2, 1.2), (0, 0)),
        ((25, 100, 1.6, 1.2), (2, -0.4)),
        ((None, 25, 1.2, 1.6), None),
        ((100, None, 1.2, 1.6), None),
        ((0.0, 25, 1.2, 1.6), None),
        ((100, 0.0, 1.2, 1.6), None),
        ((100, 25, None, 1.6), None),
        ((100, 25, 1.2, None), None),
    ],
)
def test_place(values, place):
    assert place_of(*values) == (place and pytest.approx(place))


@pytest.mark.parametrize(
    ("given", "off"),
    [
        ({}, ""),
        ({"place": "not_interpretable", "enzyme_from": None, "inr_from": None}, "unreadable"),
        ({"place": "not_assessable", "enzyme_from": None, "inr_from": None}, "few"),
        ({"urgency_rank": DIED_URGENCY, "place": "died"}, "died"),
        ({"enzyme": "", "enzyme_from": None}, "no_change"),
        ({"enzyme_to": 0.0}, "no_change"),
        ({"enzyme_from": 0.0}, "no_change"),
    ],
)
def test_who_is_not_on_the_plane_and_why(put, given, off):
    assert stands(put(**given)).off == off


def test_a_real_assessment_stands_where_its_verdict_says(established):
    assess([established.pk])
    found = stands(Assessment.objects.get(pk=established.pk))
    assert (found.x, found.y) == (pytest.approx(log2(40 / 120)), pytest.approx(0.5))
    assert found.corner == "dissociation" and found.off == ""


def test_without_a_pattern_the_baseline_is_the_windows_highest_enzyme(patient, make_draw):
    for day, alt, inr in [("2026-01-05", 90, 1.3), ("2026-03-05", 240, 1.5), ("2026-10-05", 60, 1.2)]:
        make_draw(patient, f"{day}T08:00", ALT=(alt, 40), INR=inr)
    assess([patient.pk])
    found = stands(Assessment.objects.get(pk=patient.pk))
    assert (found.x, found.y) == (pytest.approx(-2), pytest.approx(-0.3))
    assert found.corner == "recovery"


def test_every_reason_not_to_be_shown_is_counted(put):
    put()
    put((100, 20), (1.2, 1.9), "critical")
    put(place="not_interpretable", enzyme_from=None)
    put(place="not_assessable", enzyme_from=None)
    rows = Assessment.objects.all()
    found = count(rows)
    assert (found.shown, found.total) == (2, 4)
    assert found.kinds == {"none": 1, "critical": 1}
    assert found.corners == {"recovery": 1, "dissociation": 1}
    assert found.reasons == {"unreadable": 1, "few": 1}
    assert not found.binned


def test_bins_hold_as_many_as_the_points_in_the_same_corners(put, monkeypatch):
    for alt in range(20, 320, 10):
        for inr in (0.9, 1.0, 1.3, 1.4, 1.9):
            put((100, alt), (1.2, inr), "critical" if (alt, inr) == (20, 1.9) else "none")
    put(place="not_assessable", enzyme_from=None)
    rows = Assessment.objects.all()
    points = count(rows)
    monkeypatch.setattr("patients.population.counting.BINNED", 10)
    bins = count(rows)
    assert bins.binned and not points.binned
    assert (bins.corners, bins.kinds, bins.reasons) == (points.corners, points.kinds, points.reasons)
    assert len(bins.dots) < len(points.dots)
    assert sum(dot.count for dot in bins.dots) == points.shown
    assert all(dot.uuid is None for dot in bins.dots)


def test_the_list_is_that_of_the_corner_by_urgency(put):
    calm = put((100, 20), (1.2, 1.9), "possible", urgency_rank=3)
    urgent = put((100, 20), (1.2, 1.9), "critical", urgency_rank=0)
    put((100, 20), (1.9, 1.2))
    rows = placed(Assessment.objects.all())
    assert [row.pk for row in on_plane(rows, "dissociation")] == [urgent.pk, calm.pk]
    assert on_plane(rows).count() == 3


# --- filters and clinics ---


def test_only_the_clinics_given_and_what_the_worklist_would_show(put, clinic, other_clinic):
    ours, theirs = put(place="possible", diagnoses=["cirrhosis"]), put(where=other_clinic, place="critical")
    both = [clinic, other_clinic]
    assert set(chosen(WorklistState(), both, NOW)) == {ours, theirs}
    assert set(chosen(WorklistState(), [clinic], NOW)) == {ours}
    assert set(chosen(WorklistState(), [], NOW)) == set()
    assert set(chosen(WorklistState(grade="critical"), both, NOW)) == {theirs}
    assert set(chosen(WorklistState(dx="cirrhosis"), both, NOW)) == {ours}
    assert set(chosen(WorklistState(clinic=other_clinic.code), both, NOW)) == {theirs}
    assert set(chosen(WorklistState(clinic="nowhere"), both, NOW)) == set()


# --- a month's end ---


def points(*values: float) -> list:
    """A draw on the second of each month from March on."""
    return [[datetime(2026, 3 + n, 2, 8, tzinfo=UTC).isoformat(), value] for n, value in enumerate(values)]


@pytest.fixture
def on_the_way(put):
    """ALT 100, 80, 50 and at last 25; INR 1.2, 1.2, 1.3 and at last 1.9."""
    ways = {"enzyme_points": points(100, 80, 50), "inr_points": points(1.2, 1.2, 1.3)}
    return put((100, 25), (1.2, 1.9), "critical", **ways)


@pytest.mark.parametrize(
    ("until", "x", "y", "corner"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), 0, 0, "within"),
        (datetime(2026, 5, 1, tzinfo=UTC), log2(0.8), 0, "within"),
        (datetime(2026, 5, 31, tzinfo=UTC), -1, 0.1, "recovery"),
        (datetime(2026, 10, 31, tzinfo=UTC), -1, 0.1, "recovery"),
        (LATEST, -2, 0.7, "dissociation"),
    ],
)
def test_where_a_patient_stood_then(on_the_way, until, x, y, corner):
    """By place alone: today's grade does not count for then."""
    found = count(Assessment.objects.all(), until)
    assert [(dot.kind, dot.x, dot.y) for dot in found.dots] == [
        ("critical", pytest.approx(x), pytest.approx(y))
    ]
    assert found.corners == {corner: 1} and found.ids[corner] == [on_the_way.pk]


def test_before_the_baseline_nobody_stands_anywhere(on_the_way):
    found = count(Assessment.objects.all(), datetime(2026, 2, 28, tzinfo=UTC))
    assert found.reasons == {"later": 1} and not found.dots


def test_the_line_of_the_list_then(on_the_way):
    until = datetime(2026, 5, 31, tzinfo=UTC)
    row = listed(then(on_the_way, until), until)
    assert (row.enzyme_from, row.enzyme_to, row.inr_from, row.inr_to) == ("100", "50", "1.2", "1.3")
    assert row.over == "90 d" and row.grade == "Critical"


def test_a_bound_stays_one_in_the_list(put):
    row = listed(stands(put((100, 20), (1.2, 8.0), "critical", inr_signs=",>", enzyme_signs=",<")))
    assert (row.enzyme_to, row.inr_to) == ("<20", ">8.0")


def test_a_trail_goes_from_the_baseline_to_the_month(on_the_way):
    until = datetime(2026, 5, 31, tzinfo=UTC)
    steps = trail(then(on_the_way, until), until).steps
    assert steps[0] == (0, 0)
    assert [round(x, 2) for x, _ in steps] == [0, -0.32, -1, -1]
    assert steps[-1] == (pytest.approx(-1), pytest.approx(0.1))
    at_first = datetime(2026, 3, 31, tzinfo=UTC)
    assert trail(then(on_the_way, at_first), at_first) is None
