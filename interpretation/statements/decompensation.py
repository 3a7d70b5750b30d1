"""Signs of decompensation: which of them the record holds of the last 90 days."""

from datetime import datetime, timedelta

from interpretation.knowledge import limits
from interpretation.record.records import Case, Event
from interpretation.rule.attribution import present
from interpretation.words import day

LIMITS = limits("dissociation").read_by(__name__, "subacute_lookback_days")
SIGNS = {"ascites": "ascites", "encephalopathy": "encephalopathy", "variceal_bleed": "variceal bleeding"}


def decompensation(case: Case, text: str) -> str:
    """The sentence with what is recorded and what is not."""
    recorded, missing = _recorded(case), not_recorded(case)
    if recorded:
        text += f" Recorded: {', '.join(recorded.values())}."
    return f"{text} Not recorded in the last 90 days: {', '.join(missing)}." if missing else text


def not_recorded(case: Case) -> list[str]:
    recorded = _recorded(case)
    return [name for kind, name in SIGNS.items() if kind not in recorded]


def _recorded(case: Case) -> dict[str, str]:
    """By kind, in words."""
    since = case.as_of - timedelta(days=LIMITS.subacute_lookback_days)
    found = {kind: _lately(case, kind, since) for kind in SIGNS}
    return {
        kind: _words(SIGNS[kind], max(event.started_at for event in events), since)
        for kind, events in found.items()
        if events
    }


def _lately(case: Case, kind: str, since: datetime) -> list[Event]:
    """Present in these 90 days; an encephalopathy whose end nobody recorded counts for so long."""
    events = [e for e in present(case, kind, since) if e.grade != 0]
    if kind != "encephalopathy":
        return events
    return [e for e in events if e.ended_at is not None or e.started_at >= since]


def _words(name: str, started_at: datetime, since: datetime) -> str:
    return f"{name} ({'' if started_at >= since else 'since '}{day(started_at)})"
