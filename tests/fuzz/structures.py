"""Changes to what a file is made of: the members of JSON, the inner files of a workbook."""

import io
import json
import random
import re
import zipfile
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from tests.fuzz import changes

_OTHERS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    "",
    "x",
    "5",
    [],
    {},
    [[]],
    {"x": {}},
    "2026-02-30",
)
# What a spreadsheet may show of a number.
_FORMATS = (
    "0%", "0.0", "&quot;&lt;&quot;0", "&quot;&gt;&quot;0.0", "0.0&quot;?&quot;", "#,##0", "0,",
    "[&lt;5]&quot;&lt;5&quot;;0",
    "\\&lt;0", "dd/mm/yyyy", "&quot;neg&quot;;0", "0.00E+00", "# ?/?", "General&quot; U/L&quot;", "0;0;&quot;nil&quot;",
)  # fmt: skip
_FORMAT = re.compile(r'(?<=formatCode=")[^"]*|(?<=numFmtId=")\d+(?=" fontId)')


def of_json(rng: random.Random, content: bytes) -> bytes:
    """A member dropped, of another type, nested, said twice, or its text changed; bytes, where it is no JSON."""
    try:
        data = json.loads(content, parse_float=Decimal)
    except ValueError:
        return changes.of_bytes(rng, content)
    places = list(_places(data))
    if not places:
        return changes.of_bytes(rng, content)
    holder, key = rng.choice(places)
    if rng.random() < 0.2:
        del holder[key]
        return _written(data).encode("utf-8", "surrogatepass")
    changed = _other(rng, holder[key])
    if isinstance(holder, dict) and rng.random() < 0.2:
        again = {key: changed}
        return _written(data, (holder, again)).encode("utf-8", "surrogatepass")
    holder[key] = changed
    return _written(data).encode("utf-8", "surrogatepass")


def _places(data: Any):
    """Every holder with each of its keys."""
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in list(keys):
        yield data, key
        yield from _places(data[key])


def _other(rng: random.Random, value: Any) -> Any:
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(_OTHERS)
    if kind < 0.35:
        return [value] if rng.random() < 0.5 else {"value": value}
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float | Decimal):
        return rng.choice((value * 10, -value, str(value), value + 1, 0, Decimal("1E+5"), Decimal("1.0E-3")))
    return changes.of_text(rng, value) if isinstance(value, str) else value


def _written(data: Any, doubled: tuple[dict, dict] | None = None) -> str:
    """JSON with numbers as they were written."""
    if isinstance(data, dict):
        members = list(data.items())
        if doubled and data is doubled[0]:
            members += doubled[1].items()
        return "{" + ",".join(f"{_text(key)}:{_written(one, doubled)}" for key, one in members) + "}"
    if isinstance(data, list):
        return "[" + ",".join(_written(one, doubled) for one in data) + "]"
    if isinstance(data, str):
        return _text(data)
    return str(data) if isinstance(data, Decimal) else json.dumps(data)


def _text(text: str) -> str:
    return encode_basestring(text)


def of_workbook(rng: random.Random, content: bytes) -> bytes:
    """Its sheets, texts or formats changed inside; sometimes the archive itself."""
    if rng.random() < 0.15 or not content.startswith(b"PK"):
        return changes.of_bytes(rng, content)
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    inner = [name for name in parts if name.endswith(".xml") and _tells(name)]
    if not inner:
        return changes.of_bytes(rng, content)
    name = rng.choice(inner)
    text = parts[name].decode("utf-8", "surrogateescape")
    change = _other_format if "styles" in name else changes.of_text
    parts[name] = change(rng, text).encode("utf-8", "surrogatepass" if "\ud800" in text else "replace")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for part, data in parts.items():
            new.writestr(part, data)
    return out.getvalue()


def _other_format(rng: random.Random, text: str) -> str:
    """A format that the book names becomes another; or a style takes one of those that need no name."""
    found = list(_FORMAT.finditer(text))
    if not found:
        return changes.of_text(rng, text)
    one = rng.choice(found)
    instead = rng.choice(("9", "10", "1", "3", "4", "12", "14")) if one[0].isdigit() else rng.choice(_FORMATS)
    return text[: one.start()] + instead + text[one.end() :]


def _tells(name: str) -> bool:
    return any(word in name for word in ("sheet", "Strings", "styles", "content", "workbook"))
