"""The walk over the data files, where the code uses them, and what is wrong with a folder."""

import shutil

import pytest

from interpretation import knowledge
from interpretation.catalogue import catalogue, faults, surely, usage
from interpretation.catalogue.usage import CORE

HEADER = 'title = "T"\nreviewed_by = "awaiting sign-off"\nreviewed_on = "not yet"\n'
FOLDERS = tuple(CORE.parent / name for name in ("interpretation", "patients", "uploads"))


@pytest.fixture
def entries(tmp_path):
    """The entries of a data file of this text, by their anchors."""

    def walk(text):
        (tmp_path / "a.toml").write_text(HEADER + text, encoding="utf-8")
        (file,) = catalogue(tmp_path)
        return {entry.anchor: entry for entry in file.entries}

    return walk


@pytest.fixture
def code(tmp_path):
    """The use that modules of these texts make; `kept` is a package."""

    def write(**modules):
        folder = tmp_path / "kept"
        folder.mkdir(exist_ok=True)
        for name, text in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        usage.cache_clear()
        return usage((folder,))

    return write


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


# --- use ---


@pytest.mark.parametrize(
    "text",
    [
        'from k import limits\nL = limits("d")\nx = L.rise',
        'import k\nx = k.limits("d").rise',
        'from k import limits\ndef own():\n    return limits("d")\nx = own().rise',
        'from k import limits\nx = getattr(limits("d"), "rise")',
        'from k import limits\nL = limits("d")\nx = getattr(L, f"ri{z}")',
        'from k import limits\ndef f():\n    l = limits("d")\n    return l.of("rise").words',
    ],
)
def test_a_limit_is_read_in_whatever_way(code, text):
    assert code(one=text).limit("d", "rise") == ("kept.one",)


@pytest.mark.parametrize(
    "text",
    [
        'from k import limits\nL = limits("other")\nx = L.rise',
        'from k import limits\nL = limits("d")\nx = L.fall',
        'from k import limits\nL = limits("d")\nx = getattr(L, name)',
        'x = "rise"',
        "x = y.rise",
    ],
)
def test_what_does_not_read_the_limit_is_not_counted(code, text):
    assert code(one=text).limit("d", "rise") == ()


def test_limits_are_followed_through_imports(code):
    used = code(
        home='from k import limits\nLIMITS = limits("d")',
        one="from .home import LIMITS\nx = LIMITS.rise",
        two="from kept import home\nx = home.LIMITS.fall",
        three="from .one import LIMITS as L\nx = L.step",
    )
    assert used.limit("d", "rise") == ("kept.one",)
    assert used.limit("d", "step") == ("kept.three",)


def test_statements_said_and_files_loaded_are_seen(code):
    used = code(
        one='from k import say, load\nx = say("S8", "meaning")\ny = load("f")["part"]\nz = ("R2", "GK")'
    )
    assert used.said == {"S8": ("meaning",)}
    assert used.readers("f", "part") == ("kept.one",)
    assert set(used.ids) == {"S8", "R2", "GK"}


def test_no_limit_is_knowledge_that_nothing_reads():
    used = usage(FOLDERS)
    unread = [
        f"{name}.toml: limit.{limit.name}"
        for name in knowledge.files()
        for limit in knowledge.limits(name)
        if not used.limit(name, limit.name)
    ]
    assert unread == []


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
        return [fault for fault in faults(folder, usage(FOLDERS)) if fault not in BEFORE]

    return change


BEFORE = faults(knowledge.DATA, usage(FOLDERS))


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
    ],
)
def test_each_fault_is_named_with_its_file_and_place(broken, file, old, new, fault):
    found = broken(file, old, new)
    assert any(line.startswith(fault) for line in found), found


def test_a_file_that_is_missing_is_named(tmp_path):
    shutil.copytree(knowledge.DATA, tmp_path / "data")
    (tmp_path / "data" / "causes.toml").unlink()
    assert "causes.toml: no such file" in faults(tmp_path / "data", usage(FOLDERS))


def test_a_file_that_nothing_reads_is_named(tmp_path):
    shutil.copytree(knowledge.DATA, tmp_path / "data")
    text = f'{HEADER}[x.y]\nwords = "A."\nsources = ["GK"]\n'
    (tmp_path / "data" / "spare.toml").write_text(text, encoding="utf-8")
    assert "spare.toml: no module reads this file" in faults(tmp_path / "data", usage(FOLDERS))


# --- versions ---


def test_the_digest_follows_every_byte(tmp_path):
    (tmp_path / "a.toml").write_text(HEADER, encoding="utf-8")
    before = knowledge.digest(tmp_path)
    assert before == knowledge.digest(tmp_path)
    (tmp_path / "a.toml").write_text(HEADER + "\n", encoding="utf-8")
    assert knowledge.digest(tmp_path) != before
