"""Times without a zone in the nights in which clocks are put forward and back."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from uploads.importers.local_time import moments, unclear

BERLIN, HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("clock", "zone", "hours"),
    [
        (datetime(2026, 3, 29, 1, 59), BERLIN, [0]),
        (datetime(2026, 3, 29, 2, 0), BERLIN, []),
        (datetime(2026, 3, 29, 2, 30), BERLIN, []),
        (datetime(2026, 3, 29, 2, 59, 59), BERLIN, []),
        (datetime(2026, 3, 29, 3, 0), BERLIN, [1]),
        (datetime(2026, 10, 25, 1, 59), BERLIN, [23]),
        (datetime(2026, 10, 25, 2, 0), BERLIN, [0, 1]),
        (datetime(2026, 10, 25, 2, 59), BERLIN, [0, 1]),
        (datetime(2026, 10, 25, 3, 0), BERLIN, [2]),
        (datetime(2026, 3, 29, 2, 30, fold=1), BERLIN, []),
        (datetime(2026, 3, 29, 2, 30), UTC, [2]),
        (datetime(2026, 3, 8, 2, 30), ZoneInfo("America/New_York"), []),
        # The clocks of Lord Howe Island are put by half an hour.
        (datetime(2026, 10, 4, 2, 15), HOWE, []),
        (datetime(2026, 10, 4, 2, 30), HOWE, [15]),
    ],
)
def test_a_clock_shows_a_time_once_never_or_twice(clock, zone, hours):
    assert [one.hour for one in moments(clock, zone)] == hours


def test_what_is_no_single_moment_says_what_to_do():
    gap, twice = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)
    assert unclear(gap, BERLIN).startswith("02:30 does not exist on 2026-03-29: ")
    assert unclear(twice, BERLIN).endswith("Give it with its zone: 02:30+02:00 or 02:30+01:00.")
    assert unclear(datetime(2026, 11, 1, 1, 5), ZoneInfo("America/New_York")).endswith(
        "01:05-04:00 or 01:05-05:00."
    )


@pytest.mark.parametrize(
    ("clock", "zone"),
    [
        (datetime(2026, 3, 29, 3, 30), BERLIN),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), BERLIN),
        (datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=1))), BERLIN),
        # A date alone, where the clocks are put forward at midnight.
        (datetime(2026, 4, 24), ZoneInfo("Africa/Cairo")),
    ],
)
def test_nothing_is_asked_of_a_single_moment_or_a_date_alone(clock, zone):
    assert unclear(clock, zone) == ""
