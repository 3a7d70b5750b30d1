import json
from datetime import UTC, datetime
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.urls import reverse

from accounts import looks
from accounts.actions import log_access, log_accesses
from accounts.models import ListAccess, Membership, PatientAccess, Role, User
from patients.models import Patient
from tests.roles import KEPT

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


@pytest.mark.parametrize(
    "query",
    [{"patient": "x"}, {"before": "x"}, {"before": "9" * 30}, {"before": "1-9-1"}, {"from": "30.11.2026"}],
)
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
        step, before = looks.looks_in(looks.LookChoice((clinic,)), before)
        seen += [look.page for look in step]
        if before is None:
            break
    assert seen == [str(number) for number in range(7, -1, -1)]


def test_queries_do_not_grow_with_the_looks(admin_page, viewer, patient, django_assert_max_num_queries):
    for _ in range(30):
        PatientAccess.objects.create(user=viewer, patient=patient, page="detail")
    with django_assert_max_num_queries(12):
        admin_page.get(ACCESS)


# --- lists ---


@pytest.fixture
def other(clinic) -> Patient:
    return Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="Two", birth_date="1950-01-01", sex="F"
    )


def test_a_list_is_one_row_with_everybody_on_it(admin_page, viewer, patient, other):
    log_accesses(user=viewer, patients=[other, patient, other], page="worklist")
    (look,) = admin_page.get(ACCESS).context["looks"]
    assert (look.count, look.is_list, [one.mrn for one in look.people]) == (2, True, ["N-100", "N-2"])


def test_an_empty_list_is_no_look(viewer):
    log_accesses(user=viewer, patients=[], page="worklist")
    assert not ListAccess.objects.exists()


def test_of_a_list_over_two_clinics_each_sees_its_own(admin_page, viewer, patient, elsewhere):
    log_accesses(user=viewer, patients=[patient, elsewhere], page="worklist")
    (look,) = admin_page.get(ACCESS).context["looks"]
    assert [one.mrn for one in look.people] == ["N-100"]


def test_who_asks_for_one_patient_sees_no_other_of_the_list(admin_page, viewer, patient, other):
    log_accesses(user=viewer, patients=[patient, other], page="worklist")
    page = admin_page.get(ACCESS, {"patient": other.uuid})
    (look,) = page.context["looks"]
    assert ([one.mrn for one in look.people], look.count) == (["N-2"], 2)
    assert "on a list of 2" in page.content.decode() and "N-100" not in page.content.decode()


def test_single_looks_and_lists_stand_in_one_order_and_step(viewer, clinic, patient, monkeypatch):
    monkeypatch.setattr(looks, "STEP", 2)
    for number in range(3):
        log_access(user=viewer, patient=patient, page=f"single-{number}")
        log_accesses(user=viewer, patients=[patient], page=f"list-{number}")
    seen, before, first = [], None, True
    while first or before is not None:
        step, before = looks.looks_in(looks.LookChoice((clinic,)), before)
        seen, first = seen + [look.page_name for look in step], False
    assert seen == [f"{kind}-{number}" for number in (2, 1, 0) for kind in ("list", "single")]


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [("2026-07-01", "2026-07-01", 1), ("2026-07-02", "", 0), ("", "2026-06-30", 0), ("2026-07-01", "", 1)],
)
def test_looks_of_a_period_of_the_clinics_days(admin_page, viewer, patient, first, last, count):
    # Half past midnight in London.
    night = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    with mock.patch("django.utils.timezone.now", return_value=night):
        log_access(user=viewer, patient=patient, page="detail")
    assert len(rows(admin_page.get(ACCESS, {"from": first, "to": last}))) == count


def test_a_day_that_is_none_is_said(admin_page):
    page = admin_page.post(ACCESS, {"from": "30.11.2026"}, follow=True)
    assert "Give days as 2026-11-30" in page.content.decode() and page.status_code == 200


def test_the_file_has_a_line_for_each_patient_and_runs_nothing(admin_page, viewer, patient, other):
    Patient.objects.filter(pk=other.pk).update(family_name="=1+1")
    log_accesses(user=viewer, patients=[patient, other], page="worklist")
    lines = b"".join(admin_page.get(reverse("accounts:access-csv"))).decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[0].startswith('"at","user"')
    assert any('"\'=1+1"' in line and '"2"' in line for line in lines)


def test_a_list_is_never_changed_nor_deleted(viewer, patient):
    log_accesses(user=viewer, patients=[patient], page="worklist")
    for act in (lambda: ListAccess.objects.update(page="x"), lambda: ListAccess.objects.all().delete()):
        with pytest.raises(ProgrammingError, match=KEPT), transaction.atomic():
            act()


# --- the command and the privacy officer ---


def audit(*arguments) -> list[dict]:
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_command_prints_lines_without_names(viewer, patient, other):
    log_access(user=viewer, patient=patient, page="detail")
    log_accesses(user=viewer, patients=[patient, other], page="worklist")
    found = [line for line in audit() if line["kind"] != "role"]
    assert [(line["kind"], line["user"], line["page"]) for line in found] == [
        ("list", "viewer", "worklist"),
        ("look", "viewer", "detail"),
    ]
    assert set(found[0]["patients"]) == {str(patient.uuid), str(other.uuid)}
    assert not any(word in json.dumps(found) for word in (patient.mrn, patient.family_name))
    assert {line["change"] for line in audit() if line["kind"] == "role"} == {"insert"}


def test_the_command_takes_a_period_and_a_clinic(viewer, patient, other_clinic):
    log_access(user=viewer, patient=patient, page="detail")
    assert audit("--to", "2026-01-01") == [] and audit("--clinic", other_clinic.code) == []
    for wrong in (["--from", "yesterday"], ["--clinic", "nowhere"]):
        with pytest.raises(CommandError):
            audit(*wrong)


@pytest.fixture
def officer(clinic) -> User:
    user = User.objects.create_user("officer")
    Membership.objects.create(user=user, clinic=clinic, role=Role.PRIVACY_OFFICER)
    return user


def test_a_privacy_officer_reads_the_log_and_nothing_of_the_record(client, officer, viewer, patient):
    log_access(user=viewer, patient=patient, page="detail")
    client.force_login(officer)
    home = client.get("/", follow=True)
    assert home.redirect_chain[-1][0] == ACCESS and len(rows(home)) == 1
    assert client.get(reverse("patients:detail", args=[patient.uuid])).status_code == 404
    assert "Worklist" not in home.content.decode() and 'role="search"' not in home.content.decode()
