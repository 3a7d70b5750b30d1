"""The first start says what it is doing before it does it; any other says nothing of that."""

import socket
from types import SimpleNamespace

import pytest
from django.core.management import CommandError

from config import prepare

BEGUN = {("patients", "0001"): object()}
NODES = {**BEGUN, ("patients", "0002"): object()}


@pytest.mark.parametrize(
    ("applied", "said"),
    [
        ({}, "Making the tables (up to a minute, only this once) ...\n"),
        (BEGUN, "Bringing the tables up to date (up to a minute, only this once) ...\n"),
        (NODES, ""),
    ],
)
def test_tables_are_announced_before_they_are_made(monkeypatch, capsys, applied, said):
    heard = []
    loader = SimpleNamespace(graph=SimpleNamespace(nodes=NODES), applied_migrations=applied)
    monkeypatch.setattr(prepare, "MigrationLoader", lambda connection: loader)
    monkeypatch.setattr(
        prepare, "call_command", lambda name, **_: heard.append((name, capsys.readouterr().out))
    )
    prepare.bring_up_to_date()
    assert heard == [("migrate", said)]


def test_todays_tables_are_there(db, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "call_command", lambda *_, **__: None)
    prepare.bring_up_to_date()
    assert capsys.readouterr().out == ""


@pytest.fixture
def held():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder


def test_a_port_that_is_still_held_is_waited_for(held, monkeypatch, capsys):
    port = held.getsockname()[1]
    monkeypatch.setattr(prepare.time, "sleep", lambda _: held.close())
    prepare.check_port(f"127.0.0.1:{port}")
    assert capsys.readouterr().out == f"Port {port} is still held: waiting for up to 20 seconds ...\n"


def test_a_port_of_another_program_is_said(held, monkeypatch):
    monkeypatch.setattr(prepare, "PATIENCE", 0.3)
    port = held.getsockname()[1]
    with pytest.raises(CommandError, match=f"Port {port} is taken by another program"):
        prepare.check_port(f"127.0.0.1:{port}")
