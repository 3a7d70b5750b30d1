import re

import pytest

from interpretation import knowledge
from interpretation.knowledge import (
    DATA,
    KnowledgeError,
    limits,
    load,
    reference,
    references,
    sources_text,
    statement,
    statements,
)

HEADER = 'title = "Sample"\nreviewed_by = "A. Hepatologist"\nreviewed_on = 2026-11-23\n'
LIMIT = '[limit.rise]\nvalue = 1.15\nunit = "times"\nwords = "A rise."\nsources = ["ED"]\n'


@pytest.fixture
def file(tmp_path):
    """Write one data file; give the folder."""

    def write(text):
        (tmp_path / "sample.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_every_data_file_loads(path):
    load(path.stem)
    limits(path.stem)


def test_a_limit_is_a_number_with_its_meaning(file):
    sample = limits("sample", file(HEADER + LIMIT))
    assert sample.rise == 1.15
    assert sample.of("rise") == knowledge.Limit("rise", 1.15, "times", "A rise.", ("ED",))
    assert [limit.name for limit in sample] == ["rise"]
    assert len(sample) == 1


def test_a_limit_that_is_not_there_is_named(file):
    with pytest.raises(AttributeError, match="sample.toml: limit.fall: no such limit"):
        _ = limits("sample", file(HEADER + LIMIT)).fall


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "sample.toml: "),
        (HEADER.replace("title", "name"), "sample.toml: title: missing"),
        (HEADER.replace("A. Hepatologist", " "), "sample.toml: reviewed_by: missing"),
        (HEADER.replace("reviewed_on", "on"), "sample.toml: reviewed_on: missing"),
        (HEADER + 'words = "TBC"', "sample.toml: words: placeholder"),
        (HEADER + '[cause.x]\nlines = ["fine", "Todo: write"]', "sample.toml: cause.x.lines.2: placeholder"),
        (HEADER + LIMIT.replace('["ED"]', "[]"), "sample.toml: limit.rise: no sources"),
        (HEADER + LIMIT.replace('["ED"]', '"ED"'), "sample.toml: limit.rise: no sources"),
        (HEADER + LIMIT.replace("ED", "R99"), "sample.toml: limit.rise: unknown source 'R99'"),
        (HEADER + LIMIT.replace('sources = ["ED"]\n', ""), "sample.toml: limit.rise: no sources"),
        (HEADER + LIMIT.replace("unit", "units"), "sample.toml: limit.rise: no unit"),
        (HEADER + LIMIT + 'why = "so"', "sample.toml: limit.rise: unknown key 'why'"),
        (HEADER + LIMIT.replace("1.15", '"1.15"'), "sample.toml: limit.rise: value is not a number"),
        (HEADER + LIMIT.replace("1.15", "true"), "sample.toml: limit.rise: value is not a number"),
        (HEADER + LIMIT.replace("A rise.", ""), "sample.toml: limit.rise: no words"),
        (HEADER + '[cause.x]\nrules = [{ sources = ["Z"] }]', "sample.toml: cause.x.rules.1: unknown source"),
    ],
)
def test_a_file_that_breaks_a_rule_is_not_loaded(file, text, message):
    with pytest.raises(KnowledgeError, match=re.escape(message)):
        limits("sample", file(text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(KnowledgeError, match="nothing.toml: no such file"):
        load("nothing", tmp_path)


def test_a_statement_may_be_a_source(file):
    assert limits("sample", file(HEADER + LIMIT.replace("ED", "S9"))).of("rise").sources == ("S9",)


def test_the_knowledge_has_a_version():
    assert re.fullmatch(r"\d{4}\.\d+", knowledge.VERSION)


def test_every_reference_is_there():
    expected = {f"R{number}" for number in range(1, 58)} | {"R35b", "GK", "ED", "C"}
    assert {reference.id for reference in references()} == expected


@pytest.mark.parametrize("source", references(), ids=lambda source: source.id)
def test_a_reference_says_what_it_is(source):
    assert source.short and source.text and len(source.short) <= 30


def test_our_own_defaults_ask_for_sign_off():
    assert "sign-off by the clinic's hepatologist" in reference("ED").text
    assert "not verified" in reference("GK").text


def test_every_statement_of_the_source_document_is_there():
    ids = {statement.id for statement in statements()}
    assert {f"S{number}" for number in range(1, 30)} <= ids


@pytest.mark.parametrize("sentence", statements(), ids=lambda sentence: sentence.id)
def test_a_statement_is_short_sourced_and_ours(sentence):
    assert sentence.text.endswith(".")
    assert len(sentence.text) < 300
    assert sentence.category
    assert all(reference(source) for source in sentence.sources)


@pytest.mark.parametrize("sentence", statements(), ids=lambda sentence: sentence.id)
def test_no_uncorrected_claim_is_repeated(sentence):
    words = f"{sentence.text} {sentence.caveat}".casefold()
    for claim in ("exclusively", "regardless of transaminase", "trials show", "per 0.1", "correct the inr"):
        assert claim not in words


@pytest.mark.parametrize("sentence", statements(), ids=lambda sentence: sentence.id)
def test_inr_is_never_called_a_bleeding_risk(sentence):
    for part in re.split(r"(?<=[.:]) ", sentence.text):
        if "bleeding" in part and "variceal" not in part:
            assert " not " in f" {part} ", part


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("S6", ["mainly by the liver"]),
        ("S9", ["hospitalised", "1.6 in cirrhosis", "1.7 in advanced fibrosis"]),
        (
            "S12",
            ["1.06 (95% CI 1.04 to 1.07)", "1.09 (1.06 to 1.12)", "could not be verified", "hospitalised"],
        ),
        ("S15", ["hospitalised", "15%", "28-day", "without transplant"]),
        ("S2", ["does not prove chronic disease", "acute liver failure", "outside the liver"]),
        ("S28", ["small randomised evidence and guidelines do not support prophylactic plasma"]),
        ("X_causes_added", ["N-acetylcysteine", "oral anticoagulants", "sample", "change of laboratory"]),
    ],
)
def test_the_corrections_are_carried(id, words):
    for word in words:
        assert word in statement(id).text


def test_figures_from_inpatients_name_their_population():
    assert "outpatient" in statement("S15").caveat
    assert "child" in statement("S15").caveat
    assert "2,567" in statement("X_population_s15").text


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (["S3", "S4", "R22"], "S3, S4 · Dufour 2000"),
        (["R22", "S3"], "S3 · Dufour 2000"),
        (["S3"], "S3"),
        (["R2", "R2"], "Wang 2021"),
        (["X_no_lag", "R2"], "Sherman 2022, factor half-lives, Wang 2021"),
        ([], ""),
    ],
)
def test_sources_are_shown_briefly(ids, text):
    assert sources_text(ids) == text


def test_an_unknown_source_is_an_error():
    with pytest.raises(KeyError):
        sources_text(["S99"])
