"""Laboratory observations to rows; groups of them hand their time down; components are results too."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from interpretation.record import analytes
from patients.codes import LOINC, METHOD, ORDER, UNCONFIRMED
from patients.values.unit_in_value import apart

from ..bounds import with_bound
from ..dates import DateAlone
from ..records import NO_VALUE, REFUSED, SAME, WITHDRAWN, Item, LabRow, Place, RowProblem
from ..signs import COMMENT, cut
from .bundle import BundleEntry, items, resolve
from .people import FhirSubject
from .reports import Reports
from .values import code_in, codings, effective, notes, read_time, word, words_of

STATUSES = {
    "preliminary": "preliminary", "final": "final", "amended": "corrected", "corrected": "corrected",
    "cancelled": NO_VALUE, "entered-in-error": WITHDRAWN,
}  # fmt: skip
_VALUES = (
    "Quantity", "String", "CodeableConcept", "Integer", "Boolean", "Range", "Ratio", "SampledData", "Time",
    "DateTime", "Period",
)  # fmt: skip
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_KEY = 120


def is_laboratory(resource: dict) -> bool:
    """What has no category may be a laboratory result; a vital sign or survey says so."""
    named = [code for one in items(resource.get("category")) for _, code, _ in codings(one)]
    return not named or any(code.casefold() in ("laboratory", "lab") for code in named)


def read(entry: BundleEntry, place: Place, subject: FhirSubject, reports: Reports) -> Iterator[Item]:
    """One item a value: the observation's own and each component's."""
    resource = entry.resource
    parts = items(resource.get("component"))
    own = _has_value(resource) or not parts
    for part in [resource] * own + parts:
        yield _Reader(entry, part, place, subject, reports).item()


def is_group(resource: dict) -> bool:
    """A panel: it lists others and holds no value of its own."""
    return bool(resource.get("hasMember")) and not resource.get("component") and not _has_value(resource)


def test_of(resource: dict) -> tuple[str, str]:
    """Name and code of an observation of one value; of several its name tells nothing of each."""
    return ("", "") if resource.get("component") else _test(resource.get("code"))[:2]


def _has_value(part: dict) -> bool:
    return any(f"value{kind}" in part for kind in _VALUES) or "dataAbsentReason" in part


class _Reader:
    def __init__(
        self, entry: BundleEntry, part: dict, place: Place, subject: FhirSubject, reports: Reports
    ) -> None:
        self.entry, self.resource, self.part = entry, entry.resource, part
        self.around, self.reports = reports.of(entry.resource), reports
        self.report = next((one for one in self.around if one["resourceType"] == "DiagnosticReport"), {})
        self.subject = subject
        self.test, self.code, self.clash = _test(part.get("code"))
        self.place = Place(place.row, "", self._cells(), place.words)

    def item(self) -> Item:
        if self.clash:
            return self._problem("code", self.clash, "waiting")
        status = word(self.resource.get("status"))
        if status == "registered":
            return self._problem("status", "no value yet: registered only.", SAME)
        if status not in STATUSES:
            return self._problem(
                "status",
                f"status “{status[:20]}” is not known: nobody can say if it is final. Use final, "
                "preliminary or corrected.",
            )
        try:
            return self._row(STATUSES[status])
        except ValueError as error:
            return self._problem("effective", str(error))

    def _row(self, status: str) -> Item:
        taken_at = self._taken_at()
        if taken_at is None:
            text = (
                "no time of collection: neither here nor on the report, its group or specimen. "
                "Add effectiveDateTime."
            )
            return self._problem("effective", text)
        self.reports.bare += isinstance(taken_at, DateAlone)
        void = word(self.report.get("status"))
        if void in ("entered-in-error", "cancelled") and status not in (WITHDRAWN, NO_VALUE):
            return self._problem(
                "status",
                f"its report is marked {void}, the result itself is not. Ask the sender which holds.",
                "waiting",
            )
        value, unit, wrong = self._value()
        try:
            value = with_bound(value, _flags(self.part))
        except ValueError as error:
            wrong = wrong or str(error)
        if wrong:
            return self._problem("value", wrong, "waiting")
        if not value and status not in (WITHDRAWN, NO_VALUE):
            why = words_of(self.part.get("dataAbsentReason")) or "none is given"
            return self._problem("value", f"no value: {why[:60]}.", SAME if self._absent() else REFUSED)
        lower, upper, text, warning = _limits(self.part)
        status = self.reports.status_of(self.report, status)
        warning = " ".join(filter(None, (warning, _mark(self.resource))))
        return LabRow(
            self.place,
            self.subject.mrn,
            taken_at,
            self.test,
            value,
            unit,
            lower,
            upper,
            text,
            self._laboratory()[:80],
            _method(self.resource)[:40],
            self.code,
            status,
            received_at=read_time(self.report.get("issued") or self._issued(not self.report)),
            verified_at=read_time(self._issued(True)),
            order=self._order_key(),
            declared=True,
            comment=cut(notes(self.resource), COMMENT),
            draw_note=cut(word(self.report.get("conclusion")), COMMENT),
            warning=warning,
            identity=self.subject.identity,
        )

    def _issued(self, wanted: bool) -> object:
        return self.resource.get("issued") if wanted else None

    def _absent(self) -> bool:
        return "dataAbsentReason" in self.part

    def _taken_at(self) -> datetime | None:
        """Its own time, else that of its group or report, else that of its specimen."""
        for resource in (self.resource, *self.around):
            if time := effective(resource):
                return time
        specimen = resolve(self.entry, self.resource.get("specimen"))
        collection = specimen.resource.get("collection") if specimen else None
        return effective(collection, "collected") if isinstance(collection, dict) else None

    def _value(self) -> tuple[str, str, str]:
        """Value and unit as text, and what is wrong with them."""
        quantity = self.part.get("valueQuantity")
        if isinstance(quantity, dict):
            return _quantity(quantity, self._analyte())
        concept = self.part.get("valueCodeableConcept")
        if isinstance(concept, dict):
            return words_of(concept), "", ""
        for kind in ("String", "Integer"):
            if isinstance(self.part.get(f"value{kind}"), str | Decimal):
                return *self._with_unit(word(str(self.part[f"value{kind}"]))), ""
        other = next((kind for kind in _VALUES if f"value{kind}" in self.part), "")
        return (
            "",
            "",
            f"a value of the form value{other} is not a number. Send a valueQuantity." if other else "",
        )

    def _with_unit(self, text: str) -> tuple[str, str]:
        """ "<5 U/L" as value and unit, where the unit is one of the test's; anything else is a text alone."""
        analyte = self._analyte()
        return apart(analyte, text) if analyte and not analyte.derived else (text, "")

    def _analyte(self) -> analytes.Analyte | None:
        return analytes.find(self.code) if self.code else analytes.find(self.test)

    def _laboratory(self) -> str:
        for resource in (self.resource, self.report):
            for performer in items(resource.get("performer")):
                who = resolve(self.entry, performer)
                if who and who.type != "Organization":
                    continue
                if name := word(performer.get("display")) or (word(who.resource.get("name")) if who else ""):
                    return name
        return self.reports.named_by_provenance(self.resource, self.report)

    def _order_key(self) -> str:
        """The sender's own name of the observation, where it has one beside its place on a server."""
        for one in items(self.resource.get("identifier")):
            system, value = word(one.get("system")), word(one.get("value"))
            if value:
                # What this product wrote is whole already.
                return value[:_KEY] if system == ORDER else f"{system} {value} {self.code}".strip()[:_KEY]
        return ""

    def _cells(self) -> tuple[str, ...]:
        identity = self.subject.identity
        name = ", ".join(filter(None, (identity.family_name, identity.given_name))) if identity else ""
        born = f"born {identity.birth_date}" if identity and identity.birth_date else ""
        value, unit, _ = self._value()
        status = word(self.resource.get("status"))
        cells = (name, born, self.test, self.code, value, unit, status)
        return (self.subject.mrn, *(cell[:200] for cell in cells if cell))

    def _problem(self, column: str, text: str, level: str = REFUSED) -> RowProblem:
        return RowProblem(self.place.at(column), text, level, test=(self.test, self.code))


