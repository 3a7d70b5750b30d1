"""Where a clinic is told of new notices: its administrator says, where a mail server is named."""

import pytest
from django.urls import reverse

STAFF, STORE = reverse("accounts:staff"), reverse("accounts:notice-email")


@pytest.fixture
def page(client, administrator):
    client.force_login(administrator)
    return client


def store(page, clinic, address: str) -> str:
    return page.post(STORE, {"clinic": clinic.code, "address": address}, follow=True).content.decode()


def test_it_is_asked_where_a_mail_server_is_named(page, settings):
    assert STORE not in page.get(STAFF).content.decode()
    settings.EMAIL_HOST = "mail.example"
    assert STORE in page.get(STAFF).content.decode()


def test_the_administrator_sets_and_clears_it(page, clinic, administrator):
    assert "is told of new notices at liver@hospital.example" in store(
        page, clinic, " liver@hospital.example "
    )
    clinic.refresh_from_db()
    assert clinic.notice_email == "liver@hospital.example"
    last = clinic.history.order_by("pgh_id").last()
    assert (last.notice_email, last.pgh_context.metadata["user"]) == (clinic.notice_email, administrator.pk)
    assert "is told of none" in store(page, clinic, "")
    clinic.refresh_from_db()
    assert clinic.notice_email == ""


def test_what_is_no_address_changes_nothing(page, clinic):
    assert "is no e-mail address. Nothing was changed." in store(page, clinic, "liver")
    clinic.refresh_from_db()
    assert clinic.notice_email == ""


def test_another_clinic_is_not_found(page, other_clinic):
    assert page.post(STORE, {"clinic": other_clinic.code, "address": "a@b.example"}).status_code == 404
