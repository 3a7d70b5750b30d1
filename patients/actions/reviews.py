"""Verdicts on the other causes of a raised INR, appended and never changed; and what other systems say of them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from interpretation.causes import may_be_considered
from interpretation.knowledge import load
from interpretation.record.records import VERDICTS
from patients.models import CauseReview, Patient

from .errors import Refused, Stale
from .writing import writing

load("causes").read_by(__name__, "cause")

NOTE_LENGTH = CauseReview._meta.get_field("note").max_length
# So many stand on a page; older ones stay in the history.
MOST_SAID = 20
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


@transaction.atomic
def consider_causes(*, patient: Patient, by: User, causes: Iterable[str]) -> int:
    """One review "considered" a cause, of those that nobody has judged; how many were added.

    Raises Refused for a cause that is asked every time.
    """
    causes = tuple(dict.fromkeys(causes))
    for cause in causes:
        _check(cause, "considered", "")
    with writing(by=by, patient=patient):
        judged = {review.cause: review.verdict for review in patient.reviews.order_by("at", "id")}
        new = [cause for cause in causes if judged.get(cause, "pending") == "pending"]
        for cause in new:
            CauseReview.objects.create(patient=patient, cause=cause, verdict="considered", by=by)
    return len(new)


def keep_evidence(*, patient: Patient, by: User, cause: str, source: str, note: str, at: datetime) -> None:
    """What was said of a cause in another system: evidence, and no verdict. The same twice is kept once."""
    if cause not in load("causes")["cause"]:
        raise Refused("This cause is not known here.", "cause")
    said = {"cause": cause, "on": at.isoformat(), "source": source, "note": note}
    with writing(by=by, patient=patient):
        patient.refresh_from_db(fields=["said_elsewhere"])
        if said not in patient.said_elsewhere:
            patient.said_elsewhere = [*patient.said_elsewhere, said][-MOST_SAID:]
            patient.save(update_fields=["said_elsewhere"])


def _check(cause: str, verdict: str, note: str) -> None:
    if cause not in load("causes")["cause"]:
        raise Refused("This cause is not on the list.", "cause")
    if verdict not in VERDICTS:
        raise Refused("Choose open, excluded or contributes.", "verdict")
    if verdict == "considered" and not may_be_considered(cause):
        raise Refused(
            "Drugs, vitamin K and the sample are asked every time: exclude it or leave it open.", "verdict"
        )
    if len(note) > NOTE_LENGTH:
        raise Refused(f"The note is longer than {NOTE_LENGTH} characters: shorten it.", "note")
