"""What somebody with bad intentions, or a careless browser, sends: answered with a sentence, never a 500."""

import logging
import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from django.contrib.messages.storage.session import SessionStorage
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from accounts.models import Clinic, Membership, Role
from config.serve import WithoutQueries
from patients.actions import people
from patients.actions.errors import Refused, refusing
from patients.forms.fields import CODES, check_year
from patients.models import CauseReview, Diagnosis, Draw, Event, Patient

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def ours(client, clinician) -> Client:
    client.force_login(clinician)
    return client


@pytest.fixture
def draw(patient, make_draw) -> Draw:
    return make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)


def at(name: str, patient: Patient, **more) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid, **more})


def review(client, patient, **fields):
    address = at("cause-review", patient, cause="vitamin_k_deficiency")
    headers = fields.pop("headers", {})
    return client.post(address, {"verdict": "excluded", "note": "", "seen": "", **fields}, headers=headers)


# --- text that the database cannot keep ---


def test_nul_in_a_search_is_refused_with_a_sentence(ours):
    response = ours.get("/?q=%00")
    assert response.status_code == 400 and b"could not be understood" in response.content


def test_nul_in_a_filter_of_looks_is_refused(client, administrator):
    client.force_login(administrator)
    address = reverse("accounts:access")
    assert client.get(address + "?person=%00").status_code == 400
    assert client.post(address, {"mrn": "N\x00"}).status_code == 400


def test_nul_in_an_address_is_refused(client, administrator):
    client.force_login(administrator)
    assert client.get("/staff/north/%00/").status_code == 400


def test_nul_in_the_name_of_a_field_is_refused(ours):
    assert ours.get("/?%00=1").status_code == 400


def test_nul_in_a_note_is_refused_and_nothing_stored(ours, patient):
    assert review(ours, patient, note="a\x00b").status_code == 400
    assert not CauseReview.objects.exists()


def test_nul_in_a_cookie_is_refused_before_anybody_is_signed_in(client, db):
    assert client.get("/", headers={"cookie": 'sessionid="\\000abcdefghijk"'}).status_code == 400


def test_bytes_that_are_no_text_find_nobody(ours, patient):
    assert ours.get("/?q=%FF%FE", follow=True).status_code == 200


# --- times that fit nowhere ---


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize(
    "as_of",
    [
        "0001-01-01",
        "0001-01-01T00:00+14:00",
        "1849-12-31",
        "9999-12-31",
        "9999-12-31T23:59-14:00",
        "%00x",
        "-1",
    ],
)
def test_as_of_a_time_that_cannot_be_is_a_sentence(ours, clinic, patient, as_of, zone):
    Clinic.objects.update(time_zone=zone)
    response = ours.get(at("detail", patient) + "?as_of=" + as_of.replace("+", "%2B"))
    assert response.status_code == 400


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_forms_refuse_the_first_and_the_last_day(ours, patient, day, zone):
    Clinic.objects.update(time_zone=zone)
    end = {"kind": "vka", "started_at_day": "2020-01-01", "ended_at_day": day, "ended_at_clock": "23:59"}
    start = {"kind": "vka", "started_at_day": day}
    draw = {"taken_at": f"{day}T23:59", "ALT-value": "5", "ALT-unit": "U/L"}
    assert ours.post(at("event-add", patient), end).status_code == 422
    assert ours.post(at("event-add", patient), start).status_code == 422
    assert ours.post(at("draw-add", patient), draw).status_code == 422
    assert ours.post(at("draw-check", patient) + "?row=ALT", draw).status_code == 200
    dates = {"kind": "cirrhosis", "resolved_on": day}
    assert ours.post(at("diagnosis-add", patient), dates).status_code == 422
    assert not (Event.objects.exists() or Draw.objects.exists() or Diagnosis.objects.exists())


@pytest.mark.parametrize(("year", "fits"), [(1849, False), (1850, True), (2199, True), (2200, False)])
def test_years_of_forms(year, fits):
    try:
        check_year(datetime(year, 6, 1, tzinfo=UTC))
    except Exception as error:
        assert not fits and "Check the year" in str(error)
    else:
        assert fits


# --- headers and hidden fields ---


@pytest.mark.parametrize(
    "headers", [{"referer": "http://[bad/"}, {"hx-request": "true", "hx-current-url": "http://[bad/?as_of=1"}]
)
def test_an_address_of_origin_that_is_none_does_not_matter(ours, patient, headers):
    assert review(ours, patient, headers=headers).status_code in (200, 302)
    assert CauseReview.objects.count() == 1


@pytest.mark.parametrize("seen", ["9" * 5000, "9" * 20, "²", "-1", "x"])
def test_a_forged_review_number_stores_like_none(ours, patient, seen):
    assert review(ours, patient, seen=seen).status_code == 302


