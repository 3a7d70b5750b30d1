"""The record as it was known here then: late results, corrections, withdrawals, late entries."""

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.protection.purge import purging
from patients.models import CauseReview, Diagnosis, Draw, Event, Patient, Result
from patients.report.panel import panel
from tests.roles import as_owner
from tests.words import words_of

HISTORIES = ("PatientHistory", "DrawHistory", "ResultHistory", "DiagnosisHistory", "EventHistory")
JULY = datetime(2025, 7, 1, 12, tzinfo=UTC)
AUGUST = datetime(2025, 8, 1, 12, tzinfo=UTC)
SEPTEMBER = datetime(2025, 9, 1, 12, tzinfo=UTC)


@contextmanager
def stored(at: datetime):
    """What is written inside was written at that moment: a test is one transaction, so its clock stands."""
    models = [apps.get_model("patients", name) for name in HISTORIES]
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in models}
    yield
    with as_owner(), purging("another clock"):
        for model, known in before.items():
            model.objects.exclude(pk__in=known).update(pgh_created_at=at)


@pytest.fixture
def patient(patient):
    with as_owner(), purging("another clock"):
        apps.get_model("patients", "PatientHistory").objects.update(pgh_created_at=JULY - timedelta(days=999))
    return patient


@pytest.fixture
def enter(patient, make_draw):
    """enter(JULY, "2025-07-01T08:00", ALT=112): a draw stored at that moment."""

    def make(at, taken_at, received_at=None, **results):
        with stored(at):
            draw = make_draw(patient, taken_at, **results)
            if received_at:
                # As its first version, not as a change.
                Draw.objects.filter(pk=draw.pk).update(received_at=received_at)
        history = apps.get_model("patients", "DrawHistory").objects.filter(pgh_obj=draw)
        if received_at:
            with as_owner(), purging("a first version that was another one"):
                history.filter(pgh_label="update").delete()
                history.update(received_at=received_at)
        return draw

    return make


def known(patient, at):
    return panel(patient, at, known_at=at)


def drawn(found) -> list[str]:
    return [f"{d.taken_at:%m-%d}" for d in found.case.draws]


def value(found, analyte="ALT") -> float:
    return found.case.draws[-1].result(analyte).value


def test_a_draw_entered_later_was_not_known(patient, enter):
    enter(AUGUST, "2025-07-01T08:00", ALT=112)
    assert drawn(panel(patient, JULY)) == ["07-01"]
    found = known(patient, JULY)
    assert drawn(found) == []
    assert [draw.taken_at.day for draw in found.rows.not_known] == [1]
    assert drawn(known(patient, AUGUST)) == ["07-01"]
    assert known(patient, AUGUST).rows.not_known == []


def test_a_draw_is_known_from_the_moment_it_was_stored(patient, enter):
    enter(JULY, "2025-06-30T08:00", ALT=112)
    assert drawn(known(patient, JULY)) == ["06-30"]
    assert drawn(known(patient, JULY - timedelta(seconds=1))) == []


def test_a_file_of_later_counts_from_the_receipt_of_its_draws(patient, enter):
    enter(SEPTEMBER, "2025-07-01T08:00", received_at=JULY, ALT=112)
    assert drawn(known(patient, JULY)) == ["07-01"]
    assert value(known(patient, JULY)) == 112
    assert drawn(known(patient, JULY - timedelta(seconds=1))) == []


def test_a_result_that_came_later_was_not_known(patient, enter):
    draw = enter(JULY, "2025-07-01T08:00", ALT=112)
    with stored(AUGUST):
        Result.objects.create(draw=draw, analyte="INR", value=1.7, reported_value="1.7")
    assert known(patient, JULY).case.draws[0].result("INR") is None
    assert value(known(patient, AUGUST), "INR") == 1.7


def test_a_result_added_to_a_received_draw_was_not_received_with_it(patient, enter):
    draw = enter(AUGUST, "2025-07-01T08:00", received_at=JULY, ALT=112)
    with stored(SEPTEMBER):
        Result.objects.create(draw=draw, analyte="INR", value=1.7, reported_value="1.7")
    for at in (JULY, AUGUST):
        assert [r.analyte for r in known(patient, at).case.draws[0].results] == ["ALT"]


def test_a_corrected_result_shows_what_it_was(patient, enter):
    draw = enter(JULY, "2025-07-01T08:00", ALT=112)
    with stored(AUGUST):
        Result.objects.filter(draw=draw).update(value=1120, status="corrected")
    assert value(known(patient, JULY)) == 112
    assert value(panel(patient, JULY)) == 1120
    assert value(known(patient, AUGUST)) == 1120
    assert known(patient, JULY).rows.results[draw.pk][0].status == "final"


