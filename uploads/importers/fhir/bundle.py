"""JSON to resources, each with its entry's name, and references resolved within the bundle."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from ..records import FileRefused

# Deeper or larger than any bundle of results: reading on would hold up everybody else.
DEPTH = 60
NESTED = 5
MOST = 500_000
# Objects, lists and values in them: a small file can hold millions, each a hundred bytes of memory.
_PARTS = 4_000_000
_AMBIGUOUS = object()


@dataclass
class BundleEntry:
    """`scope`: the bundle it stands in, `parent`: the entry whose resource contains it."""

    name: str
    resource: dict
    scope: "Scope"
    base: str = ""
    # Its fullUrl.
    full: str = ""
    parent: "BundleEntry | None" = None

    @property
    def type(self) -> str:
        return self.resource["resourceType"]


@dataclass
class Scope:
    """One bundle: what its references may name. What is not found here is looked for in the bundle around."""

    around: "Scope | None" = None
    named: dict[str, object] = field(default_factory=dict)

    def add(self, key: str, entry: BundleEntry) -> None:
        if key and self.named.setdefault(key, entry) is not entry:
            self.named[key] = _AMBIGUOUS

    def find(self, key: str) -> BundleEntry | None:
        found = self.named.get(key)
        if found is None and self.around:
            return self.around.find(key)
        return found if isinstance(found, BundleEntry) else None


def load(text: str) -> object:
    """JSON with numbers as they are written; nothing that JSON does not know, nothing bottomless. Resources
    one a line, or in a list, are a bundle."""
    _check_parts(text)
    try:
        data = _loaded(text)
    except RecursionError:
        raise FileRefused(_too_deep()) from None
    except json.JSONDecodeError as error:
        raise FileRefused(
            f"The JSON is broken in line {error.lineno}, column {error.colno}: the file may be cut off. "
            "Export it again."
        ) from None
    _check_depth(data)
    return data


def load_line(text: str) -> object:
    """As `load`, of one line of a file that holds a resource a line."""
    _check_parts(text)
    try:
        data = json.loads(text, **_how())
    except RecursionError:
        raise FileRefused(_too_deep()) from None
    except json.JSONDecodeError as error:
        raise FileRefused(
            f"this line is no JSON from column {error.colno:,} on. Export it again, a resource a line."
        ) from None
    _check_depth(data)
    return data


def _how() -> dict:
    return {
        "parse_float": _number, "parse_int": _number, "parse_constant": _constant,
        "object_pairs_hook": _object,
    }  # fmt: skip


def _check_parts(text: str) -> None:
    if sum(text.count(sign) for sign in "{[,") > _PARTS:
        raise FileRefused(
            f"The file holds more than {_PARTS:,} parts. Split the bundle into smaller ones and upload those."
        )


def _loaded(text: str) -> object:
    given = _how()
    try:
        data = json.loads(text, **given)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
        data = []
        for at, line in enumerate(text.splitlines(), 1):
            try:
                data += [json.loads(line, **given)] if line.strip() else []
            except json.JSONDecodeError as wrong:
                raise json.JSONDecodeError(wrong.msg, "\n" * (at - 1) + line, at - 1 + wrong.pos) from None
    if isinstance(data, list) and data:
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in data]}
    return data


def _object(pairs: list[tuple[str, object]]) -> dict:
    """JSON leaves open which of two members of one name counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise FileRefused(
                    f"The JSON gives “{name[:40]}” two values in one place, and nothing tells which of them "
                    "counts. Export it again with one of them."
                )
    return found


def entries_of(data: object) -> list[BundleEntry]:
    """Every resource of a bundle, of the bundles in it and of whatever else contains resources; a single
    resource is an entry of its own."""
    if not isinstance(data, dict) or not isinstance(data.get("resourceType"), str):
        raise FileRefused(
            "This is JSON but no FHIR: it names no resourceType. Export it as a FHIR R4 Bundle."
        )
    found: list[BundleEntry] = []
    if data["resourceType"] == "Bundle":
        _walk(data, "entry ", Scope(), found, 0)
    else:
        _take(data, "the resource", Scope(), "", found, 0)
    return found


def entries_in(resource: dict, name: str, scope: Scope) -> list[BundleEntry]:
    """What one resource brings that stands beside others: itself and whatever it holds."""
    found: list[BundleEntry] = []
    _take(resource, name, scope, "", found, 0)
    return found


