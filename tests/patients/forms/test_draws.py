"""Draws: stored once, corrected with their history, withdrawn, restored."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from patients.actions import draws
from patients.actions.errors import AlreadyEntered, Refused, Stale
from patients.models import Assessment, Draw, Event, Result
from patients.values.validation import CheckedResult, identity_problem

pytestmark = pytest.mark.django_db
AT = datetime(2025, 1, 1, 8, tzinfo=UTC)


def reading(analyte="ALT", value=88.0, **more):
    return CheckedResult(analyte, value, reported_value=str(value), **more)


def add(patient, by, *readings, **more):
    given = {"taken_at": AT, "laboratory": "L1", "readings": readings or [reading()]}
    return draws.add_draw(patient=patient, by=by, **given | more)


def correct(draw, by, *readings, **more):
    given = {
        "version": draw.version,
        "taken_at": draw.taken_at,
        "laboratory": draw.laboratory,
        "method": draw.method,
        "note": draw.note,
        "reason": "typing error",
    }
    return draws.correct_draw(draw=draw, by=by, readings=readings, **given | more)


def counting(draw):
    rows = draw.results.filter(status__in=Result.COUNTING).order_by("analyte")
    return {row.analyte: (row.value, row.status) for row in rows}


def test_draw_is_stored_with_its_results(patient, clinician):
    draw = add(patient, clinician, reading(), reading("INR", 1.4))
    assert counting(draw) == {"ALT": (88, "final"), "INR": (1.4, "final")}
    assert (draw.source, draw.entered_by) == ("hand", clinician)


def test_summary_is_rewritten(patient, clinician):
    add(patient, clinician)
    assert Assessment.objects.get(patient=patient).last_draw_at == AT


def test_draw_without_results_is_refused(patient, clinician):
    with pytest.raises(Refused, match="at least one result"):
        draws.add_draw(patient=patient, by=clinician, taken_at=AT, readings=[])
    assert not Draw.objects.exists()


def test_same_draw_twice_is_stored_once(patient, clinician):
    first = add(patient, clinician)
    with pytest.raises(AlreadyEntered) as again:
        add(patient, clinician)
    assert again.value.row == first
    assert Draw.objects.count() == 1


def test_other_results_at_the_same_time_lead_to_the_draw_there(patient, clinician):
    first = add(patient, clinician)
    with pytest.raises(Refused) as refusal:
        add(patient, clinician, reading(value=90))
    assert (refusal.value.field, refusal.value.row) == ("taken_at", first)


def test_future_draw_is_refused(patient, clinician):
    with pytest.raises(Refused, match="future") as refusal:
        add(patient, clinician, taken_at=timezone.now() + timedelta(hours=1))
    assert refusal.value.field == "taken_at"


def test_nothing_of_a_refused_draw_remains(patient, clinician):
    with pytest.raises(Refused, match="Direct bilirubin"):
        add(patient, clinician, reading("bilirubin_total", 20), reading("bilirubin_direct", 30))
    assert not Draw.objects.exists()


def test_changed_value_is_corrected_and_the_old_one_kept(patient, clinician):
    draw = add(patient, clinician)
    correct(draw, clinician, reading(value=98.0))
    row = draw.results.get()
    assert (row.value, row.status, row.status_reason) == (98, "corrected", "typing error")
    assert list(row.history.order_by("pgh_id").values_list("value", flat=True)) == [88, 98]


def test_added_value_is_final_and_needs_no_reason(patient, clinician):
    draw = add(patient, clinician)
    correct(draw, clinician, reading(), reading("INR", 1.4), reason="")
    assert counting(draw) == {"ALT": (88, "final"), "INR": (1.4, "final")}


def test_left_out_value_is_withdrawn_with_the_reason(patient, clinician):
    draw = add(patient, clinician, reading(), reading("INR", 1.4))
    correct(draw, clinician, reading())
    row = draw.results.get(analyte="INR")
    assert (row.status, row.status_reason) == ("withdrawn", "typing error")


def test_withdrawn_value_may_be_entered_again(patient, clinician):
    draw = add(patient, clinician, reading(), reading("INR", 1.4))
    correct(draw, clinician, reading())
    correct(draw, clinician, reading(), reading("INR", 1.5))
    assert counting(draw)["INR"] == (1.5, "final")


def test_correction_needs_a_reason(patient, clinician):
    draw = add(patient, clinician)
    with pytest.raises(Refused) as refusal:
        correct(draw, clinician, reading(value=98), reason=" ")
    assert refusal.value.field == "reason"
    assert counting(draw) == {"ALT": (88, "final")}


@pytest.mark.parametrize(("total", "direct"), [(10, 8), (60, 50), (30, 5), (12, 12)])
def test_total_and_direct_are_corrected_together(patient, clinician, total, direct):
    draw = add(patient, clinician, reading("bilirubin_total", 20), reading("bilirubin_direct", 15))
    correct(draw, clinician, reading("bilirubin_total", total), reading("bilirubin_direct", direct))
    assert counting(draw)["bilirubin_direct"][0] == direct


def test_unchanged_draw_is_not_touched(patient, clinician):
    draw = add(patient, clinician)
    correct(draw, clinician, reading(), reason="")
    assert draw.version == 1


def test_correction_sent_twice_is_no_conflict(patient, clinician):
    draw = add(patient, clinician)
    for _ in range(2):
        correct(draw, clinician, reading(value=98.0), version=1)
    assert draw.version == 2


def test_second_editor_is_told_and_nothing_is_overwritten(patient, clinician):
    draw, seen = add(patient, clinician), 1
    correct(draw, clinician, reading(value=98.0), version=seen)
    with pytest.raises(Stale) as stale:
        correct(draw, clinician, reading(value=99.0), version=seen)
    assert stale.value.by == clinician
    assert counting(draw) == {"ALT": (98, "corrected")}


def test_added_result_makes_the_other_editor_stale(patient, clinician):
    draw = add(patient, clinician)
    correct(draw, clinician, reading(), reading("INR", 1.4), version=1)
    with pytest.raises(Stale):
        correct(draw, clinician, reading(value=99.0), version=1)


def test_draw_does_not_move_behind_its_entry(patient, clinician):
    draw = add(patient, clinician)
    with pytest.raises(Refused, match="after it was entered"):
        correct(draw, clinician, reading(), taken_at=timezone.now() + timedelta(minutes=5))


def test_withdrawn_draw_does_not_count(patient, clinician):
    draw = add(patient, clinician)
    draws.withdraw_draw(draw=draw, by=clinician, reason="wrong patient")
    assert Assessment.objects.get(patient=patient).last_draw_at is None
    assert add(patient, clinician).pk != draw.pk


def test_withdrawn_draw_is_restored(patient, clinician):
    draw = add(patient, clinician)
    draws.withdraw_draw(draw=draw, by=clinician, reason="wrong patient")
    draws.restore_draw(draw=draw, by=clinician)
    assert Assessment.objects.get(patient=patient).last_draw_at == AT


def test_draw_is_not_restored_into_the_place_of_another(patient, clinician):
    draw = add(patient, clinician)
    draws.withdraw_draw(draw=draw, by=clinician, reason="wrong patient")
    add(patient, clinician, reading(value=90))
    with pytest.raises(Refused, match="already has a draw"):
        draws.restore_draw(draw=draw, by=clinician)


def test_sample_problem_follows_the_draw(patient, clinician):
    draw = add(patient, clinician, sample_problem="Clotted")
    correct(draw, clinician, reading(), taken_at=AT - timedelta(hours=1), sample_problem="Haemolysed")
    event = Event.objects.current().get()
    assert (event.kind, event.label, event.started_at) == ("bad_sample", "Haemolysed", draw.taken_at)
    correct(draw, clinician, reading(), sample_problem="")
    assert not Event.objects.current().exists()


@pytest.mark.parametrize(
    ("now", "near", "asks"),
    [(2000, 100, False), (2001, 100, True), (100, 2001, True), (100, 2000, False), (0, 100, False)],
)
def test_twentyfold_change_asks_for_the_identity(now, near, asks):
    assert bool(identity_problem(reading(value=float(now)), float(near))) is asks


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_the_same_moment_do_not_overwrite_each_other(patient, clinician):
    draw = add(patient, clinician)
    start, stale = threading.Barrier(2), []

    def correct_to(value):
        start.wait()
        try:
            correct(Draw.objects.get(pk=draw.pk), clinician, reading(value=value), version=1)
        except Stale as error:
            stale.append(error.by)
        finally:
            connection.close()

    threads = [threading.Thread(target=correct_to, args=[value]) for value in (90.0, 99.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stale == [clinician]
    assert draw.results.get().history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_draw_sent_twice_at_the_same_moment_is_stored_once(patient, clinician):
    start, same = threading.Barrier(2), []

    def send():
        start.wait()
        try:
            add(patient, clinician)
        except AlreadyEntered as already:
            same.append(already.row)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [Draw.objects.get()]
