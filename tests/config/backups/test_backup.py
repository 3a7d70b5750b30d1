"""What a backup refuses, what it leaves behind when it fails, and which old ones it lets go."""

import errno
import json
import os
import shutil
import zipfile
from collections import namedtuple
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from psycopg.conninfo import conninfo_to_dict
from pyrage import x25519

from accounts.models import Backup
from config.backups import archive, keeping, programs, taking
from config.logs import LOGGING

Usage = namedtuple("Usage", "total used free")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_one_file_that_other_programs_read(record, tmp_path):
    said = StringIO()
    call_command("backup", str(tmp_path), stdout=said)
    (path,) = tmp_path.iterdir()
    assert oct(path.stat().st_mode)[-3:] == "600"
    with zipfile.ZipFile(path) as whole:
        assert whole.namelist() == ["manifest.json", "database.dump", "SHA256SUMS"]
        assert whole.read("database.dump").startswith(b"PGDMP")
        assert json.loads(whole.read("manifest.json"))["rows"]["patients_draw"] == 5
    assert str(path) in said.getvalue() and archive.digest_of(path) in said.getvalue()


def test_it_is_remembered_and_its_checksum_logged(record, tmp_path, caplog):
    with caplog.at_level(LOGGING["loggers"]["backup"]["level"], "backup"):
        taken = taking.take(tmp_path, [])
    kept = Backup.objects.get()
    assert (kept.file, kept.sha256) == (taken.found.path.name, taken.digest)
    assert (kept.at, kept.head) == (taken.found.manifest.made_at, taken.found.manifest.audit_head)
    assert "taken" in caplog.text and taken.digest in caplog.text


def test_what_is_encrypted_shows_nothing_of_the_record(record, tmp_path):
    key = x25519.Identity.generate()
    taken = taking.take(tmp_path, [str(key.to_public())])
    with zipfile.ZipFile(taken.found.path) as whole:
        assert whole.namelist() == ["manifest.json", "database.dump.age", "SHA256SUMS"]
        assert whole.read("database.dump.age").startswith(b"age-encryption.org/v1")
    assert b"Okafor" not in taken.found.path.read_bytes()


def test_a_key_that_is_none(record, tmp_path):
    with pytest.raises(CommandError, match="is not a whole public key of age"):
        taking.take(tmp_path, ["ssh-ed25519 AAAA"])
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there(record, tmp_path):
    with pytest.raises(CommandError, match="is not there: make it, or mount"):
        taking.take(tmp_path / "mnt", [])


def test_a_folder_that_cannot_be_written(record, tmp_path, monkeypatch):
    # Whoever is root may write everywhere.
    def refuse(**given: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(taking.tempfile, "TemporaryFile", refuse)
    with pytest.raises(CommandError, match="may not write into .* \\(Permission denied\\)"):
        taking.take(tmp_path, [])


def test_a_disk_without_room_is_said_before_anything_is_written(record, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 10 * 1024**2))
    with pytest.raises(CommandError, match="has 10 MB of room and a backup may need 5"):
        taking.take(tmp_path, [])
    assert names(tmp_path) == [] and not Backup.objects.exists()


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_disk_that_fills_up_leaves_what_was_there(record, tmp_path, monkeypatch, encrypted):
    (tmp_path / "notes.txt").touch()
    keys = [str(x25519.Identity.generate().to_public())] if encrypted else []
    dump = archive.Checksummed.write

    def write(self: archive.Checksummed, piece: bytes) -> int:
        # The manifest still finds room.
        if not piece.startswith(b"{"):
            self.target = Full()
        return dump(self, piece)

    class Full:
        def write(self, piece: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive.Checksummed, "write", write)
    with pytest.raises(CommandError, match="The backup was not made: No space left on device"):
        taking.take(tmp_path, keys)
    assert names(tmp_path) == ["notes.txt"] and not Backup.objects.exists()


