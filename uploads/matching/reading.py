"""A result by its own cells, and beside the other values of its draw."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from interpretation.record import analytes
from patients.values.validation import CheckedResult, read_result
from patients.values.validation import ValueProblem as Trouble
from uploads.importers.meanings import test_of
from uploads.importers.records import LabRow

from .days import TOTAL

NONE: Mapping[str, float] = MappingProxyType({})
# The decimal mark and that between thousands.
Marks = tuple[str, str]
Read = tuple[CheckedResult | None, list[Trouble]]
# What a value alone cannot tell: these analytes are read beside the others of their draw.
_BESIDE = {
    key: {TOTAL: 0.0} if a.part_of_total else {slip.other: slip.other_above for slip in a.slips if slip.other}
    for key, a in analytes.ANALYTES.items()
    if a.part_of_total or any(slip.other for slip in a.slips)
}


def read_cells(item: LabRow, marks: Marks, beside: Mapping[str, float] = NONE) -> Read:
    """A laboratory's values repeat: alone most are read once."""
    cells = test_of(item), item.value, item.unit, item.lower, item.upper, item.range_text
    return _read(cells, marks, beside) if beside else _cached(cells, marks)


def read_beside(key: str, draw: Mapping[str, float]) -> Mapping[str, float]:
    """Which values of its draw decide how a result of this analyte is read."""
    asked = _BESIDE.get(key, NONE)
    return {other: draw[other] for other, above in asked.items() if other in draw and draw[other] >= above}


def depends_on_draw(key: str) -> bool:
    return key in _BESIDE or key == TOTAL


def code_clash(item: LabRow) -> Trouble | None:
    named, coded = analytes.find(item.test), analytes.find(item.code) if item.code else None
    if named is None or coded is None or named.key == coded.key:
        return None
    text = f"The test is named {named.name} and its code says {coded.name}. Correct one of them."
    return Trouble("test", "code_clash", text, "person")


def _read(cells: tuple[str, ...], marks: Marks, context: Mapping[str, float] = NONE) -> Read:
    test, value, unit, lower, upper, range_text = cells
    decimal, thousands = marks
    return read_result(
        test=test,
        value=value,
        unit=unit,
        lower=lower,
        upper=upper,
        range_text=range_text,
        decimal=decimal,
        thousands=thousands,
        context=context,
    )


_cached = lru_cache(maxsize=65536)(_read)
