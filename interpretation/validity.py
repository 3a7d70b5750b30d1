"""How long a report holds: the next moment at which time alone changes grade, urgency or a due state.

[clinical.md 4.4 c, "Ageing"]. The rule counts hours and days from results and events, so these moments are
known beforehand. What the record holds beyond `as_of` (a drug that ends next week) changes it too.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from interpretation.knowledge import limits
from interpretation.monitoring import Checklist
from interpretation.monitoring.due import JUST_AFTER
from interpretation.record.records import Case
from interpretation.rule.reading import PreparedCase
from interpretation.urgency import Urgency

LIMITS = limits("urgency").read_by(__name__, "fresh_days stale_days new_days encephalopathy_days")
RULE = limits("dissociation").read_by(__name__, "transplant_days")
# What counts while it is new.
NEW_KINDS = ("ascites", "encephalopathy", "dialysis")


def valid_until(whole: Case, reading: PreparedCase, urgency: Urgency, checks: Checklist) -> datetime | None:
    """The first such moment after `as_of`, None where there is none; `whole` is the case before it was cut to
    what was known. It may come early where two limits hide one another, and is never late."""
    as_of = whole.as_of
    moments = (
        *_ageing(urgency),
        *_events(reading.case),
        *_vitamin_k(reading),
        *_transplant(reading),
        *_recorded_ahead(whole),
        *([checks.changes_at] if checks.changes_at else []),
    )
    first = min((at for at in moments if at > as_of), default=None)
    return first.astimezone(as_of.tzinfo) if first else None


def _ageing(urgency: Urgency) -> Iterator[datetime]:
    last = urgency.last_result_at
    if last:
        yield last + timedelta(days=LIMITS.fresh_days) + JUST_AFTER
        yield last + timedelta(days=LIMITS.stale_days) + JUST_AFTER


def _events(case: Case) -> Iterator[datetime]:
    new, recorded = timedelta(days=LIMITS.new_days), timedelta(days=LIMITS.encephalopathy_days)
    for event in case.events:
        if event.kind in NEW_KINDS and event.grade != 0:
            yield event.started_at + new + JUST_AFTER
        if event.kind == "encephalopathy":
            yield event.started_at + recorded + JUST_AFTER
            if event.ended_at:
                yield event.ended_at + recorded + JUST_AFTER


def _vitamin_k(reading: PreparedCase) -> Iterator[datetime]:
    """When the answer of a trial can be measured, and when it no longer can."""
    for trial in reading.trials:
        if trial.window_from and trial.window_to:
            yield trial.window_from
            yield trial.window_to


def _transplant(reading: PreparedCase) -> Iterator[datetime]:
    if reading.transplanted_at:
        yield reading.transplanted_at + timedelta(days=RULE.transplant_days)


def _recorded_ahead(whole: Case) -> Iterator[datetime]:
    """What the record holds already and what only begins or ends after `as_of`."""
    yield from (draw.taken_at for draw in whole.draws)
    yield from (review.on for review in whole.reviews)
    for event in whole.events:
        yield event.started_at
        if event.ended_at:
            yield event.ended_at
    for diagnosis in whole.diagnoses:
        for day in (diagnosis.noted_on, diagnosis.resolved_on):
            if day:
                yield _midnight(day, whole)
    if whole.died_on:
        yield _midnight(whole.died_on, whole)


def _midnight(day: date, case: Case) -> datetime:
    return datetime.combine(day, time(), tzinfo=case.as_of.tzinfo)
