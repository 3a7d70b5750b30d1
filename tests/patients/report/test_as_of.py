from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from patients.report.as_of import parse_as_of

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)


def local(*parts) -> datetime:
    return datetime(*parts, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NOW),
        ("  ", NOW),
        ("2025-08-17", local(2025, 8, 17, 23, 59, 59, 999999)),
        ("2025-08-17T10:00", local(2025, 8, 17, 10)),
        ("2025-08-17T10:00:30", local(2025, 8, 17, 10, 0, 30)),
        ("2025-08-17T10:00+02:00", local(2025, 8, 17, 9)),
        ("2025-08-17T10:00 02:00", local(2025, 8, 17, 9)),
        ("2025-08-17T10:00Z", local(2025, 8, 17, 11)),
        # The day on which clocks go back has 25 hours.
        ("2025-10-26", local(2025, 10, 26, 23, 59, 59, 999999)),
        # The end of today lies ahead: now is meant.
        ("2026-11-23", NOW),
        ("2026-11-23T18:00", NOW),
    ],
)
def test_reads_a_moment(text, expected):
    assert parse_as_of(text, LONDON, NOW) == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "17.08.2025", "2025-13-01", "2025-02-30", "9999-12-31", "0", "2025"]
)
def test_says_how_to_write_a_date(text):
    with pytest.raises(ValueError, match="2025-08-17|future"):
        parse_as_of(text, LONDON, NOW)


@pytest.mark.parametrize("text", ["2026-11-24", "2026-11-24T00:00"])
def test_refuses_the_future(text):
    with pytest.raises(ValueError, match="future"):
        parse_as_of(text, LONDON, NOW)


def test_is_in_the_zone_of_the_clinic():
    assert parse_as_of("2025-08-17T10:00Z", LONDON, NOW).utcoffset().total_seconds() == 3600
