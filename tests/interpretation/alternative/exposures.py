"""4.2, confounders, with 4.4 a and d: what an INR stands under, and for how long."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

VKA_DAYS = {"warfarin": 7, "acenocoumarol": 3, "phenprocoumon": 14}
MASKING_HOURS = {"plasma": 24, "rfviia": 24, "pcc": 72, "plasma_exchange": 72}
HARD = ("vka", "doac", "direct_thrombin_inhibitor")


class Span(NamedTuple):
    kind: str
    start: datetime
    end: datetime | None


def hard_spans(events: list[dict[str, Any]]) -> list[Span]:
    return [
        Span(
            e["kind"],
            _counts_from(e),
            e["end"] and e["end"] + timedelta(days=_reach_days(e)),
        )
        for e in events
        if e["kind"] in HARD
    ]


def masking_spans(events: list[dict[str, Any]]) -> list[Span]:
    return [
        Span(
            e["kind"],
            _minute(e["start"]),
            (e["end"] or e["start"]) + timedelta(hours=MASKING_HOURS[e["kind"]]),
        )
        for e in events
        if e["kind"] in MASKING_HOURS
    ]


def exposure_starts(events: list[dict[str, Any]]) -> list[datetime]:
    """4.4 a: the minutes at which an exposure ends a group of repeats."""
    kinds = (*HARD, *MASKING_HOURS, "vitamin_k")
    starts = {_minute(e["start"]) for e in events if e["kind"] in kinds}
    return sorted(starts | {_counts_from(e) for e in events if e["kind"] in HARD})


def _counts_from(event: dict[str, Any]) -> datetime:
    """4.4 d: a VKA counts from 24 h after the first dose of its course, the others from the dose on."""
    return _minute(event["start"]) + timedelta(hours=24 if event["kind"] == "vka" else 0)


def _reach_days(event: dict[str, Any]) -> int:
    """Days after the last dose; a stop counts as one only where a person has confirmed it."""
    if event["kind"] == "direct_thrombin_inhibitor":
        return 1
    confirmed = event.get("stop_confirmed")
    if event["kind"] == "doac":
        # 72 h unless the kidneys are known to work, which no case here says.
        return 3 if confirmed else 30
    return VKA_DAYS.get(event.get("label", "").lower(), 14) if confirmed else 60


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
