"""Entries given back to their sender: a bundle, with an OperationOutcome behind each that was not stored."""

import json
from collections.abc import Iterator
from decimal import Decimal

from . import _decode
from .bundle import BundleEntry, entries_of, items, load, resolve

# Reports tell the time of results that have none of their own.
_ABOUT = ("DiagnosticReport",)


def bundle_with_reasons(content: bytes, reasons: dict[str, list[str]]) -> bytes:
    """`reasons`: what is said of "entry 3" or "the resource". With them comes what they refer to."""
    entries = entries_of(load(_decode(content)[0]))
    said: dict[int, list[str]] = {}
    for entry in entries:
        # What is contained is given back with its container.
        said.setdefault(id((entry.parent or entry).resource), []).extend(reasons.get(entry.name, ()))
    entries = [entry for entry in entries if entry.parent is None]
    wrong = [entry for entry in entries if said[id(entry.resource)]]
    needed = {id(entry.resource) for entry in wrong}
    _reach(wrong, needed)
    _reach(
        [entry for entry in entries if entry.type in _ABOUT and _tells_of(entry, needed)], needed, own=True
    )
    made = []
    for entry in entries:
        if id(entry.resource) not in needed:
            continue
        made.append(_as_entry(entry))
        if texts := said[id(entry.resource)]:
            made.append({"resource": outcome(texts, f"Bundle.entry[{len(made) - 1}]")})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": made}
    return json.dumps(bundle, ensure_ascii=False, indent=1, default=_number).encode()


def _reach(found: list[BundleEntry], needed: set[int], own: bool = False) -> None:
    """Adds whatever the entries refer to, and what that refers to."""
    waiting = list(found)
    while waiting:
        entry = waiting.pop()
        if own:
            needed.add(id(entry.resource))
        for reference in references_in(entry.resource):
            # The other results of a report are not given back.
            there = resolve(entry, reference)
            if there is None or there.type == "Observation" or id(there.resource) in needed:
                continue
            needed.add(id(there.resource))
            waiting.append(there)


def _tells_of(report: BundleEntry, needed: set[int]) -> bool:
    found = (resolve(report, one) for one in items(report.resource.get("result")))
    return any(there and id(there.resource) in needed for there in found)


def references_in(value: object) -> Iterator[dict]:
    """Every reference in a resource, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for one in value.values():
            yield from references_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from references_in(one)


def _as_entry(entry: BundleEntry) -> dict:
    full = {"fullUrl": entry.full} if entry.full else {}
    return {**full, "resource": entry.resource}


def outcome(said: list[str], expression: str = "", severity: str = "error") -> dict:
    """An OperationOutcome with an issue for each thing that is said of the place."""
    where = {"expression": [expression]} if expression else {}
    issues = [{"severity": severity, "code": "processing", "diagnostics": text, **where} for text in said]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _number(value: object) -> int | float:
    """JSON has one kind of number; ours are kept as they were written until they are read."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
