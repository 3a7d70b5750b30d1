"""Verdicts, dates and ages as staff read them, at their boundaries."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from patients import words
from patients.templatetags import clinical

NOON = datetime(2026, 11, 14, 12, 0)
TODAY = NOON.date()


@pytest.mark.parametrize(
    "born, on, text",
    [
        (None, TODAY, ""),
        (date(2026, 11, 15), TODAY, ""),
        (TODAY, TODAY, "0 mo"),
        (date(2024, 11, 15), TODAY, "23 mo"),
        (date(2024, 11, 14), TODAY, "2 y"),
        (date(1960, 11, 15), TODAY, "65 y"),
        (date(1960, 11, 14), TODAY, "66 y"),
        (date(2008, 2, 29), date(2026, 2, 28), "17 y"),
        (date(2008, 2, 29), date(2026, 3, 1), "18 y"),
    ],
)
def test_age_in_months_below_two_years(born, on, text):
    assert words.age(born, on) == text


@pytest.mark.parametrize(
    "first, text",
    [
        (NOON.replace(hour=7), "14 Nov 2026, 07:00 to 12:00"),
        (NOON.replace(day=4), "4 to 14 Nov 2026"),
        (NOON.replace(month=10, day=31), "31 Oct to 14 Nov 2026"),
        (NOON.replace(year=2025), "14 Nov 2025 to 14 Nov 2026"),
    ],
)
def test_short_days_within_a_day_a_month_a_year(first, text):
    assert words.short_days(first, NOON) == text


@pytest.mark.parametrize(
    "at, text",
    [
        (TODAY, "14 Nov"),
        (date(2026, 1, 1), "1 Jan"),
        (date(2025, 12, 31), "31 Dec 2025"),
        (date(2024, 2, 29), "29 Feb 2024"),
    ],
)
def test_short_day_names_another_year(at, text):
    assert words.short_day(at, TODAY) == text


def test_days_and_moments_in_full():
    at = datetime(2026, 9, 3, 7, 5)
    assert words.full_day(at) == "3 September 2026"
    assert words.full_moment(at) == "3 September 2026 at 07:05"
    assert words.month(at) == "Sep 2026"


@pytest.mark.parametrize(
    "time, text", [(timedelta(hours=71), "71 h"), (timedelta(days=3), "3 d"), (timedelta(days=120), "4 mo")]
)
def test_short_span(time, text):
    assert words.short_span(time) == text


@pytest.mark.parametrize(
    "time, text",
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=71), "71 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_short_wait(time, text):
    assert words.short_wait(time) == text


@pytest.mark.parametrize(
    "state, hours, text",
    [
        ("long_overdue", -6, "due 6 h ago"),
        ("overdue", -0.5, "due 30 min ago"),
        ("due", 0, "due now"),
        ("due", 0.75, "due in 45 min"),
        ("due_soon", 5, "due in 5 h"),
        ("long_overdue", -240, "due 10 d ago"),
        ("long_overdue", None, "long overdue 13 Nov"),
        ("never_done", None, "never done 13 Nov"),
    ],
)
def test_what_is_due_within_hours_is_told_in_hours(state, hours, text):
    now = NOON.replace(tzinfo=UTC)
    by = None if hours is None else now + timedelta(hours=hours)
    assert words.due_words(state, date(2026, 11, 13), by, now) == text


def test_what_has_no_day_is_its_state_alone():
    assert words.due_words("never_done", None, None, NOON) == "never done"


def test_hours_are_true_hours_where_the_clocks_change():
    """From 00:30 to 03:30 on the night in which London puts its clocks forward are two hours."""
    zone = ZoneInfo("Europe/London")
    by, now = datetime(2026, 3, 29, 0, 30, tzinfo=zone), datetime(2026, 3, 29, 3, 30, tzinfo=zone)
    assert words.due_words("overdue", by.date(), by, now) == "due 2 h ago"


@pytest.mark.parametrize("grade, text", [("critical", "Critical"), ("none", "None"), ("", "Not assessed")])
def test_grade_word(grade, text):
    assert words.grade_word(grade) == text


@pytest.mark.parametrize(
    "verdict, text", [("pending", "open"), ("contributing", "contributes"), ("another", "another")]
)
def test_verdict_word(verdict, text):
    assert words.verdict_word(verdict) == text


@pytest.mark.parametrize(
    "state, text", [("long_overdue", "long overdue"), ("never_done", "never done"), ("new", "new")]
)
def test_state_word(state, text):
    assert words.state_word(state) == text


@pytest.mark.parametrize(
    "state, direction, has_value, text",
    [
        ("agrees", "down", True, "down, agrees"),
        ("within", "level", True, "no real change"),
        ("disagrees", "up", True, "up, disagrees"),
        ("not_measured", "", False, "not measured"),
        ("not_measured", "", True, "cannot be compared"),
    ],
)
def test_marker_word(state, direction, has_value, text):
    assert words.marker_word(state, direction, has_value=has_value) == text


@pytest.mark.parametrize(
    "names, found",
    [
        ("", []),
        ("source document, computed", []),
        ("Dufour 2000, general knowledge, Ali 2019", ["Dufour 2000", "Ali 2019"]),
    ],
)
def test_publications_are_told_from_what_names_none(names, found):
    assert words.publications(names) == found


@pytest.mark.parametrize("ask", [clinical.day, clinical.moment, lambda at: clinical.short_day(at, TODAY)])
def test_a_filter_says_nothing_of_no_date(ask):
    assert ask(None) == ""


def test_every_state_has_a_word_and_a_shape():
    assert words.STATE_WORDS.keys() == clinical.STATE_CLASSES.keys()


def test_words_are_asked_of_words_and_not_of_templates():
    """The filters are for templates: what a module needs of them belongs in `words`."""
    root = Path(words.__file__).parents[1]
    modules = [path for app in ("patients", "meetings", "uploads") for path in (root / app).rglob("*.py")]
    asking = [
        str(path)
        for path in modules
        if re.search(r"import.*templatetags|templatetags.*import", path.read_text())
    ]
    assert modules
    assert asking == []


@pytest.mark.parametrize(
    ("state", "due_at", "text"),
    [
        ("overdue", NOON - timedelta(hours=18), "over 18 h"),
        ("long_overdue", TODAY - timedelta(days=4), "over 4 d"),
        ("due", date(2026, 11, 14), "due 14 Nov"),
        ("due_soon", date(2026, 11, 18), "soon 18 Nov"),
        ("up_to_date", date(2027, 2, 3), "3 Feb 2027"),
    ],
)
def test_a_cell_of_the_checklist_says_how_late_it_is(state, due_at, text):
    assert words.cell_due(state, due_at, NOON) == text
