"""What a clinician reads of each vignette, as text: read the files whenever they change.

UPDATE_GOLDEN=1 rewrites them.
"""

import os
import re
from pathlib import Path

import pytest

from interpretation import Event, interpret
from interpretation.knowledge import sources_text
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

GOLDEN = Path(__file__).parents[1] / "golden"
# Beside the vignettes, cases that have what those lack: other tests, children, ischaemia, a low margin.
OTHERS = {
    "progressive with all tests": case(
        draw(0, 112, 98, 1.2, albumin=40, platelets=160, bilirubin_total=18, creatinine=78),
        draw(182, 74, 70, 1.3, albumin=38, platelets=142, bilirubin_total=22, creatinine=80),
        draw(365, 48, 52, 1.5, albumin=35, platelets=121, bilirubin_total=30, creatinine=84),
        draw(547, 34, 41, 1.7, albumin=32, platelets=108, bilirubin_total=41, creatinine=86),
        diagnoses=["cirrhosis", "hepatitis_c"],
    ),
    "shock liver recovering": case(
        draw(0, 2295, 4896, 2.4, bilirubin_total=30, albumin=36, platelets=210),
        draw(1, 1800, 2400, 2.2, bilirubin_total=34, albumin=34, platelets=160),
        draw(3, 900, 500, 1.5, bilirubin_total=38, albumin=33, platelets=150),
        diagnoses=["heart_failure"],
    ),
    "child with acute failure": case(
        draw(0, 4200, 3900, 1.6, bilirubin_total=60),
        draw(2, 2600, 1800, 2.1, bilirubin_total=120),
        draw(3, 1700, 900, 2.4, bilirubin_total=160),
        birth_date=at(0).date().replace(year=2016),
    ),
    "alcohol and infection": case(
        draw(0, 60, 140, 1.4, bilirubin_total=40, albumin=31, platelets=90, creatinine=80),
        draw(14, 42, 78, 2.0, bilirubin_total=190, albumin=26, platelets=84, creatinine=190),
        diagnoses=["cirrhosis", "alcohol_related"],
        events=[Event("infection", at(6)), Event("ascites", at(8)), Event("albumin_infusion", at(9))],
    ),
}
CASES = {name: vignette for name, (vignette, *_) in VIGNETTES.items()} | OTHERS


def written(report) -> str:
    parts = [*_verdict(report), *_scenario(report.scenario), *_strip(report.corroboration)]
    parts += [*_outlook(report.prognosis), *_causes(report), *_sections(report.statements)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(part for part in parts if part is not None)) + "\n"


def _verdict(report):
    found = report.dissociation
    yield from ("VERDICT", found.sentence, found.why)
    yield from (_line(f"held back ({cap.code}):", cap.text, cap.sources) for cap in found.caps)


def _scenario(scenario):
    yield from ("", f"SCENARIO: {scenario.name}", scenario.words, scenario.overlay_words)
    features = (*scenario.features, *scenario.overlay_features)
    yield from (_line(f.side, f.text, f.sources) for f in features)
    yield scenario.kinetics_words
    yield from (_line("·", d.text, d.sources) for d in scenario.kinetics)
    yield from (f"not known: {text}" for text in scenario.missing)


def _strip(strip):
    yield from ("", f"CORROBORATION: {strip.window}", strip.summary)
    for marker in strip.markers:
        yield _line(f"{marker.arrow or '·'} {marker.state}:", marker.words, marker.sources)
        yield from (f"  note: {note}" for note in marker.notes)


def _outlook(outlook):
    return ("", "PROGNOSIS", outlook.words, outlook.population, outlook.provided)


def _causes(report):
    yield from ("", "CAUSES")
    for cause in report.causes:
        if cause.evidence or cause.review:
            yield f"{cause.name} ({cause.verdict})"
            yield from (_line(f"  {e.side}", e.text, e.sources) for e in cause.evidence)
    yield from (_line(f"vitamin K, {t.headline}:", t.text, t.sources) for t in report.vitamin_k)


def _sections(statements):
    for section in dict.fromkeys(s.section for s in statements):
        yield from ("", section.upper().replace("_", " "))
        yield from (_line(s.id, s.text, s.sources) for s in statements if s.section == section)


def _line(head: str, text: str, sources) -> str:
    return f"{head} {text} [{sources_text(sources)}]"


def path(name: str) -> Path:
    return GOLDEN / f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}.txt"


@pytest.mark.parametrize("name", CASES)
def test_the_words_are_those_that_were_read(name):
    text = written(interpret(CASES[name]))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        path(name).write_text(text, encoding="utf-8")
    assert text == path(name).read_text(encoding="utf-8")


def test_every_file_belongs_to_a_case():
    assert {file.name for file in GOLDEN.glob("*.txt")} == {path(name).name for name in CASES}
