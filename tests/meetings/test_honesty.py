"""Figures of how the product is taken: overrules by rule, notices by month, what could not be read; recounted."""

import csv
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from django.utils import timezone

from accounts.actions import switch_silent
from accounts.protection.purge import purging
from meetings.figures.charts import CHARTS
from meetings.figures.reading import figures_of, tables
from meetings.models import FigureMonth
from patients.models import Notice, Overrule
from tests.looks import seen
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
# Within reach, two months of one year.
LAST_YEAR = timezone.now().year - 1
MAY, JUNE = (datetime(LAST_YEAR, month, 2, 9, tzinfo=UTC) for month in (5, 6))
HOURS = {MAY: [0.5, 3, 9], JUNE: [4, None]}


@pytest.fixture
def notices(clinic, make_patient, clinician) -> None:
    number = 0
    for month, waits in HOURS.items():
        for hours in [*waits, "void"]:
            number += 1
            raised = month + timedelta(days=number)
            taken = {}
            if hours == "void":
                taken = {"lapsed_at": raised + timedelta(hours=1)}
            elif hours is not None:
                taken = {"taken_at": raised + timedelta(hours=hours), "taken_by": clinician}
            patient = make_patient(f"H{number}")
            fields = {"kind": "today", "level": "today", "raised_at": raised}
            Notice.objects.create(clinic=clinic, patient=patient, **fields, **taken)


@pytest.fixture
def overruled(clinic, make_patient, clinician) -> list:
    rows = [(MAY, "inr", "Too soon"), (MAY, "inr", "Warfarin"), (JUNE, "trend", "A wrong sample")]
    for number, (month, rule, reason) in enumerate(rows):
        patient = make_patient(f"O{number}")
        said = {"grade_said": "possible", "grade_given": "none", "rule_words": rule.upper()}
        at = month + timedelta(days=3 + number)
        Overrule.objects.create(
            patient=patient, by=clinician, at=at, knowledge_version="1", rule=rule, reason=reason, **said
        )
    return rows


def test_notices_are_counted_as_by_hand(clinic, notices, settings):
    rows = tables(figures_of(clinic))["notices"].rows
    assert len(rows) == 2
    for row, waits in zip(rows, HOURS.values(), strict=True):
        taken = [wait for wait in waits if wait is not None]
        in_time = sum(wait <= settings.NOTICE_HOURS for wait in taken)
        assert row[1:3] == (len(waits) + 1, len(taken)) and row[4] == in_time and row[6] == 1
        assert float(row[3]) == pytest.approx(median(taken), abs=0.05)
        # The void one is none of those that could be taken.
        assert row[5] == f"{100 * in_time / len(waits):.0f}"


def test_a_notice_whose_hours_are_not_over_is_no_late_one(clinic, patient):
    raised = timezone.now() - timedelta(minutes=5)
    Notice.objects.create(clinic=clinic, patient=patient, kind="today", level="today", raised_at=raised)
    (row,) = tables(figures_of(clinic))["notices"].rows
    assert row[1:3] == (1, 0) and row[5] == ""


def test_what_was_raised_in_silence_is_not_counted(clinic, patient, administrator):
    raised = timezone.now() - timedelta(hours=9)
    Notice.objects.create(clinic=clinic, patient=patient, kind="today", level="today", raised_at=raised)
    assert len(figures_of(clinic).notices) == 1
    switch_silent(clinic=clinic, silent=True, why="x", by=administrator)
    history = clinic.history.filter(is_silent=True)
    with as_owner(), purging("another clock"):
        history.update(pgh_created_at=raised - timedelta(hours=1))
    assert figures_of(clinic).notices == []


def test_overrules_are_counted_by_month_and_rule_with_reasons(clinic, overruled):
    rows = tables(figures_of(clinic), reasons=True)["overrules"].rows
    assert [(row[1], row[2]) for row in rows] == [("INR", 2), ("TREND", 1)]
    assert set(rows[0][3].split("; ")) == {"Too soon", "Warfarin"}
    assert all(len(row) == 3 for row in tables(figures_of(clinic))["overrules"].rows)


def test_who_reads_reasons_is_logged_and_a_viewer_reads_none(client, clinic, overruled, clinician, viewer):
    client.force_login(viewer)
    assert "Warfarin" not in client.get("/meetings/figures/").content.decode() and seen() == []
    client.force_login(clinician)
    assert "Warfarin" in client.get("/meetings/figures/").content.decode()
    assert len(seen()) == len(overruled)


def test_the_share_not_interpretable_is_of_those_with_a_draw(clinic):
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    counts = {"silent": 5, "followed": 0, "overdue": 0, "left_out": 0, "waits": [], "waiting": 0, "passed": 0}
    grades = {"none": 5, "not_interpretable": 2, "not_assessable": 1}
    month = {"month": now.date().replace(day=1), "until": now, "counted_at": now, "knowledge_version": "1"}
    FigureMonth.objects.create(clinic=clinic, grades=grades, **month, **counts)
    assert tables(figures_of(clinic))["unread"].rows == [("Mar 2026", 2, 1, 8, "25")]
    assert CHARTS["unread"](figures_of(clinic))["data"][0]["y"] == [25]


def test_each_has_its_csv(client, clinic, notices, overruled, viewer):
    client.force_login(viewer)
    for name in ("notices", "overrules", "unread"):
        answer = client.get(f"/meetings/figures/{name}.csv")
        rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
        table = tables(figures_of(clinic))[name]
        assert rows == [[str(cell) for cell in row] for row in (table.head, *table.rows)]
