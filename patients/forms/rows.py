"""The rows of the draw form: one test each, with what was typed, what was there before, and what is odd."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isclose

from django.utils import timezone

from accounts.models import Clinic
from interpretation import analytes, units
from interpretation.spelling import fold_unit
from interpretation.surprise import Earlier, question, surprise
from interpretation.words import age
from patients.forms.memory import Memory
from patients.models import Draw, Patient, Result
from patients.readings import CONFIRM, REFUSE, Problem, Reading, identity_problem, read_result

# As they are entered: what decides the verdict first, the rest in clinical order within its group.
FIRST = ("ALT", "AST", "INR")
GROUPS = {
    "enzymes": "Liver enzymes and INR",
    "liver": "Bilirubin, albumin, platelets",
    "coagulation": "Clotting",
    "kidney": "Kidney",
    "other": "Other",
}
# Tests whose lower limit is asked for: there a low result means something.
LOW_MATTERS = {
    "albumin",
    "platelets",
    "prothrombin_activity",
    "sodium",
    "factor_v",
    "factor_vii",
    "factor_viii",
    "fibrinogen",
    "haemoglobin",
    "haematocrit",
}
PARTS = {"value": "", "unit": "", "lower": "", "upper": "", "was": "", "confirmed": ""}


@dataclass
class Row:
    """One test on the form. Texts are as typed; `default_upper` is shown where no limit is entered."""

    key: str
    name: str
    group: str
    units: tuple[str, ...]
    value: str = ""
    unit: str = ""
    lower: str = ""
    upper: str = ""
    # Unit and limits as they were filled in by us: "unit|lower|upper".
    was: str = ""
    confirmed: str = ""
    default_upper: str = ""
    previous: Result | None = None
    # What another person has stored since the form was opened.
    stored_now: str = ""
    # The cursor goes here when the form is shown.
    focus: bool = False
    problems: list[Problem] = field(default_factory=list)

    @property
    def token(self) -> str:
        """What a confirmation confirms: this text in this unit with these doubts, nothing else."""
        return "|".join([self.value.strip(), self.unit, *sorted(p.code for p in self.doubts)])

    @property
    def doubts(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == CONFIRM]

    @property
    def is_confirmed(self) -> bool:
        return bool(self.doubts) and self.confirmed == self.token

    @property
    def refusals(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level != CONFIRM]

    @property
    def open_problems(self) -> list[Problem]:
        return self.refusals + ([] if self.is_confirmed else self.doubts)

    @property
    def suggestion(self) -> str:
        found = (problem.suggestion_unit for problem in self.problems if problem.suggestion_unit)
        return next(found, "")

    @property
    def suggestion_label(self) -> str:
        return units.unit_label(self.suggestion)

    @property
    def asks_lower(self) -> bool:
        return self.key in LOW_MATTERS or bool(self.lower)

    @property
    def previous_shown(self) -> str:
        """The result before, in the unit in which it was reported."""
        if self.previous is None:
            return ""
        unit = _known_unit(self, self.previous.reported_unit) or analytes.get(self.key).unit
        return f"{typed(self.previous, unit)} {units.unit_label(unit)}".strip()

    @property
    def unit_choices(self) -> list[tuple[str, str]]:
        return [(unit, units.unit_label(unit)) for unit in self.units]

    @property
    def unit_label(self) -> str:
        return units.unit_label(self.unit)

    @property
    def shown(self) -> str:
        """The value as typed, for the words of a confirmation."""
        return f"{self.value.strip()} {self.unit_label}".strip()

    @property
    def bad_field(self) -> str:
        """The part of the row to which the error summary leads."""
        parts = [problem.field for problem in self.open_problems if problem.field in PARTS]
        part = next(iter(parts), "value")
        return "value" if part == "unit" and len(self.units) == 1 else part


def blank_rows() -> list[Row]:
    """Every test that can be entered, in the order of the form."""
    listed = [*FIRST, *(key for key in analytes.ANALYTES if key not in FIRST)]
    order = list(GROUPS)
    groups = {key: "enzymes" if key in FIRST else analytes.get(key).group for key in listed}
    listed.sort(key=lambda key: order.index(groups[key]))
    return [Row(key, analytes.get(key).name, GROUPS[groups[key]], units.units_for(key)) for key in listed]


def new_rows(patient: Patient, memory: Memory, laboratory: str) -> list[Row]:
    """Empty rows for a new draw: unit as last used, limits as last sent by this laboratory."""
    rows = blank_rows()
    for row in rows:
        row.previous = memory.last.get(row.key)
        _offer_unit(row, _remembered_unit(row, patient.clinic))
        fill_limits(row, memory.limits(row.key, laboratory))
        _default(row, patient)
    return rows


def stored_rows(patient: Patient, memory: Memory, draw: Draw) -> list[Row]:
    """The rows of a stored draw, as they were typed or sent."""
    stored = Result.one_a_test(draw.results.filter(status__in=Result.COUNTING))
    rows = new_rows(patient, memory, draw.laboratory)
    for row in rows:
        if result := stored.get(row.key):
            _offer_unit(row, _known_unit(row, result.reported_unit) or analytes.get(row.key).unit)
            row.value = typed(result, row.unit)
            fill_limits(row, (result.lower_limit, result.upper_limit))
            _default(row, patient)
    return rows


def bind_rows(rows: list[Row], data: Mapping[str, str], patient: Patient, memory: Memory | None) -> None:
    """What was posted. Limits that we filled in and nobody touched follow the unit and, where `memory` is
    given, the laboratory."""
    for row in rows:
        if f"{row.key}-value" not in data:
            continue
        for part in PARTS:
            setattr(row, part, data.get(f"{row.key}-{part}", ""))
        _offer_unit(row, row.unit or row.units[0])
        _follow(row, data.get("laboratory", "").strip(), memory)
        _default(row, patient)


def switch_unit(row: Row, unit: str) -> None:
    """The unit that was meant; untouched limits are converted."""
    if unit in row.units:
        row.unit = unit
        _follow(row, "", None)


def read_rows(
    rows: list[Row], patient: Patient, taken_at: datetime | None, draw: Draw | None
) -> list[Reading]:
    """The readings of all rows; each row learns its problems."""
    context = _context(rows)
    readings = []
    for row in rows:
        reading, row.problems = _read(row, context)
        if reading:
            readings.append(reading)
    _say_at_total(rows)
    if taken_at is not None:
        _check_identity(rows, readings, patient, taken_at, draw)
        _check_surprise(rows, readings, taken_at)
    return readings


def confirm_stored(rows: list[Row]) -> None:
    """What was confirmed when it was stored is not asked again while it stays as it is."""
    for row in rows:
        row.confirmed = row.token if row.doubts else ""


def dependent_rows(rows: list[Row], key: str) -> list[Row]:
    """Filled rows whose check looks at this test too."""
    return [
        row
        for row in rows
        if row.value.strip()
        and (
            (key == "bilirubin_total" and analytes.get(row.key).part_of_total)
            or any(slip.other == key for slip in analytes.get(row.key).slips)
        )
    ]


def typed(result: Result, unit: str) -> str:
    """A stored result as one would type it in this unit: as it was sent where that says the same."""
    reading, _ = read_result(test=result.analyte, value=result.reported_value, unit=unit)
    same = reading and reading.comparator == result.comparator and isclose(reading.value, result.value)
    return result.reported_value if same else result.comparator + _number(result.analyte, result.value, unit)


def fill_limits(row: Row, limits: tuple[float | None, float | None]) -> None:
    row.lower, row.upper = (_number(row.key, limit, row.unit) for limit in limits)
    row.was = f"{row.unit}|{row.lower}|{row.upper}"


def _follow(row: Row, laboratory: str, memory: Memory | None) -> None:
    unit, lower, upper = (row.was.split("|") + ["", "", ""])[:3]
    if (row.lower, row.upper) != (lower, upper):
        return
    if memory is not None:
        fill_limits(row, memory.limits(row.key, laboratory))
    elif unit and unit != row.unit:
        fill_limits(row, (_limit(row, lower, unit), _limit(row, upper, unit)))


def _limit(row: Row, text: str, unit: str) -> float | None:
    try:
        return units.convert(row.key, float(text), unit)
    except ValueError:
        return None


def _read(row: Row, context: Mapping[str, float]) -> tuple[Reading | None, list[Problem]]:
    others = {key: value for key, value in context.items() if key != row.key}
    return read_result(
        test=row.key, value=row.value, unit=row.unit, lower=row.lower, upper=row.upper, context=others
    )


def _context(rows: list[Row]) -> dict[str, float]:
    """Canonical values of the draw, for checks of one test against another."""
    found = {}
    for row in rows:
        reading, _ = read_result(test=row.key, value=row.value, unit=row.unit)
        if reading:
            found[row.key] = reading.value
    return found


def refuse_parts(rows: list[Row], sentence: str) -> None:
    """Direct above total, found by the database: said at each filled row of the two."""
    for row in rows:
        is_part = analytes.get(row.key).part_of_total or row.key == "bilirubin_total"
        if is_part and row.value.strip():
            row.problems.append(Problem("value", "part_above_total", sentence, REFUSE))


def _say_at_total(rows: list[Row]) -> None:
    """A part above the total is said at both: either may be the wrong one."""
    above = [p for row in rows for p in row.problems if p.code == "part_above_total"]
    total = next(row for row in rows if row.key == "bilirubin_total")
    total.problems += above[:1]


def _check_identity(rows, readings, patient, taken_at, draw) -> None:
    """A 20-fold change of ALT or AST within a day asks whether this is the same person. [clinical.md 2.2]"""
    enzymes = {reading.analyte: reading for reading in readings if reading.analyte in ("ALT", "AST")}
    if not enzymes:
        return
    day = timedelta(hours=24)
    near = Result.objects.filter(
        draw__patient=patient,
        draw__withdrawn_at__isnull=True,
        draw__taken_at__gt=taken_at - day,
        draw__taken_at__lt=taken_at + day,
        analyte__in=enzymes,
        status__in=Result.COUNTING,
    )
    if draw is not None:
        near = near.exclude(draw=draw)
    by_key = {row.key: row for row in rows}
    for other in near.select_related("draw").order_by("draw__taken_at"):
        row = by_key[other.analyte]
        problem = identity_problem(enzymes[other.analyte], other.value)
        if problem and problem not in row.problems:
            row.problems.append(problem)


def _check_surprise(rows: list[Row], readings: list[Reading], taken_at: datetime) -> None:
    """What no course explains is asked before it is saved: "INR 1.5 on 9 Nov, now 5.1: is that right?" """
    by_key = {row.key: row for row in rows}
    for reading in readings:
        row = by_key[reading.analyte]
        before = row.previous
        if before is None or before.comparator or reading.comparator or before.draw.taken_at >= taken_at:
            continue
        earlier = Earlier(before.value, before.draw.taken_at, row.previous_shown)
        given = {"unit": row.unit, "shown": row.shown, "at": taken_at, "earlier": earlier}
        found = surprise(key=row.key, value=reading.value, **given)
        if found:
            text = found.text if found.waits else question(row.name, earlier, row.shown)
            row.problems.append(Problem("value", "surprise", text, CONFIRM, found.unit or None))


def _remembered_unit(row: Row, clinic: Clinic) -> str:
    used = _known_unit(row, row.previous.reported_unit) if row.previous else ""
    analyte = analytes.get(row.key)
    conventional = analyte.conventional_unit if clinic.display_units == Clinic.Units.CONVENTIONAL else None
    return used or conventional or analyte.unit


def _known_unit(row: Row, unit: str) -> str:
    """A unit as sent, in our spelling where we offer it; "" where it is not one of this test's."""
    if analytes.get(row.key).factor(unit) is None:
        return ""
    same = (offered for offered in row.units if fold_unit(offered) == fold_unit(unit))
    return next(same, unit)


def _offer_unit(row: Row, unit: str) -> None:
    row.unit = unit
    if unit not in row.units:
        row.units = (*row.units, unit)


def _default(row: Row, patient: Patient) -> None:
    sex = patient.sex if patient.sex in ("F", "M") else ""
    row.default_upper = _number(row.key, _default_upper(row.key, sex, patient), row.unit, 3)


def _default_upper(key: str, sex: str, patient: Patient) -> float | None:
    today = timezone.now().astimezone(patient.clinic.zone).date()
    return analytes.default_upper_limit(key, sex, age(patient.birth_date, today))


def _number(key: str, value: float | None, unit: str, digits: int = 10) -> str:
    if value is None:
        return ""
    try:
        return f"{units.from_canonical(key, value, unit):.{digits}g}"
    except units.UnknownUnit:
        return ""
