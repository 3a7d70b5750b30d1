"""Draws of which only the day is known: which of its day a result belongs to. [clinical.md 4.4 a]"""

from collections import defaultdict

from interpretation.record import analytes
from patients.values.validation import CheckedResult
from uploads.matching.record_view import KnownResult, RecordView, is_day

TOTAL = "bilirubin_total"
PARTS = frozenset(key for key, a in analytes.ANALYTES.items() if a.part_of_total)
# MRN, day and laboratory.
DayKey = tuple
Values = dict[tuple[str, str], float]


class DayDraws:
    """The values that count in each draw of a day, by its ordinal: stored, and brought by the file so far."""

    def __init__(self, view: RecordView) -> None:
        self._draws: dict[DayKey, dict[int, Values]] = defaultdict(lambda: defaultdict(dict))
        for (mrn, slot, laboratory, analyte, method), found in view.results.items():
            for known in found if is_day(slot) else ():
                if known.counts:
                    self._draws[mrn, slot, laboratory][known.ordinal][analyte, method] = known.value

    def place(self, day: DayKey, reading: CheckedResult, version_of: KnownResult | None) -> int:
        """The draw of the version that it stands beside, else the first that has room for it."""
        draws = self._draws[day]
        found = version_of.ordinal if version_of else 0
        while version_of is None and not _fits(draws[found], reading):
            found += 1
        draws[found][reading.analyte, reading.method] = reading.value
        return found


def _fits(values: Values, reading: CheckedResult) -> bool:
    """No second result of its test, and no part of the bilirubin above the total."""
    if (reading.analyte, reading.method) in values:
        return False
    both = [*values.items(), ((reading.analyte, reading.method), reading.value)]
    totals = [value for (key, _), value in both if key == TOTAL]
    beside = {TOTAL: min(totals)} if totals else {}
    parts = [(key, value) for (key, _), value in both if key in PARTS and beside]
    concerns = [
        concern.code for key, value in parts for concern in analytes.check(key, value, context=beside)
    ]
    return "part_above_total" not in concerns