def test_a_correction_of_a_received_draw_is_known_from_when_it_was_made(patient, enter):
    draw = enter(AUGUST, "2025-07-01T08:00", received_at=JULY, ALT=112)
    with stored(SEPTEMBER):
        Result.objects.filter(draw=draw).update(value=1120, status="corrected")
    assert [value(known(patient, at)) for at in (JULY, AUGUST, SEPTEMBER)] == [112, 112, 1120]


def test_a_superseded_result_counted_then(patient, enter):
    draw = enter(JULY, "2025-07-01T08:00", ALT=112)
    with stored(AUGUST):
        Result.objects.filter(draw=draw).update(status="superseded")
        Result.objects.create(draw=draw, analyte="ALT", value=90, reported_value="90", status="corrected")
    assert [value(known(patient, at)) for at in (JULY, AUGUST)] == [112, 90]


def test_a_draw_withdrawn_later_still_stands(patient, enter, clinician):
    draw = enter(JULY, "2025-07-01T08:00", ALT=112)
    with stored(AUGUST):
        mark = {"withdrawn_at": AUGUST, "withdrawn_by": clinician, "withdrawn_reason": "wrong tube"}
        Draw.objects.filter(pk=draw.pk).update(**mark)
    assert drawn(panel(patient, JULY)) == []
    assert drawn(known(patient, JULY)) == ["07-01"]
    found = known(patient, AUGUST)
    assert drawn(found) == []
    assert found.rows.draws[0].withdrawn_by == clinician
    assert found.rows.not_known == []


def test_a_draw_withdrawn_before_it_was_known_is_not_missed(patient, enter, clinician):
    draw = enter(AUGUST, "2025-07-01T08:00", ALT=112)
    mark = {"withdrawn_at": AUGUST, "withdrawn_by": clinician, "withdrawn_reason": "wrong tube"}
    Draw.objects.filter(pk=draw.pk).update(**mark)
    assert known(patient, JULY).rows.not_known == []


def test_an_event_entered_later_was_not_known(patient):
    with stored(AUGUST):
        Event.objects.create(patient=patient, kind="vka", started_at=JULY - timedelta(days=9))
    assert len(panel(patient, JULY).case.events) == 1
    assert known(patient, JULY).case.events == ()
    assert len(known(patient, AUGUST).case.events) == 1


def test_a_stop_entered_later_was_not_known(patient):
    with stored(JULY):
        drug = Event.objects.create(patient=patient, kind="vka", started_at=JULY - timedelta(days=9))
    with stored(AUGUST):
        Event.objects.filter(pk=drug.pk).update(ended_at=JULY - timedelta(days=1), stop_confirmed=True)
    assert known(patient, JULY).case.events[0].ended_at is None
    assert known(patient, AUGUST).case.events[0].stop_confirmed


def test_an_event_withdrawn_later_still_stands(patient, clinician):
    with stored(JULY):
        drug = Event.objects.create(patient=patient, kind="vka", started_at=JULY - timedelta(days=9))
    with stored(AUGUST):
        mark = {"withdrawn_at": AUGUST, "withdrawn_by": clinician, "withdrawn_reason": "not this patient"}
        Event.objects.filter(pk=drug.pk).update(**mark)
    assert [len(known(patient, at).case.events) for at in (JULY, AUGUST)] == [1, 0]


def test_a_diagnosis_resolved_later_stood_then(patient):
    with stored(JULY):
        row = Diagnosis.objects.create(patient=patient, kind="cholestasis", noted_on=date(2025, 6, 1))
    with stored(AUGUST):
        Diagnosis.objects.filter(pk=row.pk).update(resolved_on=date(2025, 6, 20))
    resolved = [known(patient, at).case.diagnoses[0].resolved_on for at in (JULY, AUGUST)]
    assert resolved == [None, date(2025, 6, 20)]


def test_a_death_recorded_later_was_not_known(patient):
    with stored(AUGUST):
        Patient.objects.filter(pk=patient.pk).update(died_on=date(2025, 6, 30))
    patient.refresh_from_db()
    assert [known(patient, at).case.died_on for at in (JULY, AUGUST)] == [None, date(2025, 6, 30)]


def test_a_patient_entered_later_is_still_that_patient(patient):
    with as_owner(), purging("another clock"):
        apps.get_model("patients", "PatientHistory").objects.update(pgh_created_at=AUGUST)
    case = known(patient, JULY).case
    assert (case.id, case.sex, case.birth_date) == (str(patient.uuid), "F", patient.birth_date)


def test_reviews_are_known_from_when_they_were_given(patient, clinician):
    CauseReview.objects.create(patient=patient, cause="vka", verdict="excluded", by=clinician, at=AUGUST)
    assert [len(known(patient, at).case.reviews) for at in (JULY, AUGUST)] == [0, 1]


