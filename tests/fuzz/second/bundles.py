"""FHIR in JSON by its definition: the parts of a resource that hold a value."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.fuzz.second.judge import Claim, Evidence
from tests.fuzz.second.tables import decoded

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\S+)?")


class Twice(dict):
    """An object that gives one of its members two values."""


def evidence(content: bytes, claim: Claim) -> Iterator[Evidence]:
    """The claim's place: "entry 4", "entry 4, contained 2", "the resource"; nothing: anywhere."""
    data = _loaded(decoded(content))
    resource = _at(data, str(claim.place[0])) if claim.place else data
    for part in _parts(resource):
        yield _of(part, resource, data)


def _loaded(text: str) -> Any:
    given = {"object_pairs_hook": _object, "parse_float": str, "parse_int": str}
    try:
        return json.loads(text, **given)
    except ValueError:
        return [json.loads(line, **given) for line in text.splitlines() if line.strip()]


def _object(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    return found if all(found[key] == value for key, value in pairs) else Twice(found)


def _at(data: Any, words: str) -> Any:
    number = re.match(r"entry (\d+)", words)
    entries = data if isinstance(data, list) else data.get("entry", []) if isinstance(data, dict) else []
    if not number or not isinstance(entries, list) or int(number[1]) > len(entries):
        return data
    return entries[int(number[1]) - 1]


def _parts(node: Any) -> Iterator[dict]:
    if isinstance(node, dict):
        if (
            any(name.startswith("value") for name in node)
            and "code" in node
            and isinstance(node["code"], dict)
        ):
            yield node
        for one in node.values():
            yield from _parts(one)
    elif isinstance(node, list):
        for one in node:
            yield from _parts(one)


def _of(part: dict, resource: Any, data: Any) -> Evidence:
    quantity = part.get("valueQuantity") if isinstance(part.get("valueQuantity"), dict) else {}
    spoken = next((part[name] for name in ("valueString", "valueInteger") if name in part), "")
    concept = " ".join(_strings(part.get("valueCodeableConcept"))[-1:])
    value = (
        f"{quantity.get('comparator') or ''}{quantity.get('value') or ''}"
        if quantity
        else str(spoken or concept)
    )
    own = _days(resource.get("resource", resource) if isinstance(resource, dict) else resource)
    return Evidence(
        value=value,
        flags=tuple(_strings(part.get("interpretation"))),
        units=(str(quantity.get("unit", "")), str(quantity.get("code", ""))),
        tests=tuple(_strings(part.get("code"))),
        times=tuple(own) or tuple(day for node in _others(data) for day in _days(node)),
        people=tuple(_people(resource, data)),
        limits=(*_strings(part.get("referenceRange")), value),
        doubled=_is_doubled(resource),
    )


def _days(node: Any) -> list[str]:
    """When the sample was taken; not when the report was made, nor who was born when."""
    if isinstance(node, list):
        return [day for one in node for day in _days(one)]
    found = []
    for name, one in node.items() if isinstance(node, dict) else ():
        if name.startswith(("effective", "collected")):
            found += [day for day in _strings(one) if _DATE.fullmatch(day.strip())]
        else:
            found += _days(one)
    return found


def _people(resource: Any, data: Any) -> list[str]:
    """What the subject says itself, and the numbers of the persons that it can mean."""
    named = [one for node in _named(resource, ("subject", "patient")) for one in _strings(node)]
    ends = {one.split("/_history/")[0].rpartition("/")[2].removeprefix("#") for one in named}
    found = list(named)
    for holder in _holders(data):
        person = holder["resource"]
        if ends & {str(person.get("id")), str(holder.get("fullUrl")).rpartition("/")[2]}:
            found += _strings(person.get("identifier"))
    return found


def _named(node: Any, names: tuple[str, ...]) -> Iterator[Any]:
    for name, one in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        if name in names:
            yield one
        yield from _named(one, names)


def _holders(node: Any) -> Iterator[dict]:
    """Every person, each with the entry in which it stands."""
    if isinstance(node, dict) and node.get("resourceType") == "Patient":
        yield {"resource": node}
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        if isinstance(one, dict) and isinstance(one.get("resource"), dict):
            person = one["resource"]
            if person.get("resourceType") == "Patient":
                yield {"resource": person, "fullUrl": one.get("fullUrl")}
        yield from _holders(one)


def _others(node: Any) -> Iterator[Any]:
    """Resources that are no persons."""
    if isinstance(node, dict) and node.get("resourceType") == "Bundle":
        for one in node.get("entry") or ():
            yield from _others(one.get("resource") if isinstance(one, dict) else None)
    elif isinstance(node, list):
        for one in node:
            yield from _others(one)
    elif isinstance(node, dict) and node.get("resourceType") != "Patient":
        yield node


def _strings(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for one in inner for text in _strings(one)]


def _is_doubled(node: Any) -> bool:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return isinstance(node, Twice) or any(map(_is_doubled, inner))
