"""How many notices there would have been: replayed over a record, per 100 patients a month."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from interpretation.record.records import Case, Diagnosis, Draw, Result
from patients.follow_up.notice_rate import notice_rate, raised
from patients.models import Notice

START = datetime(2025, 1, 1, 8, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def case(*inrs: tuple[float, float]) -> Case:
    """Cirrhosis, an INR on each of these days."""
    draws = tuple(
        Draw(at(days), (Result("INR", inr), Result("ALT", 60, upper_limit=40)), id=str(days))
        for days, inr in inrs
    )
    diagnoses = (Diagnosis("cirrhosis"),)
    return Case(as_of=at(10_000), draws=draws, diagnoses=diagnoses)


def test_a_course_without_today_raises_none():
    assert list(raised(case((0, 1.1), (30, 1.2)))) == []


@pytest.mark.parametrize(
    "course, days",
    [
        # Once an episode.
        ([(0, 1.2), (10, 3.0), (11, 3.1), (12, 3.2)], [10]),
        # Half an INR more.
        ([(0, 1.2), (10, 3.0), (11, 3.4), (12, 3.5)], [10, 12]),
        # Better in between.
        ([(0, 1.2), (10, 3.0), (20, 1.2), (40, 3.0)], [10, 40]),
    ],
)
def test_replayed_as_if_each_result_had_come_when_it_was_taken(course, days):
    assert list(raised(case(*course))) == [at(each) for each in days]


def test_the_rate_is_over_the_time_that_patients_were_followed():
    quiet, ill = case((0, 1.1), (304.4, 1.1)), case((0, 1.2), (10, 3.0))
    found = notice_rate([quiet, ill, case()])
    assert (found.patients, found.notices, found.noticed) == (2, 1, 1)
    # Ten months, and one for whom there is less than a month.
    assert found.months == pytest.approx(11)
    assert found.per_100_a_month == pytest.approx(100 / 11)


@pytest.mark.parametrize("first, last, notices", [(9, None, 1), (11, None, 0), (None, 10, 1), (None, 9, 0)])
def test_only_the_days_asked_for_count(first, last, notices):
    ill = case((0, 1.2), (10, 3.0), (20, 3.0))
    found = notice_rate([ill], None if first is None else at(first), None if last is None else at(last))
    assert found.notices == notices


def test_nobody_is_no_rate():
    assert notice_rate([]).per_100_a_month == 0


@pytest.fixture
def counted(patient, make_draw):
    """counted(...) -> what the command prints, of a patient with INR 1.2, then 3.0."""
    for days, inr in [(40, 1.2), (20, 3.0)]:
        make_draw(patient, timezone.now() - timedelta(days=days), INR=inr, ALT=(60, 40))
    told = {"kind": "today", "level": "today", "raised_at": timezone.now()}
    Notice.objects.create(clinic=patient.clinic, patient=patient, **told)

    def counted(*options: str) -> str:
        out = StringIO()
        call_command("notices_count", *options, stdout=out)
        return out.getvalue()

    return counted


def test_the_command_counts_both_and_names_nobody(counted, patient):
    said = counted()
    assert said.startswith(
        "Replayed: 1 notice of 1 patient, among 1 patient followed for 1.0 months in all: 100.0"
    )
    assert "Raised here: 1 notice." in said and patient.mrn not in said


def test_the_command_answers_in_json_for_days_and_a_clinic(counted, clinic):
    today = timezone.now().date()
    said = json.loads(counted("--json", "--clinic", clinic.code, "--from", "2020-01-01", "--to", str(today)))
    assert (said["notices"], said["raised_here"]) == (1, 1)
    said = json.loads(counted("--json", "--to", str(today - timedelta(days=30))))
    assert (said["notices"], said["raised_here"]) == (0, 0)


def test_an_unknown_clinic_is_said(counted):
    with pytest.raises(CommandError, match="No clinic has the code “nowhere”"):
        counted("--clinic", "nowhere")
