"""A clinician's grade in place of the rule's: given with a reason, ended by a person."""

from django.utils import timezone

from accounts.models import User
from interpretation.rule.grading import GRADES
from patients.models import Overrule, Patient
from patients.review.rules import rules_of
from patients.review.signing import Present, present_for

from .errors import Refused, Stale
from .writing import writing

REASON_LENGTH = Overrule._meta.get_field("reason").max_length
REPLACED = "Replaced by another overrule."


def overrule(*, patient: Patient, by: User, rule: str, grade: str, reason: str, seen: str) -> Overrule:
    """Gives `grade` in place of the present one; `seen` is the fingerprint of the page that was read.

    Raises Stale when something has changed since; the same again adds nothing. An overrule that stands is
    ended: the person saw it, for it is part of the fingerprint.
    """
    reason = _reason(reason, "Say why: an overrule needs a reason.")
    with writing(by=by, patient=patient):
        present = present_for(patient, timezone.now())
        standing = present.overrule
        given = (by.pk, rule, present.report.dissociation.grade, grade, reason)
        if standing and given == _given(standing):
            return standing
        if seen != present.fingerprint:
            raise Stale()
        _check(present, rule, grade)
        if standing:
            _end(standing, by, REPLACED)
        return Overrule.objects.create(
            patient=patient,
            by=by,
            at=timezone.now(),
            rule=rule,
            rule_words=rules_of(present.report.dissociation)[rule],
            grade_said=present.report.dissociation.grade,
            grade_given=grade,
            reason=reason,
            knowledge_version=present.report.knowledge_version,
        )


def end_overrule(*, overrule: Overrule, by: User, reason: str) -> None:
    """The rule's grade stands alone again; the overrule is kept. The same end again changes nothing."""
    reason = _reason(reason, "Say why the overrule ends.", "ended_reason")
    with writing(by=by, patient=overrule.patient):
        overrule.refresh_from_db()
        if (overrule.ended_by_id, overrule.ended_reason) == (by.pk, reason):
            return
        if overrule.ended_at:
            raise Refused(f"{overrule.ended_by} has ended this overrule already: {overrule.ended_reason}")
        _end(overrule, by, reason)


def _end(overrule: Overrule, by: User, reason: str) -> None:
    overrule.ended_at, overrule.ended_by, overrule.ended_reason = timezone.now(), by, reason
    overrule.save(update_fields=["ended_at", "ended_by", "ended_reason"])


def _given(standing: Overrule) -> tuple:
    return standing.by_id, standing.rule, standing.grade_said, standing.grade_given, standing.reason


def _check(present: Present, rule: str, grade: str) -> None:
    if grade not in GRADES:
        raise Refused("Choose the grade that you would give.", "grade")
    if grade == present.report.dissociation.grade:
        raise Refused("Choose another grade than the rule's.", "grade")
    if rule not in rules_of(present.report.dissociation):
        raise Refused("Choose what you disagree with.", "rule")


def _reason(text: str, sentence: str, field: str = "reason") -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused(sentence, field)
    if len(text) > REASON_LENGTH:
        raise Refused(f"The reason is longer than {REASON_LENGTH} characters: shorten it.", field)
    return text
