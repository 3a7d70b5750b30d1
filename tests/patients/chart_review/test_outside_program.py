"""The figures against those of chart-review, a program of other people, on the same labels."""

import csv
import json
import subprocess
import sys
from random import Random

import pytest

from patients.chart_review.statistics import agreement, estimate

LABEL = "dissociation"
RUN = "from chart_review.cli import main_cli; main_cli()"


@pytest.fixture
def theirs(tmp_path):
    """theirs({who: [answers]}, truth, other): the row of its accuracy table for our label."""
    pytest.importorskip("chart_review.cli", reason="Needs chart-review: tests/requirements.txt.")

    def run(said: dict[str, list[bool]], truth: str, other: str) -> dict[str, float]:
        numbers = {who: number for number, who in enumerate(said, start=1)}
        notes = [
            {
                "id": note,
                "data": {},
                "annotations": [annotation(number, said[who][note - 1]) for who, number in numbers.items()],
            }
            for note in range(1, len(said[truth]) + 1)
        ]
        (tmp_path / "labelstudio-export.json").write_text(json.dumps(notes))
        (tmp_path / "config.json").write_text(json.dumps({"annotators": numbers, "labels": [LABEL]}))
        command = [
            sys.executable,
            "-c",
            RUN,
            "accuracy",
            "--csv",
            "--project-dir",
            str(tmp_path),
            truth,
            other,
        ]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return next(row for row in csv.DictReader(out.splitlines()) if row["label"] == LABEL)

    return run


def annotation(who: int, yes: bool) -> dict:
    labels = [LABEL] if yes else []
    return {"completed_by": who, "result": [{"type": "labels", "value": {"labels": labels}}]}


def answers(seed: int, count: int = 60) -> dict[str, list[bool]]:
    """A truth, and two who err in a fifth and a quarter of the draws."""
    chance = Random(seed)
    truth = [chance.random() < 0.4 for _ in range(count)]
    wrong = {"product": 0.2, "second": 0.25}
    return {"truth": truth} | {
        who: [one != (chance.random() < often) for one in truth] for who, often in wrong.items()
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ppv_sensitivity_and_specificity_are_theirs(theirs, seed):
    said = answers(seed)
    found = theirs(said, "truth", "product")
    pairs = list(enumerate(zip(said["truth"], said["product"], strict=True)))
    ours = {
        "ppv": estimate((number, truth, 1.0) for number, (truth, flag) in pairs if flag),
        "sens": estimate((number, flag, 1.0) for number, (truth, flag) in pairs if truth),
        "spec": estimate((number, not flag, 1.0) for number, (truth, flag) in pairs if not truth),
    }
    for name, one in ours.items():
        assert round(one.share, 3) == float(found[name]), name
    assert ours["ppv"].hits == int(found["tp"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kappa_is_theirs(theirs, seed):
    said = answers(seed)
    found = theirs(said, "truth", "second")
    pairs = zip(range(60), said["truth"], said["second"], strict=True)
    assert round(agreement(pairs).kappa, 3) == float(found["kappa"])


def test_the_edges_are_theirs(theirs):
    """Everybody says yes: no kappa and no specificity, here and there."""
    said = {"truth": [True] * 4, "product": [True] * 4}
    found = theirs(said, "truth", "product")
    assert {found["kappa"], found["spec"]} <= {"", "-"}
    assert agreement([(n, True, True) for n in range(4)]).kappa is None and estimate([]).share is None
