"""Figures for the clinic: counted from the record by month, read by its staff only."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO

import plotly.graph_objects as go
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from interpretation.record.records import Case, Draw, Result
from meetings.actions.closing import close_meeting
from meetings.actions.figures import count_figures
from meetings.actions.outcomes import save_outcome
from meetings.figures.charts import CHARTS
from meetings.figures.counting import count_months, tallies_of
from meetings.figures.reading import classed, figures_of, share, tables
from meetings.figures.states import course
from meetings.models import FigureMonth
from patients.actions.people import withdraw_patient
from patients.actions.reviews import review_cause
from patients.models import LeftOut, Patient
from patients.report import spread

pytestmark = pytest.mark.django_db
START = datetime(2025, 1, 10, 8, tzinfo=UTC)
PANEL = ("AST", "ALT", "ALP", "GGT", "bilirubin_direct", "albumin", "platelets", "INR")


def case(*rows, now=600, **fields) -> Case:
    """Rows of (days, ALT, INR) after START, each with a whole panel."""
    draws = tuple(
        Draw(
            START + timedelta(days=days),
            (
                Result("ALT", alt, upper_limit=40),
                Result("INR", inr, upper_limit=1.2),
                *(Result(key, 30.0) for key in PANEL if key not in ("ALT", "INR")),
            ),
            "L1",
        )
        for days, alt, inr in rows
    )
    return Case(as_of=START + timedelta(days=now), draws=draws, **fields)


def at(*days: int) -> list[datetime]:
    return [START + timedelta(days=day) for day in days]


FALLING = [(0, 120, 1.2), (75, 80, 1.4), (150, 40, 1.7)]


# --- one patient through the months ---


def test_the_grade_of_a_month_is_that_of_the_last_draw_before_its_end():
    grades = [
        state and state.grade for state in course(case(*FALLING), at(-1, 0, 80, 151, 300, 900), []).states
    ]
    assert grades[0] is None and grades[1] == "not_assessable"
    assert grades[3] == grades[4] == "established"
    # Nothing drawn for so long: the last grade says nothing of then.
    assert grades[5] == ""


def test_who_has_died_is_counted_no_more():
    dead = case(*FALLING, died_on=date(2025, 8, 1))
    assert [state is None for state in course(dead, at(170, 300), []).states] == [False, True]


def test_late_is_what_was_done_before_and_not_again():
    found = course(case((0, 30, 1.0), (20, 30, 1.0)), at(30, 150, 320), []).states
    assert [state.late for state in found] == [False, False, True]


def test_a_flag_waits_for_the_first_discussion_after_it():
    flags = course(case(*FALLING), at(300), at(-5, 160, 250)).flags
    assert [(flag.at.date(), flag.days) for flag in flags][-1][1] in (10, 85)
    first = flags[0]
    later = [moment for moment in at(-5, 160, 250) if moment >= first.at][0]
    assert first.days == (later - first.at).days and not first.ended
    assert course(case(*FALLING), at(300), []).flags[0].days is None


def test_without_a_dissociation_there_is_no_flag():
    assert course(case((0, 30, 1.0)), at(300), at(10)).flags == []


# --- the months ---


def test_a_month_ends_on_the_clinics_clock(clinic):
    now = datetime(2026, 4, 10, 9, tzinfo=UTC)
    found = tallies_of(clinic, now, 2)
    assert [tally.month for tally in found] == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
    # London is an hour ahead at the end of March.
    assert [tally.until.astimezone(UTC) for tally in found] == [
        datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 31, 22, 59, 59, 999999, tzinfo=UTC),
        now,
    ]
    assert found[1].until.date() == date(2026, 3, 31)


def test_months_count_patients_and_again_takes_their_place(clinic, falling, make_patient):
    make_patient("Without draws")
    count_figures(clinic=clinic)
    rows = count_figures(clinic=clinic, months=12)
    assert FigureMonth.objects.count() == 13
    assert rows[-1].grades == {"established": 1} and rows[-1].followed == 1
    assert sum(rows[0].grades.values()) == 0
    assert sum(sum(row.grades.values()) for row in rows[-4:]) == 4


def test_withdrawn_and_left_out_patients_are_not_counted_as_followed(clinic, falling, clinician):
    now = timezone.now()
    LeftOut.objects.create(
        patient=falling, by=clinician, at=now, reason="moved", starts_on=now.date() - timedelta(days=1)
    )
    row = count_figures(clinic=clinic)[-1]
    assert (row.left_out, row.followed) == (1, 0)
    withdraw_patient(patient=falling, by=clinician, reason="Entered twice")
    row = count_figures(clinic=clinic)[-1]
    assert (row.grades, row.left_out) == ({}, 0)


def test_another_clinics_patients_are_not_counted(other_clinic, falling):
    assert all(row.grades == {} for row in count_figures(clinic=other_clinic))


def test_only_flags_since_the_first_meeting_count(clinic, falling, item, clinician, make_draw, meeting):
    row = count_figures(clinic=clinic)[-1]
    # It was there before anybody met.
    assert (row.waits, row.waiting, row.passed) == ([], 0, 0)


def test_a_flag_after_the_first_meeting_waits_until_it_is_discussed(
    clinic, patient, make_patient, begun, meeting, clinician, make_draw
):
    item = begun(patient)[0]
    now = timezone.now()
    for days, alt in [(-160, 120), (-80, 80)]:
        make_draw(patient, now + timedelta(days=days), ALT=(alt, 40), INR=(1.2, 1.2), albumin=35)
    make_draw(patient, now, ALT=(40, 40), INR=(1.9, 1.2), albumin=35)
    row = count_figures(clinic=clinic)[-1]
    assert (row.waits, row.waiting) == ([], 1)
    save_outcome(item=item, by=clinician, version=1, decision="no_change", note="")
    close_meeting(meeting=meeting, by=clinician)
    row = count_figures(clinic=clinic)[-1]
    assert (row.waits, row.waiting) == ([0], 0)


def test_the_database_refuses_months_that_cannot_be(clinic):
    row = count_figures(clinic=clinic)[-1]
    for field, value in (("overdue", row.followed + 1), ("month", date(2020, 1, 2))):
        with pytest.raises(IntegrityError), transaction.atomic():
            FigureMonth.objects.filter(pk=row.pk).update(**{field: value})


def test_as_many_queries_for_many_patients(clinic, make_patient, make_draw, django_assert_max_num_queries):
    for number in range(6):
        make_draw(make_patient(f"Name{number}"), timezone.now(), ALT=40, INR=1.2)
    with django_assert_max_num_queries(18):
        count_figures(clinic=clinic, months=2)


def test_on_every_core_the_figures_are_those_of_one(clinic, make_patient, make_draw, monkeypatch):
    for number in range(12):
        person = make_patient(f"Name{number}")
        for days, alt, inr in FALLING[: number % 4]:
            make_draw(person, START + timedelta(days=days + number), ALT=(alt, 40), INR=inr)
    now = START + timedelta(days=200)
    names = [field.attname for field in FigureMonth._meta.fields if field.attname != "id"]
    alone = [[getattr(row, name) for name in names] for row in count_months(clinic, now)]
    monkeypatch.setattr(spread, "ENOUGH", 4)
    monkeypatch.setattr(spread.os, "cpu_count", lambda: 3)
    assert [[getattr(row, name) for name in names] for row in count_months(clinic, now)] == alone
    assert any(row[names.index("grades")].get("established") for row in alone)
    # The connection is as it was.
    assert Patient.objects.count() == 12


def test_the_command_counts_one_clinic_or_all(clinic, other_clinic, falling, capsys):
    call_command("figures", "--clinic", "north", "--months", "3")
    assert "north: 1 patients over 3 months" in capsys.readouterr().out
    assert set(FigureMonth.objects.values_list("clinic__code", flat=True)) == {"north"}
    call_command("figures")
    assert FigureMonth.objects.filter(clinic=other_clinic).count() == 25
    with pytest.raises(CommandError, match="No clinic has the code"):
        call_command("figures", "--clinic", "nowhere")
    with pytest.raises(CommandError, match="1 to 120"):
        call_command("figures", "--months", "0")


# --- what is shown ---


@pytest.fixture
def counted(clinic, falling, make_patient, clinician):
    other = make_patient("Abel")
    for patient, verdict in ((falling, "contributing"), (other, "excluded")):
        given = {
            "patient": patient,
            "by": clinician,
            "cause": "vitamin_k_deficiency",
            "note": "",
            "seen": None,
        }
        review_cause(verdict=verdict, **given)
    return count_figures(clinic=clinic, months=6)


def test_the_latest_verdict_of_each_patient_counts(counted, clinic, falling, clinician):
    name = "Vitamin K deficiency"
    assert figures_of(clinic).causes == [(name, 1, 1)]
    seen = falling.reviews.last().pk
    given = {"cause": "vitamin_k_deficiency", "note": "", "seen": seen}
    review_cause(patient=falling, by=clinician, verdict="pending", **given)
    assert figures_of(clinic).causes == [(name, 0, 1)]


@pytest.mark.parametrize(
    ("waits", "counts"), [([], [0, 0, 0, 0]), ([0, 7, 8, 28, 29, 56, 57, 400], [2, 2, 2, 2])]
)
def test_classes_of_waits_meet_without_gap(waits, counts):
    assert classed(waits) == counts


def test_charts_are_what_plotly_takes_and_hold_the_tables_numbers(counted, clinic):
    month = FigureMonth.objects.filter(clinic=clinic).last()
    month.waits, month.waiting = [3, 30], 1
    month.save()
    found = figures_of(clinic)
    for chart in CHARTS.values():
        figure = chart(found)
        go.Figure(figure)
        assert json.dumps(figure, allow_nan=False)
    bars = {bar["name"]: bar["y"] for bar in CHARTS["grades"](found)["data"]}
    place = tables(found)["grades"].head.index("Established")
    assert bars["Established"] == [row[place] for row in tables(found)["grades"].rows]
    assert CHARTS["waits"](found)["data"][0]["y"] == [1, 0, 1, 0, 1, 0]


def test_nothing_counted_nothing_drawn(clinic):
    found = figures_of(clinic)
    assert [chart(found) for chart in CHARTS.values()] == [None] * len(CHARTS)
    assert all(table.rows == [] for table in tables(found).values())


@pytest.mark.parametrize("who", ["viewer", "clinician", "data_manager", "administrator"])
def test_every_role_reads_and_nobody_is_named(who, request, client, counted, falling):
    client.force_login(request.getfixturevalue(who))
    said = unescape(client.get(reverse("meetings:figures")).content.decode())
    assert "Figures of North Hospital" in said and "Vitamin K deficiency" in said
    assert falling.family_name not in said and falling.mrn not in said
    assert "graded by today’s rules" in said


def test_another_clinics_figures_are_not_there(client, counted, stranger, other_clinic):
    client.force_login(stranger)
    for name, more in (("figures", []), ("figures-csv", ["causes"])):
        address = reverse(f"meetings:{name}", args=more)
        assert client.get(f"{address}?clinic=north").status_code == 404
        assert b"Vitamin K deficiency" not in client.get(address).content


def test_who_works_in_two_clinics_chooses(client, counted, viewer, other_clinic):
    Membership.objects.create(user=viewer, clinic=other_clinic, role=Role.VIEWER)
    client.force_login(viewer)
    said = client.get(reverse("meetings:figures") + "?clinic=south").content.decode()
    assert "Figures of South Hospital" in said and 'href="?clinic=north"' in said


def test_a_csv_holds_the_table(client, counted, viewer):
    client.force_login(viewer)
    for name, table in tables(figures_of(counted[0].clinic)).items():
        answer = client.get(reverse("meetings:figures-csv", args=[name]))
        assert answer["Content-Disposition"] == f'attachment; filename="north-{name}.csv"'
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
        assert rows == [[str(cell) for cell in row] for row in (table.head, *table.rows)]
    assert client.get(reverse("meetings:figures-csv", args=["nothing"])).status_code == 404


def test_the_page_costs_as_many_queries_for_many(client, counted, viewer, make_patient, clinician):
    client.force_login(viewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("meetings:figures"))
        return len(found)

    # The first look of a process asks for things that are then remembered.
    queries()
    before = queries()
    for number in range(10):
        given = {"by": clinician, "cause": "antibiotics", "verdict": "excluded", "note": "", "seen": None}
        review_cause(patient=make_patient(f"Name{number}"), **given)
    assert queries() == before <= 10


def test_the_list_of_meetings_leads_to_it(client, viewer):
    client.force_login(viewer)
    assert reverse("meetings:figures") in client.get(reverse("meetings:list")).content.decode()


def test_patients_alone_do_not_make_a_month(clinic):
    assert not Patient.objects.filter(clinic=clinic).exists()
    assert len(count_figures(clinic=clinic)) == 25


@pytest.mark.parametrize(
    ("overdue", "followed", "text"), [(0, 8, "0"), (1, 8, "13"), (3, 8, "38"), (8, 8, "100"), (0, 0, "")]
)
def test_a_share_is_rounded_as_percentages_are_elsewhere(overdue, followed, text):
    assert share(FigureMonth(overdue=overdue, followed=followed)) == text
