"""What an action may answer instead of writing: sentences for a person, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

# Refusals of triggers carry their sentence in the error; constraints have theirs in the model.
TRIGGER_FIELDS = {
    "patient_birth_before_first_draw": "birth_date",
    "draw_not_before_birth": "taken_at",
    "result_direct_not_above_total": "bilirubin_direct",
    "contact_not_in_future": "made_on",
    "left_out_not_in_future": "starts_on",
    "concern_not_in_future": "starts_on",
    "patient_number_is_no_others": "mrn",
    "other_number_of_nobody_here": "",
    "merge_within_a_clinic": "",
    "merge_undone_once": "",
}
BUSY = "Somebody else was writing the same records at that moment. Nothing was stored: send it again."
# The field of the form that a constraint speaks of.
FIELDS = {
    "patient_mrn_once": "mrn",
    "patient_mrn_given": "mrn",
    "patient_died_after_birth": "died_on",
    "diagnosis_once": "kind",
    "diagnosis_resolved_after_noted": "resolved_on",
    "diagnosis_kind_known": "kind",
    "clinic_notice_hours": "notice_hours",
    "sender_token_known_scopes": "scopes",
    "sender_token_expires_in_time": "last_day",
    "event_ended_after_started": "ended_at",
    "event_stop_has_end": "ended_at",
    "event_grade_0_to_4": "grade",
    "event_kind_known": "kind",
    "draw_once": "taken_at",
    "draw_not_in_future": "taken_at",
    "overrule_one_stands": "grade",
    "overrule_reason_given": "reason",
    "overrule_gives_another_grade": "grade",
    "overrule_ended_who_when_why": "ended_reason",
    "signoff_partial_has_note": "note",
    "contact_kind_and_outcome": "outcome",
    "contact_other_has_note": "note",
    "contact_next_has_day_and_owner": "next_on",
    "contact_plan_has_day": "next_on",
    "contact_next_not_before": "next_on",
    "left_out_reason_known": "reason",
    "left_out_ends_after_start": "ends_on",
    "left_out_lifted_who_when_why": "reason",
    "on_duty_ends_after_start": "ends_at",
    "concern_once": "reason",
    "concern_reason_given": "reason",
    "concern_closed_who_when_why": "reason",
    "merge_undone_who_when_why": "reason",
    "note_text_given": "text",
    "note_struck_who_when_why": "reason",
}


class Refused(Exception):
    """The record does not allow this: a sentence for the person, the field of the form it speaks of ("" for
    the whole), the constraint behind it and, where known, the row that is in the way."""

    def __init__(self, sentence: str, field: str = "", constraint: str = "", row=None) -> None:
        super().__init__(sentence)
        self.sentence, self.field, self.constraint, self.row = sentence, field, constraint, row


class AlreadyEntered(Exception):
    """The very same thing is stored: a form sent twice. Nothing was written; `row` is what is there."""

    def __init__(self, row) -> None:
        super().__init__("This is already entered.")
        self.row = row


class Stale(Exception):
    """Someone else changed the row after it was opened: `by` (a user or None) at `at` (or None)."""

    def __init__(self, *, by=None, at=None) -> None:
        super().__init__(f"{by or 'Someone'} changed this after you opened it.")
        self.by, self.at = by, at


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what the database refuses into `Refused`; whatever it does not explain goes on as it is."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from None
    except OperationalError as error:
        if not isinstance(error.__cause__, DeadlockDetected):
            raise
        raise Refused(BUSY, constraint="deadlock") from None


def refusal_of(error: DatabaseError) -> Refused | None:
    """The refusal behind a database error, by the name of the constraint; None where it is our mistake."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = diagnosis.constraint_name if diagnosis else None
    if not name:
        return None
    if name in TRIGGER_FIELDS:
        return Refused(diagnosis.message_primary, TRIGGER_FIELDS[name], name)
    sentence = _sentences().get(name)
    return Refused(sentence, FIELDS.get(name, ""), name) if sentence else None


def _sentences() -> dict[str, str]:
    constraints = (constraint for model in apps.get_models() for constraint in model._meta.constraints)
    return {
        constraint.name: constraint.violation_error_message
        for constraint in constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }
