"""Five real patients (MIMIC-IV demo) at each of their days: grade and scenario, as they were read and judged.

A line is the first day of a stretch without change. Whoever changes the rule reads the days that move (the
words too: `manage.py report MRN --as-of DAY`) before a line here is changed.
"""

from itertools import groupby

import pytest

from interpretation import interpret
from tests.interpretation.texts import mimic_cases

SEQUENCES = {
    "10007818": [
        ("2025-06-25", "not_assessable", "undetermined"),
        ("2025-07-27", "none", "undetermined"),
        ("2025-08-06", "established", "post_acute"),
        ("2025-08-09", "none", "post_acute"),
        ("2025-08-11", "possible", "post_acute failing"),
        ("2025-08-17", "established", "post_acute failing"),
        ("2025-08-19", "critical", "post_acute failing"),
        ("2025-08-21", "critical", "post_acute"),
        ("2025-08-22", "possible", "post_acute failing"),
        ("2025-08-23", "none", "post_acute"),
        ("2025-08-25", "possible", "post_acute failing"),
        ("2025-08-26", "critical", "aclf"),
    ],
    "10039708": [
        ("2019-02-21", "not_assessable", "undetermined"),
        ("2020-05-17", "none", "undetermined"),
        ("2020-05-18", "possible", "undetermined"),
        ("2020-05-19", "established", "undetermined"),
        ("2020-05-20", "critical", "undetermined"),
        ("2020-05-25", "established", "undetermined"),
        ("2020-05-27", "possible", "undetermined"),
        ("2020-06-01", "none", "undetermined"),
        ("2020-10-09", "none", "progressive_cld not_shown"),
        ("2020-10-11", "none", "undetermined"),
        ("2021-01-16", "none", "progressive_cld not_shown"),
        ("2022-07-18", "none", "progressive_cld progressing"),
        ("2022-07-20", "possible", "undetermined"),
        ("2022-07-21", "established", "undetermined"),
        ("2022-07-22", "none", "undetermined"),
        ("2022-07-24", "possible", "undetermined"),
        ("2022-07-26", "established", "aclf"),
        ("2022-07-29", "possible", "undetermined"),
        ("2022-07-30", "possible", "aclf"),
        ("2022-08-01", "none", "undetermined"),
        ("2023-11-25", "none", "progressive_cld not_shown"),
        ("2024-01-18", "none", "undetermined"),
        ("2024-01-20", "possible", "undetermined"),
        ("2024-05-11", "none", "progressive_cld not_shown"),
        ("2024-05-14", "none", "undetermined"),
        ("2024-06-13", "none", "progressive_cld not_shown"),
        ("2024-06-23", "possible", "aclf"),
        ("2024-06-24", "none", "progressive_cld not_shown"),
        ("2024-09-09", "none", "undetermined"),
        ("2024-09-10", "none", "progressive_cld not_shown"),
        ("2024-12-09", "none", "progressive_cld progressing"),
        ("2025-02-13", "established", "aclf"),
        ("2025-02-15", "none", "undetermined"),
    ],
    "10004235": [
        ("2025-06-18", "not_assessable", "undetermined"),
        ("2025-06-19", "none", "undetermined"),
        ("2025-06-24", "not_interpretable", "undetermined"),
        ("2025-09-28", "none", "undetermined"),
        ("2025-10-12", "not_interpretable", "undetermined"),
    ],
    "10003400": [
        ("2022-01-22", "not_assessable", "undetermined"),
        ("2024-08-19", "not_interpretable", "undetermined"),
    ],
    "10014354": [
        ("2021-04-04", "not_assessable", "undetermined"),
        ("2022-02-19", "none", "undetermined"),
        ("2022-08-14", "not_interpretable", "undetermined"),
        ("2023-01-27", "none", "undetermined"),
        ("2023-03-18", "not_interpretable", "undetermined"),
        ("2023-03-28", "not_interpretable", "post_acute"),
        ("2023-08-21", "none", "post_acute"),
        ("2024-06-06", "not_interpretable", "undetermined"),
        ("2024-10-23", "none", "undetermined"),
        ("2024-10-24", "not_interpretable", "undetermined"),
    ],
}


@pytest.fixture(scope="session")
def sequences(shared_data) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list] = {}
    for case in mimic_cases(shared_data / "mimic-iv-demo", SEQUENCES):
        report = interpret(case)
        course = f"{report.scenario.kind} {report.scenario.outcome}".strip()
        found.setdefault(case.id, []).append(
            (case.as_of.date().isoformat(), report.dissociation.grade, course)
        )
    return found


@pytest.mark.parametrize("mrn", SEQUENCES)
def test_grade_and_scenario_by_day(mrn, sequences):
    assert [next(days) for _, days in groupby(sequences[mrn], key=lambda day: day[1:])] == SEQUENCES[mrn]
