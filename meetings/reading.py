"""One patient as the patient page reads them: panel, sign-off, and what stands beside the report."""

from datetime import datetime

from patients.follow_up.standing import standing_for
from patients.models import Patient
from patients.presenters.follow_up import follow_up_card
from patients.presenters.signing import SigningCard, signing_card
from patients.report.panel import Panel, panel


def read(patient: Patient, as_of: datetime, known_at: datetime | None = None) -> tuple[Panel, SigningCard]:
    """As of one moment; with `known_at` only what was known here by then."""
    page = panel(patient, as_of, known_at)
    standing = standing_for(patient, as_of)
    follow_up = follow_up_card(page, standing)
    return page, signing_card(page, standing.overrule, follow_up.left_out is not None)
