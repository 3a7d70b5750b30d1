"""What is marked, what waits, and what is no surprise: each limit below, at and above."""

from datetime import UTC, datetime, timedelta

import pytest

from interpretation.record import analytes
from interpretation.record.surprise import Earlier, surprise

NOV = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)


def read(key, before, now, days=1.0, unit=None):
    unit = analytes.get(key).unit if unit is None else unit
    value = now * (analytes.get(key).factor(unit) or 1)
    return surprise(
        key=key,
        value=value,
        unit=unit,
        shown=f"{now:g}",
        at=NOV + timedelta(days=days),
        earlier=None if before is None else Earlier(before, NOV, f"{before:g}"),
    )


@pytest.mark.parametrize(
    ("key", "before", "now", "days", "outcome"),
    [
        # Marked: graded as it stands until a person confirms it.
        ("INR", 1.5, 5.1, 12, "marked"),
        ("INR", 1.5, 4.5, 12, "marked"),
        ("INR", 1.5, 4.4, 12, None),
        ("INR", 1.5, 4.5, 90, "marked"),
        ("INR", 1.5, 4.5, 90.1, None),
        ("INR", 5.1, 1.5, 12, "marked"),
        ("sodium", 162, 121, 0.1, "marked"),
        ("sodium", 140, 121, 0.1, None),
        ("bilirubin_total", 77, 8.6, 0.8, "marked"),
        # A true signal of the liver is no surprise in this sense: it is stored as every other value.
        ("ALT", 30, 590, 1, None),
        ("ALT", 30, 600, 1, "marked"),
        ("ALT", 30, 600, 2.1, None),
        ("bilirubin_total", 100, 376, 2, None),
        # A known unit or a moved point brings it beside the last one, and it is out of range as it stands.
        ("bilirubin_total", 21, 1.2, 30, "waits"),
        ("bilirubin_total", 33, 2.1, 4, "waits"),
        ("bilirubin_total", 35, 2.9, 30, "waits"),
        ("bilirubin_total", 35, 3.0, 30, None),
        ("INR", 1.5, 15, 30, "waits"),
        ("INR", 0.9, 9.0, 30, "waits"),
        ("INR", 1.5, 24, 30, "marked"),
        ("ALT", 490, 8.2, 400, None),
        ("ALT", 120, 2, 400, "waits"),
        ("ALT", 21, 2, 3, None),
        # Beyond the limit of entry as sent, plausible in the other unit and within twice the last value.
        ("haemoglobin", 70, 11, 3, "waits"),
        ("haemoglobin", 55, 11, 3, "waits"),
        ("haemoglobin", 54, 11, 3, None),
        ("creatinine", 200, 1.2, 30, "waits"),
        ("creatinine", 300, 1.2, 30, None),
        ("platelets", 240, 5, 3, "marked"),
        # Accepted as sent: only a unit that brings it within 1.5 times makes it wait.
        ("bilirubin_total", 60, 2.0, 30, None),
        # Nothing to compare with, or too long ago.
        ("INR", None, 15, 1, None),
        ("INR", 1.5, 15, 548, "waits"),
        ("INR", 1.5, 15, 549, None),
        ("ALT", 30, 0, 1, None),
    ],
)
def test_a_value_beside_the_last_one(key, before, now, days, outcome):
    found = read(key, before, now, days)
    assert (found and ("waits" if found.waits else "marked")) == outcome


def test_a_mark_says_both_values_and_the_day():
    assert read("INR", 1.5, 5.1, 21).text == "Unconfirmed: 1.5 on 9 Nov 2026, now 5.1."


def test_a_question_names_the_unit_that_would_fit():
    found = read("bilirubin_total", 21, 1.2, 30)
    assert (found.unit, found.waits) == ("mg/dL", True)
    assert "As 1.2 mg/dL it would fit" in found.text


def test_a_question_names_the_value_with_its_point_moved():
    assert "1.5 would fit" in read("INR", 1.5, 15, 30).text
