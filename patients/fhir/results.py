"""A draw as a DiagnosticReport and its results as Observations."""

import re
from decimal import Decimal
from zlib import crc32

from interpretation.record import analytes, units
from patients import codes
from patients.models import Draw, Result
from patients.values.validation import UnreadableNumber, read_number

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
# Choices of units that UCUM does not know: written as text, beside the code of an equal unit.
_NOT_UCUM = ("mEq/L", "IU/dL", "IU/mL", "U/mL", "lakh/uL")
# What it knows and is no choice: few laboratories send it.
_UCUM = ("nkat/L", "mg/L", "umol/L", "10*5/uL")


def draw_resources(draw: Draw, who: dict) -> list[tuple[object, dict]]:
    """A report of the draw and its observations, each with its name."""
    rows = [(name_of(result), observation(result, who)) for result in draw.results.all()]
    return [(draw.uuid, report(draw, who)), *rows]


def report(draw: Draw, who: dict) -> dict:
    """`who`: a reference to the patient."""
    results = list(draw.results.all())
    found = {
        "resourceType": "DiagnosticReport",
        "id": str(draw.uuid),
        "status": _report_status({result.status for result in results}),
        "category": [{"coding": [{"system": codes.SECTION, "code": "LAB"}]}],
        "code": {"text": "Laboratory results"},
        "subject": who,
        "effectiveDateTime": _effective(draw),
    }
    if results:
        found["result"] = [{"reference": f"Observation/{name_of(result)}"} for result in results]
    if draw.received_at:
        found["issued"] = draw.received_at.isoformat()
    if draw.laboratory:
        found["performer"] = [laboratory(draw.laboratory)]
    if draw.note:
        found["conclusion"] = draw.note
    return found


def laboratory(name: str) -> dict:
    return {"type": "Organization", "display": name}


def _report_status(found: set[str]) -> str:
    if found == {Result.Status.PRELIMINARY}:
        return "preliminary"
    if Result.Status.PRELIMINARY in found:
        return "partial"
    return "corrected" if Result.Status.CORRECTED in found else "final"


def _effective(draw: Draw) -> str:
    """A date alone where the hour is not known, the clinic's."""
    if draw.hour_known:
        return draw.taken_at.isoformat()
    return f"{draw.taken_at.astimezone(draw.patient.clinic.zone):%Y-%m-%d}"


def name_of(result: Result) -> str:
    """One result of an analyte and method counts in a draw; an id in FHIR has at most 64 letters and no
    underscore."""
    method = f"-{crc32(result.method.encode()) & 0xFFFF:04x}" if result.method else ""
    return f"{result.draw.uuid}-{result.analyte.replace('_', '-')}{method}"


def observation(result: Result, who: dict) -> dict:
    """`who`: a reference to the patient."""
    draw = result.draw
    analyte = analytes.get(result.analyte)
    unit, code = _units(analyte, result)
    method = result.method or draw.method
    loinc = {"system": codes.LOINC, "code": analytes.code_for(analyte.key, code or unit, method)}
    quantity = {"unit": unit} | ({"system": codes.UCUM, "code": code} if code else {})
    row = {
        "resourceType": "Observation",
        "id": name_of(result),
        "status": str(result.status),
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": {"coding": [loinc], "text": analyte.name},
        "subject": who,
        "effectiveDateTime": _effective(draw),
        "valueQuantity": {"value": _value(result, unit)}
        | ({"comparator": result.comparator} if result.comparator else {})
        | _filled(quantity),
    }
    if draw.laboratory:
        row["performer"] = [laboratory(draw.laboratory)]
    if result.verified_at:
        row["issued"] = result.verified_at.isoformat()
    if result.order_key:
        row["identifier"] = [{"system": codes.ORDER, "value": result.order_key}]
    if method:
        row["method"] = {
            "coding": [{"system": codes.METHOD, "code": method}],
            "text": method.replace("_", " "),
        }
    if result.comment:
        row["note"] = [{"text": result.comment}]
    if result.is_marked:
        row["extension"] = [{"url": codes.UNCONFIRMED, "valueString": result.unconfirmed}]
    if limits := _limits(result, unit, quantity):
        row["referenceRange"] = [limits]
    return row


def _units(analyte, result: Result) -> tuple[str, str]:
    """The unit as reported and the UCUM code of an equal one, or none; the canonical unit where it is not known.

    D-dimer units without a type have no code: FEU and DDU are never put into the laboratory's mouth.
    """
    reported = result.reported_unit
    factor = analyte.factor(reported)
    if factor is None:
        return analyte.unit, analyte.unit
    if reported in (*analyte.choices, *_UCUM) and reported not in _NOT_UCUM:
        return reported, reported
    if analyte.key == "d_dimer":
        return reported, ""
    coded = (unit for unit in analyte.choices if unit not in _NOT_UCUM and analyte.factor(unit) == factor)
    return reported, next(coded, "")


def _value(result: Result, unit: str) -> Decimal:
    """The digits as reported where they are this number, else the number in `unit`."""
    number = units.from_canonical(result.analyte, result.value, unit)
    try:
        sign, reported = read_number(result.reported_value)
    except UnreadableNumber:
        return _decimal(number)
    if abs(reported - number) > 1e-9 * max(1.0, abs(number)):
        return _decimal(number)
    digits = re.search(r"[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", result.reported_value)
    # Of "1,234.5" these are the first ones.
    return Decimal(digits[0]) if float(digits[0]) == reported else _decimal(number)


def _limits(result: Result, unit: str, quantity: dict) -> dict:
    ends = {"low": result.lower_limit, "high": result.upper_limit}
    found = {
        name: {"value": _decimal(units.from_canonical(result.analyte, limit, unit))} | _filled(quantity)
        for name, limit in ends.items()
        if limit is not None
    }
    return found | ({"text": result.reported_range} if result.reported_range else {})


def _filled(fields: dict) -> dict:
    """FHIR has no empty strings: an INR has no unit as text."""
    return {name: value for name, value in fields.items() if value}


def _decimal(number: float) -> Decimal:
    """Without the last binary digits of a unit's factor."""
    return Decimal(f"{number:.12g}")
