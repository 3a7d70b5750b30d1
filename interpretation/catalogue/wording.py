"""The values of an entry as lines of text: what TOML holds, put the way a clinician reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interpretation import words
from interpretation.record.spelling import unit_label
from interpretation.rule import variation

SEXES = {"": "all", "F": "women", "M": "men"}
SIDES = {"below": "below", "above": "above"}
# Reference changes shown: name, deviate.
CHANGES = {
    "one-sided 95%": variation.ONE_SIDED_95,
    "one-sided 99%": variation.ONE_SIDED_99,
    "two-sided 95%": variation.TWO_SIDED_95,
}


@dataclass(frozen=True)
class Field:
    """One line of an entry, or a list of them."""

    label: str
    lines: tuple[str, ...]


def title_of(path: tuple[str, ...], values: dict[str, Any]) -> str:
    """What the entry is called: its id, its name, or its key in words."""
    if path[0] == "statement":
        return statement_name(path[-1])
    if path[0] == "reference":
        return str(values["short"])
    name = values.get("name")
    if isinstance(name, str) and name:
        return name
    keys = path if path[-1].isdigit() else path[1:] or path
    return " · ".join(humane(key) for key in keys)


def statement_name(id: str) -> str:
    """The number of a statement of the source document; "own: no lag" of one of ours."""
    return f"own: {humane(id.removeprefix('X_'))}" if id.startswith("X_") else id


def number_of(path: tuple[str, ...], values: dict[str, Any]) -> str:
    """ "1.15 ratio" of a limit."""
    if path[0] != "limit" or "value" not in values:
        return ""
    return f"{figure(values['value'])} {values.get('unit', '')}".strip()


def fields_of(path: tuple[str, ...], values: dict[str, Any]) -> tuple[Field, ...]:
    """Every value that title, number and text do not show already."""
    shown = {"limit": ("value", "unit"), "reference": ("short",)}.get(path[0], ())
    plain = {key: value for key, value in values.items() if key not in shown and key != "name"}
    own = {"analyte": _analyte, "cv": _variation}.get(path[0], _plain)
    return tuple(field for field in own(plain) if field.lines)


def humane(key: str) -> str:
    return key.replace("_", " ")


def figure(value: float) -> str:
    """A number as it was written, with a real minus sign."""
    return f"{value:.10g}".replace("-", "−")


def line(value: object) -> str:
    """Any value of TOML as one line of text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return figure(value)
    if isinstance(value, dict):
        return "; ".join(f"{humane(key)} {line(inner)}".strip() for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(line(inner) for inner in value)
    return str(value)


def _plain(values: dict[str, Any]) -> list[Field]:
    return [Field(humane(key), _lines(value)) for key, value in values.items()]


def _lines(value: object) -> tuple[str, ...]:
    """Sentences and tables stand below each other, short things in one line."""
    if isinstance(value, dict) and any(_is_long(inner) for inner in value.values()):
        return tuple(f"{humane(key)}: {line(inner)}" for key, inner in value.items())
    if isinstance(value, list) and any(_is_long(inner) for inner in value):
        return tuple(line(inner) for inner in value)
    text = line(value)
    return (text,) if text else ()


def _is_long(value: object) -> bool:
    return isinstance(value, dict) or len(str(value).split()) > 3


# --- analytes ---


def _analyte(values: dict[str, Any]) -> list[Field]:
    """Codes, units with their factors, ranges and entry limits."""
    rest = dict(values)
    unit, label = rest.pop("unit", ""), rest.pop("unit_label", "")
    factors = rest.pop("units", {})
    fields = [Field("unit", (f"{label or unit or 'none'}",)), Field("LOINC", _lines(rest.pop("loinc", [])))]
    fields.append(Field("accepted units, with the factor to that unit", _factors(factors)))
    for key, name in (
        ("typical", "adult range where the laboratory sends none"),
        ("healthy_upper", "healthy upper limit"),
    ):
        ranges = rest.pop(key, {})
        fields.append(
            Field(name, tuple(f"{SEXES.get(sex, sex)}: {_range(given)}" for sex, given in ranges.items()))
        )
    for key, name in (("refuse", "not stored"), ("confirm", "asks for confirmation")):
        limits = rest.pop(key, {})
        fields.append(
            Field(
                name,
                tuple(f"{SIDES[side]} {figure(value)} {label}".strip() for side, value in limits.items()),
            )
        )
    return fields + _plain(rest)


def _factors(factors: dict[str, float]) -> tuple[str, ...]:
    """Spellings of one unit share a line: "mg/dL × 17.104"."""
    by_label = {unit_label(unit) or "no unit": factor for unit, factor in factors.items()}
    return (", ".join(f"{unit} × {figure(factor)}" for unit, factor in by_label.items()),) if by_label else ()


def _range(given: float | list[float]) -> str:
    return f"{figure(given[0])} to {figure(given[1])}" if isinstance(given, list) else figure(given)


# --- variation ---


def _variation(values: dict[str, Any]) -> list[Field]:
    """Coefficients of variation, and the reference changes that follow (log-normal, Fokkema 2006)."""
    names = {
        "cvi": "within one person",
        "cva": "within one laboratory",
        "total": "used in all",
        "two_laboratories": "between two laboratories",
    }
    rest = dict(values)
    cvi, cva = rest.get("cvi"), rest.get("cva")
    if "total" not in rest and cvi is not None and cva is not None:
        rest["total"] = round(variation.total_cv(cva, cvi), 1)
    fields = [Field(name, (f"{figure(rest.pop(key))}%",)) for key, name in names.items() if key in rest]
    for key, place in (("total", ""), ("two_laboratories", ", two laboratories")):
        cv = {**values, "total": _total(values)}.get(key)
        if cv is not None:
            fields.append(Field(f"reference change{place}", tuple(_changes(cv))))
    return fields + _plain(rest)


def _total(values: dict[str, Any]) -> float | None:
    cvi, cva = values.get("cvi"), values.get("cva")
    computed = variation.total_cv(cva, cvi) if cvi is not None and cva is not None else None
    return values.get("total", computed)


def _changes(cv: float) -> Iterator[str]:
    for name, deviate in CHANGES.items():
        change = variation.reference_change(cv, deviate)
        up, down = words.number(change.up * 100, 1), words.number(change.down * 100, 1)
        yield f"{name}: +{up}% or {down}%"
