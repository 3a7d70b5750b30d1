"""Draws and their results, entered by hand: added, corrected, withdrawn, restored."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from math import isclose

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from interpretation.record.date_alone import DateAlone
from patients.actions.anticoagulant import AnticoagulantSaid, write_said
from patients.actions.days import beside_that_day, free_ordinal, same_slot, slot_of
from patients.actions.errors import AlreadyEntered, Refused
from patients.actions.others import move_others
from patients.actions.writing import change, check_version, withdraw, writing
from patients.models import Draw, Event, Patient, Result
from patients.values.validation import CheckedResult
from patients.words import full_moment

CORRECTED = (
    "value",
    "comparator",
    "lower_limit",
    "upper_limit",
    "reported_value",
    "reported_unit",
    "reported_range",
    "method",
    "verified_at",
    "status",
    "status_reason",
    "unconfirmed",
    "confirmed_at",
    "confirmed_by",
)


def add_draw(
    *,
    patient: Patient,
    by: User,
    taken_at: datetime,
    readings: Iterable[CheckedResult],
    laboratory: str = "",
    method: str = "",
    note: str = "",
    sample_problem: str = "",
    anticoagulant: AnticoagulantSaid | None = None,
) -> Draw:
    """`sample_problem` ("clotted") is recorded as an event of its own at the time of the draw, and with it what
    was said of an anticoagulant. `taken_at` is a `DateAlone` where the hour is not known: another such draw of
    that day stays beside it."""
    readings, hour_known = _some(readings), not isinstance(taken_at, DateAlone)
    laboratory = _plain(laboratory)
    with writing(by=by, patient=patient):
        there = patient.draws.current().filter(
            taken_at=taken_at, laboratory=laboratory, hour_known=hour_known
        )
        _refuse_second_draw(there, readings)
        draw = Draw.objects.create(
            patient=patient,
            entered_by=by,
            taken_at=taken_at,
            hour_known=hour_known,
            ordinal=0 if hour_known else free_ordinal(there),
            laboratory=laboratory,
            method=_plain(method),
            source=Draw.Source.HAND,
            note=_plain(note),
        )
        readings = readings if hour_known else beside_that_day(there, draw, readings)
        Result.objects.bulk_create([_row(draw, reading) for reading in readings])
        _mark_sample(patient, by, taken_at, taken_at, sample_problem)
        if anticoagulant:
            write_said(patient, by, anticoagulant)
    return draw


def correct_draw(
    *,
    draw: Draw,
    by: User,
    version: int,
    taken_at: datetime,
    readings: Iterable[CheckedResult],
    laboratory: str,
    method: str,
    note: str,
    reason: str,
    sample_problem: str | None = None,
) -> Draw:
    """`readings` are all results of the draw: changed ones are corrected, those left out withdrawn.

    `sample_problem` None leaves what is recorded about the sample as it is.
    """
    readings = _some(readings)
    reason = _plain(reason)
    fields = {
        "taken_at": taken_at,
        "hour_known": not isinstance(taken_at, DateAlone),
        "laboratory": _plain(laboratory),
        "method": _plain(method),
        "note": _plain(note),
    }
    with writing(by=by, patient=draw.patient):
        draw.refresh_from_db()
        was = slot_of(draw)
        new, corrected = _corrections(draw, readings, reason)
        # Sent twice, the second time changes nothing and needs no version.
        if (new or corrected) or any(getattr(draw, name) != value for name, value in fields.items()):
            check_version(draw, version)
            if not reason and (corrected or was[:2] != (taken_at, fields["hour_known"])):
                raise Refused("Say why the draw is corrected.", "reason")
            if taken_at > draw.entered_at:
                raise Refused("The draw cannot have been taken after it was entered.", "taken_at")
            fields["ordinal"] = _ordinal_of(draw, fields)
            if not change(draw, version=version, fields=fields):
                _bump(draw)
            move_others(draw, was)
            # One statement: total and direct bilirubin change together.
            Result.objects.bulk_update(corrected, CORRECTED)
            Result.objects.bulk_create(new)
        if sample_problem is not None:
            _mark_sample(draw.patient, by, was[0], taken_at, sample_problem)
    return draw


def withdraw_draw(*, draw: Draw, by: User, reason: str) -> None:
    with writing(by=by, patient=draw.patient):
        withdraw(draw, by=by, reason=reason)


def restore_draw(*, draw: Draw, by: User) -> None:
    """Takes a withdrawal back, unless another draw has its place now."""
    with writing(by=by, patient=draw.patient):
        draw.refresh_from_db()
        if not draw.withdrawn_at:
            raise AlreadyEntered(draw)
        draw.withdrawn_at, draw.withdrawn_by, draw.withdrawn_reason = None, None, ""
        draw.version += 1
        draw.ordinal = draw.ordinal if draw.hour_known else free_ordinal(same_slot(draw))
        draw.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version", "ordinal"])


def confirm_result(*, result: Result, by: User) -> None:
    """A person has looked at a marked result, and it is right as it stands."""
    with writing(by=by, patient=result.draw.patient):
        result.refresh_from_db()
        _refuse_unmarked(result)
        result.confirmed_at, result.confirmed_by = timezone.now(), by
        result.save(update_fields=["confirmed_at", "confirmed_by"])


def count_instead(*, result: Result, other: Result, by: User) -> None:
    """Of two results of one minute the other one counts: a person has decided so."""
    with writing(by=by, patient=result.draw.patient):
        result.refresh_from_db()
        other.refresh_from_db()
        _refuse_unmarked(result)
        if not _are_rivals(result, other):
            raise Refused("These are not two results of one test and minute.")
        reason = f"{other.reported_value} counts instead: decided by {by}."
        result.status, result.status_reason, result.unconfirmed = Result.Status.SUPERSEDED, reason, ""
        result.save(update_fields=["status", "status_reason", "unconfirmed"])
        other.status, other.status_reason = Result.Status.FINAL, ""
        other.save(update_fields=["status", "status_reason"])


def _refuse_unmarked(result: Result) -> None:
    if result.confirmed_at is not None:
        at = result.confirmed_at.astimezone(result.draw.patient.clinic.zone)
        raise Refused(f"{result.confirmed_by} has confirmed this on {full_moment(at)}.")
    if not result.is_marked or result.status not in Result.COUNTING or result.draw.withdrawn_at:
        raise Refused("This result is not marked any more: look at it again.")


def _are_rivals(result: Result, other: Result) -> bool:
    same = (result.draw_id, result.analyte, result.method) == (other.draw_id, other.analyte, other.method)
    return same and result.pk != other.pk and other.status == Result.Status.SUPERSEDED


def _some(readings: Iterable[CheckedResult]) -> list[CheckedResult]:
    readings = list(readings)
    if not readings:
        raise Refused("Enter at least one result.")
    return readings


def _refuse_second_draw(there: QuerySet[Draw], readings: list[CheckedResult]) -> None:
    """A form sent twice stores once; another draw of this time and laboratory is shown to the person. Of days
    without an hour two draws are two."""
    for draw in there:
        new, corrected = _corrections(draw, readings, "")
        if not new and not corrected:
            raise AlreadyEntered(draw)
        if draw.hour_known:
            sentence = "This patient already has a draw of this laboratory at this time."
            raise Refused(sentence, "taken_at", "draw_once", row=draw)


def _corrections(draw: Draw, readings: list[CheckedResult], reason: str) -> tuple[list[Result], list[Result]]:
    """(new rows, changed rows), nothing stored yet."""
    # What was measured at the bedside beside a laboratory's own value does not stand on the form: it stays.
    counting = Result.one_a_test(draw.results.filter(status__in=Result.COUNTING))
    new, changed = [], []
    for reading in readings:
        row = counting.pop(reading.analyte, None)
        if row is None:
            new.append(_row(draw, reading))
        elif not _same(row, reading):
            changed.append(_corrected(row, reading, reason))
    for row in counting.values():
        row.status, row.status_reason = Result.Status.WITHDRAWN, reason
        changed.append(row)
    return new, changed


def _ordinal_of(draw: Draw, fields: dict) -> int:
    """Of its day where the hour is not known; its own while it stays in its place."""
    if fields["hour_known"]:
        return 0
    now = Draw(patient=draw.patient, **fields)
    return draw.ordinal if slot_of(now) == slot_of(draw) else free_ordinal(same_slot(now))


def _row(draw: Draw, reading: CheckedResult) -> Result:
    return Result(draw=draw, **asdict(reading))


def _corrected(row: Result, reading: CheckedResult, reason: str) -> Result:
    kept = {name: getattr(reading, name) or getattr(row, name) for name in ("method", "comment")}
    for name, value in (asdict(reading) | kept).items():
        setattr(row, name, value)
    row.confirmed_at = row.confirmed_by = None
    row.status, row.status_reason = Result.Status.CORRECTED, reason
    return row


def _same(row: Result, reading: CheckedResult) -> bool:
    return (
        row.comparator == reading.comparator
        and _equal(row.value, reading.value)
        and _equal(row.lower_limit, reading.lower_limit)
        and _equal(row.upper_limit, reading.upper_limit)
    )


def _equal(one: float | None, other: float | None) -> bool:
    """As numbers that went through one unit and back, in binary."""
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9)


def _bump(draw: Draw) -> None:
    draw.version += 1
    draw.save(update_fields=["version"])


def _mark_sample(patient: Patient, by: User, was_at: datetime, taken_at: datetime, problem: str) -> None:
    """Keeps the event "bad sample" of a draw in step with what its form says."""
    mark = patient.events.current().filter(kind="bad_sample", started_at=was_at).first()
    problem = _plain(problem)
    if mark is None and problem:
        Event.objects.create(
            patient=patient, entered_by=by, kind="bad_sample", label=problem, started_at=taken_at
        )
    elif mark is not None and not problem:
        withdraw(mark, by=by, reason="Sample found to be good")
    elif mark is not None:
        change(mark, version=mark.version, fields={"label": problem, "started_at": taken_at})


def _plain(text: str) -> str:
    return " ".join(text.split())