def test_hidden_fields_change_nothing_that_the_form_does_not_ask(ours, patient, other_clinic):
    before = Patient.objects.values().get()
    fields = {name: before[name] for name in ("mrn", "given_name", "sex", "version")}
    forged = {
        "clinic": other_clinic.uuid,
        "uuid": other_clinic.uuid,
        "upload": 1,
        "withdrawn_at": "2026-01-01",
    }
    answer = ours.post(
        at("edit", patient), {**fields, **forged, "family_name": "Obi", "birth_date": "1961-04-02"}
    )
    assert answer.status_code == 302
    assert Patient.objects.values().get() == {**before, "family_name": "Obi", "version": 2}


def test_a_viewer_elsewhere_adds_no_patient_there(ours, clinician, other_clinic):
    Membership.objects.create(user=clinician, clinic=other_clinic, role=Role.VIEWER)
    fields = {"mrn": "X", "family_name": "X", "birth_date": "1960-01-01", "sex": "F"}
    ours.post(reverse("patients:add"), {**fields, "clinic": other_clinic.uuid})
    assert not other_clinic.patients.exists()


def test_an_administrator_adds_nobody_to_another_clinic(client, administrator, other_clinic, viewer):
    client.force_login(administrator)
    fields = {"clinic": other_clinic.pk, "kind": "known", "username": "viewer", "role": "clinician"}
    assert client.post(reverse("accounts:staff-add"), fields).status_code == 422
    assert not viewer.memberships.filter(clinic=other_clinic).exists()


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\ufeff", "\u2066", "\xad"])
def test_two_mrns_that_look_alike_are_one(ours, patient, sign):
    fields = {"mrn": f"N-{sign}100", "family_name": "X", "birth_date": "1960-01-01", "sex": "F"}
    response = ours.post(reverse("patients:add"), fields)
    assert response.status_code == 422 and b"already belongs" in response.content


# --- another patient's things ---


@pytest.mark.parametrize("name", ["draw-edit", "draw-withdraw"])
def test_a_draw_is_not_found_under_another_patient(ours, clinic, draw, name):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="Two", birth_date="1960-01-01", sex="F"
    )
    address = at(name, other, draw=draw.uuid)
    assert {ours.get(address).status_code, ours.post(address, {"reason": "x"}).status_code} == {404}


@pytest.mark.parametrize("name", ["edit", "withdraw"])
def test_diagnosis_and_event_are_not_found_under_another_patient(ours, clinic, patient, name):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="Two", birth_date="1960-01-01", sex="F"
    )
    diagnosis = Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    event = Event.objects.create(patient=patient, kind="vka", started_at=timezone.now())
    for address in (
        at(f"diagnosis-{name}", other, item=diagnosis.uuid),
        at(f"event-{name}", other, item=event.uuid),
    ):
        assert ours.post(address, {"reason": "x"}).status_code == 404


def test_checking_a_row_shows_nothing_of_another_patients_draw(ours, clinic, draw):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="Two", birth_date="1960-01-01", sex="F"
    )
    response = ours.post(at("draw-check", other) + f"?row=ALT&draw={draw.uuid}")
    assert response.status_code == 200 and b"112" not in response.content


def test_paging_from_a_patient_of_another_clinic_tells_nothing(client, stranger, patient):
    client.force_login(stranger)
    response = client.get(f"/?after={patient.uuid}")
    assert response.status_code == 200 and b"Okafor" not in response.content


# --- what browsers keep, send on and run ---


@pytest.mark.parametrize(
    "address", ["/", "/patients/add/", "/uploads/", "/nowhere/", "/accounts/login/", "/?q=%00"]
)
def test_no_answer_is_kept(ours, address):
    assert "no-store" in ours.get(address).headers["Cache-Control"]


def test_every_page_of_a_patient_is_not_kept(ours, patient, draw):
    names = ("detail", "edit", "withdraw", "draw-add", "event-add", "diagnosis-add")
    for address in [*(at(name, patient) for name in names), at("draw-edit", patient, draw=draw.uuid)]:
        cache = ours.get(address).headers["Cache-Control"]
        assert "no-store" in cache and "private" in cache, address


def test_headers_keep_pages_to_themselves(ours):
    headers = ours.get("/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_messages_end_with_the_session(settings):
    assert settings.MESSAGE_STORAGE.endswith(SessionStorage.__name__)


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_sign_in_leads_nowhere_else(client, viewer, next):
    fields = {"login": "viewer", "password": "liver-test", "next": next}
    assert client.post(reverse("account_login"), fields).url == "/"
    assert client.post(reverse("account_logout"), {"next": next}).url == "/"


def test_sign_in_takes_no_session_that_somebody_else_chose(client, viewer):
    client.cookies["sessionid"] = "a" * 32
    client.post(reverse("account_login"), {"login": "viewer", "password": "liver-test"})
    assert client.cookies["sessionid"].value != "a" * 32


def test_a_post_without_token_stores_nothing(clinician, patient):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinician)
    assert review(client, patient).status_code == 403
    assert client.post(at("withdraw", patient), {"reason": "x"}).status_code == 403
    assert not CauseReview.objects.exists()


