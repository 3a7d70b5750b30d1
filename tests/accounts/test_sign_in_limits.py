"""Who may try a password how often: a clinic behind one address gets in, a name is locked by no stranger."""

import threading
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import sign_ins
from accounts.sign_ins import DAY, MINUTE, STRANGE, WINDOW, Attempts, place_of, wait_after

LOGIN = reverse("account_login")
CLINIC, HOME = "10.1.1.1", "203.0.113.9"


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """A clock that stands until it is set on."""
    clock = SimpleNamespace(now=1_000_000.0)
    monkeypatch.setattr(sign_ins, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


def fail(name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        Attempts(name, address).failed()


def wait(name: str, address: str) -> int:
    return Attempts(name, address).wait()


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (12, 60), (5000, 60)],
)
def test_the_wait_doubles_up_to_an_hour(failures, minutes):
    assert wait_after(failures) == minutes * MINUTE


@pytest.mark.parametrize(
    ("name", "address", "waits"),
    [
        ("amara", HOME, True),
        ("AMARA ", HOME, True),
        ("amara", CLINIC, False),
        ("boris", HOME, False),
        ("boris", CLINIC, False),
        ("", HOME, False),
    ],
)
def test_only_this_name_at_this_address_waits(db, clock, name, address, waits):
    fail("amara", HOME, 5)
    assert bool(wait(name, address)) is waits


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.1.1.1", "10.1.1.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("unknown", "unknown", True),
    ],
)
def test_of_a_long_address_the_network_counts(one, other, same):
    assert (place_of(one) == place_of(other)) is same


def test_after_the_wait_one_attempt_is_looked_at_and_the_next_wait_is_longer(db, clock):
    fail("amara", HOME, 5)
    clock.now += MINUTE - 1
    assert wait("amara", HOME) == 1
    clock.now += 1
    assert wait("amara", HOME) == 0
    fail("amara", HOME)
    assert wait("amara", HOME) == 2 * MINUTE


def test_a_right_password_ends_the_count(db, clock):
    fail("amara", HOME, 4)
    Attempts("amara", HOME).succeeded()
    fail("amara", HOME, 4)
    assert wait("amara", HOME) == 0


def test_who_tries_for_a_day_gets_few_attempts(db, clock):
    tried, end = 0, clock.now + DAY
    while clock.now < end:
        fail("amara", HOME)
        tried += 1
        clock.now += wait("amara", HOME)
    assert tried < 40


@pytest.fixture
def sprayed(db, clock) -> None:
    """Somebody has tried many names from the clinic's address, where amara is at home."""
    Attempts("amara", CLINIC).succeeded()
    for number in range(STRANGE):
        fail(f"name{number}", CLINIC)


@pytest.mark.parametrize(
    ("name", "address", "waits"),
    [("boris", CLINIC, True), ("amara", CLINIC, False), ("boris", HOME, False), ("amara", HOME, False)],
)
def test_who_tries_many_names_waits_and_who_is_at_home_there_does_not(sprayed, name, address, waits):
    assert bool(wait(name, address)) is waits


def test_the_wait_for_many_names_ends(sprayed, clock):
    assert wait("boris", CLINIC) == WINDOW
    clock.now += WINDOW
    assert wait("boris", CLINIC) == 0
    fail("boris", CLINIC)
    assert wait("carla", CLINIC) == 0


def test_wrong_passwords_of_who_is_at_home_are_not_those_of_a_stranger(db, clock):
    Attempts("amara", CLINIC).succeeded()
    fail("amara", CLINIC, STRANGE)
    assert wait("boris", CLINIC) == 0


# --- by the page ---


def sign_in(name: str, password: str = "liver-test", address: str = CLINIC, client: Client | None = None):
    client = client or Client()
    return client.post(LOGIN, {"login": name, "password": password}, REMOTE_ADDR=address)


def is_in(answer) -> bool:
    return answer.status_code == 302 and answer.url == "/"


@pytest.fixture
def morning(db, django_user_model) -> list[str]:
    names = [f"morning{number}" for number in range(50)]
    for name in names:
        django_user_model.objects.create_user(name, password="liver-test")
    return names


def test_fifty_behind_one_address_sign_in_each_after_a_slip(morning):
    assert not any(is_in(sign_in(name, "liver-tset")) for name in morning)
    assert all(is_in(sign_in(name)) for name in morning)


def test_a_stranger_locks_nobody(viewer):
    for _ in range(20):
        sign_in("viewer", "wrong", HOME)
    assert "Too many attempts" in sign_in("viewer", address=HOME).content.decode()
    assert is_in(sign_in("viewer"))


def test_the_sentence_says_how_long(viewer):
    for _ in range(5):
        sign_in("viewer", "wrong")
    assert "Too many attempts. Wait a minute, then" in sign_in("viewer").content.decode()
    fail("viewer", CLINIC, 2)
    assert "Too many attempts. Wait 4 minutes, then" in sign_in("viewer").content.decode()


def test_another_sentence_would_tell_which_names_there_are(viewer):
    for name in ("viewer", "nobody"):
        for _ in range(5):
            sign_in(name, "wrong")
    pages = [sign_in(name, "wrong").content.decode() for name in ("viewer", "nobody")]
    assert all("Too many attempts. Wait a minute" in page for page in pages)


def together(times: int, password: str) -> list:
    answers, start = [], threading.Barrier(times)

    def one() -> None:
        start.wait()
        try:
            answers.append(sign_in("viewer", password))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_attempts_under_way_are_no_failures(viewer):
    assert [is_in(answer) for answer in together(8, "liver-test")] == [True] * 8


@pytest.fixture
def forgotten(transactional_db):
    """What is committed is counted in every test that comes after."""
    yield
    cache.clear()


def test_guessing_many_at_once_wins_nothing(forgotten, viewer):
    pages = [answer.content.decode() for answer in together(8, "wrong")]
    assert sum("do not go together" in page for page in pages) == 5
    assert sum("Too many attempts" in page for page in pages) == 3
