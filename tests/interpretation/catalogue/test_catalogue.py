"""The walk over the data files, and what is wrong with a folder."""

import shutil

import pytest

from interpretation import knowledge
from interpretation.catalogue import catalogue, faults, surely
from patients.presenters.knowledge import use_of_code

HEADER = 'title = "T"\nreviewed_by = "awaiting sign-off"\nreviewed_on = "not yet"\n'


@pytest.fixture
def entries(tmp_path):
    """The entries of a data file of this text, by their anchors."""

    def walk(text):
        (tmp_path / "a.toml").write_text(HEADER + text, encoding="utf-8")
        (file,) = catalogue(tmp_path)
        return {entry.anchor: entry for entry in file.entries}

    return walk


# --- the walk ---


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ('[thing.x]\nwords = "A."\nsources = ["GK"]', ["thing-a-x"]),
        ('[thing]\nx = { words = "A.", sources = ["GK"] }', ["thing-a-x"]),
        ('[deep.er.x]\nwords = "A."\nsources = ["GK"]', ["deep-a-er-x"]),
        ('[[row]]\nn = 1\nsources = ["GK"]\n[[row]]\nn = 2\nsources = ["GK"]', ["row-a-1", "row-a-2"]),
        ('[words]\none = "One thing"', ["words-a"]),
        ('[score.x]\nn = 1\nsources = ["GK"]\n[score.x.band]\nn = 2', ["score-a-x"]),
        (
            '[score.x]\nn = 1\nsources = ["GK"]\n[score.x.band]\nn = 2\nsources = ["ED"]',
            ["score-a-x", "score-a-x-band"],
        ),
        ('sources = ["GK"]', []),
        ("", []),
    ],
)
def test_what_is_an_entry(entries, text, anchors):
    assert list(entries(text)) == anchors


def test_a_table_inside_is_a_line_unless_it_has_sources(entries):
    found = entries(
        '[s.x]\nname = "N"\nsources = ["GK"]\nbands = [{ at_most = 7, grade = "I" }, { grade = "II" }]'
    )
    (field,) = found["s-a-x"].fields
    assert (field.label, field.lines) == ("bands", ("at most 7; grade I", "grade II"))


@pytest.mark.parametrize(
    ("sources", "parts"),
    [
        (["R2"], ("sourced",)),
        (["S4"], ("sourced",)),
        (["GK"], ("general",)),
        (["ED"], ("design",)),
        (["C"], ("computed",)),
        (["ED", "R2", "GK"], ("sourced", "general", "design")),
        (["X_a"], ("sourced", "general")),
        (["X_unknown"], ()),
        ([], ()),
    ],
)
def test_how_sure(sources, parts):
    assert surely(sources, {"X_a": ("R1", "GK")}) == parts


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ('"One thing"', "names"),
        ('["a", "b"]', "names"),
        ("true", "names"),
        ("0", "none"),
        ("1.5", "none"),
        ('"It rises in five days or more."', "none"),
        ('"below 80%"', "none"),
        ("[1, 2]", "none"),
    ],
)
def test_names_need_no_source_but_numbers_and_sentences_do(entries, value, level):
    assert entries(f"[words]\nx = {value}")["words-a"].sureness == level


def test_anchors_are_unique():
    anchors = [entry.anchor for file in catalogue() for entry in file.entries]
    assert len(anchors) == len(set(anchors))


# --- faults ---


@pytest.fixture
def broken(tmp_path):
    """A copy of the real folder with one thing changed, and what is wrong with it then and not before."""

    def change(file, old, new):
        folder = tmp_path / "data"
        shutil.copytree(knowledge.DATA, folder)
        path = folder / f"{file}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return [fault for fault in faults(folder, use_of_code()) if fault not in BEFORE]

    return change


BEFORE = faults(knowledge.DATA, use_of_code())


def test_the_real_knowledge_has_no_fault():
    assert BEFORE == []


