"""What a signature is given to: the wording of one entry, and one value of it changed in the text of its file."""

import random
import tomllib
from dataclasses import replace

import pytest

from interpretation import knowledge
from interpretation.catalogue import catalogue
from interpretation.catalogue.amending import amended, values, with_value
from interpretation.catalogue.entries import _canonical, _tables

FILES = {file.name: file for file in catalogue()}


def other(value):
    return f"{value} Otherwise." if isinstance(value, str) else value + 1


def wordings(data: dict) -> dict[tuple, str]:
    """The content of each entry by its path."""
    return {path: _canonical(table) for path, table in _tables((), data)}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_value_changed_once_changes_the_wording_of_its_entry_alone(name):
    """Each number and sentence of the whole catalogue; a reviewer's name is no part of the wording."""
    data = knowledge.load(name)
    before = wordings(data)
    assert before == {entry.path: entry.content for entry in FILES[name].entries}
    tried = 0
    for entry in FILES[name].entries:
        for place, value in values(entry.content).items():
            after = wordings(with_value(data, entry, place, other(value)))
            assert {at for at in before if after.get(at) != before[at]} == {entry.path}, place
            tried += 1
    assert tried >= len(before)


def test_no_two_entries_have_one_fingerprint_and_a_content_has_another_at_another_place():
    entries = [entry for file in FILES.values() for entry in file.entries]
    assert len({entry.fingerprint for entry in entries}) == len(entries)
    assert replace(entries[0], content="{}").fingerprint != entries[0].fingerprint
    assert replace(entries[0], file="other").fingerprint != entries[0].fingerprint


def test_sources_are_part_of_the_wording_and_reviews_are_not():
    data = knowledge.load("dissociation")
    limit = data["limit"]["rise_ratio"]
    before = wordings(data)
    for key, value, changes in (("sources", ["GK"], True), ("reviewed_by", "A. Hepatologist", False)):
        changed = {**data, "limit": {**data["limit"], "rise_ratio": {**limit, key: value}}}
        assert (wordings(changed) != before) is changes


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_value_is_changed_in_the_text_and_nothing_else(name):
    text = (knowledge.DATA / f"{name}.toml").read_text(encoding="utf-8")
    chance = random.Random(name)
    for entry in chance.sample(FILES[name].entries, min(12, len(FILES[name].entries))):
        place, value = chance.choice(list(values(entry.content).items()))
        after = amended(text, entry, place, other(value))
        assert tomllib.loads(after) == with_value(tomllib.loads(text), entry, place, other(value))
        assert text.count("\n#") == after.count("\n#")


def test_a_value_that_the_text_does_not_hold_is_refused():
    entry = next(one for one in FILES["urgency"].entries if one.path == ("limit", "new_days"))
    with pytest.raises(knowledge.KnowledgeError, match="not found in the text"):
        amended("[limit.new_days]\nvalue = 0x1c\n", entry, "value", 3)


def test_every_place_of_an_amendment_fits_its_column_and_is_one():
    for file in FILES.values():
        for entry in file.entries:
            assert all(len(place) <= 120 for place in values(entry.content))
            assert len(entry.anchor) <= 120
