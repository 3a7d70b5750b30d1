"""When a patient's urgency is news: the one rule by which a notice arises. [clinical.md 4.4 c, Ageing]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import Case
from interpretation.urgency import Urgency

# A result or event so old when it is stored is history, not news. [clinical.md 4.4 c]
FRESH = timedelta(days=7)
# The same episode is told again only after so much more INR. [clinical.md 4.4 c; ED]
WORSE_INR = 0.5
TODAY = "today"
# What urgency reads beside results: one of these alone makes news.
EVENTS = ("encephalopathy", "ascites", "dialysis")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class LastNotice:
    """What the latest notice of a patient said. `eased`: the patient was seen better since."""

    inr: float | None
    eased: bool


def is_today(urgency: Urgency) -> bool:
    return urgency.level == TODAY


def has_eased(urgency: Urgency) -> bool:
    """By a result or a person, not by time alone: "was today, no result since" is not better."""
    return TODAY not in (urgency.level, urgency.was)


def is_history(urgency: Urgency) -> bool:
    """It was for today when it was measured, which nobody told anybody in time."""
    return TODAY in (urgency.level, urgency.was)


def is_fresh(case: Case, urgency: Urgency, now: datetime) -> bool:
    """Whether a result or an event of at most seven days stands behind it."""
    events = [
        event.started_at
        for event in case.events
        if event.kind in EVENTS and event.grade != 0 and event.started_at <= now
    ]
    last = max([*events, *filter(None, [urgency.last_result_at])], default=None)
    return last is not None and now - last <= FRESH


def is_news(urgency: Urgency, told: LastNotice | None) -> bool:
    """Of a patient who is "today": nothing was told yet, it eased in between, or INR is up by 0.5 since."""
    return told is None or told.eased or is_worse(urgency, told.inr)


def is_worse(urgency: Urgency, inr: float | None) -> bool:
    return None not in (urgency.inr, inr) and urgency.inr - inr >= WORSE_INR - _ROUNDING