def test_names_notes_and_labels_never_run(ours, patient, make_draw):
    Patient.objects.update(family_name=EVIL, given_name=f"</title>{EVIL}", mrn=f'">{EVIL}')
    for day, alt, inr in (("10", 900, 1.1), ("11", 400, 1.6), ("12", 90, 2.4)):
        make_draw(patient, f"2026-01-{day}T08:00", laboratory=EVIL, ALT=alt, INR=inr)
    Draw.objects.update(note=f'">{EVIL}')
    Event.objects.create(
        patient=patient,
        kind="hepatotoxic_drug",
        label=f"</script>{EVIL}",
        note=EVIL,
        started_at=timezone.now(),
    )
    Diagnosis.objects.create(patient=patient, kind="cirrhosis", note=EVIL)
    review(ours, patient, note=EVIL)
    for address in ["/", at("detail", patient), at("edit", patient), at("draw-add", patient)]:
        page = ours.get(address).content.decode()
        assert "alert(1)" in page or address.endswith("/add/"), address
        assert EVIL not in page and "<script>alert" not in page, address


# --- too much ---


def test_ten_thousand_results_are_refused(ours, patient):
    fields = {f"X{n}-value": "1" for n in range(10_000)}
    assert ours.post(at("draw-add", patient), fields).status_code == 400


def test_a_note_of_five_megabytes_is_refused(ours, patient):
    assert review(ours, patient, note="a" * 5_000_000).status_code == 400


@pytest.mark.parametrize("value", ["1" * 400, "1e999", "nan", "inf", "10." + "0" * 5000, "1" * 100_000])
def test_a_number_without_end_is_a_sentence_or_a_number(ours, patient, value):
    fields = {"taken_at": "2026-01-01T08:00", "ALT-value": value, "ALT-unit": "U/L"}
    assert ours.post(at("draw-add", patient), fields).status_code in (302, 422)
    assert not Draw.objects.filter(results__value__gt=1000).exists()


@pytest.mark.parametrize(("count", "status"), [(CODES, 302), (CODES + 1, 422), (50_000, 422)])
def test_codes_of_a_diagnosis_are_few(ours, patient, count, status):
    fields = {"kind": "cirrhosis", "codes": "K70 " * count}
    assert ours.post(at("diagnosis-add", patient), fields).status_code == status


# --- two at once ---


def test_a_patient_whom_somebody_else_has_just_withdrawn_is_a_sentence(ours, patient, monkeypatch):
    def withdraw(**_):
        raise Refused("The patient was withdrawn in the meantime.")

    monkeypatch.setattr(people, "withdraw_patient", withdraw)
    response = ours.post(at("withdraw", patient), {"reason": "twice"})
    assert response.status_code == 422 and b"withdrawn in the meantime" in response.content


def test_nothing_is_added_to_a_patient_withdrawn_in_the_meantime(patient, clinician):
    people.withdraw_patient(patient=patient, by=clinician, reason="not ours")
    with pytest.raises(Refused, match="withdrawn in the meantime"):
        people.add_diagnosis(patient=patient, by=clinician, kind="cirrhosis")
    assert not Diagnosis.objects.exists()


def test_two_who_wait_for_each_other_are_told_to_send_again(db):
    with pytest.raises(Refused, match="send it again"), refusing():
        raise OperationalError("deadlock") from DeadlockDetected("deadlock")


def test_another_failure_of_the_database_is_no_refusal(db):
    with pytest.raises(OperationalError), refusing():
        raise OperationalError("gone")


def both_at_once(*acts) -> list:
    """What the acts answer that start in the same moment, each in a thread with its own connection."""
    start, answers = threading.Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "fields", "model"),
    [
        ("draw-add", {"taken_at": "2026-01-01T08:00", "ALT-value": "5", "ALT-unit": "U/L"}, Draw),
        ("event-add", {"kind": "vka", "started_at_day": "2026-01-01"}, Event),
        ("diagnosis-add", {"kind": "cirrhosis"}, Diagnosis),
        ("cause-review", {"verdict": "excluded", "note": "n", "seen": ""}, CauseReview),
    ],
)
def test_the_same_form_twice_at_once_is_stored_once(ours, patient, name, fields, model):
    more = {"cause": "vitamin_k_deficiency"} if name == "cause-review" else {}
    post = partial(ours.post, at(name, patient, **more), fields)
    answers = both_at_once(post, post)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert model.objects.count() == 1


# --- logs ---


def test_gunicorn_names_no_search(capfd):
    from gunicorn.config import Config

    logger = WithoutQueries(Config())
    try:
        raise OSError("broken pipe")
    except OSError:
        logger.exception("Error handling request %s", "/?q=Okafor")
    shown = capfd.readouterr().err
    logging.getLogger("gunicorn.error").handlers.clear()
    assert "Error handling request /" in shown and "Okafor" not in shown