def _test(concept: object) -> tuple[str, str, str]:
    """Name, LOINC code and what is wrong: of several codings the one that is known; two tests are none."""
    loinc = [code for system, code, _ in codings(concept) if system == LOINC and code]
    known = {analytes.find(code).key: code for code in loinc if analytes.find(code)}
    if len(known) > 1:
        return words_of(concept), "", "its codes name two different tests. Correct one of them."
    code = next(iter(known.values()), loinc[0] if loinc else "")
    return words_of(concept) or code, code, ""


def _flags(part: dict) -> list[str]:
    """The codes and words of its interpretations."""
    concepts = items(part.get("interpretation"))
    return [*(code for one in concepts for code in _codes(one)), *(word(one.get("text")) for one in concepts)]


def _quantity(quantity: dict, analyte) -> tuple[str, str, str]:
    """The unit is the one of the two (text, code) that the test is measured in."""
    number, sign = quantity.get("value"), word(quantity.get("comparator"))
    if not isinstance(number, Decimal | str):
        return "", "", "" if number is None else "the value is no number. Send the number alone."
    unit, code = word(quantity.get("unit")), word(quantity.get("code"))
    if analyte and unit and code:
        factors = analyte.factor(unit), analyte.factor(code)
        if None not in factors and factors[0] != factors[1]:
            return "", "", f"its unit says {unit[:20]} and the unit's code {code[:20]}. Correct one of them."
        if factors[0] is None and factors[1] is not None:
            unit = code
    # A number in quotation marks is one all the same.
    text = word(number) if isinstance(number, str) else _text(number)
    return f"{sign}{text}", unit or _said_by_code(code, analyte), ""


