"""A case as the JSON that `parse.case_from_json` reads: the way to another process, or to a file."""

from dataclasses import asdict
from datetime import date
from typing import Any

from interpretation.record import analytes
from interpretation.record.records import Case


def case_as_json(case: Case) -> dict[str, Any]:
    """Every field under its own name: times as ISO 8601 with their zone, results in their canonical unit."""
    data: dict[str, Any] = _plain(asdict(case))
    for draw in data["draws"]:
        for result in draw["results"]:
            result["unit"] = analytes.get(result["analyte"]).unit
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
