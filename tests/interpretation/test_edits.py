"""No allowed edit of the knowledge makes a patient's page fall over."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from edits import applied, edited, files_in_use, reviewed, write

from interpretation import knowledge
from interpretation.catalogue import schemas

ROOT = Path(__file__).parents[2]
# Every case of the golden texts, in a process of its own: knowledge is read when the modules are.
INTERPRET = """
from tests.interpretation.report.test_golden import CASES
from interpretation import interpret
from interpretation.changes import what_would_change
from interpretation.report import as_json
for case in CASES.values():
    report = interpret(case)
    as_json(report)
    what_would_change(case, report)
"""


def interpreted(folder: Path) -> str:
    """What Python says last where a case cannot be interpreted with this knowledge, else ""."""
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    ran = subprocess.run(
        [sys.executable, "-c", INTERPRET],
        env=os.environ | {"INTERPRETATION_DATA": str(folder), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stderr if ran.returncode else ""


@pytest.mark.parametrize(
    ("how", "share", "seed"),
    [("lowest", 1, 1), ("highest", 1, 2), ("any", 1, 3), ("any", 0.5, 4), ("any", 0.1, 5), ("any", 0.1, 6)],
)
def test_no_allowed_edit_makes_interpret_raise(tmp_path, how, share, seed):
    chance, files = random.Random(seed), files_in_use()
    edits = edited(files, how, share, chance)
    assert len(edits) > 500 * share
    folder = write(reviewed(applied(files, edits), chance), tmp_path / "data")
    assert [fault for name in files for fault in knowledge.faults(name, folder)] == []
    assert list(schemas.faults({name: knowledge.load(name, folder) for name in files})) == []
    assert interpreted(folder) == ""


def test_the_knowledge_in_use_passes_its_schemas():
    assert list(schemas.faults(files_in_use())) == []


def test_every_data_file_has_a_schema():
    assert set(schemas.SCHEMAS) == set(knowledge.files())