def _said_by_code(code: str, analyte) -> str:
    """The unit where only its code was sent. "{INR}" says that a number has none."""
    is_none = bool(code and analyte) and analyte.factor("") is not None
    return "" if is_none and analyte.factor(code) == analyte.factor("") else code


def _text(number: Decimal) -> str:
    """As it was written, without an exponent where that is short: 1E+2 is 100."""
    return f"{number:f}" if -20 < number.adjusted() < 20 else str(number)


def _limits(part: dict) -> tuple[str, str, str, str]:
    """Lower, upper, text and a warning. Several ranges are told apart by type; else none of them is taken."""
    ranges = items(part.get("referenceRange"))
    normal = [one for one in ranges if not one.get("type") or "normal" in _codes(one.get("type"))]
    text = "; ".join(filter(None, (word(one.get("text")) for one in ranges)))
    if len(normal) != 1:
        warning = "Several reference ranges were sent and none was taken." if len(normal) > 1 else ""
        return "", "", "" if normal else text, warning
    low, high = (_end(normal[0].get(name), part.get("valueQuantity")) for name in ("low", "high"))
    if None in (low, high):
        return "", "", text, "The reference range is in another unit than the value and was not taken."
    return low, high, word(normal[0].get("text")), ""


def _end(quantity: object, value: object) -> str | None:
    """A limit as text, "" where there is none; None where its unit is not the value's."""
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), Decimal):
        return ""
    own, other = (
        {word(one.get(name)) for name in ("unit", "code")} - {""} if isinstance(one, dict) else set()
        for one in (quantity, value)
    )
    return None if own and other and not own & other else _text(quantity["value"])


def _mark(resource: dict) -> str:
    """What our own export says of a result at which a person should look."""
    told = (one for one in items(resource.get("extension")) if one.get("url") == UNCONFIRMED)
    return next((word(one.get("valueString")) for one in told), "")


def _codes(concept: object) -> list[str]:
    return [code for _, code, _ in codings(concept)]


def _method(resource: dict) -> str:
    return code_in(resource.get("method"), METHOD) or words_of(resource.get("method"))
