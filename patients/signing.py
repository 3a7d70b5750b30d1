"""What is signed off or overruled: the report as it stands now, and what clinicians made of it before."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interpretation.grading import GRADES
from interpretation.records import Case, Report
from interpretation.report import interpret

from .basis import basis_of, fingerprint
from .models import Overrule, Patient, Result, SignOff
from .panel import Panel, case_for, in_zone
from .rules import rules_of
from .since import Since, new_since

UNREADABLE = ("not_assessable", "not_interpretable")


@dataclass(frozen=True)
class Present:
    """A report with all that a signature under it rests on."""

    case: Case
    report: Report
    overrule: Overrule | None
    # Ids of draws with a preliminary result.
    preliminary: frozenset[str] = frozenset()
    # Left out of monitoring: nothing counts as overdue.
    left_out: bool = False

    @cached_property
    def basis(self) -> dict:
        basis = basis_of(self.case, self.report)
        return basis | {"overdue": {}} if self.left_out else basis

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.basis, self.overrule.pk if self.overrule else None)

    @property
    def partial(self) -> str:
        """Why this is not a whole report; "" where it is. It cannot be signed off without a note."""
        parts = []
        if self.report.dissociation.grade in UNREADABLE:
            parts.append("the pattern could not be graded")
        if self.preliminary & set(self.report.dissociation.draws):
            parts.append("the verdict rests on preliminary results")
        if self.report.problems:
            parts.append("something in the record could not be read")
        return " and ".join(parts)

    @property
    def overrule_holds(self) -> bool:
        """An overrule speaks of the grade that it answered; another grade of the rule is not overruled."""
        return self.overrule is not None and self.overrule.grade_said == self.report.dissociation.grade


def present_for(patient: Patient, now: datetime) -> Present:
    """Read anew, within the transaction that signs."""
    case = case_for(patient, now)
    waiting = Result.objects.filter(
        draw__patient=patient, draw__withdrawn_at__isnull=True, status=Result.Status.PRELIMINARY
    )
    return Present(
        case=case,
        report=interpret(case),
        overrule=patient.overrules.standing().first(),
        preliminary=frozenset(str(uuid) for uuid in waiting.values_list("draw__uuid", flat=True)),
        left_out=any(row.holds_on(case.as_of.date()) for row in patient.left_out.standing()),
    )


@dataclass(frozen=True)
class Signing:
    """The review section of the patient page. Times are the clinic's."""

    present: Present
    signed: SignOff | None
    since: Since | None

    @property
    def choices(self) -> list[str]:
        """The grades that can be given in place of the rule's."""
        return [grade for grade in GRADES if grade != self.present.report.dissociation.grade]

    @property
    def rules(self) -> dict[str, str]:
        return rules_of(self.present.report.dissociation)


def signing_for(panel: Panel, overrule: Overrule | None, left_out: bool) -> Signing:
    """One query: the last sign-off, as of the page's moment like the overrule that stood then."""
    patient, zone = panel.patient, panel.patient.clinic.zone
    signed = patient.sign_offs.filter(at__lte=panel.as_of).select_related("by").defer("report").first()
    present = Present(panel.case, panel.report, overrule, _preliminary(panel), left_out)
    for row in filter(None, (signed, overrule)):
        row.at = in_zone(row.at, zone)
    return Signing(present, signed, new_since(signed.basis, present.basis) if signed else None)


def _preliminary(panel: Panel) -> frozenset[str]:
    waiting = Result.Status.PRELIMINARY
    results = panel.rows.results
    return frozenset(
        str(draw.uuid)
        for draw in panel.rows.draws
        if draw.withdrawn_at is None and any(r.status == waiting for r in results.get(draw.id, ()))
    )
