"""The review of a report: what can be signed off or overruled now, and what is new since the last one."""

from dataclasses import dataclass

from interpretation.rule.grading import GRADES
from patients.models import Overrule, Result, SignOff
from patients.report.panel import Panel, in_zone
from patients.review.changes_since import ChangesSince, new_since
from patients.review.rules import rules_of
from patients.review.signing import Present


@dataclass(frozen=True)
class SigningCard:
    """The report as it stands, and what clinicians made of it before. Times are the clinic's."""

    present: Present
    signed: SignOff | None
    since: ChangesSince | None

    @property
    def choices(self) -> list[str]:
        """The grades that can be given in place of the rule's."""
        return [grade for grade in GRADES if grade != self.present.report.dissociation.grade]

    @property
    def rules(self) -> dict[str, str]:
        return rules_of(self.present.report.dissociation)


def signing_card(panel: Panel, overrule: Overrule | None, left_out: bool) -> SigningCard:
    """One query: the last sign-off, as of the page's moment like the overrule that stood then."""
    patient, zone = panel.patient, panel.patient.clinic.zone
    signed = patient.sign_offs.filter(at__lte=panel.as_of).select_related("by").defer("report").first()
    present = Present(panel.case, panel.report, overrule, _preliminary(panel), left_out)
    for row in filter(None, (signed, overrule)):
        row.at = in_zone(row.at, zone)
    return SigningCard(present, signed, new_since(signed.basis, present.basis) if signed else None)


def _preliminary(panel: Panel) -> frozenset[str]:
    waiting = Result.Status.PRELIMINARY
    results = panel.rows.results
    return frozenset(
        str(draw.uuid)
        for draw in panel.rows.draws
        if draw.withdrawn_at is None and any(r.status == waiting for r in results.get(draw.id, ()))
    )
