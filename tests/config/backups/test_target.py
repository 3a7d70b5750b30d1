"""Where `restore --to` restores is chosen before the settings name a database."""

import os

import pytest

from config.backups.target import choose

NAMES = ("VAR_DIR", "DATABASE_URL", "MIGRATE_URL")


@pytest.fixture
def site(monkeypatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, f"the site's {name}")


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["file.zip"], ("the site's VAR_DIR", "the site's DATABASE_URL", "the site's MIGRATE_URL")),
        (["file.zip", "--to", "/var/lib/beside"], ("/var/lib/beside", None, None)),
        (["--to=beside", "file.zip", "--identity", "key"], ("beside", None, None)),
        (["file.zip", "--to", "postgresql://o@h/n"], ("the site's VAR_DIR", *["postgresql://o@h/n"] * 2)),
    ],
)
def test_a_folder_is_another_var_dir_and_an_address_another_database(site, words, chosen):
    choose(words)
    assert tuple(os.environ.get(name) for name in NAMES) == chosen