RISE = (
    '[limit.rise_floor]\nvalue = 1.3\nunit = "INR"\nwords = "An INR below this is not called risen."\n'
    'sources = ["ED"]'
)
SPARE = '[limit.spare]\nvalue = 1\nunit = "d"\nwords = "Spare."\nsources = ["ED"]'
NEW = '[statement.X_new]\ntext = "New."\nsources = ["GK"]\ncategory = "caveat"'


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            "dissociation",
            RISE,
            RISE.replace('["ED"]', "[]"),
            "dissociation.toml: limit.rise_floor: no sources",
        ),
        (
            "dissociation",
            RISE,
            RISE.replace("ED", "R99"),
            "dissociation.toml: limit.rise_floor: unknown source 'R99'",
        ),
        (
            "dissociation",
            RISE,
            RISE.replace("An INR", "TODO"),
            "dissociation.toml: limit.rise_floor.words: placeholder",
        ),
        (
            "dissociation",
            RISE,
            RISE.replace("value = 1.3", "value = true"),
            "dissociation.toml: limit.rise_floor: value",
        ),
        (
            "dissociation",
            RISE,
            f"{RISE}\n{SPARE}",
            "dissociation.toml: limit.spare: no module reads this limit",
        ),
        ("variation", "reviewed_by", "checked_by", "variation.toml: reviewed_by: missing"),
        (
            "variation",
            '"not yet"',
            "2026-11-23",
            "variation.toml: reviewed_on: a date, though the review is awaited",
        ),
        ("variation", 'sources = ["GK", "R57"]', "", "variation.toml: limit.one_sided_99: no sources"),
        (
            "statements",
            "[statement.S1]",
            f"{NEW}\n[statement.S1]",
            "statements.toml: statement.X_new: this statement is never shown",
        ),
        (
            "references",
            "[reference]",
            '[reference]\nR99 = { short = "New", text = "New." }',
            "references.toml: reference.R99: this reference is never cited",
        ),
        (
            "references",
            'short = "Dufour 2000"',
            'short = "Wang 2021"',
            "references.toml: reference.R22: the same name as reference.R2",
        ),
        (
            "causes",
            'name = "Antibiotics"',
            'name = "Tigecycline"',
            "causes.toml: cause.tigecycline: the same name as cause.antibiotics",
        ),
        ("causes", "[cause.vka]", "[extra]\nx = 5\n[cause.vka]", "causes.toml: extra: no sources"),
        ("monitoring", "[item.ast]", "[item.ast", "monitoring.toml: "),
        (
            "monitoring",
            "core_interval = { value = 6",
            "core_interval = { value = 4",
            "monitoring.toml: limit.core_interval: 4 months have no row of timing",
        ),
        (
            "statements",
            "[statement.S28]",
            "[statement.X_s28]",
            "panel.toml: shows.now.no_plasma: unknown source 'S28'",
        ),
    ],
)
def test_each_fault_is_named_with_its_file_and_place(broken, file, old, new, fault):
    found = broken(file, old, new)
    assert any(line.startswith(fault) for line in found), found


def test_a_file_that_is_missing_is_named(tmp_path):
    shutil.copytree(knowledge.DATA, tmp_path / "data")
    (tmp_path / "data" / "causes.toml").unlink()
    assert "causes.toml: no such file" in faults(tmp_path / "data", use_of_code())


def test_a_file_that_nothing_reads_is_named(tmp_path):
    shutil.copytree(knowledge.DATA, tmp_path / "data")
    text = f'{HEADER}[x.y]\nwords = "A."\nsources = ["GK"]\n'
    (tmp_path / "data" / "spare.toml").write_text(text, encoding="utf-8")
    assert "spare.toml: no module reads this file" in faults(tmp_path / "data", use_of_code())


# --- versions ---


def test_the_digest_follows_every_byte(tmp_path):
    (tmp_path / "a.toml").write_text(HEADER, encoding="utf-8")
    before = knowledge.digest(tmp_path)
    assert before == knowledge.digest(tmp_path)
    (tmp_path / "a.toml").write_text(HEADER + "\n", encoding="utf-8")
    assert knowledge.digest(tmp_path) != before
