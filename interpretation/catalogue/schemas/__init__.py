"""One schema a data file: what must stand in it, in which shape and range, and what must fit together.

A module here, or in `said`, has the name of its data file. `SHAPE` is the file without its header; `rules` names
what two places say against each other. Whatever passes both cannot make `interpret()` raise.
"""

from collections.abc import Iterator
from types import ModuleType

from ...knowledge import HEADER
from ..shape import Content, Files, Path, Shape
from . import (
    analytes,
    causes,
    changes,
    characteristics,
    corroboration,
    dissociation,
    episodes,
    monitoring,
    orders,
    prognosis,
    recompensation,
    references,
    scenario,
    scores,
    surprise,
    urgency,
    variation,
)
from .said import panel, reasons, statements

SCHEMAS: dict[str, ModuleType] = {
    "analytes": analytes,
    "causes": causes,
    "changes": changes,
    "characteristics": characteristics,
    "corroboration": corroboration,
    "dissociation": dissociation,
    "episodes": episodes,
    "monitoring": monitoring,
    "orders": orders,
    "panel": panel,
    "prognosis": prognosis,
    "reasons": reasons,
    "recompensation": recompensation,
    "references": references,
    "scenario": scenario,
    "scores": scores,
    "statements": statements,
    "surprise": surprise,
    "urgency": urgency,
    "variation": variation,
}
# Checked when a file is loaded.
ABOUT_FILE = {*HEADER, "sources", "version"}


def faults(files: Files) -> Iterator[str]:
    """Every fault of these files by their schemas, each in one line with file, place and remedy."""
    shapes = [fault for name, data in files.items() for fault in _shape_faults(name, data)]
    yield from shapes
    if shapes or SCHEMAS.keys() - files.keys():
        # What is not there, or is something else, cannot be compared.
        return
    for schema in SCHEMAS.values():
        yield from schema.rules(files)


def leaves(name: str, data: Content) -> Iterator[tuple[Path, Shape]]:
    """Every value of a file with its shape: what an edit of it may be."""
    shape: Shape = SCHEMAS[name].SHAPE
    return shape.leaves(_body(data))


def _shape_faults(name: str, data: Content) -> Iterator[str]:
    if name not in SCHEMAS:
        yield f"{name}.toml: no schema: add interpretation/catalogue/schemas/{name}.py"
        return
    for path, text in SCHEMAS[name].SHAPE.faults(_body(data)):
        yield f"{name}.toml: {'.'.join(path)}: {text}"


def _body(data: Content) -> Content:
    return {key: value for key, value in data.items() if key not in ABOUT_FILE}