def test_what_is_known_now_is_the_record(patient, enter, clinician):
    enter(JULY, "2025-07-01T08:00", ALT=(112, 40), AST=98, INR="<1.2")
    enter(JULY, "2025-05-01T08:00", laboratory="L2", ALT=80, INR=1.2)
    with stored(JULY):
        Diagnosis.objects.create(patient=patient, kind="cirrhosis", codes=["K74"])
        Diagnosis.objects.create(patient=patient, kind="cholestasis", noted_on=date(2020, 1, 1))
        Event.objects.create(patient=patient, kind="vitamin_k", started_at=JULY, route="iv")
    assert known(patient, SEPTEMBER).case == panel(patient, SEPTEMBER).case


def test_as_many_queries_as_the_page_itself_and_one(patient, enter, django_assert_max_num_queries):
    for month in range(1, 7):
        enter(JULY, f"2025-0{month}-01T08:00", ALT=112, INR=1.2)
    with django_assert_max_num_queries(6):
        known(patient, AUGUST)


# --- the page and the command ---


@pytest.fixture
def page(client, clinician, patient):
    client.force_login(clinician)
    address = reverse("patients:detail", kwargs={"uuid": patient.uuid})
    return lambda query="": client.get(address + query)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_the_banner_says_how_many_draws_were_not_known(page, enter):
    enter(JULY, "2025-06-01T08:00", ALT=112, INR=1.2)
    enter(AUGUST, "2025-06-20T08:00", ALT=80, INR=1.5)
    enter(SEPTEMBER, "2025-08-20T08:00", ALT=60, INR=1.6)
    shown = text(page("?as_of=2025-07-10&known=then"))
    assert "As known here on 10 Jul 2025, 23:59: what had been received or entered by then" in shown
    assert "1 draw collected by then was not known yet." in shown
    assert "1 later draw not shown." in shown
    assert "20 Jun 2025" not in shown.replace("Draws after, 20 Jun 2025", "")
    shown = text(page("?as_of=2025-07-10"))
    assert "Collected by 10 Jul 2025, 23:59, as the record says today. 1 later draw not shown." in shown


def test_a_record_uploaded_later_says_that_nothing_was_known(page, enter):
    for month in (5, 6):
        enter(AUGUST, f"2025-0{month}-01T08:00", ALT=112, INR=1.2)
    shown = text(page("?as_of=2025-07-10&known=then"))
    assert (
        "Nothing of this record was known here then: all 2 draws collected by then were entered later"
        in shown
    )


def test_everything_known_says_so(page, enter):
    enter(JULY, "2025-06-01T08:00", ALT=112, INR=1.2)
    assert "Every draw collected by then was known." in text(page("?as_of=2025-07-10&known=then"))


def test_the_choice_stays_in_the_links_and_ends_with_the_past(page, enter):
    enter(JULY, "2025-06-01T08:00", ALT=112, INR=1.2)
    content = words_of(page("?as_of=2025-07-10&known=then"))
    assert "as_of=2025-07-10&amp;known=then" in content
    assert 'value="then" checked' in content
    now = re.search(r'<a href="([^"]*)">Back to now', content).group(1)
    assert "known" not in now
    assert "As known here" not in text(page("?known=then"))


def test_old_values_are_on_the_page(page, patient, enter):
    draw = enter(JULY, "2025-07-01T08:00", ALT=112, INR=1.2)
    with stored(AUGUST):
        Result.objects.filter(draw=draw, analyte="ALT").update(
            value=1120, reported_value="1120", status="corrected"
        )
        Event.objects.create(patient=patient, kind="vitamin_k", started_at=JULY, route="iv")
    then, today = (text(page(f"?tab=all&as_of=2025-07-10{more}")) for more in ("&known=then", ""))
    assert "1120" not in then and "1120" in today
    assert "intravenous" not in then and "intravenous" in today


def test_events_known_then_are_listed(page, patient):
    with stored(JULY):
        Event.objects.create(patient=patient, kind="vitamin_k", started_at=JULY, route="iv")
    assert "intravenous" in text(page("?tab=events&as_of=2025-07-10&known=then"))


def test_report_of_what_was_known_then(patient, enter, capsys):
    enter(AUGUST, "2025-06-01T08:00", ALT=112, INR=1.2)
    call_command("report", patient.mrn, as_of="2025-07-10", known_then=True)
    assert "no draws are recorded" in capsys.readouterr().out
    call_command("report", patient.mrn, as_of="2025-07-10")
    assert "only one paired draw" in capsys.readouterr().out


def test_the_clock_of_the_tests_is_real(patient, make_draw):
    """Without `stored`: the database itself writes when."""
    before = timezone.now()
    make_draw(patient, "2025-06-01T08:00", ALT=112)
    written = apps.get_model("patients", "DrawHistory").objects.get().pgh_created_at
    assert written <= timezone.now() and before - written < timedelta(minutes=5)
