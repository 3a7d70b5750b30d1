from datetime import UTC, datetime
from unittest import mock

import pytest
from django.urls import reverse

from accounts import looks
from accounts.actions import log_access
from accounts.models import PatientAccess
from patients.models import Patient

ACCESS = reverse("accounts:access")


@pytest.fixture
def admin_page(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def elsewhere(other_clinic) -> Patient:
    return Patient.objects.create(
        clinic=other_clinic, mrn="S-1", family_name="Südmann", birth_date="1950-01-01", sex="M"
    )


def rows(response) -> list[tuple[str, str, str]]:
    return [(look.who, look.mrn, look.page) for look in response.context["looks"]]


def test_latest_look_comes_first(admin_page, viewer, clinician, patient):
    log_access(user=viewer, patient=patient, page="detail")
    log_access(user=clinician, patient=patient, page="draw-add")
    found = rows(admin_page.get(ACCESS))
    assert found == [
        ("clinician (clinician)", "N-100", "Draw add"),
        ("viewer (viewer)", "N-100", "Patient page"),
    ]


def test_looks_in_another_clinic_are_not_shown(admin_page, stranger, elsewhere):
    log_access(user=stranger, patient=elsewhere, page="detail")
    assert rows(admin_page.get(ACCESS)) == []


def test_time_is_the_clinics(admin_page, viewer, patient):
    summer = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=summer):
        log_access(user=viewer, patient=patient, page="detail")
    assert "1 Jul 2026, 12:30:00 BST" in admin_page.get(ACCESS).content.decode()


def test_looks_of_one_person(admin_page, viewer, clinician, patient):
    log_access(user=viewer, patient=patient, page="detail")
    log_access(user=clinician, patient=patient, page="detail")
    assert [who for who, _, _ in rows(admin_page.get(ACCESS, {"person": "viewer"}))] == ["viewer (viewer)"]


def test_mrn_is_turned_into_the_public_identifier(admin_page, patient):
    response = admin_page.post(ACCESS, {"mrn": " N-100 ", "person": "viewer"})
    assert response.url == f"{ACCESS}?person=viewer&patient={patient.uuid}"


def test_looks_at_one_patient(admin_page, viewer, clinic, patient):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="Two", birth_date="1950-01-01", sex="F"
    )
    log_access(user=viewer, patient=patient, page="detail")
    log_access(user=viewer, patient=other, page="detail")
    assert [mrn for _, mrn, _ in rows(admin_page.get(ACCESS, {"patient": other.uuid}))] == ["N-2"]


def test_mrn_of_another_clinic_is_unknown(admin_page, elsewhere):
    page = admin_page.post(ACCESS, {"mrn": "S-1"}, follow=True).content.decode()
    assert "No patient of your clinics has this MRN." in page and "Südmann" not in page


def test_patient_of_another_clinic_in_the_address_shows_nothing(admin_page, stranger, elsewhere):
    log_access(user=stranger, patient=elsewhere, page="detail")
    assert rows(admin_page.get(ACCESS, {"patient": elsewhere.uuid})) == []


@pytest.mark.parametrize("query", [{"patient": "x"}, {"before": "x"}, {"before": "9" * 30}])
def test_broken_address_is_not_found(admin_page, query):
    assert admin_page.get(ACCESS, query).status_code == 404


@pytest.mark.parametrize(("count", "first", "second"), [(1, 1, 0), (2, 2, 0), (3, 2, 1)])
def test_older_looks_follow_in_steps(admin_page, viewer, patient, monkeypatch, count, first, second):
    monkeypatch.setattr(looks, "STEP", 2)
    for _ in range(count):
        log_access(user=viewer, patient=patient, page="detail")
    response = admin_page.get(ACCESS)
    assert len(rows(response)) == first
    older = response.context["older"]
    assert (len(rows(admin_page.get(older))) if older else 0) == second


def test_steps_lose_and_repeat_nothing(viewer, clinic, patient, monkeypatch):
    monkeypatch.setattr(looks, "STEP", 3)
    for number in range(8):
        log_access(user=viewer, patient=patient, page=str(number))
    seen, before = [], None
    while True:
        step, before = looks.looks_in([clinic], before=before)
        seen += [look.page for look in step]
        if before is None:
            break
    assert seen == [str(number) for number in range(7, -1, -1)]


def test_queries_do_not_grow_with_the_looks(admin_page, viewer, patient, django_assert_max_num_queries):
    for _ in range(30):
        PatientAccess.objects.create(user=viewer, patient=patient, page="detail")
    with django_assert_max_num_queries(10):
        admin_page.get(ACCESS)
