"""Verdicts on the other causes of a raised INR: appended, never changed."""

from django.db import transaction

from accounts.models import User
from interpretation.knowledge import load
from interpretation.record.records import VERDICTS
from patients.models import CauseReview, Patient

from .errors import Refused, Stale
from .writing import writing

load("causes").read_by(__name__, "cause")

NOTE_LENGTH = CauseReview._meta.get_field("note").max_length
# The caller has not said which review it saw.
ANY = object()


@transaction.atomic
def review_cause(
    *, patient: Patient, by: User, cause: str, verdict: str, note: str = "", seen: int | None | object = ANY
) -> CauseReview:
    """Adds a verdict. `seen` is the id of the latest review that the person saw (None: there was none).

    Raises Stale when another person has decided since; the same verdict and note again add nothing.
    """
    note = note.strip()
    _check(cause, verdict, note)
    with writing(by=by, patient=patient):
        latest = patient.reviews.select_related("by").filter(cause=cause).order_by("at", "id").last()
        if latest is not None and (latest.by_id, latest.verdict, latest.note) == (by.pk, verdict, note):
            return latest
        if latest is not None and seen is not ANY and latest.pk != seen and latest.by_id != by.pk:
            raise Stale(by=latest.by, at=latest.at)
        return CauseReview.objects.create(patient=patient, cause=cause, verdict=verdict, note=note, by=by)


def _check(cause: str, verdict: str, note: str) -> None:
    if cause not in load("causes")["cause"]:
        raise Refused("This cause is not on the list.", "cause")
    if verdict not in VERDICTS:
        raise Refused("Choose open, excluded or contributes.", "verdict")
    if len(note) > NOTE_LENGTH:
        raise Refused(f"The note is longer than {NOTE_LENGTH} characters: shorten it.", "note")
