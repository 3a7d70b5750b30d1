"""Dates, numbers, spans, ages and lists at their boundaries."""

from datetime import date, datetime, timedelta

import pytest

from interpretation import words

NOON = datetime(2026, 11, 14, 12, 0)


@pytest.mark.parametrize(
    "value, decimals, text",
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (1.005, 2, "1.01"),
        (2.675, 2, "2.68"),
        (1.25, 1, "1.3"),
        (0.49, 0, "0"),
        (-80.0, 0, "−80"),
        (1e15, 0, "1.0e+15"),
    ],
)
def test_a_half_is_rounded_up(value, decimals, text):
    assert words.number(value, decimals) == text


@pytest.mark.parametrize(
    "value, text", [(1.1, "1.1"), (1.10, "1.1"), (1.25, "1.25"), (2.0, "2.0"), (1.049999, "1.05")]
)
def test_inr_keeps_a_second_decimal(value, text):
    assert words.inr(value) == text


@pytest.mark.parametrize(
    "value, decimals, most, text",
    [
        (1.25, 1, 4, "1.25"),
        (0.4, 0, 4, "0.4"),
        (0.0, 1, 4, "0.0"),
        (88.5, 0, 4, "89"),
        (1134.85, 1, 4, "1134.9"),
        (1.035, 1, 4, "1.04"),
        (0.00012, 0, 3, "0.000"),
        (0.00012, 0, 4, "0.0001"),
    ],
)
def test_figures_keep_within_one_percent_of_the_number(value, decimals, most, text):
    assert words.figures(value, decimals, most) == text


@pytest.mark.parametrize("value, text", [(9.5, "9.5"), (9.0, "9"), (10.5, "11"), (9200.4, "9200")])
def test_enzyme_is_whole_from_ten(value, text):
    assert words.enzyme(value) == text


@pytest.mark.parametrize(
    "change, text",
    [
        (None, ""),
        (0.0, "±0 %"),
        (0.4, "±0 %"),
        (-0.4, "±0 %"),
        (0.5, "+1 %"),
        (-0.5, "−1 %"),
        (62.5, "+63 %"),
        (-80.0, "−80 %"),
    ],
)
def test_percent(change, text):
    assert words.percent(change) == text


@pytest.mark.parametrize("fraction, text", [(0.125, "13 %"), (0.0, "0 %"), (1.0, "100 %"), (0.005, "1 %")])
def test_share(fraction, text):
    assert words.share(fraction) == text


@pytest.mark.parametrize(
    "at, text",
    [
        (date(2024, 2, 29), "29 Feb 2024"),
        (date(2026, 9, 1), "1 Sep 2026"),
        (date(2026, 12, 31), "31 Dec 2026"),
        (datetime(2026, 6, 3, 7, 10), "3 Jun 2026"),
    ],
)
def test_day(at, text):
    assert words.day(at) == text


def test_moment():
    assert words.moment(datetime(2026, 5, 3, 7, 5)) == "3 May 2026, 07:05"


@pytest.mark.parametrize(
    "first, text",
    [
        (NOON.replace(hour=7), "14 Nov 2026, 07:00 to 12:00"),
        (NOON.replace(day=4), "4 Nov to 14 Nov 2026"),
        (NOON.replace(month=1), "14 Jan to 14 Nov 2026"),
        (NOON.replace(year=2025), "14 Nov 2025 to 14 Nov 2026"),
    ],
)
def test_days_within_a_day_a_month_a_year(first, text):
    assert words.days(first, NOON) == text


@pytest.mark.parametrize(
    "time, text",
    [
        (timedelta(0), "0 hours"),
        (timedelta(minutes=30), "1 hour"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=71.4), "71 hours"),
        (timedelta(hours=72), "3 days"),
        (timedelta(days=3.5), "4 days"),
        (timedelta(days=119), "119 days"),
        (timedelta(days=120), "4 months"),
        (timedelta(days=548), "18 months"),
    ],
)
def test_span_changes_its_unit_at_three_days_and_at_120(time, text):
    assert words.span(time) == text


@pytest.mark.parametrize(
    "born, at, years",
    [
        (date(1960, 11, 14), date(2026, 11, 13), 65),
        (date(1960, 11, 14), date(2026, 11, 14), 66),
        (date(1960, 11, 14), datetime(2026, 11, 14, 0, 0), 66),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 11, 14), date(2026, 11, 14), 0),
        (date(2026, 11, 14), date(2026, 11, 13), -1),
    ],
)
def test_age_on_the_birthday_and_on_29_february(born, at, years):
    assert words.age(born, at) == years


@pytest.mark.parametrize(
    "born, at, months",
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2024, 11, 14), date(2026, 11, 13), 23),
        (date(2024, 11, 14), date(2026, 11, 14), 24),
        (date(2025, 12, 31), date(2026, 1, 30), 0),
    ],
)
def test_age_in_months(born, at, months):
    assert words.age_in_months(born, at) == months


@pytest.mark.parametrize(
    "names, text",
    [
        ([], ""),
        (["INR"], "INR"),
        (["ALT", "INR"], "ALT and INR"),
        (["ALT", "AST", "INR"], "ALT, AST and INR"),
        ((name for name in ("ALT", "INR")), "ALT and INR"),
    ],
)
def test_listed(names, text):
    assert words.listed(names) == text


def test_listed_with_another_last_word():
    assert words.listed(["U/L", "µkat/L"], " or ") == "U/L or µkat/L"


@pytest.mark.parametrize(
    "count, text", [(0, "0 values"), (1, "1 value"), (2, "2 values"), (1000, "1000 values")]
)
def test_counted(count, text):
    assert words.counted(count, "value") == text


def test_counted_with_a_plural_of_its_own():
    assert [words.counted(n, "entry", "entries") for n in (1, 2)] == ["1 entry", "2 entries"]


@pytest.mark.parametrize(
    "text, lower", [("Bilirubin", "bilirubin"), ("INR", "INR"), ("ALT rose", "ALT rose"), ("", "")]
)
def test_within_a_sentence_abbreviations_keep_their_capitals(text, lower):
    assert words.lower_first(text) == lower


@pytest.mark.parametrize("text, upper", [("ascites", "Ascites"), ("INR", "INR"), ("", "")])
def test_at_the_beginning_of_a_sentence(text, upper):
    assert words.upper_first(text) == upper
