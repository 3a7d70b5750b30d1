"""Days and times as people write them."""

from datetime import datetime, timedelta

import pytest

from patients.values.dates import Undated, impossible, is_dated, read_moment
from patients.words import day_read, moment_read

AT = datetime(2026, 11, 30, 8, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T08:05", "2026-11-30 08:05:31", "2026-11-30 8:05", "30 Nov 2026 08:05",
        "30 November 2026, 08:05", "Mon 30 Nov 2026, 08:05", "30 Nov 2026 at 08:05", "30-NOV-2026 08:05",
        "30.11.2026 8:05", "30.11.2026, 08:05 Uhr", "30/11/2026 08:05", "11/30/2026 8:05 AM",
        " 30.11.2026  08:05 ",
    ],
)  # fmt: skip
def test_one_time_in_many_forms(text):
    assert read_moment(text) == AT


@pytest.mark.parametrize(
    ("text", "at"),
    [("30.11.2026 12:00 am", "00:00"), ("30.11.2026 12:30 pm", "12:30"), ("30.11.2026 8:05 p.m.", "20:05")],
)
def test_halves_of_the_day(text, at):
    assert f"{read_moment(text):%H:%M}" == at


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("30 Feb 2026 08:30", "30 February 2026 does not exist."),
        ("2026-02-30T08:30", "30 February 2026 does not exist."),
        ("29.02.2025 08:30", "29 February 2025 does not exist."),
        ("31/04/2026 08:30", "31 April 2026 does not exist."),
        ("2026-13-01T08:30", "There is no month 13."),
        ("32/13/2026 08:30", "There is no month 13."),
        ("30 Nob 2026 08:30", "“Nob” is no month."),
        ("2026-11-30 25:10", "25:10 is no time of day."),
        ("03/04/2026 08:30", "03/04/2026 can be read two ways. Write 3 Apr 2026 or 4 Mar 2026."),
        ("30 Nov 2026", "Enter the time of day too, such as 23 Nov 2026 08:30."),
        ("yesterday", ""),
        ("30.11.26 08:30", ""),
        ("2026-11-30T08:30Z", ""),
        ("", ""),
    ],
)
def test_what_is_no_time_says_why(text, sentence):
    with pytest.raises(Undated) as refusal:
        read_moment(text)
    assert str(refusal.value) == sentence


def test_a_day_alone_is_dated_and_an_impossible_one_is_called_so():
    assert is_dated("30 Nov 2026") and not is_dated("30 Feb 2026") and not is_dated("34")
    assert (impossible("2026-02-30"), impossible("2026-02-20"), impossible("x")) == (
        "30 February 2026 does not exist.",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=119), "119 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=200), "7 months ago"),
        (timedelta(days=731), "2 years ago"),
        (timedelta(days=-400), "in 13 months"),
    ],
)
def test_a_time_is_said_with_how_long_ago_it_was(later, words):
    assert moment_read(AT, AT + later) == f"Mon 30 Nov 2026, 08:05, {words}"


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "yesterday"), (-1, "tomorrow"), (2, "2 days ago"), (-30, "in 30 days")],
)
def test_a_day_is_said_with_how_long_ago_it_was(days, words):
    assert day_read(AT.date(), AT.date() + timedelta(days=days)) == f"Mon 30 Nov 2026, {words}"
