"""Marked patients assessed batch by batch, the most urgent first, by as many workers as there are.

Each batch is one transaction: a worker that is killed leaves its marks, and the next one goes on.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from patients.actions.assess import BATCH, assess
from patients.actions.marks import mark_again
from patients.actions.notices import noting_more_history
from patients.models import AssessmentMark, Patient
from patients.models.marks import TRIES

# Seconds to wait where every patient who is left is held by somebody else.
PAUSE = 0.2
TAKE = (
    "DELETE FROM patients_assessmentmark WHERE patient_id = ANY(%s) RETURNING patient_id, upload_id, changed"
)
# The database's fault, not a patient's.
LOST = (OperationalError, InterfaceError)
logger = logging.getLogger(__name__)


def waiting() -> QuerySet[AssessmentMark]:
    """The marks that a worker may take."""
    return AssessmentMark.objects.filter(failed__lt=TRIES)


def assess_marked(*, limit: int = BATCH) -> int:
    """Assesses the most urgent of the marked patients whom nobody else holds; how many."""
    try:
        with transaction.atomic():
            ids = _held(limit)
            _assess(ids)
    except LOST:
        raise
    except Exception:
        # One of them, perhaps: the others must not wait for it.
        return _one_by_one(limit)
    return len(ids)


def assess_all(marks: QuerySet[AssessmentMark]) -> Iterator[int]:
    """Until none of these is left, beside every worker that does the same; yields how many still are."""
    while left := marks.filter(failed__lt=TRIES).count():
        yield left
        if not assess_marked():
            time.sleep(PAUSE)


@transaction.atomic
def mark_all(patients: QuerySet[Patient]) -> None:
    """Of these patients the summaries are written anew by whoever comes first."""
    held = patients.order_by("pk").select_for_update(no_key=True, of=("self",))
    mark_again(held.values_list("pk", flat=True))


def _held(limit: int) -> list[int]:
    order = F("assessmentmark__inr").desc(nulls_last=True), "pk"
    marked = Patient.objects.filter(assessmentmark__failed__lt=TRIES).order_by(*order)
    held = marked.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return list(held.values_list("pk", flat=True)[:limit])


def _assess(ids: list[int]) -> None:
    """Of those who are still marked: another worker may have been faster before they were held."""
    alike: dict[tuple[int | None, bool], list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [ids])
        for pk, *why in cursor.fetchall():
            alike[tuple(why)].append(pk)
    for (upload, changed), of_these in alike.items():
        # What a file taken back leaves is news as after a change by hand.
        taken_back = changed and upload is None
        with nullcontext() if taken_back else noting_more_history(upload=upload):
            assess(of_these)


@transaction.atomic
def _one_by_one(limit: int) -> int:
    ids = _held(limit)
    for pk in ids:
        try:
            with transaction.atomic():
                _assess([pk])
        except LOST:
            raise
        except Exception as error:
            logger.error("assessing a marked patient failed with %s", type(error).__name__)
            AssessmentMark.objects.filter(pk=pk).update(failed=F("failed") + 1)
    return len(ids)
