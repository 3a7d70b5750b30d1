"""A transplant begins a new record of the liver: what was before it belongs to the old one. [ED]"""

from dataclasses import replace
from datetime import datetime

from interpretation.record.records import CHRONIC_LIVER_DISEASES, COMPLICATIONS, Case

# A transplant takes these away with the liver they belonged to.
OF_THE_LIVER = frozenset(CHRONIC_LIVER_DISEASES) | {
    "drug_induced",
    "ischaemic",
    "acute_liver_injury",
    "cholestasis",
    "portal_hypertension",
    "hcc",
}


def since(case: Case, transplanted_at: datetime | None) -> Case:
    """The case of the liver that is there now: what was before a transplant belongs to the old one."""
    if transplanted_at is None:
        return case
    day = transplanted_at.date()
    return replace(
        case,
        draws=tuple(d for d in case.draws if d.taken_at > transplanted_at),
        events=tuple(e for e in case.events if e.kind not in COMPLICATIONS or e.started_at > transplanted_at),
        diagnoses=tuple(
            d
            for d in case.diagnoses
            if d.kind not in OF_THE_LIVER or (d.noted_on is not None and d.noted_on > day)
        ),
    )
