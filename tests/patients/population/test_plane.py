"""From a change to a place in the drawing: scales with their breaks, ticks, points that meet."""

import pytest

from patients.population import marks
from patients.population.drawing import Dot, Trail, plane
from patients.population.plane import (
    BAND,
    BOTTOM,
    LEFT,
    RIGHT,
    ROUNDING,
    TOP,
    across,
    doubling_words,
    doublings,
    inr_ticks,
    set_apart,
    upright,
)

MIDDLE = (LEFT + RIGHT) / 2


@pytest.mark.parametrize(
    ("points", "value", "place"),
    [
        ([], 0, MIDDLE),
        ([], -4.2, LEFT),
        ([], 4.2, RIGHT),
        # Beyond what is shown it stands at the edge.
        ([], -5, LEFT),
        ([-6.8], -7, LEFT),
        ([-6.8], 4.2, RIGHT),
        ([-6.8], 0, LEFT + (RIGHT - LEFT) * 7 / 11.2),
        # Sixteen doublings are never drawn to scale.
        ([16], 10.2, RIGHT),
        ([16], 16, RIGHT),
    ],
)
def test_across(points, value, place):
    assert across(points).place(value) == pytest.approx(place)


@pytest.mark.parametrize(
    ("points", "value", "place"),
    [
        ([], -1, BOTTOM),
        ([], 1.2, TOP),
        ([0.5], 0.1, (TOP + BOTTOM) / 2),
        # An extreme has a band of its own; the rest keeps most of the height.
        ([4.7], 1.2, TOP + BAND),
        ([4.7], 5, TOP),
        ([4.7], 3.1, TOP + BAND / 2),
        ([4.7], -1, BOTTOM),
        ([-5.2], -1, BOTTOM - BAND),
        ([-5.2], -6, BOTTOM),
        ([-5.2, 4.7], 0.1, (TOP + BOTTOM) / 2),
    ],
)
def test_upright(points, value, place):
    assert upright(points).place(value) == pytest.approx(place)


def test_breaks_stand_only_where_somebody_lies_beyond():
    assert upright([1.2, -1.0]).breaks == ()
    assert [value for value, _ in upright([1.3]).breaks] == [1.2]
    assert [value for value, _ in upright([-1.1, 1.3]).breaks] == [-1.0, 1.2]


def test_ticks():
    assert doublings(across([])) == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert doublings(across([-9])) == [-8, -6, -4, -2, 0, 2, 4]
    assert [doubling_words(n) for n in (-2, 0, 3, 10)] == ["÷ 4", "same", "× 8", "× 1,024"]
    assert inr_ticks(upright([])) == [-1, -0.5, 0, 0.5, 1]
    assert inr_ticks(upright([2.1, -3.4])) == [-4, -1, -0.5, 0, 0.5, 1, 3]


def test_points_that_meet_are_set_apart_within_the_rounding_of_inr():
    x, y = across([]), upright([])
    same = set_apart([(-1.0, 0.3)] * 11, x, y)
    assert same[0] == (x.place(-1.0), y.place(0.3))
    assert len(set(same)) == 11
    reach = abs(y.place(0.3) - y.place(0.3 + ROUNDING))
    assert max(abs(at - y.place(0.3)) for _, at in same) <= reach + 1e-9
    assert {at for at, _ in same} == {x.place(-1.0)}


def test_points_that_do_not_meet_stay():
    x, y = across([]), upright([])
    points = [(-1.0, 0.3), (-1.0, 0.4), (1.0, 0.3)]
    assert set_apart(points, x, y) == [(x.place(a), y.place(b)) for a, b in points]


def test_beyond_a_break_they_are_set_apart_by_no_more_than_that_either():
    x, y = across([]), upright([6])
    places = set_apart([(-1.0, 4.0)] * 11, x, y)
    assert max(abs(at - y.place(4.0)) for _, at in places) <= abs(y.place(4.0) - y.place(4.05)) + 1e-9


def test_each_kind_has_a_shape_of_its_own():
    hollow = {"possible", "rising", "none"}
    shapes = {(marks.OUTLINES[kind](6.5), kind in hollow) for kind in marks.DRAWN}
    assert len(shapes) == len(marks.DRAWN) == 5


def test_the_worst_is_drawn_last_and_no_point_has_a_name():
    drawn = plane([Dot("critical", -2, 0.8), Dot("none", 0.1, 0.0), Dot("established", -1.5, 0.4)]).points
    groups = [drawn.index(f'<g class="{kind}">') for kind in ("none", "established", "critical")]
    assert groups == sorted(groups)
    assert "<title>Critical: 1 patient</title>" in drawn


def test_a_point_says_its_grade_and_changes(patient):
    points = plane([Dot("possible", -1.38, 0.4, "ALT", patient.uuid)]).points
    assert "<title>Possible: ALT ÷ 2.6, INR +0.4</title>" in points
    assert f'href="/patients/{patient.uuid}/" tabindex="-1"' in points
    bound = plane([Dot("none", 1.0, -0.2, "AST", patient.uuid, bound=True)]).points
    assert "<title>No dissociation: AST × 2.0, INR −0.2 (a bound)</title>" in bound
    assert 'class="bound"' in bound


def test_a_bin_is_larger_and_opens_nobody():
    one, many = (plane([Dot("none", 0, 0, count=count)]).points for count in (1, 500))
    assert "<title>No dissociation: 500 patients</title>" in many
    assert "<a" not in many
    assert one != many


def test_the_box_of_ast_stands_where_somebody_is_read_by_it(patient):
    assert "corridor ast" not in plane([Dot("none", 0, 0)]).ground
    assert "corridor ast" in plane([Dot("none", 0, 0, "AST", patient.uuid)]).ground


def test_an_empty_plane_has_its_axes():
    empty = plane([])
    assert empty.points == "" and "÷ 16" in empty.ground and "−0.5" in empty.ground


def test_a_trail_leads_through_its_draws():
    way = plane([], [Trail("possible", ((0.0, 0.0), (-1.0, 0.2)))]).trails
    assert way.startswith('<path class="possible" d="M401 ') and way.count("L") == 1
