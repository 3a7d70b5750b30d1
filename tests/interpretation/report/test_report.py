"""The report as a whole: its words, its JSON and the command that prints it."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from interpretation import Case, Diagnosis, Draw, Event, Result, interpret
from interpretation.__main__ import answers, main
from interpretation.orders import orders
from interpretation.report import as_json, brief
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

BLEEDING_RISK = re.compile(r"(increas|rais|high)\w*[^.]*(bleeding|haemorrhag\w+) risk|risk of bleeding", re.I)
GIVE_PLASMA = re.compile(r"\b(give|transfuse|administer|correct)\b[^.]*\b(plasma|FFP|INR)\b", re.I)


def sentences():
    for given, *_ in VIGNETTES.values():
        report = interpret(given)
        yield from (statement.text for statement in report.statements)
        yield from (reason.text for reason in report.dissociation.reasons + report.dissociation.caps)
        for cause in report.causes:
            yield from (cause.why, cause.settles, *cause.supports, *cause.argues_against)


def test_no_sentence_calls_inr_a_bleeding_risk_or_suggests_plasma():
    for text in sentences():
        assert not BLEEDING_RISK.search(text), text
        assert not GIVE_PLASMA.search(text), text


def test_no_sentence_carries_an_uncorrected_claim():
    for text in sentences():
        assert "exclusively" not in text
        assert "regardless of transaminase" not in text


def test_the_verdict_has_its_numbers():
    found = interpret(VIGNETTES["2 ACLF"][0]).dissociation
    assert found.sentence == (
        "Critical dissociation: ALT fell 420 → 82 U/L (−80 %) while INR rose 1.6 → 2.6 (+63 %) in 10 days, "
        "with encephalopathy grade 1, bilirubin 308 µmol/L and ascites."
    )


def test_warfarin_is_named_in_the_verdict():
    assert "Warfarin since 9 Jun 2025" in interpret(VIGNETTES["7 warfarin started"][0]).dissociation.sentence


@pytest.mark.parametrize("name", VIGNETTES)
def test_a_list_of_patients_asks_what_the_page_asks(name):
    given = VIGNETTES[name][0]
    assert orders(given, brief(given)) == orders(given, interpret(given))


@pytest.mark.parametrize("name", VIGNETTES)
def test_the_json_has_what_the_design_names(name):
    data = json.loads(json.dumps(as_json(interpret(VIGNETTES[name][0]))))
    assert set(data) >= {
        "id", "knowledge_version", "dissociation", "scenario", "causes", "scores", "monitoring", "statements",
    }  # fmt: skip
    assert set(data["dissociation"]) >= {
        "grade", "base_grade", "regime", "enzyme", "baseline_at", "latest_at", "enzyme_change_pct",
        "inr_from", "inr_to", "inr_change_pct", "transaminase_state", "inr_state", "draws", "trend",
        "reasons", "caps", "attribution",
    }  # fmt: skip
    assert all({"id", "text", "sources", "draws"} <= set(s) for s in data["statements"])


def test_prognosis_of_the_hospital_cohort_is_for_cirrhosis_or_advanced_fibrosis():
    ids = [s.id for s in interpret(VIGNETTES["2 ACLF"][0]).statements]
    assert {"S9", "S15"} <= set(ids)
    ids = [s.id for s in interpret(VIGNETTES["3 post-acute injury, failing"][0]).statements]
    assert not {"S9", "S15"} & set(ids)


def test_prognosis_is_not_shown_after_a_transplant():
    given = case(
        draw(20, 420, 610, 1.6), draw(30, 82, 110, 2.6), diagnoses=["cirrhosis"],
        events=[Event("transplant", at(0))],
    )  # fmt: skip
    assert "S15" not in [s.id for s in interpret(given).statements]


@pytest.mark.parametrize(("first", "said"), [(1.4, True), (1.5, False), (None, False)])
def test_a_drift_too_slow_for_the_rule_is_said(first, said):
    """INR 1.6 to 1.7 within the window is noise; 1.4 three years before was not."""
    given = case(draw(-1000, inr=first), draw(0, 44, 45, 1.6), draw(300, 42, 44, 1.7))
    report = interpret(given)
    assert report.dissociation.grade == "none"
    assert ("slow_drift" in [s.id for s in report.statements]) is said


@pytest.mark.parametrize(("inr", "said"), [(1.2, False), (1.3, True)])
def test_other_causes_are_named_where_inr_is_raised(inr, said):
    report = interpret(case(draw(0, 40, 40, 1.1), draw(200, 40, 40, inr)))
    assert any(s.section == "other_causes" for s in report.statements) is said


def test_a_change_between_two_laboratories_carries_no_prognosis():
    given = replace(
        VIGNETTES["11 two laboratories"][0], diagnoses=(Diagnosis("cirrhosis", date(2019, 5, 1)),)
    )
    said = {s.id: s.text for s in interpret(given).statements}
    assert not {"S9", "S14", "S15"} & set(said)
    assert "no more than two laboratories differ by themselves" in said["variation"]


@pytest.mark.parametrize("draws", [(), (draw(0, 100, 90, 1.2),), (draw(0, 100), draw(90, 50))])
def test_what_cannot_be_assessed_says_what_to_measure(draws):
    assert [s.id for s in interpret(case(*draws)).statements if s.section == "now"] == ["measure"]


def test_a_raised_inr_without_enzymes_names_its_value_and_other_causes():
    report = interpret(case(draw(0, inr=4.0)))
    assert "The latest INR is 4.0 (1 Jan 2025)" in report.dissociation.sentence
    assert any(s.section == "other_causes" for s in report.statements)


def test_plasma_is_never_advised_and_that_is_said():
    now = [s for s in interpret(VIGNETTES["2 ACLF"][0]).statements if s.section == "now"]
    assert [s.id for s in now][:5] == ["urgency", "X_precipitant", "S25", "S26", "S27"]
    assert {"S28", "S29"} <= {s.id for s in now}


# --- The command ---

LINE = {
    "id": "p1",
    "as_of": "2025-02-01",
    "draws": [
        {
            "taken_at": "2025-01-01T08:00:00Z",
            "results": [
                {"analyte": "ALT", "value": 14.6666667, "unit": "µkat/L", "upper_limit": 0.6666667},
                {"analyte": "6301-6", "value": "1.2"},
            ],
        },
        {
            "taken_at": "2025-01-13T08:00:00Z",
            "results": [
                {"analyte": "sgpt", "value": 300, "unit": "U/L", "upper_limit": 40},
                {"analyte": "INR", "value": 1.4, "unit": ""},
            ],
        },
    ],
}


def test_units_names_and_codes_are_read():
    (answer,) = answers(json.dumps(LINE))
    assert answer["dissociation"]["grade"] == "possible"
    assert answer["dissociation"]["enzyme_from"] == pytest.approx(880)


def test_a_case_a_line_gives_a_report_a_line():
    found = list(answers("\n".join([json.dumps(LINE), "", json.dumps(LINE | {"id": "p2"})])))
    assert [answer["id"] for answer in found] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"as_of": "31/12/2025"}, "as_of: '31/12/2025' is not a time"),
        ({"as_of": None}, "as_of"),
        ({"draws": 5}, "draws: expected a list"),
        ({"draws": [{"results": []}]}, "draws[0].taken_at"),
        ({"events": [{"kind": "aspirin", "started_at": "2025-01-01"}]}, "events[0].kind: 'aspirin'"),
        ({"diagnoses": [{"kind": "flu"}]}, "diagnoses[0].kind"),
        ({"reviews": [{"cause": "vka", "verdict": "maybe", "on": "2025-01-01"}]}, "reviews[0].verdict"),
    ],
)
def test_a_case_that_cannot_be_read_says_where(change, words):
    (answer,) = answers(json.dumps(LINE | change))
    assert answer["id"] == "p1"
    assert words in answer["error"]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"analyte": "Zonulin", "value": 300, "unit": "U/L"}, "'Zonulin' is not known"),
        ({"analyte": "ALT", "value": 300, "unit": "stones"}, "stones"),
        ({"analyte": "bilirubin total", "value": 3}, "unit"),
        ({"analyte": "ALT", "value": "haemolysed", "unit": "U/L"}, "is not a number"),
        ({"analyte": "ALT", "value": -3, "unit": "U/L"}, "is not a number"),
    ],
)
def test_a_result_that_cannot_be_read_is_left_out_and_named(result, words):
    line = LINE | {"draws": [*LINE["draws"], {"taken_at": "2025-01-20T08:00:00Z", "results": [result]}]}
    (answer,) = answers(json.dumps(line))
    assert answer["dissociation"]["grade"] == "possible"
    assert "draws[2].results[0]" in answer["problems"][0]
    assert words in answer["problems"][0]


def test_comparators_are_kept_and_the_bound_counts():
    draws = [*LINE["draws"][:1], {"taken_at": "2025-01-13T08:00:00Z", "results": [
        {"analyte": "ALT", "value": "<5", "unit": "U/L"}, {"analyte": "INR", "value": "> 10"}]}]  # fmt: skip
    (answer,) = answers(json.dumps(LINE | {"draws": draws}))
    assert (answer["dissociation"]["enzyme_to"], answer["dissociation"]["inr_to"]) == (5, 10)


def test_the_command_prints_reports(tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(LINE, indent=1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "interpretation", file], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["dissociation"]["grade"] == "possible"


def test_the_command_fails_for_a_case_that_cannot_be_read(tmp_path, capsys):
    file = tmp_path / "cases.json"
    file.write_text("{not json", encoding="utf-8")
    assert main([str(file)]) == 1
    assert "line 1" in json.loads(capsys.readouterr().out)["error"]


def test_the_command_names_a_missing_file(capsys):
    assert main(["/nowhere/cases.json"]) == 2
    assert "/nowhere/cases.json" in capsys.readouterr().err


def test_draws_of_one_time_and_id_are_read_in_one_order():
    """Two laboratories at one moment, as a JSON case without ids may hold: the order of input is no fact."""
    taken = datetime(2025, 7, 1, 8, tzinfo=UTC)
    pair = tuple(
        Draw(taken, (Result("INR", value),), laboratory) for laboratory, value in (("A", 1.8), ("B", 1.2))
    )
    first, second = (interpret(Case(as_of=taken, draws=draws)) for draws in (pair, pair[::-1]))
    assert first.causes == second.causes
