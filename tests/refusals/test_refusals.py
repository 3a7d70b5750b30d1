"""Every sentence that refuses, asks or marks, provoked through the real code: read the files when they change.

UPDATE_GOLDEN=1 rewrites them.
"""

import os
from pathlib import Path

import pytest

from tests.refusals import bundles, commands, exports, messages, tables, typed
from tests.refusals.telling import steady, told_by, untouched, written

FILES = tables.GROUPS | messages.GROUPS | bundles.GROUPS | exports.GROUPS
GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.django_db


def compare(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_files_are_told_what_is_wrong_and_what_to_do(name, people, clinic, data_manager):
    told = {title: told_by(found, clinic, data_manager) for title, found in FILES[name].items()}
    assert not [title for title, lines in told.items() if not lines]
    compare(name, written(told))


@pytest.mark.parametrize("name", typed.GROUPS)
def test_forms_say_what_is_wrong_and_what_to_do(name, patient, clinic, clinician):
    bench = typed.Bench(clinic, patient, clinician)
    told = {}
    for title, tell in typed.GROUPS[name].items():
        with untouched():
            told[title] = list(map(steady, tell(bench)))
    assert not [title for title, lines in told.items() if not lines]
    compare(name, written(told))


@pytest.mark.parametrize("name", commands.GROUPS)
def test_commands_say_what_is_wrong_and_what_to_do(name, people, clinic, other_clinic, tmp_path):
    told = {}
    for number, (title, tell) in enumerate(commands.GROUPS[name].items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        with untouched():
            told[title] = list(map(steady, tell(commands.Site(folder, clinic, other_clinic))))
    assert not [title for title, lines in told.items() if not lines]
    compare(name, written(told))
