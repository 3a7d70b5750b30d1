"""One patient as the patient page reads them: panel, sign-off, and what stands beside the report."""

from datetime import datetime

from patients.contacts import following_for, standing_for
from patients.models import Patient
from patients.panel import Panel, panel
from patients.signing import Signing, signing_for


def read(patient: Patient, as_of: datetime, known_at: datetime | None = None) -> tuple[Panel, Signing]:
    """As of one moment; with `known_at` only what was known here by then."""
    page = panel(patient, as_of, known_at)
    standing = standing_for(patient, as_of)
    following = following_for(page, standing)
    return page, signing_for(page, standing.overrule, following.left_out is not None)
