"""A repeat that is due within two days of its draw is told in hours, not as a date beside the same date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from interpretation.monitoring import Checklist, checklist
from interpretation.monitoring.repeat import due_by
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case, Draw, Result

LAST = datetime(2026, 11, 29, 8, tzinfo=UTC)


def listed(hours: float, level: str, *, acute: bool = False, last: datetime = LAST) -> Checklist:
    """The checklist so many hours after the draw of `last`."""
    draw = Draw(last, tuple(Result(analyte, 1.0) for analyte in ("ALT", "AST", "INR", "albumin")))
    return checklist(Case(LAST + timedelta(hours=hours), draws=(draw,)), level, acute)


def said(found: Checklist, key: str = "inr") -> str:
    return next(item.words for item in found.items if item.key == key)


@pytest.mark.parametrize(
    ("hours", "level", "acute", "words"),
    [
        # Every 6 to 12 h.
        (1, "today", True, "due in 11 hours."),
        (11.5, "today", True, "due in 30 minutes."),
        (12, "today", True, "due now."),
        (18, "today", True, "due 6 hours ago."),
        (100, "today", True, "due 4 days ago."),
        # The same day: until midnight, 16 hours after the draw.
        (10, "today", False, "due in 6 hours."),
        (22, "today", False, "due 6 hours ago."),
        # In 24 to 48 h.
        (20, "24_to_48_h", False, "due in 28 hours."),
        (54, "24_to_48_h", False, "due 6 hours ago."),
        # Longer: by its day.
        (24, "1_to_2_weeks", False, "due 13 Dec 2026, in 13 days."),
        (24, "4_weeks", False, "due 27 Dec 2026, in 27 days."),
        (24, "routine", False, "due 29 May 2027, in 180 days."),
    ],
)
def test_words_of_an_item_that_is_repeated(hours, level, acute, words):
    assert said(listed(hours, level, acute=acute)) == f"Last 29 Nov 2026; {words}"


def test_a_test_that_is_not_repeated_keeps_its_day():
    assert said(listed(18, "today", acute=True), "albumin").startswith(
        "Last 29 Nov 2026; due 29 May 2027, in "
    )


def test_without_an_hour_of_the_draw_no_hours_are_told():
    last = DateAlone(2026, 11, 29, tzinfo=UTC)
    assert said(listed(20, "24_to_48_h", last=last)) == "Last 29 Nov 2026; due 1 Dec 2026, in 1 day."
    # That it was due on the day of the draw is known all the same.
    assert said(listed(20, "today", last=last)) == "Last 29 Nov 2026; due 4 hours ago."


def test_the_day_ends_at_midnight_of_the_clinics_clock():
    repeat = listed(30, "today").repeat
    now = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = due_by("inr", date(2026, 11, 29), date(2026, 11, 29), repeat, now)
    assert found == datetime(2026, 11, 30, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("key", ["albumin", "platelets"])
def test_only_what_is_repeated_has_an_hour(key):
    repeat = listed(30, "today").repeat
    assert due_by(key, date(2026, 11, 29), date(2026, 11, 29), repeat, LAST) is None
    assert due_by("inr", None, date(2026, 11, 29), repeat, LAST) is None
    assert due_by("inr", date(2026, 11, 29), date(2026, 12, 20), repeat, LAST) is None
    assert due_by("inr", date(2026, 11, 26), date(2026, 11, 29), repeat, LAST) is None
    assert due_by("inr", date(2026, 11, 29), date(2026, 11, 29), None, LAST) is None
