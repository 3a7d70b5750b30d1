import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts import actions

LOGIN = reverse("account_login")


def sign_in(client, name, password="liver-test", **more):
    return client.post(LOGIN, {"login": name, "password": password, **more})


def text(response) -> str:
    return response.content.decode()


def test_name_and_password_sign_in(client, viewer):
    response = sign_in(client, "viewer")
    assert response.url == "/" and client.session["_auth_user_id"] == str(viewer.pk)


def test_visitor_returns_to_the_page_asked_for(client, viewer):
    response = sign_in(client, "viewer", next="/uploads/")
    assert response.url == "/uploads/"


def test_next_never_leads_to_another_server(client, viewer):
    assert sign_in(client, "viewer", next="https://elsewhere.example/").url == "/"


def test_wrong_password_and_unknown_name_read_the_same(client, viewer):
    wrong = sign_in(client, "viewer", "wrong")
    unknown = sign_in(client, "nobody", "wrong")
    sentence = "The name and the password do not go together."
    assert sentence in text(wrong) and sentence in text(unknown)


def test_error_is_tied_to_the_fields(client, viewer):
    page = text(sign_in(client, "viewer", "wrong"))
    assert 'id="sign-in-error" role="alert"' in page
    assert page.count('aria-describedby="sign-in-error"') == 2


def test_attempts_are_throttled(client, viewer):
    for _ in range(5):
        sign_in(client, "viewer", "wrong")
    assert "Too many attempts" in text(sign_in(client, "viewer"))
    assert "_auth_user_id" not in client.session


def test_throttle_treats_unknown_names_alike(client, viewer):
    for _ in range(5):
        sign_in(client, "nobody", "wrong")
    assert "Too many attempts" in text(sign_in(client, "nobody", "wrong"))


def test_blocked_person_does_not_sign_in(client, viewer):
    viewer.is_active = False
    viewer.save()
    response = sign_in(client, "viewer")
    assert response.url == reverse("account_inactive") and "_auth_user_id" not in client.session


def test_sign_out(client, viewer):
    client.force_login(viewer)
    assert client.get(reverse("account_logout")).status_code == 200
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client, clinic, method, django_user_model):
    response = getattr(client, method)(
        reverse("account_signup"),
        {"username": "mallory", "password1": "mallory-mallory", "password2": "mallory-mallory"},
    )
    assert "Nobody signs up here" in text(response)
    assert not django_user_model.objects.exists()


def test_forgotten_password_is_the_administrators_work(client, viewer, mailoutbox):
    for response in (
        client.get(reverse("account_reset_password")),
        client.post(reverse("account_reset_password"), {"email": "viewer@example.org"}),
    ):
        assert "The clinic administrator gives you a new one" in text(response)
    assert mailoutbox == []


def test_no_address_for_mail_is_kept(client, viewer):
    client.force_login(viewer)
    client.post(reverse("account_email"), {"action_add": "", "email": "viewer@example.org"})
    assert not EmailAddress.objects.exists()


def test_demo_sign_ins_are_shown_for_the_demo_only(client, clinic):
    assert "liver-demo" not in text(client.get(LOGIN))
    clinic.is_demo = True
    clinic.save()
    assert "liver-demo" in text(client.get(LOGIN))


def test_demo_sign_ins_are_never_shown_in_production(client, clinic, settings):
    settings.PRODUCTION = True
    clinic.is_demo = True
    clinic.save()
    assert "liver-demo" not in text(client.get(LOGIN))


def change(client, old="liver-test", new="quiet-river-stone"):
    data = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(reverse("account_change_password"), data)


def test_password_is_changed_and_the_session_goes_on(client, viewer):
    client.force_login(viewer)
    assert change(client).status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password("quiet-river-stone")
    assert client.get(reverse("account_change_password")).status_code == 200


@pytest.mark.parametrize("new", ["short", "password123", "1234567890123"])
def test_simple_password_is_refused(client, viewer, new):
    client.force_login(viewer)
    assert change(client, new=new).status_code == 200
    viewer.refresh_from_db()
    assert viewer.check_password("liver-test")


def test_wrong_old_password_is_refused_beside_its_field(client, viewer):
    client.force_login(viewer)
    page = text(change(client, old="wrong"))
    assert 'id="id_oldpassword_error"' in page and "aria-invalid" in page


@pytest.fixture
def temporary(administrator, viewer) -> str:
    return actions.reset_password(membership=viewer.memberships.get(), by=administrator)


NEW_PASSWORD = reverse("accounts:new-password")


def choose(client, first, second=None):
    return client.post(NEW_PASSWORD, {"password1": first, "password2": second or first})


def test_temporary_password_does_not_sign_in_by_itself(client, temporary):
    assert sign_in(client, "viewer", temporary).url == NEW_PASSWORD
    assert client.get("/").url.startswith(LOGIN)


def test_own_password_finishes_the_sign_in(client, viewer, temporary):
    sign_in(client, "viewer", temporary)
    assert client.get(NEW_PASSWORD).status_code == 200
    assert choose(client, "quiet-river-stone").url == "/"
    viewer.refresh_from_db()
    assert client.session["_auth_user_id"] == str(viewer.pk) and not viewer.password_is_temporary


def test_temporary_password_is_not_chosen_again(client, temporary):
    sign_in(client, "viewer", temporary)
    assert "Choose another" in text(choose(client, temporary))


def test_own_password_is_typed_twice_alike(client, temporary):
    sign_in(client, "viewer", temporary)
    assert "The two passwords differ" in text(choose(client, "quiet-river-stone", "quiet-river-stones"))


def test_new_password_page_needs_a_sign_in_under_way(client, db):
    assert client.get(NEW_PASSWORD).url == LOGIN
    assert choose(client, "quiet-river-stone").url == LOGIN
