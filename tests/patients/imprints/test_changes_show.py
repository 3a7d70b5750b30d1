"""Whatever is changed, and by whatever way: the next page shows it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Clinic, User
from patients.actions.contacts import leave_out, record_contact
from patients.actions.merging import merge
from patients.actions.merging.numbers import remember
from patients.actions.overrules import overrule
from patients.actions.signoffs import sign_off
from patients.actions.written.concerns import raise_concern
from patients.actions.written.notes import write_note
from patients.actions.written.signatures import SaidOfEntry, sign_entry
from patients.models import (
    AssessmentMark,
    CauseReview,
    Diagnosis,
    Draw,
    Event,
    NotedOrder,
    OtherResult,
    Patient,
    Result,
)
from patients.review.behind import signable
from patients.review.rules import rules_of
from patients.review.signing import present_for
from tests.patients.asking import today
from uploads.models import Upload


def _others(patient: Patient, by: User) -> None:
    upload = Upload.objects.create(clinic=patient.clinic, by=by, file="others.csv", sha256="0" * 64, size=1)
    OtherResult.objects.create(
        patient=patient,
        taken_at=timezone.now(),
        test="ferritin",
        name="Ferritin",
        value="1500",
        upload=upload,
    )


def _overrule(patient: Patient, by: User) -> None:
    present = present_for(patient, timezone.now())
    rule = next(iter(rules_of(present.report.dissociation)))
    given = {"rule": rule, "grade": "none", "reason": "Known haemophilia."}
    overrule(patient=patient, by=by, seen=present.fingerprint, **given)


def _merge(patient: Patient, by: User) -> None:
    fields = {"family_name": patient.family_name, "birth_date": patient.birth_date, "sex": patient.sex}
    twice = Patient.objects.create(clinic=patient.clinic, mrn="N-300", **fields)
    Event.objects.create(patient=twice, kind="vka", label="Fluindione", started_at=timezone.now())
    merge(survivor=patient, merged=twice, by=by, why="one person")


def _sign(patient: Patient, by: User) -> None:
    entry = signable()["S3"]
    sign_entry(entry=entry, by=by, said=SaidOfEntry("agree"), seen=entry.fingerprint)


# By what is changed: how, and what the page then shows.
CHANGES: dict[str, tuple[Callable[[Patient, User], object], str]] = {
    "a name": (lambda p, by: Patient.objects.filter(pk=p.pk).update(family_name="Renamed"), "Renamed"),
    "a draw": (lambda p, by: Draw.objects.create(patient=p, taken_at=timezone.now(), laboratory="Elsewhere"),
               "Elsewhere"),
    "a result": (lambda p, by: Result.objects.filter(draw__patient=p, analyte="INR", value=1.7).update(value=1.9),
                 "1.9"),
    "a diagnosis": (lambda p, by: Diagnosis.objects.create(patient=p, kind="pbc"), "PBC"),
    "an event": (lambda p, by: Event.objects.create(patient=p, kind="vka", label="Phenprocoumon",
                                                    started_at=timezone.now() - timedelta(days=3)),
                 "Phenprocoumon"),
    "a verdict on a cause": (lambda p, by: CauseReview.objects.create(patient=p, cause="doac", verdict="excluded",
                                                                      note="never on one", by=by), "never on one"),
    "an overrule": (_overrule, "Known haemophilia."),
    "a sign-off": (lambda p, by: sign_off(patient=p, by=by, note="Seen and agreed.",
                                          seen=present_for(p, timezone.now()).fingerprint), "Seen and agreed."),
    "a contact": (lambda p, by: record_contact(patient=p, kind="telephone", outcome="no_answer", by=by,
                                               made_on=today(), note="rang twice"), "rang twice"),
    "left out": (lambda p, by: leave_out(patient=p, reason="moved", starts_on=today(), by=by), "moved away"),
    "a note on an order": (lambda p, by: NotedOrder.objects.create(patient=p, order="review_pattern", said="done",
                                                                   by=by), "✓ Done"),
    "a concern": (lambda p, by: raise_concern(patient=p, by=by, reason="Loses weight", owner=by, starts_on=today()),
                  "Loses weight"),
    "a note": (lambda p, by: write_note(patient=p, by=by, text="Lives alone."), "Lives alone."),
    "a signature on the knowledge": (_sign, '/knowledge/">1 of '),
    "another result": (_others, "1500"),
    "another number": (lambda p, by: remember(patient=p, mrn="N-200", by=by), "before: N-200"),
    "a merge": (_merge, "Fluindione"),
    "being assessed": (lambda p, by: AssessmentMark.objects.create(patient=p, clinic=p.clinic, changed=True),
                       "worklist: being assessed"),
    "the name of a colleague": (lambda p, by: User.objects.filter(pk=by.pk).update(last_name="Reviewer"),
                                "Norma Reviewer"),
    "the clinic's name": (lambda p, by: Clinic.objects.update(name="South Infirmary"), "South Infirmary"),
    "the clinic's units": (lambda p, by: Clinic.objects.update(display_units="conventional"), "Bilirubin, mg/dL"),
    "the clinic's time": (lambda p, by: Clinic.objects.update(time_zone="Pacific/Auckland"), "Pacific/Auckland"),
}  # fmt: skip


@pytest.fixture
def noted(colleague, established, make_draw) -> User:
    """A colleague who stands on the page already."""
    User.objects.filter(pk=colleague.pk).update(first_name="Norma", last_name="Noted")
    colleague.refresh_from_db()
    CauseReview.objects.create(
        patient=established, cause="vka", verdict="excluded", note="not taken", by=colleague
    )
    draw = Draw.objects.filter(patient=established).latest("taken_at")
    Result.objects.create(
        draw=draw, analyte="bilirubin_total", value=40, reported_value="40", reported_unit="µmol/L"
    )
    return colleague


@pytest.mark.parametrize("what", CHANGES)
def test_the_next_page_shows_it(seen, viewer, established, noted, what):
    change, words = CHANGES[what]
    before = seen(viewer)
    assert seen(viewer) == before and words not in before
    change(established, noted)
    assert words in seen(viewer)


def test_every_kind_of_row_is_tried(db):
    """As many tables as raise a version, and what stands beside it."""
    from tests.patients.record.test_record_versions import attached

    # A summary that is written anew says nothing that its record does not; what a clinic is, and what is signed,
    # stands in the key.
    assert len(CHANGES) == len(attached()) - 1 + len(("its name", "its units", "its time", "signed"))
