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
    found = env.database("postgresql://ada:p%40ss%2F%3A%25@db.example:5433/liver?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("liver", "ada", "p@ss/:%")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == env.CONNECTING | {"sslmode": "require"}


@pytest.mark.parametrize(
    "hosts, host, port",
    [
        ("a:1,b:2", "a,b", "1,2"),
        ("a,b:5433", "a,b", ",5433"),
        ("[2001:db8::1]:1,[2001:db8::2]:2", "2001:db8::1,2001:db8::2", "1,2"),
        ("a,b,c", "a,b,c", ",,"),
    ],
)
def test_a_database_may_have_several_hosts(hosts, host, port):
    found = env.database(f"postgresql://ada:p%2Cw@{hosts}/liver")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == (host, port, "p,w")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_what_the_address_says_of_connecting_holds():
    options = env.database("postgresql://a,b/liver?target_session_attrs=primary&connect_timeout=2")["OPTIONS"]
    assert (options["target_session_attrs"], options["connect_timeout"]) == ("primary", "2")


@pytest.mark.parametrize(
    "address", ["postgresql://postgres:@/liver?host=/run/pg", "postgresql://%2Frun%2Fpg/liver"]
)
def test_a_socket_folder_is_the_host(address):
    assert env.database(address)["HOST"] == "/run/pg"


def test_a_connection_is_kept_and_looked_at_before_it_is_used():
    found = env.database("postgresql://ada@db/liver")
    assert found["CONN_MAX_AGE"] and found["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize(
    "address, remedy",
    [
        ("mysql://ada:hush@db/liver", "does not name a PostgreSQL"),
        ("db.example", "does not name a PostgreSQL"),
        ("postgresql://ada:hush@db", "does not name one database"),
        ("postgresql://ada:hush@db/liver/more", "does not name one database"),
        ("postgresql://ada:hu/sh@db:5432/liver", "cannot be read"),
        ("postgresql://ada:hu@sh@db:5432/liver", "cannot be read"),
        ("postgresql://ada:hush@a:1,b:two/liver", "cannot be read"),
        ("postgresql://ada:hush@db/liver?nonsense=1", "cannot be read"),
        ("postgresql://ada:hush@[db/liver", "cannot be read"),
    ],
)
def test_a_bad_database_address_stops_the_start_without_its_password(address, remedy):
    with pytest.raises(ImproperlyConfigured, match=remedy) as refusal:
        env.database(address)
    assert "hu" not in str(refusal.value)


def test_the_folder_for_data_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "new"))
    assert env.writable("VAR_DIR", tmp_path).is_dir()


def test_a_folder_that_cannot_be_made_stops_the_start(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(ImproperlyConfigured, match="Name a folder of your own"):
        env.writable("VAR_DIR", tmp_path)


RUNTIME, OWNER = "postgresql://app:a@db.example/liver", "postgresql://owner:b@db.example/liver"


def test_two_addresses_are_runtime_role_and_owner():
    runtime, owner = env.databases(RUNTIME, OWNER)
    assert (runtime["USER"], owner["USER"]) == ("app", "owner")
    assert runtime["NAME"] == owner["NAME"] == "liver"


def test_one_address_is_both():
    runtime, owner = env.databases(RUNTIME, "")
    assert runtime == owner


def test_no_address_is_the_embedded_database():
    assert env.databases("", "") is None


@pytest.mark.parametrize(
    ("runtime", "owner", "remedy"),
    [
        ("", OWNER, "DATABASE_URL is not. Set both"),
        (RUNTIME, OWNER + "2", "another database than DATABASE_URL"),
        (RUNTIME, "mysql://owner@db.example/liver", "MIGRATE_URL does not name a PostgreSQL"),
    ],
)
def test_addresses_that_do_not_go_together_stop_the_start(runtime, owner, remedy):
    with pytest.raises(ImproperlyConfigured, match=remedy):
        env.databases(runtime, owner)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("a=north:viewer", {"a": ("north", "viewer")}),
        (
            "CN=liver,OU=x,DC=y=north:clinician; b = south:viewer ;",
            {"CN=liver,OU=x,DC=y": ("north", "clinician"), "b": ("south", "viewer")},
        ),
    ],
)
def test_groups_give_clinic_and_role(monkeypatch, text, found):
    monkeypatch.setenv("GROUPS_HERE", text)
    assert env.envgroups("GROUPS_HERE") == found


@pytest.mark.parametrize("text", ["a", "a=north", "a=:viewer", "=north:viewer", "a=north:"])
def test_a_group_without_clinic_or_role_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("GROUPS_HERE", text)
    with pytest.raises(ImproperlyConfigured, match="GROUPS_HERE contains .* Write GROUP=CLINIC:ROLE"):
        env.envgroups("GROUPS_HERE")


@pytest.mark.parametrize(
    ("text", "production", "good"),
    [
        ("https://a.example/", True, True),
        ("http://a.example", True, False),
        ("http://a.example", False, True),
        ("a.example", False, False),
        ("", True, True),
    ],
)
def test_the_hospitals_sign_in_answers_by_https_in_production(monkeypatch, text, production, good):
    monkeypatch.setenv("ISSUER_HERE", text)
    if good:
        assert env.envissuer("ISSUER_HERE", production=production) == text.rstrip("/")
    else:
        with pytest.raises(ImproperlyConfigured, match="Begin it with https://"):
            env.envissuer("ISSUER_HERE", production=production)


def test_what_the_hospitals_sign_in_needs_beside_its_address_is_asked_for(monkeypatch):
    monkeypatch.delenv("CLIENT_HERE", raising=False)
    assert env.envtogether("CLIENT_HERE", "") == ""
    with pytest.raises(ImproperlyConfigured, match="CLIENT_HERE is missing: OIDC_ISSUER is set"):
        env.envtogether("CLIENT_HERE", "https://a.example")


@pytest.mark.parametrize("text, value", [("", "text"), ("json", "json"), ("JSON ", "json")])
def test_one_of_several(monkeypatch, text, value):
    monkeypatch.setenv("FORM", text)
    assert env.envchoice("FORM", "text", "json") == value


def test_none_of_them_stops_the_start(monkeypatch):
    monkeypatch.setenv("FORM", "xml")
    with pytest.raises(ImproperlyConfigured, match="FORM is “xml”. Set it to text or json."):
        env.envchoice("FORM", "text", "json")
