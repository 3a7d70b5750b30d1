"""When a notice arises, and what people do with it."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from interpretation.record.records import Case, Event
from interpretation.urgency import Urgency
from patients.actions.assess import assess
from patients.actions.errors import Refused
from patients.actions.notices import close, give_back, take
from patients.actions.people import withdraw_patient
from patients.follow_up.notices import LastNotice, has_eased, is_fresh, is_news
from patients.models import Diagnosis, Notice
from patients.tasks import mail_notices

NOW = timezone.now()


def urgent(inr=None, level="today", was="", age=timedelta(hours=1)) -> Urgency:
    return Urgency(level, inr=inr, was=was, last_result_at=NOW - age)


# --- the rule ---


@pytest.mark.parametrize(
    "age, fresh",
    [
        (timedelta(0), True),
        (timedelta(days=7), True),
        (timedelta(days=7, minutes=1), False),
        (timedelta(days=10), False),
    ],
)
def test_a_result_of_more_than_seven_days_is_no_news(age, fresh):
    assert is_fresh(Case(as_of=NOW), urgent(age=age), NOW) is fresh


def test_without_result_or_event_nothing_is_fresh():
    assert not is_fresh(Case(as_of=NOW), Urgency("today"), NOW)


@pytest.mark.parametrize(
    "kind, grade, days, fresh",
    [
        ("encephalopathy", 2, 1, True),
        ("encephalopathy", None, 7, True),
        ("encephalopathy", 2, 8, False),
        # Its absence.
        ("encephalopathy", 0, 1, False),
        ("ascites", None, 1, True),
        # Urgency does not read these.
        ("antibiotic", None, 1, False),
        # Not yet.
        ("encephalopathy", 2, -1, False),
    ],
)
def test_a_fresh_event_makes_an_old_result_news(kind, grade, days, fresh):
    event = Event(kind, started_at=NOW - timedelta(days=days), grade=grade)
    case = Case(as_of=NOW, events=(event,))
    assert is_fresh(case, urgent(age=timedelta(days=10)), NOW) is fresh


@pytest.mark.parametrize(
    "now, told, news",
    [
        (2.6, None, True),
        (2.6, LastNotice(2.6, eased=False), False),
        (3.09, LastNotice(2.6, eased=False), False),
        (3.1, LastNotice(2.6, eased=False), True),
        (3.2, LastNotice(2.6, eased=False), True),
        (2.0, LastNotice(2.6, eased=False), False),
        (2.6, LastNotice(2.6, eased=True), True),
        (None, LastNotice(2.6, eased=False), False),
        (2.6, LastNotice(None, eased=False), False),
    ],
)
def test_the_same_episode_is_told_again_when_worse(now, told, news):
    assert is_news(urgent(now), told) is news


@pytest.mark.parametrize(
    "level, was, eased",
    [("today", "", False), ("24_to_48_h", "", True), ("1_to_2_weeks", "today", False), ("routine", "", True)],
)
def test_time_alone_eases_nothing(level, was, eased):
    assert has_eased(urgent(level=level, was=was)) is eased


# --- raised by the record ---


@pytest.fixture
def measure(patient, make_draw):
    """measure(inr, bilirubin, hours=1): cirrhosis and results of so many hours ago, then assessed."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")

    def measure(inr: float, bilirubin: float = 20, hours: float = 1, **more):
        at = timezone.now() - timedelta(hours=hours)
        make_draw(patient, at, INR=inr, ALT=(60, 40), bilirubin_total=bilirubin, **more)
        assess([patient.pk])

    return measure


@pytest.fixture
def notice(measure) -> Notice:
    measure(3.0)
    return Notice.objects.get()


def test_a_patient_who_becomes_today_has_a_notice(measure, patient):
    measure(1.2, hours=2000)
    assert not Notice.objects.exists()
    measure(3.0)
    notice = Notice.objects.get()
    assert (notice.kind, notice.patient, notice.clinic) == ("today", patient, patient.clinic)
    assert (notice.level, notice.inr) == ("today", 3.0)
    assert "INR 3.0" in notice.in_short and notice.reason
    assert notice.last_result_at and notice.taken_at is None and notice.done_at is None


def test_quiet_results_raise_none(measure):
    measure(1.1)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("hours, number", [(6.9 * 24, 1), (7.1 * 24, 0), (20 * 24, 0), (4000, 0)])