def resolve(entry: BundleEntry, reference: object) -> BundleEntry | None:
    """The resource that a reference names: contained, by full address, or by type and id."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str) or not text:
        return None
    text = text.split("/_history/")[0]
    if text.startswith("#"):
        return _contained(entry, text[1:])
    for key in (text, f"{entry.base}/{text}" if entry.base else ""):
        if key and (found := entry.scope.find(key)):
            return found
    return None


def items(value: object) -> list[dict]:
    """The objects of a list; a single object where a list belongs is one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _walk(bundle: dict, prefix: str, scope: Scope, found: list[BundleEntry], depth: int) -> None:
    if depth > NESTED:
        raise FileRefused(
            f"Bundles stand in bundles more than {NESTED} deep. Send the inner ones by themselves."
        )
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise FileRefused("The bundle's “entry” is no list. Export it again as a FHIR R4 Bundle.")
    for number, one in enumerate(entries, 1):
        name = f"{prefix}{number}"
        resource = one.get("resource") if isinstance(one, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            # A request to delete, or an answer without a resource: shown as what it is.
            request = one.get("request") if isinstance(one, dict) else None
            found.append(BundleEntry(name, {"resourceType": "", "request": request}, scope))
            continue
        full = one.get("fullUrl") if isinstance(one.get("fullUrl"), str) else ""
        _take(resource, name, scope, full, found, depth)


def _take(resource: dict, name: str, scope: Scope, full: str, found: list[BundleEntry], depth: int) -> None:
    """A resource and what it holds: the entries of a bundle, parameters of an operation, `contained`."""
    if len(found) >= MOST:
        raise FileRefused(
            f"The bundle holds more than {MOST:,} entries. Split it into smaller ones and upload those."
        )
    if resource["resourceType"] == "Bundle":
        inner = f"{name}." if name.startswith("entry ") else f"{name}, entry "
        _walk(resource, inner, Scope(scope), found, depth + 1)
        return
    entry = _entry(name, resource, scope, full)
    found.append(entry)
    for number, inner in enumerate(_parameters(resource), 1):
        _take(inner, f"{name}, parameter {number}", scope, "", found, depth)
    for number, inner in enumerate(items(resource.get("contained")), 1):
        if isinstance(inner.get("resourceType"), str):
            found.append(BundleEntry(f"{name}, contained {number}", inner, scope, entry.base, "", entry))


def _parameters(resource: dict) -> Iterator[dict]:
    if resource["resourceType"] == "Parameters":
        waiting = items(resource.get("parameter"))
        while waiting:
            part = waiting.pop(0)
            waiting += items(part.get("part"))
            inner = part.get("resource")
            if isinstance(inner, dict) and isinstance(inner.get("resourceType"), str):
                yield inner


def _entry(name: str, resource: dict, scope: Scope, full: str) -> BundleEntry:
    own = f"{resource['resourceType']}/{resource.get('id')}" if isinstance(resource.get("id"), str) else ""
    base = full.removesuffix(f"/{own}") if own and full.endswith(f"/{own}") else ""
    entry = BundleEntry(name, resource, scope, base, full)
    scope.add(full, entry)
    scope.add(own, entry)
    return entry


def _contained(entry: BundleEntry, key: str) -> BundleEntry | None:
    """Within a contained resource too "#" names one of its container, and alone the container itself."""
    container = entry.parent or entry
    if not key:
        return container
    for one in items(container.resource.get("contained")):
        if one.get("id") == key and isinstance(one.get("resourceType"), str):
            return BundleEntry(entry.name, one, entry.scope, entry.base, "", container)
    return None


def _number(text: str) -> Decimal:
    if len(text) > 60:
        raise FileRefused("A number in this file has more than 60 digits. Export it again.")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise FileRefused("A number in this file cannot be read. Export it again.") from None


def _constant(text: str) -> NoReturn:
    raise FileRefused(f"The file holds {text}, which is no number in JSON. Export it again.")


def _check_depth(data: object) -> None:
    level = [data]
    for _ in range(DEPTH):
        level = list(_children(level))
        if not level:
            return
    raise FileRefused(_too_deep())


def _children(level: list) -> Iterator[object]:
    for one in level:
        if isinstance(one, dict):
            yield from (value for value in one.values() if isinstance(value, dict | list))
        elif isinstance(one, list):
            yield from (value for value in one if isinstance(value, dict | list))


def _too_deep() -> str:
    return (
        f"The JSON is nested more than {DEPTH} deep: this is no bundle of results. Export them as a FHIR R4 "
        "Bundle."
    )
