"""What the checklist may read of a record: nothing after `as_of`, no result from before a transplant."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.knowledge import limits
from interpretation.records import Case, Diagnosis, Draw, Event, Result

ADVANCED = {
    "cirrhosis": "cirrhosis",
    "advanced_fibrosis": "advanced fibrosis",
    "portal_hypertension": "portal hypertension",
}
DECOMPENSATION = ("ascites", "encephalopathy", "variceal_bleed")


@dataclass(frozen=True)
class Known:
    """What is known at `as_of`: the last usable draw of each analyte since any transplant, and who it is."""

    as_of: datetime
    last: dict[str, Draw]
    flagged: dict[str, Draw]
    draws: tuple[Draw, ...]
    transplanted_at: datetime | None
    diagnoses: frozenset[str]
    decompensated: bool


def known_at(case: Case) -> Known:
    events = [event for event in case.events if event.started_at <= case.as_of]
    transplanted_at = max((e.started_at for e in events if e.kind == "transplant"), default=None)
    draws = sorted(
        (d for d in case.draws if d.taken_at <= case.as_of and _since(d.taken_at, transplanted_at)),
        key=lambda draw: (draw.taken_at, draw.id),
    )
    flags = [event for event in events if event.kind == "bad_sample"]
    bad = [draw for draw in draws if any(_is_flagged(draw, flag) for flag in flags)]
    bad_ids = {id(draw) for draw in bad}
    good = [draw for draw in draws if id(draw) not in bad_ids]
    return Known(
        as_of=case.as_of,
        last=_last_of_each(good),
        flagged=_last_of_each(bad),
        draws=tuple(good),
        transplanted_at=transplanted_at,
        diagnoses=frozenset(d.kind for d in case.diagnoses if _stands(d, case, transplanted_at)),
        decompensated=any(e.kind in DECOMPENSATION and _since(e.started_at, transplanted_at) for e in events),
    )


def _since(moment: datetime, transplanted_at: datetime | None) -> bool:
    return transplanted_at is None or moment > transplanted_at


def _stands(diagnosis: Diagnosis, case: Case, transplanted_at: datetime | None) -> bool:
    """Known and not resolved at `as_of`; of advanced disease, only what was noted since a transplant."""
    today = case.as_of.date()
    if diagnosis.noted_on is not None and diagnosis.noted_on > today:
        return False
    if diagnosis.resolved_on is not None and diagnosis.resolved_on <= today:
        return False
    if diagnosis.kind in ADVANCED and transplanted_at is not None:
        return diagnosis.noted_on is not None and diagnosis.noted_on > transplanted_at.date()
    return True


def _is_flagged(draw: Draw, flag: Event) -> bool:
    margin = timedelta(minutes=limits("dissociation").bad_sample_minutes)
    return flag.started_at - margin <= draw.taken_at <= (flag.ended_at or flag.started_at) + margin


def _last_of_each(draws: list[Draw]) -> dict[str, Draw]:
    last: dict[str, Draw] = {}
    for draw in draws:
        for analyte, result in draw.by_analyte.items():
            if usable(result):
                last[analyte] = draw
    return last


def usable(result: Result) -> bool:
    """Any number counts, zero and "<5" too."""
    return result.value is not None and math.isfinite(result.value)
