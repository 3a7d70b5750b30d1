"""manage.py characteristics."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from interpretation import knowledge
from interpretation.characteristics import CELLS, count, rule_digest

ABOUT = {"knowledge": knowledge.VERSION, "digest": rule_digest()}


def run(out, *arguments) -> tuple[str, str]:
    said, progress = io.StringIO(), io.StringIO()
    call_command("characteristics", "--out", str(out), *arguments, stdout=said, stderr=progress)
    return said.getvalue(), progress.getvalue()


def test_it_writes_what_was_counted_and_prints_the_table(tmp_path):
    out = tmp_path / "measured" / "counts.json"
    said, progress = run(out, "--cell", "quiet_1_3_3", "--count", "30", "--seed", "4", "--seed", "9")
    written = json.loads(out.read_text())
    assert {key: written[key] for key in ABOUT} == ABOUT
    seeds = written["cells"]["quiet_1_3_3"]["seeds"]
    assert seeds == {str(seed): dict(count("quiet_1_3_3", seed, 0, 30)) for seed in (4, 9)}
    assert "INR 1.3, 3 draws 180 days apart [quiet_1_3_3], 60 patients" in said
    assert "quiet_1_3_3, cell 1 of 1: 100%" in progress


def test_other_cells_are_kept_while_the_knowledge_is_the_same(tmp_path):
    out = tmp_path / "counts.json"
    for name in ("quiet_1_3_3", "quiet_1_3_4"):
        run(out, "--cell", name, "--count", "5", "--seed", "1")
    assert list(json.loads(out.read_text())["cells"]) == ["quiet_1_3_3", "quiet_1_3_4"]


def test_cells_of_other_knowledge_are_not_kept(tmp_path):
    out = tmp_path / "counts.json"
    old = {
        **ABOUT,
        "digest": "0123456789",
        "cells": {
            "quiet_1_3_4": {"cell": CELLS["quiet_1_3_4"].fingerprint, "patients": 5, "seeds": {"1": {}}}
        },
    }
    out.write_text(json.dumps(old))
    run(out, "--cell", "quiet_1_3_3", "--count", "5", "--seed", "1")
    assert list(json.loads(out.read_text())["cells"]) == ["quiet_1_3_3"]


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--cell", "nobody"], "No cell nobody"), (["--count", "0"], "at least 1")]
)
def test_what_cannot_be_measured_is_refused(tmp_path, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(tmp_path / "counts.json", *arguments)
