"""Grades and episodes of a real patient (MIMIC-IV demo, 10007818), where the files are present."""

import csv
from datetime import date, datetime
from io import StringIO

import pytest

from interpretation.episodes import episodes, grades
from patients.models import Patient
from patients.report.panel import case_for
from uploads import actions

pytestmark = pytest.mark.django_db
MRN = "10007818"


@pytest.fixture
def case(shared_data, clinic, data_manager):
    folder = shared_data / "mimic-iv-demo"
    files = [(path.name, _rows_of(path)) for path in sorted(folder.glob("*.csv"))]
    actions.store(contents=files, clinic=clinic, by=data_manager)
    return case_for(Patient.objects.get(mrn=MRN), datetime.now(tz=clinic.zone))


def _rows_of(path) -> bytes:
    """The file with the rows of this patient alone: storing all takes seconds."""
    head, *rows = csv.reader(StringIO(path.read_text(encoding="utf-8")))
    out = StringIO()
    csv.writer(out).writerows([head, *(row for row in rows if MRN in row)])
    return out.getvalue().encode()


def test_grades_by_day_are_withdrawn_after_vitamin_k_and_episodes_read_sensibly(case):
    points = grades(case).points
    worst = {}
    for point in points:
        worst[point.at.date()] = point.grade
    assert [worst[date(2025, 8, day)] for day in range(11, 25)] == [
        "possible", "none", "none", *["possible"] * 5, *["critical"] * 3, "possible", "none", "none",
    ]  # fmt: skip
    answered = next(point for point in points if point.at.date() == date(2025, 8, 23))
    assert "Vitamin K" in answered.headline and "not a recovery" in answered.headline

    told = episodes(points, case)
    assert [(e.recognised_at.date(), e.worst, e.closing.name) for e in told] == [
        (date(2025, 8, 6), "established", "Resolved"),
        (date(2025, 8, 11), "critical", "Explained by a cause"),
        (date(2025, 8, 26), "critical", "Died"),
    ]
    explained = told[1]
    assert (explained.enzyme, explained.enzyme_peak, explained.inr_nadir, explained.inr_peak) == (
        "ALT", 354, 1.5, 2.9,
    )  # fmt: skip
    assert explained.closing.text == "Vitamin K deficiency: INR fell 2.2 → 1.4 after vitamin K."
