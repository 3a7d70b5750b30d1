import re

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, User

STAFF, ADD = reverse("accounts:staff"), reverse("accounts:staff-add")


def page_of(name: str, username: str = "viewer", clinic: str = "north") -> str:
    return reverse(f"accounts:{name}", args=[clinic, username])


@pytest.fixture
def admin_page(client, administrator):
    client.force_login(administrator)
    return client


def text(response) -> str:
    return response.content.decode()


def new_person(clinic, **changed) -> dict:
    return {
        "clinic": clinic.pk,
        "kind": "new",
        "username": "ada",
        "given_name": "Ada",
        "family_name": "Byron",
        "role": "clinician",
    } | changed


def test_staff_of_the_own_clinic_are_listed(admin_page, viewer, stranger):
    page = text(admin_page.get(STAFF))
    assert page_of("staff-edit") in page and "stranger" not in page


def test_new_person_is_added_and_the_password_shown_once(admin_page, clinic):
    response = admin_page.post(ADD, new_person(clinic))
    password = re.search(r'class="secret">([^<]+)<', text(response))[1]
    user = User.objects.get(username="ada")
    assert user.check_password(password) and user.memberships.get().role == Role.CLINICIAN
    assert "no-store" in response["Cache-Control"]
    assert password not in text(admin_page.get(STAFF))


def test_new_person_needs_a_family_name(admin_page, clinic):
    response = admin_page.post(ADD, new_person(clinic, family_name=""))
    assert response.status_code == 422 and "Enter the family name." in text(response)


def test_taken_sign_in_name_says_what_to_do(admin_page, clinic, viewer):
    response = admin_page.post(ADD, new_person(clinic, username="Viewer"))
    assert "This sign-in name is taken." in text(response)


def test_person_with_a_sign_in_is_added_by_exact_name(admin_page, clinic, stranger):
    admin_page.post(ADD, new_person(clinic, kind="known", username="stranger", role="viewer"))
    assert stranger.memberships.get(clinic=clinic).role == Role.VIEWER


def test_unknown_sign_in_name_is_not_guessed(admin_page, clinic, stranger):
    response = admin_page.post(ADD, new_person(clinic, kind="known", username="strang"))
    assert "Nobody has exactly this sign-in name." in text(response)


def test_nobody_is_added_to_a_clinic_of_others(admin_page, other_clinic):
    response = admin_page.post(ADD, new_person(other_clinic))
    assert response.status_code == 422 and not User.objects.filter(username="ada").exists()


def test_member_already_here_is_said(admin_page, clinic, viewer):
    response = admin_page.post(ADD, new_person(clinic, kind="known", username="viewer"))
    assert "already works in North Hospital" in text(response)


def test_role_is_changed_and_the_change_is_shown_with_its_author(admin_page, viewer):
    assert admin_page.post(page_of("staff-edit"), {"role": "clinician"}).url == STAFF
    assert viewer.memberships.get().role == Role.CLINICIAN
    page = text(admin_page.get(STAFF))
    assert "viewer is now clinician" in page and "by administrator" in page


def test_last_administrator_is_told_why_not(admin_page):
    response = admin_page.post(page_of("staff-edit", "administrator"), {"role": "viewer"})
    assert response.status_code == 422
    assert "would be left without an administrator" in text(response)


def test_unknown_role_is_refused(admin_page, viewer):
    assert admin_page.post(page_of("staff-edit"), {"role": "emperor"}).status_code == 422
    assert viewer.memberships.get().role == Role.VIEWER


def test_work_is_ended_after_a_question(admin_page, viewer):
    assert "End the work of viewer" in text(admin_page.get(page_of("staff-end")))
    assert viewer.memberships.exists()
    assert admin_page.post(page_of("staff-end")).url == STAFF
    assert not viewer.memberships.exists()


def test_last_administrator_cannot_end_the_own_work(admin_page, administrator):
    response = admin_page.post(page_of("staff-end", "administrator"))
    assert response.status_code == 422 and administrator.memberships.exists()


def test_ended_member_is_signed_out(admin_page, viewer):
    other = admin_page.__class__()
    other.force_login(viewer)
    admin_page.post(page_of("staff-end"))
    assert other.get(STAFF).url.startswith(reverse("account_login"))


def test_new_password_is_shown_once_and_ends_sessions(admin_page, viewer):
    other = admin_page.__class__()
    other.force_login(viewer)
    response = admin_page.post(page_of("staff-password"))
    password = re.search(r'class="secret">([^<]+)<', text(response))[1]
    viewer.refresh_from_db()
    assert viewer.check_password(password)
    assert other.get(STAFF).url.startswith(reverse("account_login"))


def test_password_of_a_person_of_another_clinic_too_is_refused(admin_page, viewer, other_clinic):
    Membership.objects.create(user=viewer, clinic=other_clinic, role=Role.VIEWER)
    response = admin_page.post(page_of("staff-password"))
    assert response.status_code == 422 and "outside the clinics" in text(response)


def test_each_role_says_what_it_may(admin_page):
    page = text(admin_page.get(ADD))
    assert "Data manager: reads and uploads files" in page


def test_sign_in_name_with_signs_has_an_address(admin_page, clinic):
    admin_page.post(ADD, new_person(clinic, username="a.b+c@d_e-f"))
    assert admin_page.get(page_of("staff-edit", "a.b+c@d_e-f")).status_code == 200
