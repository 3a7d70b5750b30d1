"""The first start says what it is doing before it does it; any other says nothing of that."""

from types import SimpleNamespace

import pytest

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
