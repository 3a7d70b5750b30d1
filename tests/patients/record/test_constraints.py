"""Each rule of the record, broken in the database directly: refused there too, with its sentence."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.actions.errors import Refused, refusing
from patients.models import (
    CauseReview,
    Contact,
    Diagnosis,
    Draw,
    Event,
    LeftOut,
    Overrule,
    Patient,
    Result,
    SignOff,
)
from tests.roles import KEPT

pytestmark = pytest.mark.django_db
AT = datetime(2025, 1, 1, 8, tzinfo=UTC)


def refused(write) -> str:
    with pytest.raises(Refused) as refusal, refusing():
        write()
    return f"{refusal.value.field}: {refusal.value.sentence}"


@pytest.fixture
def draw(patient):
    return Draw.objects.create(patient=patient, taken_at=AT, laboratory="L1", source="hand")


def result(draw, analyte="ALT", value=88.0, **more):
    return Result.objects.create(draw=draw, analyte=analyte, value=value, reported_value=str(value), **more)


def other_patient(patient, **more):
    given = {"mrn": "N-101", "family_name": "B", "birth_date": date(1970, 1, 1), "sex": "M"} | more
    return Patient.objects.create(clinic=patient.clinic, **given)


def test_mrn_belongs_to_one_patient_of_a_clinic(patient):
    sentence = "mrn: This MRN already belongs to a patient of this clinic."
    assert refused(lambda: other_patient(patient, mrn=patient.mrn)) == sentence


def test_mrn_of_a_withdrawn_patient_is_free(patient, clinician):
    patient.withdrawn_at, patient.withdrawn_by, patient.withdrawn_reason = AT, clinician, "twice"
    patient.save()
    assert other_patient(patient, mrn=patient.mrn).pk


def test_mrn_is_given(patient):
    assert refused(lambda: other_patient(patient, mrn="")) == "mrn: Enter the MRN."


def test_death_is_not_before_birth(patient):
    sentence = "died_on: The date of death is before the date of birth."
    assert refused(lambda: other_patient(patient, died_on=date(1969, 12, 31))) == sentence


def test_birth_does_not_move_behind_a_draw(patient, draw):
    def move():
        Patient.objects.filter(pk=patient.pk).update(birth_date=date(2025, 1, 3))

    assert refused(move) == "birth_date: A draw of this patient was taken before this date of birth."


def test_diagnosis_is_recorded_once(patient):
    def add():
        Diagnosis.objects.create(patient=patient, kind="cirrhosis")

    add()
    assert refused(add) == "kind: This diagnosis is already recorded with this date."


def test_diagnosis_is_not_resolved_before_it_was_noted(patient):
    def add():
        dates = {"noted_on": date(2020, 1, 2), "resolved_on": date(2020, 1, 1)}
        Diagnosis.objects.create(patient=patient, kind="cirrhosis", **dates)

    assert refused(add) == "resolved_on: The diagnosis was resolved before it was noted."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ended_at": AT - timedelta(minutes=1)}, "ended_at: The end is before the start."),
        ({"stop_confirmed": True}, "ended_at: A confirmed stop needs the date of the stop."),
        ({"grade": 5}, "grade: The grade goes from 0 to 4."),
    ],
)
def test_event_is_refused(patient, fields, sentence):
    assert (
        refused(lambda: Event.objects.create(patient=patient, kind="vka", started_at=AT, **fields))
        == sentence
    )


@pytest.mark.parametrize("fields", [{"ended_at": AT}, {"grade": 4}, {"grade": 0}])
def test_event_at_the_limit_is_kept(patient, fields):
    assert Event.objects.create(patient=patient, kind="encephalopathy", started_at=AT, **fields).pk


def test_draw_of_one_time_and_laboratory_exists_once(patient, draw):
    def again():
        Draw.objects.create(patient=patient, taken_at=AT, laboratory="L1", source="upload")

    assert refused(again) == "taken_at: This patient already has a draw of this laboratory at this time."
    assert Draw.objects.create(patient=patient, taken_at=AT, laboratory="L2", source="hand").pk


def test_draw_is_not_in_the_future(patient):
    def add():
        tomorrow = timezone.now() + timedelta(days=1)
        Draw.objects.create(patient=patient, taken_at=tomorrow, source="hand")

    assert refused(add) == "taken_at: The draw lies in the future."


def test_draw_is_not_before_birth(patient):
    def add():
        Draw.objects.create(patient=patient, taken_at=datetime(1961, 3, 31, tzinfo=UTC), source="hand")

    assert refused(add) == "taken_at: The draw was taken before the patient was born."


def test_draw_does_not_move_before_birth(draw):
    def move():
        Draw.objects.filter(pk=draw.pk).update(taken_at=datetime(1961, 3, 31, tzinfo=UTC))

    assert refused(move) == "taken_at: The draw was taken before the patient was born."


def test_draw_has_one_counting_result_of_an_analyte(draw):
    result(draw)
    assert refused(lambda: result(draw, value=90)) == ": This draw already has a result of this analyte."


@pytest.mark.parametrize("status", ["superseded", "withdrawn"])
def test_results_that_do_not_count_stand_beside(draw, status):
    result(draw)
    assert result(draw, value=90, status=status).pk


def test_result_is_not_negative_but_may_be_zero(draw):
    assert refused(lambda: result(draw, value=-0.1)) == ": A result cannot be negative."
    assert result(draw, value=0).pk


def test_limits_are_in_order(draw):
    sentence = ": The upper limit is below the lower limit."
    assert refused(lambda: result(draw, lower_limit=40, upper_limit=39)) == sentence


@pytest.mark.parametrize("part", ["bilirubin_direct", "bilirubin_conjugated"])
@pytest.mark.parametrize(("value", "kept"), [(20, True), (21, True), (21.1, False)])
def test_part_of_bilirubin_is_not_above_total(draw, part, value, kept):
    result(draw, "bilirubin_total", 20)
    if kept:
        assert result(draw, part, value).pk
    else:
        sentence = "bilirubin_direct: Direct bilirubin cannot be above total bilirubin."
        assert refused(lambda: result(draw, part, value)) == sentence


def test_total_bilirubin_does_not_fall_below_its_part(draw):
    total = result(draw, "bilirubin_total", 20)
    result(draw, "bilirubin_direct", 15)
    fall = Result.objects.filter(pk=total.pk)
    assert refused(lambda: fall.update(value=10)).startswith("bilirubin_direct:")


@pytest.mark.parametrize("model", [Patient, Diagnosis, Event, Draw])
def test_withdrawal_needs_who_when_and_why(patient, draw, model):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    Event.objects.create(patient=patient, kind="vka", started_at=AT)
    write = model.objects.update
    assert refused(lambda: write(withdrawn_at=AT)) == ": A withdrawal needs a reason."


@pytest.mark.parametrize(
    "write",
    [
        lambda draw: result(draw, comparator="~"),
        lambda draw: Event.objects.create(patient=draw.patient, kind="holiday", started_at=AT),
        lambda draw: Diagnosis.objects.create(patient=draw.patient, kind="cold"),
    ],
)
def test_unknown_words_are_our_mistake_and_refused(draw, write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write(draw)


def test_verdicts_are_never_changed(patient, clinician):
    review = CauseReview.objects.create(patient=patient, cause="x", verdict="excluded", by=clinician)
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        CauseReview.objects.filter(pk=review.pk).update(verdict="pending")


# --- sign-offs and overrules ---


def sign(patient, by, **more):
    given = {"report": "{}", "basis": {}, "fingerprint": "0", "grade": "none", "rules": ["none"]} | more
    return SignOff.objects.create(
        patient=patient, by=by, knowledge_version="1", **{"at": AT, "as_of": AT} | given
    )


def overrule(patient, by, **more):
    given = {"grade_said": "established", "grade_given": "possible", "reason": "old warfarin"} | more
    return Overrule.objects.create(
        patient=patient, by=by, at=AT, rule="established", rule_words="x", knowledge_version="1", **given
    )


@pytest.mark.parametrize("change", [{"note": "x"}, {"report": "[]"}, {"grade": "critical"}])
def test_a_signed_report_is_never_changed(patient, clinician, change):
    signed = SignOff.objects.filter(pk=sign(patient, clinician).pk)
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        signed.update(**change)
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        signed.delete()


def test_a_partial_report_is_signed_with_a_note(patient, clinician):
    sentence = "note: This report is partial: say in the note what you decided."
    assert refused(lambda: sign(patient, clinician, partial="no INR")) == sentence
    assert sign(patient, clinician, partial="no INR", note="INR asked for").pk


@pytest.mark.parametrize("fields", [{"grade": "bad"}, {"report": ""}, {"as_of": AT + timedelta(days=1)}])
def test_a_sign_off_that_only_a_mistake_could_make(patient, clinician, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        sign(patient, clinician, **fields)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "reason: Say why: an overrule needs a reason."),
        ({"grade_given": "established"}, "grade: Choose another grade than the rule's."),
        ({"ended_at": AT}, "ended_reason: Say why the overrule ends."),
        ({"ended_reason": "wrong"}, "ended_reason: Say why the overrule ends."),
    ],
)
def test_overrule_is_refused(patient, clinician, fields, sentence):
    assert refused(lambda: overrule(patient, clinician, **fields)) == sentence


@pytest.mark.parametrize("fields", [{"grade_said": "bad"}, {"grade_given": "fine"}])
def test_overrule_of_an_unknown_grade_is_our_mistake(patient, clinician, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        overrule(patient, clinician, **fields)


def test_an_overrule_does_not_end_before_it_began(patient, clinician):
    before = {"ended_at": AT - timedelta(days=1), "ended_by": clinician, "ended_reason": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        overrule(patient, clinician, **before)


def test_one_overrule_stands(patient, clinician):
    overrule(patient, clinician)
    sentence = "grade: This patient's grade is overruled already: end that overrule first."
    assert refused(lambda: overrule(patient, clinician)) == sentence


def test_an_ended_overrule_makes_room(patient, clinician):
    overrule(patient, clinician, ended_at=AT, ended_by=clinician, ended_reason="wrong patient")
    assert overrule(patient, clinician).pk


def test_an_overrule_is_ended_once_and_never_changed_or_deleted(patient, clinician):
    given = Overrule.objects.filter(pk=overrule(patient, clinician).pk)
    end = {"ended_at": AT, "ended_by": clinician, "ended_reason": "x"}
    for change in ({"reason": "y"}, {"grade_given": "none"}, end | {"reason": "y"}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            given.update(**change)
    assert given.update(**end) == 1
    for change in ({"ended_reason": "y"}, {"ended_at": None, "ended_by": None, "ended_reason": ""}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            given.update(**change)
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        given.delete()


def test_the_end_of_an_overrule_is_in_the_history(patient, clinician):
    row = overrule(patient, clinician)
    Overrule.objects.filter(pk=row.pk).update(ended_at=AT, ended_by=clinician, ended_reason="x")
    assert list(row.history.order_by("pgh_id").values_list("ended_reason", flat=True)) == ["", "x"]


def test_history_keeps_the_value_before(draw):
    row = result(draw, value=88)
    Result.objects.filter(pk=row.pk).update(value=90)
    assert list(row.history.order_by("pgh_id").values_list("value", flat=True)) == [88, 90]


# --- contacts, and who is left out ---

DAY = AT.date()
CALL = {"kind": "telephone", "outcome": "no_answer", "made_on": DAY, "at": AT}


def contact(patient, by, **more):
    return Contact.objects.create(patient=patient, by=by, **CALL | more)


def left_out(patient, by, **more):
    return LeftOut.objects.create(
        patient=patient, by=by, **{"reason": "moved", "starts_on": DAY, "at": AT} | more
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"outcome": ""}, "outcome: An attempt needs its outcome; a plan only has none."),
        ({"outcome": "fine"}, "outcome: An attempt needs its outcome; a plan only has none."),
        ({"kind": "owl"}, "outcome: An attempt needs its outcome; a plan only has none."),
        ({"kind": "plan"}, "outcome: An attempt needs its outcome; a plan only has none."),
        ({"outcome": "other"}, "note: Say in the note what came of it."),
        ({"next_on": DAY}, "next_on: A next attempt needs a day and an owner."),
        ({"owner": True}, "next_on: A next attempt needs a day and an owner."),
        ({"kind": "plan", "outcome": ""}, "next_on: A plan needs the day of the next attempt."),
        (
            {"next_on": DAY - timedelta(days=1), "owner": True},
            "next_on: The next attempt is before this one.",
        ),
        ({"made_on": DAY + timedelta(days=1)}, "made_on: The day of the contact lies in the future."),
    ],
)
def test_contact_is_refused(patient, clinician, fields, sentence):
    fields = fields | ({"owner": clinician} if "owner" in fields else {})
    assert refused(lambda: contact(patient, clinician, **fields)) == sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "other", "note": "x"},
        {"next_on": DAY, "owner": True},
        {"kind": "plan", "outcome": "", "next_on": DAY, "owner": True},
        # Already the next day on the other side of the Earth.
        {"made_on": DAY + timedelta(days=1), "at": AT.replace(hour=10)},
    ],
)
def test_contact_at_the_limit_is_kept(patient, clinician, fields):
    fields = fields | ({"owner": clinician} if "owner" in fields else {})
    assert contact(patient, clinician, **fields).pk


def test_a_contact_is_withdrawn_once_and_never_changed_or_deleted(patient, clinician):
    rows = Contact.objects.filter(pk=contact(patient, clinician).pk)
    end = {"withdrawn_at": AT, "withdrawn_by": clinician, "withdrawn_reason": "x"}
    for change in ({"note": "y"}, {"outcome": "booked"}, end | {"made_on": date(2024, 1, 1)}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(withdrawn_at=AT)
    assert rows.update(**end) == 1
    for change in ({"withdrawn_reason": "y"}, dict.fromkeys(end) | {"withdrawn_reason": ""}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        rows.delete()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "died"}, "reason: Choose why the patient is left out."),
        ({"reason": ""}, "reason: Choose why the patient is left out."),
        ({"ends_on": DAY - timedelta(days=1)}, "ends_on: The last day is before the first."),
        ({"starts_on": DAY + timedelta(days=1)}, "starts_on: The first day lies in the future."),
        ({"lifted_at": AT}, "reason: Say why monitoring goes on."),
    ],
)
def test_leaving_out_is_refused(patient, clinician, fields, sentence):
    assert refused(lambda: left_out(patient, clinician, **fields)) == sentence


def test_leaving_out_may_end_on_its_first_day(patient, clinician):
    assert left_out(patient, clinician, ends_on=DAY).pk


def test_nobody_is_left_out_twice(patient, clinician):
    left_out(patient, clinician)
    sentence = ": This patient is left out of monitoring already: lift that first."
    assert refused(lambda: left_out(patient, clinician, reason="declined")) == sentence
    end = {"lifted_at": AT, "lifted_by": clinician, "lifted_reason": "x"}
    assert LeftOut.objects.update(**end) == 1
    assert left_out(patient, clinician, reason="declined").pk


def test_leaving_out_is_lifted_once_and_never_changed_or_deleted(patient, clinician):
    rows = LeftOut.objects.filter(pk=left_out(patient, clinician).pk)
    end = {"lifted_at": AT, "lifted_by": clinician, "lifted_reason": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**end | {"lifted_at": AT - timedelta(days=1)})
    for change in ({"note": "y"}, {"reason": "declined"}, {"ends_on": DAY}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            rows.update(**change)
    assert rows.update(**end) == 1
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(lifted_reason="y")
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        rows.delete()
