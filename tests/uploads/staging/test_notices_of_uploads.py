"""What an upload raises: one line for results that wait, one for history, one a patient only for what is fresh."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import Diagnosis, Notice, Patient
from tests.uploads.files import labs
from tests.uploads.oru import obx, oru
from uploads import actions
from uploads.identity import questions
from uploads.interfaces import messages, senders
from uploads.models import IdentityQuestion, Message

pytestmark = pytest.mark.django_db
FINE = "N-1,2025-01-01,ALT,40,U/L,,"
STRANGE = "N-9,2025-01-01,{},{},{},,"


@pytest.fixture(autouse=True)
def _people(people):
    for patient in Patient.objects.all():
        Diagnosis.objects.create(patient=patient, kind="cirrhosis")


def row(mrn: str, days: float, test: str, value: str) -> str:
    at = timezone.now() - timedelta(days=days)
    return f"{mrn},{at:%Y-%m-%d %H:%M},{test},{value},,,"


def waiting() -> list[tuple]:
    return list(Notice.objects.open().filter(kind="waiting").values_list("upload", "count", "in_short"))


# --- results that wait ---


def test_results_that_wait_are_one_notice_of_their_upload(put):
    (upload,) = put(
        labs(
            FINE,
            STRANGE.format("INR", "2.6", ""),
            STRANGE.format("ALT", "90", "U/L"),
            STRANGE.format("INR", "3", ""),
        )
    )
    assert waiting() == [(upload.pk, 3, "ALT, INR")]
    assert Notice.objects.get().clinic == upload.clinic


@pytest.mark.parametrize(
    "test, unit, raised",
    [
        ("AST", "U/L", 1),
        ("Total bilirubin", "µmol/L", 1),
        ("creatinine", "µmol/L", 0),
        ("Leberwert", "U/L", 0),
    ],
)
def test_only_the_tests_that_decide_urgency_are_one(put, test, unit, raised):
    put(labs(FINE, STRANGE.format(test, "90", unit)))
    assert len(waiting()) == raised


def test_a_file_of_which_nothing_waits_raises_none(put):
    put(labs(FINE))
    assert not Notice.objects.exists()


def test_a_preview_raises_none(clinic, data_manager):
    content = labs(FINE, STRANGE.format("INR", "2.6", ""))
    batch = actions.preview(contents=[("a.csv", content)], clinic=clinic, by=data_manager)
    assert not Notice.objects.exists()
    actions.confirm(batch=batch, by=data_manager)
    assert len(waiting()) == 1


def test_answered_it_is_gone(put, data_manager):
    put(labs(FINE, STRANGE.format("INR", "2.6", "")))
    question = IdentityQuestion.objects.get()
    patient = Patient.objects.get(mrn="N-1")
    questions.decide(question=question, by=data_manager, verdict="patient", patient=patient)
    notice = Notice.objects.get(kind="waiting")
    assert notice.lapsed_at and waiting() == []


def test_answered_in_part_it_says_what_is_left(put, data_manager):
    (upload,) = put(
        labs(FINE, STRANGE.format("INR", "2.6", ""), STRANGE.format("ALT", "9", "U/L").replace("N-9", "N-8"))
    )
    assert waiting() == [(upload.pk, 2, "ALT, INR")]
    question = IdentityQuestion.objects.get(mrn="N-9")
    patient = Patient.objects.get(mrn="N-1")
    questions.decide(question=question, by=data_manager, verdict="patient", patient=patient)
    assert waiting() == [(upload.pk, 1, "ALT")]
    assert Notice.objects.filter(kind="waiting").count() == 1


def test_given_up_or_undone_it_is_gone(put, data_manager):
    (first,) = put(labs(FINE, STRANGE.format("INR", "2.6", "")))
    actions.let_go(batch=first.batch, by=data_manager)
    assert waiting() == []
    (second,) = put(labs(FINE.replace("40", "41"), STRANGE.format("INR", "2.7", "")))
    assert len(waiting()) == 1
    actions.undo(uploads=[second], by=data_manager)
    assert waiting() == []


# --- messages ---


@pytest.fixture
def message(clinic) -> Message:
    """An INR of somebody who is not here yet."""
    sender, _ = senders.add_sender(clinic=clinic, name="cobas")
    messages.receive(
        sender=sender, raw=oru(obx("6301-6^INR^LN", "2.6", unit="", limits="0.9-1.2"), mrn="N-77")
    )
    return Message.objects.get()


def test_a_message_that_waits_is_a_notice_and_goes_when_it_is_stored(message, clinic):
    assert waiting() == [(message.upload_id, 1, "INR")]
    born = Patient.objects.get(mrn="N-1").birth_date
    Patient.objects.create(
        clinic=clinic, mrn="N-77", family_name="Ito", given_name="Mai", birth_date=born, sex="F"
    )
    messages.replay(message=message)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("stored", "")
    assert waiting() == []


def test_stored_again_while_it_still_waits_there_is_one(message):
    messages.replay(message=message)
    message.refresh_from_db()
    assert waiting() == [(message.upload_id, 1, "INR")]


def test_a_result_that_differs_in_a_message_is_one_until_it_is_applied(clinic):
    sender, _ = senders.add_sender(clinic=clinic, name="cobas")
    inr = {"unit": "", "limits": "0.9-1.2"}
    for number, value in enumerate(("1.5", "1.6"), 1):
        said = obx("6301-6^INR^LN", value, **inr)
        messages.receive(sender=sender, raw=oru(said, id=str(number), filler=f"A{number}"))
    second = Message.objects.get(control_id="2")
    assert waiting() == [(second.upload_id, 1, "INR")]
    messages.replay(message=second, apply_changes=True)
    second.refresh_from_db()
    assert (second.upload.changed, waiting()) == (1, [])


def test_set_aside_it_is_gone(message, data_manager):
    messages.set_aside(message=message, by=data_manager)
    assert waiting() == []


# --- history and news ---


def test_history_is_one_line_and_no_patient(put):
    (upload,) = put(labs(*(row(mrn, days, "INR", "3.1") for mrn in ("N-1", "N-2") for days in (30, 40))))
    notice = Notice.objects.get()
    assert (notice.kind, notice.count, notice.upload) == ("history", 2, upload)


@pytest.mark.parametrize("days", [7.2, 10, 13, 200])
def test_what_was_today_more_than_seven_days_ago_is_history(put, days):
    put(labs(row("N-1", days, "INR", "3.1")))
    assert list(Notice.objects.values_list("kind", "count")) == [("history", 1)]


def test_fresh_results_raise_one_a_patient_and_no_history(put):
    put(
        labs(*(row(mrn, *now) for mrn in ("N-1", "N-2") for now in ((0.1, "INR", "3.1"), (40, "INR", "1.2"))))
    )
    assert set(Notice.objects.values_list("kind", "patient__mrn")) == {("today", "N-1"), ("today", "N-2")}


def test_quiet_history_raises_none(put):
    put(labs(row("N-1", 30, "INR", "1.1"), row("N-2", 30, "INR", "1.2")))
    assert not Notice.objects.exists()


def test_history_that_changes_nothing_of_the_latest_result_is_not_told_again(put):
    put(labs(row("N-1", 30, "INR", "3.1")))
    put(labs(row("N-1", 60, "ALT", "41")))
    assert Notice.objects.filter(kind="history").count() == 1
