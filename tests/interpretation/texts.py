"""Every text the product can show: from the data files, from code, from templates, and as produced."""

import ast
import csv
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

from interpretation import Case
from interpretation.knowledge import DATA
from interpretation.record.analytes import ANALYTES
from interpretation.record.parse import case_from_json
from interpretation.record.records import DIAGNOSIS_KINDS, EVENT_KINDS
from patients.demo.people import people

ROOT = Path(__file__).parents[2]
# Names as the world writes them: synonyms and labels to be recognised, titles of publications, codes.
NOT_OURS = {
    "synonyms",
    "warned_synonyms",
    "labels",
    "label",
    "loinc",
    "codes",
    "units",
    "choices",
    "unit",
    "slips",
}
NOT_OURS |= {"conventional_unit", "methods", "sources", "version"}
CODE = (
    "interpretation/**/*.py",
    "patients/page.py",
    "patients/header.py",
    "patients/grid.py",
    "patients/words.py",
)
CODE += ("patients/charts/*.py",)
HTML = ("templates/patients/*.html",)
SHOWN_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt"}
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def of_data(folder: Path = DATA) -> Iterator[tuple[str, str]]:
    """(place, text) of every value of every data file that is ours to word."""
    for path in sorted(folder.glob("*.toml")):
        yield from _values(path.name, tomllib.loads(path.read_text(encoding="utf-8")))


def _values(place: str, value) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _values(f"{place}.{number}", inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            is_title = place.startswith("references.toml.reference") and key in ("short", "text")
            if key not in NOT_OURS and not is_title:
                yield from _values(f"{place}.{key}", inner)


def of_code(patterns=CODE, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(place, text) of every string with a space in it, parts of f-strings too; no docstrings."""
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            documented = _docstrings(tree)
            for node in ast.walk(tree):
                is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                if is_text and id(node) not in documented and " " in node.value.strip():
                    yield f"{path.relative_to(root)}:{node.lineno}", node.value


def _docstrings(tree) -> set[int]:
    """Expressions that stand alone: docstrings, and texts after them."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def of_templates(patterns=HTML, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            source = VARIABLE.sub("…", TAG.sub(" ", path.read_text(encoding="utf-8")))
            for text in _Words.of(source):
                yield str(path.relative_to(root)), text


class _Words(HTMLParser):
    """The words between the tags and in the attributes that are shown or read out."""

    @classmethod
    def of(cls, source: str) -> list[str]:
        parser = cls()
        parser.found = []
        parser.feed(source)
        return [" ".join(text.split()) for text in parser.found if text.strip()]

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]


# --- what is produced ---


def of_report(report: dict, place: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(path without numbers, text) of every text in the JSON of a report."""
    for key, value in report.items():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from of_report(inner, (*place, key))
            elif isinstance(inner, str) and " " in inner.strip():
                yield ".".join((*place, key)), inner


def mimic_cases(folder: Path, mrns: Container[str] = ()) -> Iterator[Case]:
    """Each patient of the demo files (or only these) as of the end of each day with a draw."""
    rows = {name: defaultdict(list) for name in ("labs", "events", "diagnoses")}
    for name, by_mrn in rows.items():
        for row in _rows(folder / f"{name}.csv"):
            by_mrn[row["mrn"]].append(row)
    for person in _rows(folder / "patients.csv"):
        if mrns and person["mrn"] not in mrns:
            continue
        yield from _mimic(person, *(rows[name][person["mrn"]] for name in rows))


def _rows(path: Path) -> list[dict]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _mimic(person, labs, events, diagnoses) -> Iterator[Case]:
    draws = defaultdict(list)
    for row in labs:
        result = {"analyte": row["test"], "value": row["value"], "unit": row["unit"]}
        draws[row["collected_at"]].append(
            {**result, "lower_limit": row["ref_low"], "upper_limit": row["ref_high"]}
        )
    data = {
        "id": person["mrn"],
        "as_of": "2027-01-01",
        "sex": person["sex"],
        "birth_date": person["birth_date"],
        "died_on": person["death_date"],
        "draws": [{"taken_at": at, "results": results} for at, results in draws.items()],
        "events": [
            {
                "kind": e["kind"],
                "label": e["label"],
                "started_at": e["started_at"],
                "ended_at": e["ended_at"] or None,
            }
            for e in events
        ],
        "diagnoses": [
            {"kind": d["kind"], "noted_on": d["noted_on"], "codes": d["codes"].split(";")}
            for d in diagnoses
            if d["kind"] in DIAGNOSIS_KINDS
        ],
    }
    data["events"] += [
        {"kind": d["kind"], "started_at": d["noted_on"]} for d in diagnoses if d["kind"] in EVENT_KINDS
    ]
    # Read once, for reading takes longer than interpreting, which cuts off what came later by itself.
    case = case_from_json(data)[0]
    for day in sorted({at[:10] for at in draws}):
        yield replace(case, as_of=case_from_json({"as_of": day})[0].as_of)


def demo_cases(now: datetime) -> Iterator[Case]:
    """The invented people of the demo."""
    for person in people(now, now.tzinfo):
        data = asdict(person) | {"id": person.mrn, "as_of": now, "draws": []}
        for draw in person.draws:
            results = [_cell(analyte, cell) for analyte, cell in draw.cells.items()]
            data["draws"].append(
                {"taken_at": draw.taken_at, "laboratory": draw.laboratory, "results": results}
            )
        data["reviews"] = [{**review, "on": now} for review in person.reviews]
        yield case_from_json(json.loads(json.dumps(data, default=lambda at: at.isoformat())))[0]


def _cell(analyte: str, cell: str) -> dict:
    value, _, unit = cell.partition(" ")
    return {"analyte": analyte, "value": value, "unit": unit or ANALYTES[analyte].unit}
