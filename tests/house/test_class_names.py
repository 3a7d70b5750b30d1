"""One word, one thing: a public class has a name of its own in the whole house."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "config", "interpretation", "meetings", "patients", "uploads")
# What Django asks for by that very name.
DJANGO = {"Command", "Migration"}
# A record of the core and the model that it is made from.
PAIR = ("interpretation/record/records.py", "patients/models/")


def homes() -> dict[str, list[str]]:
    found = defaultdict(list)
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if "migrations" not in path.parts:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(path.relative_to(ROOT).as_posix())
    return found


def is_pair(paths: list[str]) -> bool:
    return len(paths) == 2 and all(any(path.startswith(end) for path in paths) for end in PAIR)


def test_public_classes_have_names_of_their_own():
    shared = {name: paths for name, paths in homes().items() if len(paths) > 1 and name not in DJANGO}
    assert {name: paths for name, paths in shared.items() if not is_pair(paths)} == {}


def test_a_pair_is_a_record_and_its_model():
    assert is_pair(["interpretation/record/records.py", "patients/models/draws.py"])
    assert not is_pair(["patients/models/draws.py", "uploads/models/files.py"])
