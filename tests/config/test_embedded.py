import os
import subprocess

from config import embedded


def test_a_start_that_fails_quotes_the_end_of_the_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("one\ntwo\nFATAL: no room\n")
    assert embedded.cause(subprocess.CalledProcessError(1, "pg_ctl"), log) == "two / FATAL: no room"


def test_a_variable_set_for_a_while_is_as_before_afterwards(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with embedded.environment(LC_ALL="C.UTF-8", XDG_RUNTIME_DIR="/x"):
        assert os.environ["XDG_RUNTIME_DIR"] == "/x"
    assert (os.environ["LC_ALL"], os.environ.get("XDG_RUNTIME_DIR")) == ("C", None)


def test_a_new_database_is_announced_and_one_that_is_there_is_not(tmp_path, capsys):
    embedded.announce(tmp_path)
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith(f"Making the database in {tmp_path} (about ten seconds")
    (tmp_path / "PG_VERSION").write_text("18")
    embedded.announce(tmp_path)
    assert capsys.readouterr().err == ""