def test_a_dump_that_fails_leaves_what_was_there(record, tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "address", lambda info: "dbname=nowhere host=/nowhere")
    with pytest.raises(CommandError, match="The backup was not made: pg_dump failed: connection to server"):
        taking.take(tmp_path, [])
    assert names(tmp_path) == []


def test_what_a_killed_backup_left_goes_and_what_another_writes_stays(tmp_path):
    (tmp_path / "liver-inr-2026-01-01T00-00-00Z.zip.part").touch()
    with archive.new_file(tmp_path / "liver-inr-2026-01-02T00-00-00Z.zip"):
        archive.forget_unfinished(tmp_path)
        assert names(tmp_path) == ["liver-inr-2026-01-02T00-00-00Z.zip.part"]


@pytest.mark.parametrize(("mode", "told"), [("allow", {}), ("disable", {"sslcertmode": "disable"})])
def test_programs_of_postgresql_15_are_not_told_what_the_driver_fills_in(mode, told):
    info = Mock(get_parameters=lambda: {"dbname": "liver", "sslcertmode": mode})
    assert conninfo_to_dict(programs.address(info)) == {"dbname": "liver"} | told


@pytest.fixture
def only_old_programs(tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.4'\n")
    os.chmod(program, 0o755)
    monkeypatch.setattr(programs, "candidates", lambda name: [str(program)])


def test_a_pg_dump_that_is_older_than_the_database(record, only_old_programs, tmp_path):
    with pytest.raises(
        CommandError, match=r"pg_dump 13 is older than the database .* postgresql-client-\d\d"
    ):
        taking.take(tmp_path, [])
    assert names(tmp_path) == ["pg_dump"]


def test_no_pg_dump_at_all(monkeypatch):
    monkeypatch.setattr(programs, "candidates", lambda name: [])
    with pytest.raises(
        CommandError, match="pg_dump is not here. Install the client programs of PostgreSQL 18"
    ):
        programs.find("pg_dump", 18)


def test_the_oldest_program_that_fits_is_taken(monkeypatch):
    there = [programs.Program("a", 18), programs.Program("b", 16), programs.Program("c", 17)]
    monkeypatch.setattr(programs, "_there", lambda name: iter(there))
    assert [programs.find("pg_dump", wanted).path for wanted in (15, 16, 17, 18)] == ["b", "b", "c", "a"]


def test_the_latest_are_kept_and_nothing_else_is_touched(record, tmp_path):
    first, second, third = (_taken(tmp_path, f"2026-01-0{day}T00-00-00Z") for day in (1, 2, 3))
    (tmp_path / "notes.txt").touch()
    cut_off = tmp_path / "liver-inr-2025-01-01T00-00-00Z.zip"
    cut_off.write_bytes(first.path.read_bytes()[:5000])
    gone = keeping.keep_latest(tmp_path, 2, third)
    assert gone == [first.path]
    assert names(tmp_path) == sorted([second.path.name, third.path.name, "notes.txt", cut_off.name])


def test_backups_of_another_installation_stay(record, tmp_path, monkeypatch):
    theirs = _taken(tmp_path, "2026-01-01T00-00-00Z")
    monkeypatch.setattr(taking, "RECORD", "SELECT timestamptz '2020-01-01'")
    mine = _taken(tmp_path, "2026-01-02T00-00-00Z")
    assert keeping.keep_latest(tmp_path, 1, mine) == []
    assert names(tmp_path) == [theirs.path.name, mine.path.name]


def _taken(folder: Path, at: str) -> archive.Archive:
    """One of that time."""
    found = taking.take(folder, []).found
    return archive.Archive(found.path.rename(folder / f"liver-inr-{at}.zip"), found.manifest)


def test_it_keeps_at_least_one(record, tmp_path):
    with pytest.raises(CommandError, match="--keep takes a number of at least 1"):
        call_command("backup", str(tmp_path), "--keep", "0")
