import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment as env

GOOD_SECRET = "q7Jx-2vPz9LmT4wRb8YcN1sKd6HfG3aEuVtQoXiZpW5_MnBjC0rSyUkDlA"


@pytest.mark.parametrize("text, value", [("", True), ("true", True), ("TRUE", True), ("false", False)])
def test_a_switch_is_true_or_false(monkeypatch, text, value):
    monkeypatch.setenv("SWITCH", text)
    assert env.envbool("SWITCH", True) is value


@pytest.mark.parametrize("text", ["yes", "1", "on", "ture"])
def test_a_misspelt_switch_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("SWITCH", text)
    with pytest.raises(ImproperlyConfigured, match="Set it to true or false"):
        env.envbool("SWITCH", False)


@pytest.mark.parametrize("text, value", [("", 8), ("1", 1), ("24", 24), (" 7 ", 7)])
def test_a_number_within_its_limits(monkeypatch, text, value):
    monkeypatch.setenv("HOURS", text)
    assert env.envint("HOURS", 8, 1, 24) == value


@pytest.mark.parametrize("text", ["0", "25", "-1", "2.5", "ten", "²"])
def test_a_number_beyond_its_limits_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("HOURS", text)
    with pytest.raises(ImproperlyConfigured, match="a whole number from 1 to 24"):
        env.envint("HOURS", 8, 1, 24)


def test_hosts_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "a.example, b.example,")
    assert env.envhosts("HOSTS", required=True) == ["a.example", "b.example"]


@pytest.mark.parametrize(
    "text, remedy", [("", "is missing"), ("https://a.example", "names only"), ("*", "names only")]
)
def test_bad_hosts_stop_the_start(monkeypatch, text, remedy):
    monkeypatch.setenv("HOSTS", text)
    with pytest.raises(ImproperlyConfigured, match=remedy):
        env.envhosts("HOSTS", required=True)


def test_an_origin_needs_its_scheme(monkeypatch):
    monkeypatch.setenv("ORIGINS", "https://a.example,b.example")
    with pytest.raises(ImproperlyConfigured, match="contains “b.example”. Begin each with https://"):
        env.envorigins("ORIGINS")


@pytest.mark.parametrize("text, remedy", [("", "is missing"), ("short", "too weak"), ("ab" * 40, "too weak")])
def test_a_weak_secret_is_refused(monkeypatch, text, remedy):
    monkeypatch.setenv("SECRET", text)
    with pytest.raises(ImproperlyConfigured, match=f"{remedy}.*token_urlsafe"):
        env.envsecret("SECRET", "default", required=True)


def test_the_secret_of_the_code_is_refused_in_production(monkeypatch):
    monkeypatch.setenv("SECRET", GOOD_SECRET)
    with pytest.raises(ImproperlyConfigured, match="too weak"):
        env.envsecret("SECRET", GOOD_SECRET, required=True)


def test_a_secret_is_never_quoted(monkeypatch):
    monkeypatch.setenv("SECRET", "hush-hush")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.envsecret("SECRET", "default", required=True)
    assert "hush" not in str(refusal.value)


def test_the_parts_of_a_database_address():
    found = env.database("postgresql://ada:p%40ss@db.example:5433/liver?sslmode=require", pooled=False)
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("liver", "ada", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == {"connect_timeout": "10", "sslmode": "require"}


def test_a_socket_folder_is_the_host():
    assert env.database("postgresql://postgres:@/liver?host=/run/pg", pooled=False)["HOST"] == "/run/pg"


def test_production_pools_connections():
    assert env.database("postgresql://ada@db/liver", pooled=True)["OPTIONS"]["pool"]["min_size"] == 1


@pytest.mark.parametrize(
    "address, remedy",
    [
        ("mysql://ada:hush@db/liver", "does not name a PostgreSQL"),
        ("db.example", "does not name a PostgreSQL"),
        ("postgresql://ada:hush@db", "does not name one database"),
        ("postgresql://ada:hush@db/liver/more", "does not name one database"),
        ("postgresql://ada:hu/sh@db:5432/liver", "cannot be read"),
        ("postgresql://ada:hush@[db/liver", "cannot be read"),
    ],
)
def test_a_bad_database_address_stops_the_start_without_its_password(address, remedy):
    with pytest.raises(ImproperlyConfigured, match=remedy) as refusal:
        env.database(address, pooled=False)
    assert "hu" not in str(refusal.value)


def test_the_folder_for_data_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "new"))
    assert env.writable("VAR_DIR", tmp_path).is_dir()


def test_a_folder_that_cannot_be_made_stops_the_start(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(ImproperlyConfigured, match="Name a folder of your own"):
        env.writable("VAR_DIR", tmp_path)
