import time

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import middleware
from accounts.models import SignInEvent
from accounts.signing_in import sessions


def signed_in(client, viewer):
    client.force_login(viewer)
    client.get(reverse("patients:worklist"))
    return client.session[middleware.RENEWED_AT]


def test_a_click_soon_after_writes_nothing(client, viewer):
    first = signed_in(client, viewer)
    client.get(reverse("patients:worklist"))
    assert client.session[middleware.RENEWED_AT] == first


def test_a_click_later_keeps_the_session_alive(client, viewer, monkeypatch):
    first = signed_in(client, viewer)
    later = first + settings.SESSION_COOKIE_AGE / 2
    monkeypatch.setattr(middleware.time, "time", lambda: later)
    client.get(reverse("patients:worklist"))
    assert client.session[middleware.RENEWED_AT] == int(later)


def test_a_visitor_has_no_session(client, db):
    response = client.get(reverse("account_login"))
    assert settings.SESSION_COOKIE_NAME not in response.cookies


# --- the longest time ---


def begun(client, viewer, hours: float) -> None:
    """Signed in so many hours ago, and at work since."""
    client.force_login(viewer)
    session = client.session
    session[sessions.SIGNED_IN_AT] = int(time.time() - hours * 3600)
    session.save()


@pytest.mark.parametrize(("hours", "is_in"), [(0, True), (11.9, True), (12.1, False)])
def test_a_session_lasts_twelve_hours_whatever_is_clicked(client, viewer, hours, is_in):
    begun(client, viewer, hours)
    assert (client.get(reverse("patients:worklist")).status_code == 200) is is_in
    assert SignInEvent.objects.filter(user=viewer, what="over").exists() is not is_in


def test_the_longest_time_is_a_setting(client, viewer, settings):
    settings.SESSION_LONGEST = 2 * 3600
    begun(client, viewer, 2.1)
    assert client.get(reverse("patients:worklist")).status_code == 302


def test_a_click_does_not_make_it_longer(client, viewer):
    begun(client, viewer, 5)
    before = client.session[sessions.SIGNED_IN_AT]
    client.get(reverse("patients:worklist"))
    assert client.session[sessions.SIGNED_IN_AT] == before


def test_a_session_from_before_there_was_an_end_begins_now(client, viewer):
    client.force_login(viewer)
    session = client.session
    del session[sessions.SIGNED_IN_AT]
    session.save()
    assert client.get(reverse("patients:worklist")).status_code == 200
    assert time.time() - client.session[sessions.SIGNED_IN_AT] < 60


def test_a_page_is_told_that_the_time_is_over_as_of_any_end(client, viewer):
    begun(client, viewer, 13)
    headers = {"HX-Request": "true", "X-Person": str(viewer.pk)}
    response = client.get(reverse("patients:worklist"), headers=headers)
    assert (response.status_code, response["X-Session"]) == (401, "nobody")


def test_signing_in_again_begins_anew(client, viewer):
    begun(client, viewer, 13)
    client.post(reverse("account_login"), {"login": "viewer", "password": "liver-test"})
    assert client.get(reverse("patients:worklist")).status_code == 200