def test_old_results_raise_none(measure, hours, number):
    measure(3.0, hours=hours)
    assert Notice.objects.count() == number


def test_who_has_died_has_none_and_an_open_one_lapses(notice, patient):
    patient.died_on = timezone.now().date()
    patient.save()
    assess([patient.pk])
    notice.refresh_from_db()
    assert notice.lapsed_at and not Notice.objects.open().exists()


def test_a_death_recorded_in_error_silences_nobody(notice, patient):
    for died_on in (timezone.now().date(), None):
        patient.died_on = died_on
        patient.save()
        assess([patient.pk])
    assert Notice.objects.open().get() != notice


def test_the_notice_of_a_withdrawn_patient_lapses(notice, patient, clinician):
    withdraw_patient(patient=patient, by=clinician, reason="Entered twice")
    notice.refresh_from_db()
    assert notice.lapsed_at


def test_assessed_again_there_is_one(notice, patient):
    assess([patient.pk])
    assert Notice.objects.get() == notice
    assert notice.history.count() == 1


def test_a_closed_one_does_not_come_back_with_the_same_episode(notice, clinician, measure):
    close(notice=notice, by=clinician, note="Admitted")
    measure(3.4, hours=0.5)
    assert Notice.objects.get() == notice


def test_half_an_inr_more_is_a_new_one(notice, clinician, measure):
    close(notice=notice, by=clinician, note="Admitted")
    measure(3.5, hours=0.5)
    new = Notice.objects.open().get()
    assert new != notice and new.inr == 3.5


def test_after_it_has_eased_today_is_a_new_one(notice, clinician, measure):
    close(notice=notice, by=clinician, note="Vitamin K given")
    measure(1.2, hours=0.6)
    notice.refresh_from_db()
    assert notice.eased_at
    measure(3.0, hours=0.3)
    assert Notice.objects.open().get() != notice


def test_an_untaken_one_that_gets_worse_says_the_new_value_and_keeps_its_time(notice, measure):
    measure(3.6, hours=0.5)
    again = Notice.objects.get()
    assert (again.inr, again.raised_at, again.remark) == (3.6, notice.raised_at, "")
    assert "INR 3.6" in again.in_short


def test_a_taken_one_that_gets_worse_must_be_taken_again(notice, measure, clinician):
    take(notice=notice, by=clinician)
    measure(3.3, hours=0.5)
    notice.refresh_from_db()
    assert notice.taken_by == clinician and notice.inr == 3.0
    measure(3.6, hours=0.3)
    notice.refresh_from_db()
    assert notice.taken_by is None and notice.inr == 3.6
    assert (
        notice.remark.startswith(f"Worse since {clinician} took it on ") and "INR then 3.0" in notice.remark
    )


def test_many_patients_cost_one_query_more_for_notices(
    notice, measure, patient, django_assert_max_num_queries
):
    with django_assert_max_num_queries(13):
        assess([patient.pk])


# --- held by the database ---


WRONG = [
    {"level": ""},
    {"patient": None},
    {"kind": "waiting"},
    {"taken_at": NOW},
    {"done_at": NOW + timedelta(days=1)},
    {"note": "Rang"},
    {"kind": "other"},
]


