from django.conf import settings
from django.urls import reverse

from accounts import middleware


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
