"""The limits hold for new and touched code; the list of old offenders only gets shorter, and stays true."""

import pytest

from tests.house.__main__ import tidy
from tests.house.files import ROOT
from tests.house.limits import LIMITS
from tests.house.offenders import LIST, differences, read, shrunk, write

LISTED = read()


@pytest.mark.parametrize("limit", LIMITS)
def test_the_list_says_who_offends_and_how_much(limit):
    assert differences(LISTED.get(limit, {}), LIMITS[limit].offenders(ROOT)) == []


def test_every_part_of_the_list_has_a_limit():
    assert set(LISTED) <= set(LIMITS)


@pytest.mark.parametrize(
    ("listed", "found", "told"),
    [
        ({"a.py": 2}, {"a.py": 2}, []),
        ({}, {"a.py": 1}, ["a.py: worse, 1 where the list allows 0."]),
        ({"a.py": 2}, {"a.py": 3}, ["a.py: worse, 3 where the list allows 2."]),
        ({"a.py": 2}, {"a.py": 1}, ["a.py: better, 1 where the list says 2. Run python -m tests.house."]),
        ({"a.py": 2}, {}, ["a.py: better, 0 where the list says 2. Run python -m tests.house."]),
    ],
)
def test_what_is_not_as_the_list_says_is_told(listed, found, told):
    assert differences(listed, found) == told


@pytest.mark.parametrize(
    ("listed", "found", "moves", "after"),
    [
        ({"a.py": 2, "b.py": 1}, {"a.py": 1}, False, {"a.py": 1}),
        ({"a.py": 2}, {"a.py": 3}, False, {"a.py": 2}),
        ({"a.py": 2}, {"a.py": 2, "b.py": 1}, False, {"a.py": 2}),
        ({"a.py": 2}, {"b.py": 2}, False, {}),
        ({"a.py": 2}, {"b.py": 2}, True, {"b.py": 2}),
        ({"a.py": 3}, {"b.py": 2, "c.py": 1}, True, {"b.py": 2, "c.py": 1}),
        ({"a.py": 2, "c.py": 2}, {"b.py": 3, "c.py": 1}, True, {"b.py": 3, "c.py": 1}),
        ({"a.py": 2, "c.py": 2}, {"b.py": 4, "c.py": 1}, True, {"c.py": 1}),
    ],
)
def test_the_list_only_shrinks(listed, found, moves, after):
    assert shrunk(listed, found, accept_moves=moves) == after


def test_the_list_is_read_as_it_was_written(tmp_path):
    listed = {"long_lines": {"a.py": 2}, "many_arguments": {"a.py:Draw.save": 9}}
    write({**listed, "full_folders": {}}, tmp_path / "list.toml")
    assert read(tmp_path / "list.toml") == listed


def test_the_list_in_use_is_as_the_command_writes_it(tmp_path):
    write(LISTED, tmp_path / "list.toml")
    assert (tmp_path / "list.toml").read_text("utf-8") == LIST.read_text("utf-8")


def test_the_command_shrinks_the_list_and_refuses_the_rest(tmp_path, capsys):
    path = tmp_path / "list.toml"
    found = {name: {} for name in LIMITS} | {
        "long_lines": {"a.py": 1, "b.py": 1},
        "full_folders": {"app": 19},
    }
    write({"long_lines": {"a.py": 2}, "full_folders": {"old": 20}}, path)
    assert tidy(found, path, accept_moves=False) == 1
    assert read(path) == {"long_lines": {"a.py": 1}}
    told = capsys.readouterr()
    assert "long_lines: 1 offenders, 1 in all (was 2)" in told.out
    assert told.err.splitlines() == [
        "long_lines: b.py: worse, 1 where the list allows 0.",
        "full_folders: app: worse, 19 where the list allows 0.",
    ]


def test_the_command_takes_new_names_when_told(tmp_path):
    path = tmp_path / "list.toml"
    found = {name: {} for name in LIMITS} | {"long_lines": {"b.py": 2}}
    write({"long_lines": {"a.py": 2}}, path)
    assert tidy(found, path, accept_moves=True) == 0
    assert read(path) == {"long_lines": {"b.py": 2}}


def test_without_a_list_it_is_written_whole(tmp_path):
    found = {name: {} for name in LIMITS} | {"long_lines": {"b.py": 2}}
    assert tidy(found, tmp_path / "list.toml", accept_moves=False) == 0
    assert read(tmp_path / "list.toml") == {"long_lines": {"b.py": 2}}
