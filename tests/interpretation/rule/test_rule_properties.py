"""What must change nothing: a tube beside the rule, order, units, zone, a year, duplicates. [clinical.md 4.4 a]"""

import random
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interpretation.compare import product_reading
from tests.interpretation.random_cases import random_case

FIELDS = ("grade", "base_grade", "urgency")
# Unit and the factor to it, of units that the laboratory may change without saying anything else.
OTHER_UNITS = {"INR": ("{INR}", 1.0), "bilirubin_total": ("mg/dL", 1 / 17.104), "albumin": ("g/dL", 0.1)}
TIMES = ("taken_at", "started_at", "ended_at")
YEAR = timedelta(days=364)
cases = st.integers(0, 5000).map(lambda number: random_case(random.Random(f"properties/{number}"), number))
few = settings(max_examples=40)


def told(patient):
    found = product_reading(patient)
    return {field: found[field] for field in FIELDS}


def with_times(patient, change):
    """Every moment changed; a day without an hour stays a day."""

    def row(fields):
        return {key: change(value) if key in TIMES and value else value for key, value in fields.items()}

    return {
        **patient,
        "as_of": change(patient["as_of"]),
        "draws": [row(drawn) for drawn in patient["draws"]],
        "events": [row(event) for event in patient["events"]],
    }


@few
@given(cases, st.floats(0, 1))
def test_a_tube_beside_the_rule_changes_nothing_at_any_time(patient, share):
    first = datetime.fromisoformat(patient["draws"][0]["taken_at"][:10] + "T00:00:00+00:00")
    at = first + share * (datetime.fromisoformat(patient["as_of"]) - first)
    sodium = {"analyte": "sodium", "value": 140, "unit": "mmol/L"}
    # No flag of a bad sample may find this tube instead of its own.
    others = [event for event in patient["events"] if event["kind"] != "bad_sample"]
    patient = {**patient, "events": others}
    tube = {"taken_at": at.isoformat(timespec="minutes"), "laboratory": "A", "results": [sodium]}
    assert told({**patient, "draws": [*patient["draws"], tube]}) == told(patient)


@few
@given(cases, st.randoms(use_true_random=False))
def test_order_changes_nothing(patient, chance):
    shuffled = {
        key: chance.sample(patient[key], len(patient[key])) for key in ("draws", "events", "diagnoses")
    }
    assert told({**patient, **shuffled}) == told(patient)


@few
@given(cases)
def test_duplicates_change_nothing(patient):
    twice = {key: [*patient[key], *patient[key]] for key in ("draws", "diagnoses")}
    assert told({**patient, **twice}) == told(patient)


@few
@given(cases, st.integers(-12, 14))
def test_another_time_zone_changes_nothing(patient, hours):
    """Where every hour is known: a day alone is a day of the clinic's own zone."""
    zone = timezone(timedelta(hours=hours))

    def moved(text):
        return text if len(text) <= 10 else datetime.fromisoformat(text).astimezone(zone).isoformat()

    draws = [d for d in patient["draws"] if len(d["taken_at"]) > 10]
    # Days of diagnoses are read in the zone of the record.
    patient = {
        **patient,
        "draws": draws,
        "diagnoses": [d for d in patient["diagnoses"] if not d.get("resolved_on")],
    }
    assert told(with_times(patient, moved)) == told(patient)


@few
@given(cases)
def test_a_year_earlier_changes_nothing(patient):
    def earlier(text):
        if len(text) <= 10:
            return (datetime.fromisoformat(text) - YEAR).date().isoformat()
        return (datetime.fromisoformat(text) - YEAR).isoformat()

    def day(text):
        return text and (datetime.fromisoformat(text) - YEAR).date().isoformat()

    diagnoses = [
        {**d, "noted_on": day(d.get("noted_on")), "resolved_on": day(d.get("resolved_on"))}
        for d in patient["diagnoses"]
    ]
    older = {**with_times(patient, earlier), "diagnoses": diagnoses, "birth_date": day(patient["birth_date"])}
    assert told(older) == told(patient)


@pytest.mark.parametrize("number", range(20))
def test_other_units_change_nothing(number):
    patient = random_case(random.Random(f"units/{number}"), number)
    canonical = {"umol/L": 1.0, "µmol/L": 1.0, "g/L": 1.0, "": 1.0, "{INR}": 1.0}

    def changed(result):
        analyte, unit = result["analyte"], result.get("unit", "")
        if analyte not in OTHER_UNITS or unit not in canonical:
            return result
        name, factor = OTHER_UNITS[analyte]
        return {**result, "unit": name, "value": result["value"] * factor}

    draws = [{**d, "results": [changed(r) for r in d["results"]]} for d in patient["draws"]]
    assert told({**patient, "draws": draws}) == told(patient)
