"""Whether anybody has said that an anticoagulant is taken: asked before a raised INR is read. [clinical.md 6]"""

from datetime import timedelta

from interpretation.knowledge import limits
from interpretation.record.records import ANTICOAGULANTS, Case
from interpretation.rule.confounders import active

LIMITS = limits("dissociation").read_by(__name__, "band_upper_normal vka_days_unconfirmed")


def is_asked(case: Case) -> bool:
    """The latest INR is raised, and neither a person nor a recorded drug tells of an anticoagulant."""
    if case.anticoagulant or (case.died_on is not None and case.died_on <= case.as_of.date()):
        return False
    return is_raised(case) and not _is_recorded(case)


def is_raised(case: Case) -> bool:
    latest = case.measured("INR")[-1:]
    return any(result.value > LIMITS.band_upper_normal + 1e-9 for _, result in latest)


def _is_recorded(case: Case) -> bool:
    """A drug that goes on, or whose end is so near that the rule still asks about it."""
    reach = timedelta(days=LIMITS.vka_days_unconfirmed)
    return any(active(event, case.as_of, reach) for event in case.events if event.kind in ANTICOAGULANTS)
