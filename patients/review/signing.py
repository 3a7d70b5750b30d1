"""What is signed off or overruled: a report with all that a signature under it rests on."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interpretation.record.records import Case, Report
from interpretation.report import interpret
from patients.models import Overrule, Patient, Result
from patients.report.panel import case_for
from patients.review.snapshot import fingerprint, snapshot_of

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
        basis = snapshot_of(self.case, self.report)
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
