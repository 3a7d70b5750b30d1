"""The values of each patient's tests through time: what the record holds, and what the files bring.

By them a value is judged beside the last one before it. [clinical.md 4.4 i, ED]
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from operator import attrgetter

from interpretation.record import analytes
from interpretation.record.spelling import unit_label
from interpretation.record.surprise import Earlier, could_be, surprise
from patients.models import Result
from patients.values.validation import CheckedResult
from patients.values.validation import ValueProblem as Trouble
from uploads.importers.records import NO_VALUE, WITHDRAWN, LabRow
from uploads.matching.record_view import RecordView

# MRN, analyte and method.
Key = tuple[str, str, str]
_at = attrgetter("at")


class Series:
    """In time order: of each test of a patient the last value before a moment can be asked for."""

    def __init__(self, view: RecordView) -> None:
        self._book = view
        self._values: dict[Key, list[Earlier]] = defaultdict(list)
        # Without those of the file that may be slips of unit: a file may have the wrong one in every row.
        self._sure: dict[Key, list[Earlier]] = defaultdict(list)

    def remember_stored(self, items: list[LabRow]) -> None:
        """What the record holds of these people around the times of the file, and the last values before."""
        if not items:
            return
        here = self._book.patients
        people = [here[mrn].pk for mrn in {item.mrn for item in items} & here.keys()]
        first = min(self._book.moment(item.taken_at) for item in items)
        for key, earlier in _last_before([pk for pk in people if pk], first):
            self._add(key, earlier, sure=True)
        for (mrn, slot, _, analyte, method), found in self._book.results.items():
            at = self._book.first_moment(slot)
            for known in found:
                if known.counts and not known.comparator and known.pk and at >= first:
                    self._add((mrn, analyte, method), Earlier(known.value, at, known.shown), sure=True)

    def remember(self, item: LabRow, reading: CheckedResult) -> None:
        """A value of the file, for those after it. Bounds are no values to compare with."""
        if not reading.comparator and item.status not in (WITHDRAWN, NO_VALUE):
            shown = as_sent(item.value, item.unit)
            earlier = Earlier(reading.value, self._book.moment(item.taken_at), shown)
            key = (item.mrn, reading.analyte, method_of(item))
            self._add(key, earlier, sure=not _may_be_slip(reading.analyte, reading.value))

    def surprise(self, item: LabRow, reading: CheckedResult, taken_at: datetime) -> Trouble | None:
        """Beside the last value of the same test: a slip of unit ("slip") waits, all else is marked."""
        found = surprise(
            key=reading.analyte,
            value=reading.value,
            unit=reading.reported_unit,
            shown=as_sent(item.value, item.unit),
            at=taken_at,
            earlier=self.before((item.mrn, reading.analyte, reading.method), taken_at),
        )
        if found is None:
            return None
        code = "slip" if found.waits else "surprise"
        return Trouble("value", code, found.text, "confirm", found.unit or None)

    @property
    def people(self) -> set[str]:
        """The MRNs of whom a value is known."""
        return {mrn for mrn, _, _ in self._values}

    def before(self, key: Key, at: datetime) -> Earlier | None:
        """The last value earlier than `at`; one of the same minute is a matter of its own."""
        return _before(self._values, key, at)

    def could_be(self, item: LabRow, reading: CheckedResult, unit: str, taken_at: datetime) -> bool:
        """Whether the last value of the test that is no slip itself leaves open that this is in `unit`."""
        return could_be(
            key=reading.analyte,
            value=reading.value,
            unit=reading.reported_unit,
            other=unit,
            at=taken_at,
            earlier=_before(self._sure, (item.mrn, reading.analyte, reading.method), taken_at),
        )

    def _add(self, key: Key, earlier: Earlier, *, sure: bool) -> None:
        insort(self._values[key], earlier, key=_at)
        if sure:
            insort(self._sure[key], earlier, key=_at)


def _before(series: dict[Key, list[Earlier]], key: Key, at: datetime) -> Earlier | None:
    values = series.get(key)
    found = bisect_left(values, at, key=_at) if values else 0
    return values[found - 1] if found else None


@lru_cache(maxsize=65536)
def _may_be_slip(key: str, value: float) -> bool:
    """Too high, or in the range of a slip of unit whatever stood beside it."""
    slips = analytes.get(key).slips
    beside = {slip.other: slip.other_above + 1 for slip in slips if slip.other}
    odd = any(concern.code != "unusually_low" for concern in analytes.check(key, value))
    return odd or any(slip.fits(value, beside) for slip in slips)


def as_sent(value: str, unit: str) -> str:
    """As it was sent, its unit as people write it: 33 µmol/L, and an INR without one."""
    return f"{value} {unit_label(unit)}".strip()


def method_of(item: LabRow) -> str:
    """How it was measured, where the sender or the code says so: another method is another result."""
    return item.method or (analytes.method_of_code(item.code) if item.code else "")


def _last_before(ids: Iterable[int], at: datetime) -> list[tuple[Key, Earlier]]:
    """The last value of each test of these patients before `at`: one row each, by one query."""
    counting = Result.objects.filter(
        draw__patient_id__in=ids,
        draw__taken_at__lt=at,
        draw__withdrawn_at=None,
        status__in=Result.COUNTING,
        comparator="",
    )
    which = ("draw__patient", "analyte", "method")
    rows = counting.order_by(*which, "-draw__taken_at", "-value").distinct(*which)
    names = (
        "draw__patient__mrn",
        "analyte",
        "method",
        "value",
        "draw__taken_at",
        "reported_value",
        "reported_unit",
    )
    return [
        ((mrn, analyte, method), Earlier(value, taken_at, as_sent(shown, unit)))
        for mrn, analyte, method, value, taken_at, shown, unit in rows.values_list(*names)
    ]
