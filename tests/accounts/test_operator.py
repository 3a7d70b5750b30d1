"""The operator: made by a command, alone in Django's admin, where history cannot be changed."""

import importlib
import logging
from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.urls import clear_url_caches, reverse

import config.urls
from accounts.models import MembershipHistory, User
from config.logs import NoTraceOfRefusals

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-river-stone"


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("operator", password=PASSWORD)


def create(name: str = "chief", **options: object) -> str:
    out = StringIO()
    call_command("create_operator", name, stdout=out, **options)
    return out.getvalue()


def test_the_password_is_read_from_the_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\nignored\n"))
    assert PASSWORD not in create(password_stdin=True)
    user = User.objects.get()
    assert user.check_password(PASSWORD) and user.is_superuser and not user.memberships.exists()


def test_the_password_is_asked_for_at_a_terminal(monkeypatch):
    monkeypatch.setattr("accounts.management.asking.getpass", lambda prompt: PASSWORD)
    create()
    assert User.objects.get().check_password(PASSWORD)


def test_a_one_time_code_leads_to_the_own_password(client):
    code = create(one_time_code=True).splitlines()[1]
    assert client.post(reverse("accounts:code"), {"login": "chief", "code": code}).status_code == 302
    new = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("accounts:new-password"), new)
    assert User.objects.get().check_password(PASSWORD)
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(("typed", "sentence"), [("short", "too short"), ("", "too short")])
def test_a_weak_password_stores_nobody(monkeypatch, typed, sentence):
    monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))
    with pytest.raises(CommandError, match=sentence):
        create(password_stdin=True)
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused(viewer, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    with pytest.raises(CommandError, match="is taken"):
        create("viewer", password_stdin=True)
    viewer.refresh_from_db()
    assert not viewer.is_superuser


def test_an_operator_sees_no_patient(client, operator, patient):
    client.force_login(operator)
    assert client.get(reverse("patients:detail", args=[patient.uuid])).status_code == 404


def test_staff_of_a_clinic_never_come_in(client, administrator):
    """Not with Django's mark for it either."""
    administrator.is_staff = True
    administrator.save()
    client.force_login(administrator)
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403 and b"Only the operator" in response.content
    for name in ("admin:accounts_clinic_changelist", "admin:accounts_user_changelist"):
        assert client.get(reverse(name), follow=True).status_code == 403


def test_what_is_registered_changes_no_history_and_deletes_nothing(rf, operator, viewer):
    """Of our tables only users and clinics are changed there; their history is written by the database."""
    request = rf.get("/admin/")
    request.user = operator
    ours = {
        model.__name__: kind
        for model, kind in admin.site._registry.items()
        if model.__module__[:8] == "accounts"
    }
    changed = {name for name, kind in ours.items() if kind.has_change_permission(request)}
    assert changed == {"User", "Clinic"}
    assert not any(kind.has_delete_permission(request) for kind in ours.values())
    row = MembershipHistory.objects.get(user=viewer)
    assert not ours["MembershipHistory"].has_change_permission(request, row)


def test_a_row_of_history_is_not_changed_by_a_form(client, operator, viewer):
    row = MembershipHistory.objects.get(user=viewer)
    client.force_login(operator)
    address = reverse("admin:accounts_membershiphistory_change", args=[row.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"role": "administrator"}).status_code == 403
    row.refresh_from_db()
    assert row.role == "viewer"


@pytest.fixture
def switched_off(settings):
    settings.DJANGO_ADMIN = False
    importlib.reload(config.urls)
    clear_url_caches()
    yield
    settings.DJANGO_ADMIN = True
    importlib.reload(config.urls)
    clear_url_caches()


def test_switched_off_its_address_is_none(switched_off, client, operator):
    client.force_login(operator)
    assert client.get("/admin/").status_code == 404
    assert client.get("/admin/accounts/user/").status_code == 404
    assert client.get(reverse("accounts:own")).status_code == 200


def test_a_refusal_is_one_line_of_the_log(client, viewer, caplog):
    client.force_login(viewer)
    with caplog.at_level(logging.WARNING, logger="django.request"):
        assert client.get(reverse("accounts:staff")).status_code == 403
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert NoTraceOfRefusals().filter(record) and record.exc_info is None
    assert "Traceback" not in logging.Formatter().format(record)
