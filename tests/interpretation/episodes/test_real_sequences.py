"""Five real patients (MIMIC-IV demo) at each of their days: grade, scenario and urgency, as they were read and judged.

A line is the first day of a stretch without change. Whoever changes the rule reads the days that move (the
words too: `manage.py report MRN --as-of DAY`) before a line here is changed.
"""

from itertools import groupby

import pytest

from interpretation import interpret
from tests.interpretation.texts import mimic_cases

SEQUENCES = {
    "10007818": [
        ("2025-06-25", "not_assessable", "undetermined", "routine"),
        ("2025-07-27", "none", "undetermined", "routine"),
        ("2025-08-06", "established", "post_acute", "today"),
        ("2025-08-07", "established", "post_acute", "24_to_48_h"),
        ("2025-08-09", "none", "post_acute", "24_to_48_h"),
        ("2025-08-10", "none", "post_acute", "today"),
        ("2025-08-11", "possible", "post_acute failing", "today"),
        ("2025-08-12", "none", "post_acute recovering", "today"),
        ("2025-08-14", "possible", "post_acute failing", "today"),
        ("2025-08-19", "critical", "post_acute failing", "today"),
        ("2025-08-21", "critical", "post_acute", "today"),
        ("2025-08-22", "possible", "post_acute failing", "today"),
        ("2025-08-23", "none", "post_acute", "routine"),
        ("2025-08-24", "none", "post_acute", "today"),
        ("2025-08-26", "critical", "aclf", "today"),
    ],
    "10039708": [
        ("2019-02-21", "not_assessable", "undetermined", "routine"),
        ("2020-05-17", "none", "undetermined", "routine"),
        ("2020-05-18", "possible", "undetermined", "24_to_48_h"),
        ("2020-05-19", "established", "undetermined", "24_to_48_h"),
        ("2020-05-20", "critical", "undetermined", "today"),
        ("2020-05-25", "established", "undetermined", "24_to_48_h"),
        ("2020-05-27", "possible", "undetermined", "24_to_48_h"),
        ("2020-06-01", "none", "undetermined", "routine"),
        ("2020-10-09", "none", "progressive_cld not_shown", "routine"),
        ("2020-10-11", "none", "undetermined", "routine"),
        ("2021-01-16", "none", "progressive_cld not_shown", "routine"),
        ("2022-07-18", "none", "progressive_cld progressing", "routine"),
        ("2022-07-19", "none", "progressive_cld progressing", "4_weeks"),
        ("2022-07-20", "possible", "undetermined", "24_to_48_h"),
        ("2022-07-21", "established", "undetermined", "24_to_48_h"),
        ("2022-07-22", "none", "undetermined", "routine"),
        ("2022-07-24", "possible", "undetermined", "24_to_48_h"),
        ("2022-08-01", "none", "undetermined", "routine"),
        ("2023-11-25", "none", "progressive_cld not_shown", "routine"),
        ("2024-01-18", "none", "undetermined", "4_weeks"),
        ("2024-01-20", "possible", "undetermined", "4_weeks"),
        ("2024-01-22", "possible", "undetermined", "1_to_2_weeks"),
        ("2024-05-11", "none", "progressive_cld not_shown", "routine"),
        ("2024-05-14", "none", "undetermined", "4_weeks"),
        ("2024-06-13", "none", "progressive_cld not_shown", "routine"),
        ("2024-06-23", "possible", "progressive_cld progressing", "1_to_2_weeks"),
        ("2024-06-24", "none", "progressive_cld not_shown", "routine"),
        ("2024-09-09", "none", "undetermined", "4_weeks"),
        ("2024-09-10", "none", "progressive_cld not_shown", "routine"),
        ("2024-12-08", "none", "progressive_cld progressing", "routine"),
        ("2025-02-13", "established", "undetermined", "1_to_2_weeks"),
        ("2025-02-15", "none", "undetermined", "routine"),
    ],
    "10004235": [
        ("2025-06-18", "not_assessable", "undetermined", "routine"),
        ("2025-06-19", "none", "undetermined", "routine"),
        ("2025-07-06", "not_interpretable", "undetermined", "routine"),
        ("2025-07-30", "none", "undetermined", "routine"),
    ],
    "10003400": [
        ("2022-01-22", "not_assessable", "undetermined", "today"),
        ("2022-01-23", "not_assessable", "undetermined", "routine"),
        ("2024-06-23", "not_assessable", "undetermined", "today"),
        ("2024-06-24", "not_assessable", "undetermined", "routine"),
        ("2024-06-25", "not_interpretable", "undetermined", "routine"),
        ("2024-07-28", "not_interpretable", "undetermined", "24_to_48_h"),
        ("2024-08-02", "not_interpretable", "undetermined", "routine"),
        ("2024-08-03", "not_interpretable", "undetermined", "24_to_48_h"),
        ("2024-08-19", "not_interpretable", "undetermined", "routine"),
        ("2024-10-07", "not_assessable", "undetermined", "routine"),
        ("2024-10-14", "not_interpretable", "undetermined", "routine"),
        ("2024-10-15", "not_interpretable", "undetermined", "today"),
        ("2024-10-21", "not_interpretable", "undetermined", "routine"),
        ("2025-04-04", "not_assessable", "undetermined", "routine"),
        ("2025-04-05", "not_interpretable", "undetermined", "routine"),
    ],
    "10014354": [
        ("2021-04-04", "not_assessable", "undetermined", "routine"),
        ("2022-02-19", "none", "undetermined", "routine"),
        ("2023-03-19", "not_interpretable", "undetermined", "routine"),
        ("2023-03-20", "none", "undetermined", "routine"),
        ("2023-03-24", "not_interpretable", "undetermined", "routine"),
        ("2023-03-28", "not_interpretable", "post_acute", "today"),
        ("2023-04-05", "none", "post_acute", "routine"),
        ("2023-04-06", "none", "post_acute recovering", "routine"),
        ("2023-05-05", "not_interpretable", "post_acute", "routine"),
        ("2023-05-06", "none", "post_acute recovering", "routine"),
        ("2023-05-28", "not_interpretable", "post_acute", "routine"),
        ("2023-08-21", "none", "post_acute recovering", "routine"),
        ("2023-11-16", "none", "undetermined", "routine"),
        ("2024-10-23", "none", "undetermined", "1_to_2_weeks"),
        ("2024-10-24", "none", "undetermined", "routine"),
        ("2024-12-29", "not_interpretable", "undetermined", "routine"),
        ("2025-01-01", "none", "undetermined", "routine"),
        ("2025-01-26", "not_interpretable", "undetermined", "routine"),
        ("2025-03-20", "none", "undetermined", "routine"),
    ],
}


@pytest.fixture(scope="session")
def sequences(shared_data) -> dict[str, list[tuple[str, str, str, str]]]:
    found: dict[str, list] = {}
    for case in mimic_cases(shared_data / "mimic-iv-demo", SEQUENCES):
        report = interpret(case)
        course = f"{report.scenario.kind} {report.scenario.outcome}".strip()
        found.setdefault(case.id, []).append(
            (case.as_of.date().isoformat(), report.dissociation.grade, course, report.urgency.level)
        )
    return found


@pytest.mark.parametrize("mrn", SEQUENCES)
def test_grade_scenario_and_urgency_by_day(mrn, sequences):
    assert [next(days) for _, days in groupby(sequences[mrn], key=lambda day: day[1:])] == SEQUENCES[mrn]
