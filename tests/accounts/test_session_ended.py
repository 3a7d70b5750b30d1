"""What a page gets whose person is signed out, or is no longer the one who is signed in."""

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import CauseReview

HTMX = {"HX-Request": "true"}
LOGIN = "/accounts/login/"


@pytest.fixture
def review(patient) -> str:
    return reverse("patients:cause-review", args=[patient.uuid, "vitamin_k_deficiency"])


@pytest.fixture
def detail(patient) -> str:
    return reverse("patients:detail", args=[patient.uuid])


def made_for(user) -> dict:
    return HTMX | {"X-Person": str(user.pk)}


def post(client, address: str, headers: dict):
    return client.post(address, {"verdict": "excluded", "seen": ""}, headers=headers)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_part_of_a_page_is_never_the_sign_in(client, detail, review, method):
    response = getattr(client, method)(detail if method == "get" else review, headers=HTMX)
    assert (response.status_code, response["X-Session"], response.content) == (401, "nobody", b"")
    assert not CauseReview.objects.exists()


@pytest.mark.django_db
def test_a_page_of_somebody_who_is_signed_out_is_answered_before_its_token(clinician, review):
    strict = Client(enforce_csrf_checks=True)
    response = post(strict, review, made_for(clinician))
    assert (response.status_code, response["X-Session"]) == (401, "nobody")


def test_what_one_person_typed_is_not_stored_for_another(client, clinician, administrator, viewer, review):
    client.force_login(clinician)
    response = post(client, review, made_for(administrator))
    assert (response.status_code, response["X-Session"]) == (409, "another")
    assert not CauseReview.objects.exists()
    assert post(client, review, made_for(clinician)).status_code == 200
    assert CauseReview.objects.get().by == clinician


def test_the_answer_is_kept_nowhere(client, clinician, detail):
    response = client.get(detail, headers=made_for(clinician))
    assert response.status_code == 401 and "no-store" in response["Cache-Control"]


def test_without_scripts_a_page_asks_to_sign_in_and_comes_back(client, db, detail):
    assert client.get(detail).url == f"{LOGIN}?next={detail}"


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("http://testserver{detail}?view=overlay#causes", "%3Fview%3Doverlay"),
        ("http://elsewhere.example{detail}", None),
        ("", None),
        ("//", None),
    ],
)
def test_without_scripts_a_form_says_what_was_not_stored(client, detail, review, referer, page):
    response = client.post(review, headers={"referer": referer.format(detail=detail)})
    wanted = detail.replace("/", "%2F") + page if page else "%2F"
    assert response.url == f"{LOGIN}?next={wanted}&unsaved=1"
    assert "what you sent was not stored" in client.get(response.url).content.decode()


def test_a_wrong_password_stays_a_page_of_its_own(client, db):
    """Who is not asked for a page is not told of a session."""
    assert "X-Session" not in client.post(LOGIN, {"login": "a", "password": "b"}).headers


# --- signing in within a page ---


def sign_in(client, password: str, name: str = "clinician"):
    data = {"login": name, "password": password}
    return client.post(LOGIN, data, headers={"X-Requested-With": "XMLHttpRequest"})


def test_signing_in_within_a_page_says_who_it_is(client, clinician):
    response = sign_in(client, "liver-test")
    assert response.status_code == 200
    assert response.json() == {"person": str(clinician.pk), "location": "/", "errors": []}


def test_a_refusal_says_why_and_sends_no_password_back(client, clinician):
    response = sign_in(client, "a secret nobody has")
    assert response.status_code == 400 and b"secret" not in response.content
    told = response.json()
    assert told["person"] is None and "do not go together" in told["errors"][0]
    assert sign_in(client, "").json()["errors"] == ["Enter your sign-in name and your password."]


def test_the_limit_of_attempts_holds_within_a_page_too(client, clinician):
    for _ in range(5):
        sign_in(client, "wrong")
    told = sign_in(client, "liver-test").json()
    assert told["person"] is None
    assert told["errors"] == ["Too many attempts. Wait a minute, then try again."]


def test_a_temporary_password_is_changed_on_its_own_page(client, clinician):
    clinician.password_is_temporary = True
    clinician.save()
    told = sign_in(client, "liver-test").json()
    assert told["person"] is None and told["location"] == "/staff/new-password/"


@pytest.mark.django_db
def test_signing_in_within_a_page_needs_a_token_and_changes_it(clinician):
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, "liver-test").status_code == 403
    strict.get(LOGIN)
    before = strict.cookies["csrftoken"].value
    data = {"login": "clinician", "password": "liver-test", "csrfmiddlewaretoken": before}
    response = strict.post(LOGIN, data, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 200 and strict.cookies["csrftoken"].value != before
