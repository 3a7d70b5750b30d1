"""What a restore refuses before it touches anything, and how it says so."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from pyrage import x25519

from config.backups import programs, restoring, taking
from patients.models import Draw
from tests.config.backups.conftest import BESIDE, as_owner, restore


def refusal(path: Path, key: Path | None = None) -> str:
    with pytest.raises(CommandError) as failure:
        list(restoring.restore(path, key))
    return str(failure.value)


@pytest.fixture
def key(tmp_path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(f"# public key: none of your business\n{x25519.Identity.generate()}\n")
    return path


@pytest.fixture
def backup(record, tmp_path) -> Path:
    return taking.take(tmp_path, []).found.path


@pytest.fixture
def encrypted(record, tmp_path, key) -> Path:
    public = x25519.Identity.from_str(key.read_text().split()[-1]).to_public()
    return taking.take(tmp_path, [str(public)]).found.path


def changed(backup: Path, **told: object) -> Path:
    """The same with another manifest, and the checksum that belongs to it."""
    with zipfile.ZipFile(backup) as whole:
        said = json.dumps(json.loads(whole.read("manifest.json")) | told).encode()
        dump = whole.read("database.dump")
    other = backup.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as whole:
        whole.writestr("manifest.json", said)
        whole.writestr("database.dump", dump)
        digests = {"manifest.json": said, "database.dump": dump}
        lines = [f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in digests.items()]
        whole.writestr("SHA256SUMS", "".join(lines))
    return other


def test_a_database_that_is_not_empty_is_left_as_it_is(backup):
    assert "The database is not empty and was left as it is." in refusal(backup)
    assert Draw.objects.count() == 5


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_one_byte_that_was_changed(backup, place):
    content = bytearray(backup.read_bytes())
    content[int(len(content) * place)] ^= 1
    backup.write_bytes(content)
    assert f"{backup} is damaged:" in refusal(backup)


@pytest.mark.parametrize("place", [0, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off(backup, place):
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * place)])
    assert "it is cut off, or was never a backup of this product" in refusal(backup)


def test_files_that_are_something_else(tmp_path):
    assert "is not there" in refusal(tmp_path / "nothing.zip")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as whole:
        whole.writestr("manifest.json", "[]")
    assert "was never a backup of this product" in refusal(other)


def test_an_encrypted_one_without_a_key(encrypted):
    assert (
        refusal(encrypted) == "The backup is encrypted. Name the file with the secret key: --identity KEYFILE"
    )


def test_a_file_without_a_key_in_it(encrypted, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("AGE-SECRET-KEY-1NONE\n")
    assert "holds no secret key of age" in refusal(encrypted, other)


def test_the_wrong_key_leaves_the_database_empty(encrypted, tmp_path, beside):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(str(x25519.Identity.generate()))
    done = restore(encrypted, "--to", beside, "--identity", str(wrong))
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "CommandError: This key does not open the backup: it was encrypted for another one. Nothing was changed.",
    )
    with as_owner(dbname=BESIDE) as there:
        assert there.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'patients%'").fetchone() == (
            0,
        )


def test_the_right_key_opens_it(encrypted, key, beside):
    done = restore(encrypted, "--to", beside, "--identity", str(key))
    assert done.returncode == 0, done.stderr
    with as_owner(dbname=BESIDE) as there:
        assert there.execute("SELECT count(*) FROM patients_draw").fetchone() == (5,)


def test_one_by_a_newer_version(backup):
    other = changed(backup, version="7.0", migrations=["patients.9999_later"])
    assert "made by version 7.0, which has tables that this one does not know" in refusal(other)


def test_one_of_a_newer_postgresql(backup):
    assert "The backup is of PostgreSQL 99" in refusal(changed(backup, server=99))


def test_a_manifest_that_says_more_than_there_is(backup, beside):
    rows = json.loads(zipfile.ZipFile(backup).read("manifest.json"))["rows"]
    done = restore(changed(backup, rows=rows | {"patients_draw": 6}), "--to", beside)
    assert done.returncode == 1
    assert "patients_draw has 5 rows and the backup says 6. Do not use this database" in done.stderr


def test_a_pg_restore_that_is_older(backup, monkeypatch):
    monkeypatch.setattr(restoring, "TABLES", "SELECT 1 WHERE false")
    monkeypatch.setattr(programs, "_there", lambda name: iter([programs.Program("pg_restore", 13)]))
    wanted = connection.pg_version // 10_000
    assert f"pg_restore 13 is older than the database (PostgreSQL {wanted})" in refusal(backup)