@pytest.mark.parametrize("changes", WRONG)
def test_half_a_notice_is_refused(notice, changes):
    for name, value in changes.items():
        setattr(notice, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save()


def test_one_open_notice_a_patient(notice, patient):
    told = {"kind": "today", "level": "today", "raised_at": NOW, "clinic": patient.clinic}
    with pytest.raises(IntegrityError, match="notice_one_open"), transaction.atomic():
        Notice.objects.create(patient=patient, **told)


# --- by people ---


def test_taken_by_one(notice, clinician):
    take(notice=notice, by=clinician)
    notice.refresh_from_db()
    assert notice.taken_by == clinician and notice.taken_at
    first = notice.taken_at
    take(notice=notice, by=clinician)
    notice.refresh_from_db()
    assert notice.taken_at == first


def test_the_second_who_takes_it_is_told_who_has_it(notice, clinician, colleague):
    take(notice=notice, by=clinician)
    with pytest.raises(Refused, match=f"^{clinician} has taken this already, on "):
        take(notice=notice, by=colleague)


def test_given_back_it_waits_again(notice, clinician, colleague):
    take(notice=notice, by=clinician)
    give_back(notice=notice, by=colleague)
    notice.refresh_from_db()
    assert notice.taken_by is None and notice.taken_at is None
    assert notice.remark.startswith(f"Given back by {colleague}; {clinician} had taken it on ")
    give_back(notice=notice, by=colleague)
    assert Notice.objects.untaken().get() == notice


def test_closed_with_what_was_done(notice, clinician, colleague):
    take(notice=notice, by=clinician)
    close(notice=notice, by=colleague, note="  Rang,\nadmitted ")
    notice.refresh_from_db()
    assert (notice.taken_by, notice.done_by, notice.note) == (clinician, colleague, "Rang, admitted")
    close(notice=notice, by=colleague, note="Rang, admitted")
    with pytest.raises(Refused, match="has closed this already, on .*: Rang, admitted"):
        close(notice=notice, by=clinician, note="Rang too")
    with pytest.raises(Refused, match="has closed this already"):
        take(notice=notice, by=clinician)


def test_who_closes_an_untaken_one_has_taken_it(notice, clinician):
    close(notice=notice, by=clinician, note="Admitted")
    notice.refresh_from_db()
    assert notice.taken_by == clinician


@pytest.mark.parametrize("note", ["", "  ", "x" * 301])
def test_what_was_done_is_said_in_a_line(notice, clinician, note):
    with pytest.raises(Refused) as refusal:
        close(notice=notice, by=clinician, note=note)
    assert refusal.value.field == "note"


def test_a_void_one_cannot_be_taken(notice, clinician):
    Notice.objects.update(lapsed_at=timezone.now())
    with pytest.raises(Refused, match="This notice is void"):
        take(notice=notice, by=clinician)


def test_history_says_who_did_what(notice, clinician):
    take(notice=notice, by=clinician)
    last = notice.history.order_by("pgh_id").last()
    assert last.pgh_context.metadata["user"] == clinician.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_is_told(notice, clinician, colleague):
    start, refused = threading.Barrier(2), []

    def take_it(by):
        start.wait()
        try:
            take(notice=notice, by=by)
        except Refused as refusal:
            refused.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=take_it, args=[by]) for by in (clinician, colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notice.refresh_from_db()
    assert len(refused) == 1 and refused[0].startswith(f"{notice.taken_by} has taken this already")


# --- e-mail ---


@pytest.fixture
def mailing(settings, clinic):
    settings.EMAIL_HOST, settings.SITE_ADDRESS = "mail.example", "https://liver.example"
    clinic.notice_email = "hepatology@hospital.example"
    clinic.save()


def jobs() -> list:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return list(
        ProcrastinateJob.objects.filter(task_name="patients.mail_notices").values_list("args", flat=True)
    )


def test_e_mail_says_how_many_and_where_and_nothing_else(mailing, notice, clinic, patient):
    assert jobs() == [{"clinic": clinic.pk}]
    mail_notices(clinic=clinic.pk)
    (sent,) = mail.outbox
    assert (sent.subject, sent.body) == ("1 new: sign in", "https://liver.example\n")
    assert sent.to == ["hepatology@hospital.example"] and not sent.alternatives
    whole = sent.message().as_string()
    for word in (patient.mrn, patient.family_name, patient.given_name, "INR", "3.0", str(patient.uuid)):
        assert word not in whole


def test_an_e_mail_is_sent_once(mailing, notice, clinic):
    mail_notices(clinic=clinic.pk)
    mail_notices(clinic=clinic.pk)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_fails_is_tried_again(mailing, notice, clinic, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no mail server")

    monkeypatch.setattr("patients.tasks.send_mail", fail)
    with pytest.raises(OSError):
        mail_notices(clinic=clinic.pk)
    assert Notice.objects.get().mailed_at is None


@pytest.mark.parametrize("host, address", [("", "a@hospital.example"), ("mail.example", "")])
def test_no_e_mail_without_server_and_address(settings, clinic, host, address, measure):
    settings.EMAIL_HOST, clinic.notice_email = host, address
    clinic.save()
    measure(3.0)
    assert Notice.objects.exists() and jobs() == [] and mail.outbox == []
