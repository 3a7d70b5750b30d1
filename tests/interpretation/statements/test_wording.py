"""Every sentence the product can produce, held to the house rules; and each rule to a text that breaks it."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from interpretation import interpret, knowledge
from interpretation.report import as_json
from tests.interpretation.house_rules import ANYWHERE, WHOLE, broken, full_stop
from tests.interpretation.report.test_golden import CASES
from tests.interpretation.texts import demo_cases, mimic_cases, of_code, of_data, of_report, of_templates

# Parts of the report that are sentences of their own, so that they end with a full stop.
SENTENCES = {
    "verdict",
    "dissociation.sentence",
    "dissociation.reasons.text",
    "dissociation.caps.text",
    "dissociation.evidence.text",
    "statements.text",
    "causes.why",
    "causes.supports",
    "causes.argues_against",
    "causes.settles",
    "vitamin_k.text",
    "monitoring.items.words",
    "monitoring.optional.words",
    "monitoring.reminders.words",
    "monitoring.repeat.words",
    "monitoring.who",
    "monitoring.schedule",
    "scenario.words",
    "scenario.overlay_words",
    "scenario.features.text",
    "scenario.overlay_features.text",
    "scenario.kinetics.text",
    "scenario.kinetics_words",
    "prognosis.words",
    "prognosis.population",
    "prognosis.provided",
    "prognosis.meaning.text",
    "prognosis.figures.text",
    "corroboration.summary",
    "corroboration.markers.words",
}
# Tables of the data files whose `words` and `text` stand alone on the page.
ALONE = ("statement", "limit", "cause", "figure", "population", "feature", "formula")
# What a person typed, or an id: not ours to word.
TYPED = ("causes.review", "dissociation.confounded_by", "laboratory", "id", "draws")


def faults_of(texts, *rules) -> list[str]:
    """Each fault once, with the first place where it was found."""
    found = {}
    for place, text in texts:
        for fault in broken(text, *rules):
            found.setdefault((fault, text), f"{place}: {fault} in {text[:160]!r}")
    return list(found.values())


# --- what is written ---


def test_data_files():
    assert faults_of(of_data(), ANYWHERE) == []


def test_data_files_have_no_double_spaces():
    assert faults_of(of_data(), {"no double spaces": WHOLE["no double spaces"]}) == []


def test_sentences_of_the_data_files_end_with_a_full_stop():
    alone = [
        (place, text)
        for place, text in of_data()
        if place.split(".")[2] in ALONE
        and place.rpartition(".")[2] in ("text", "words", "why", "settles", "caveat")
        and text
    ]
    assert len(alone) > 200
    assert [place for place, text in alone if full_stop(text)] == []


def test_code():
    texts = list(of_code())
    assert len(texts) > 300
    assert faults_of(texts, ANYWHERE) == []


def test_templates():
    texts = list(of_templates())
    assert len(texts) > 200
    assert faults_of(texts, ANYWHERE) == []


# --- what is produced ---


def produced_faults(report) -> list[str]:
    data = as_json(report)
    texts = {pair for pair in of_report(data) if not pair[0].startswith(TYPED)}
    found = [f"{place}: {fault}" for place, text in texts for fault in text_faults(text, place in SENTENCES)]
    return found + [f"{s['id']}: no known source" for s in data["statements"] if not _sourced(s)]


@cache
def text_faults(text: str, is_sentence: bool) -> list[str]:
    """Most sentences come again and again: each is judged once."""
    found = broken(text, ANYWHERE, WHOLE)
    if is_sentence and full_stop(text):
        found.append("no full stop")
    return [f"{fault} in {text[:160]!r}" for fault in found]


def _sourced(statement: dict) -> bool:
    return bool(statement["sources"]) and set(statement["sources"]) <= _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(x.id for x in (*knowledge.references(), *knowledge.statements()))


@pytest.mark.parametrize("name", CASES)
def test_each_vignette(name):
    assert produced_faults(interpret(CASES[name])) == []


def test_every_part_called_a_sentence_is_produced():
    """A part that was renamed would no longer be held to a full stop."""
    places = {place for name in CASES for place, _ in of_report(as_json(interpret(CASES[name])))}
    assert SENTENCES - places <= {"prognosis.provided"}


def test_the_people_of_the_demo():
    cases = list(demo_cases(datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/London"))))
    assert len(cases) > 12
    assert any(case.draws for case in cases)
    assert {case.id: found for case in cases if (found := produced_faults(interpret(case)))} == {}


def test_real_patients_at_each_of_their_dates(shared_data):
    """Reports of 57 real people: every state of a record that a vignette does not think of."""
    found, count = {}, 0
    for case in mimic_cases(shared_data / "mimic-iv-demo"):
        count += 1
        for fault in produced_faults(interpret(case)):
            found.setdefault(fault, f"{case.id} on {case.as_of.date()}")
    assert count > 400
    assert found == {}


# --- the rules themselves ---

BREAKING = {
    "no bleeding risk": [
        "A high INR means a bleeding risk.",
        "INR 2.5: risk of haemorrhage.",
        "Postpone the biopsy, the patient may bleed.",
        "INR does not predict bleeding in liver disease, but bleeding is likely at 3.",
    ],
    "no remedy of a number": [
        "Give plasma.",
        "Transfuse FFP when a procedure is planned.",
        "Vitamin K to correct INR.",
        "Correct the INR first.",
        "Consider prothrombin complex concentrate.",
    ],
    "never exclusively": ["Made exclusively by the liver."],
    "no figure of outcome without its population": [
        "INR 2.1 means a 28-day mortality of 15%.",
        "Hazard ratio for death 1.06.",
        "Survival is 80 % at one year.",
    ],
    "falling enzymes are no good news": [
        "ALT has improved.",
        "Transaminases are normalising.",
        "Enzymes: recovery.",
    ],
    "nothing is reassuring": ["This is reassuring."],
    "no exclamation": ["Repeat INR!"],
    "British spelling": [
        "hemoglobin",
        "edema",
        "ischemic injury",
        "hospitalized patients",
        "a normalized ratio",
        "anemia",
    ],
    "nothing is safe": ["It is safe to wait."],
    "no diagnosis is made": ["The diagnosis is liver failure."],
    "the micro sign": ["85 \u03bcmol/L"],
    "units as we write them": ["85 umol/L", "150 10^9/L", "150 x10⁹/L", "5 x ULN"],
    "a real minus": ["ALT -80 %", "(-3)"],
    "no double spaces": ["INR  rose."],
    "no artefacts": ["INR None", "INR nan", "{name} fell", "Recorded: ().", "[] draws"],
    "no space before a stop": ["INR rose ."],
    "no doubled stop": ["INR rose.."],
}  # fmt: skip
KEEPING = [
    "INR does not predict bleeding in liver disease, neither spontaneous nor procedural.",
    "Look for decompensation: ascites, encephalopathy, variceal bleeding.",
    "The small randomised evidence and guidelines do not support prophylactic plasma.",
    "Vitamin K 10 mg slow IV; INR at 12-24 h and 24-48 h.",
    "In hospitalised patients with cirrhosis INR 2.1 corresponded to a 28-day mortality of 15%.",
    "Transaminases may improve as necrosis resolves, while INR shows the cumulative loss of functional mass.",
    "Falling ALT and AST are not by themselves an improvement: read them with INR.",
    "Bilirubin 308 µmol/L, platelets 150 ×10⁹/L, haemoglobin, oedema, anaemia, ischaemic.",
    "ALT fell 420 → 82 U/L (−80 %) in 24-48 h (LOINC 1742-6).",
    "None of these was measured. Wait...",
]


def test_every_rule_has_a_text_that_breaks_it():
    assert set(BREAKING) == {*ANYWHERE, *WHOLE}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in BREAKING.items() for text in texts]
)
def test_a_text_that_breaks_a_rule_is_found(name, text):
    assert broken(text, {name: {**ANYWHERE, **WHOLE}[name]}), text


@pytest.mark.parametrize("text", KEEPING)
def test_a_text_that_keeps_every_rule_passes(text):
    assert broken(text, ANYWHERE, WHOLE) == []


def test_a_report_with_a_fault_is_found_out():
    """The walk over a report itself: a broken sentence, one without its stop, and one without a source."""
    report = interpret(CASES["6 noise"])
    said = report.statements[0]
    for text, fault in [("INR  rose.", "double spaces"), ("INR rose", "no full stop")]:
        statements = (replace(said, text=text), *report.statements[1:])
        assert any(fault in found for found in produced_faults(replace(report, statements=statements)))
    for sources in [(), ("R99",)]:
        statements = (replace(said, sources=sources), *report.statements[1:])
        assert produced_faults(replace(report, statements=statements)) == [f"{said.id}: no known source"]


@pytest.mark.parametrize(("text", "ends"), [("INR rose.", True), ("INR rose", False), ("“Warfarin.”", True)])
def test_full_stop(text, ends):
    assert (full_stop(text) is None) is ends


def test_code_is_read_without_docstrings_and_f_strings_in_parts(tmp_path):
    text = '"""A doc string."""\ndef f(x):\n    "Another doc."\n    return f"INR rose {x} so far"\n'
    (tmp_path / "a.py").write_text(text)
    assert [t for _, t in of_code(("*.py",), tmp_path)] == ["INR rose ", " so far"]


def test_templates_are_read_with_the_words_of_their_attributes(tmp_path):
    (tmp_path / "a.html").write_text(
        '{% if x != 1 %}<p title="Two words">INR {{ x }} rose</p>{# no! #}{% endif %}'
    )
    assert [t for _, t in of_templates(("*.html",), tmp_path)] == ["Two words", "INR … rose"]
