"""A whole start under other settings needs a process of its own: kept few."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SITE = {
    "PRODUCTION": "true",
    "SECRET_KEY": "q7Jx-2vPz9LmT4wRb8YcN1sKd6HfG3aEuVtQoXiZpW5_MnBjC0rSyUkDlA",
    "ALLOWED_HOSTS": "liver.hospital.example",
    "CSRF_TRUSTED_ORIGINS": "https://liver.hospital.example",
    "BEHIND_PROXY": "true",
    # Nobody listens at port 1.
    "DATABASE_URL": "postgresql://ada:hush@127.0.0.1:1/liver",
    "MIGRATE_URL": "postgresql://owner:hush@127.0.0.1:1/liver",
}


@pytest.fixture
def manage(tmp_path):
    def run(*words, **changes):
        site = {**os.environ, **SITE, "VAR_DIR": str(tmp_path), **changes}
        return subprocess.run(
            [sys.executable, PROJECT / "manage.py", *words], env=site, capture_output=True, text=True
        )

    return run


def test_the_deployment_check_is_clean(manage):
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")


def test_one_role_for_everything_is_warned_of(manage):
    done = manage("check", "--deploy", "--fail-level", "WARNING", MIGRATE_URL="")
    assert done.returncode == 1 and "could change history" in done.stderr


def test_cookies_are_of_this_host_alone(manage):
    said = manage("diffsettings").stdout
    assert (
        "SESSION_COOKIE_NAME = '__Host-sessionid'" in said and "CSRF_COOKIE_NAME = '__Host-csrftoken'" in said
    )
    assert (
        "SESSION_COOKIE_SECURE = True" in said and "COOKIE_DOMAIN" not in said and "COOKIE_PATH" not in said
    )


def test_pages_for_failures_find_their_looks(manage, tmp_path):
    # To compress the chart library takes 20 seconds, and these pages have no chart.
    assert manage("collectstatic", "--noinput", "--verbosity=0", "--ignore=plotly*").returncode == 0
    for page in ("400.html", "413.html", "500.html", "503.html"):
        html = (PROJECT / "templates" / page).read_text()
        for link in re.findall(r'href="/static/([^"]+)"', html):
            assert (tmp_path / "static" / link).is_file(), link


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_is_refused_without(manage, name):
    done = manage("check", **{name: ""})
    assert done.returncode == 1
    assert done.stderr.startswith(f"Settings: {name} is missing.")


def test_an_unreachable_database_gets_a_sentence(manage):
    done = manage("migrate", PRODUCTION="false")
    assert done.returncode == 1
    assert done.stderr.startswith("The database cannot be reached. Check DATABASE_URL")
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr


HOSPITAL = {
    "OIDC_ISSUER": "https://login.hospital.example",
    "OIDC_CLIENT_ID": "liver",
    "OIDC_CLIENT_SECRET": "hush",
}


def test_the_hospitals_sign_in_alone_is_a_start(manage):
    done = manage("check", LOCAL_PASSWORDS="false", OIDC_GROUPS="doctors=north:clinician", **HOSPITAL)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LOCAL_PASSWORDS": "false"}, "LOCAL_PASSWORDS is false and OIDC_ISSUER is missing"),
        ({**HOSPITAL, "OIDC_GROUPS": "doctors=north:surgeon"}, "OIDC_GROUPS names no role: surgeon."),
        ({"BREACHED_PASSWORDS": "/nowhere"}, "BREACHED_PASSWORDS: /nowhere cannot be read"),
    ],
)
def test_a_sign_in_that_could_not_work_stops_the_start(manage, changes, sentence):
    done = manage("check", **changes)
    assert done.returncode == 1 and done.stderr.startswith(f"Settings: {sentence}")


def test_a_bad_setting_stops_the_server_with_its_sentence_alone():
    told = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**os.environ, **SITE, "SECRET_KEY": "short"},
    )
    assert told.returncode == 1
    assert told.stderr.startswith("Settings: SECRET_KEY is too weak") and told.stderr.count("\n") == 1
