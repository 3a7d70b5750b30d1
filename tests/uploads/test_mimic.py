"""The real laboratory files of MIMIC-IV, where they are present."""

from collections import Counter

import pytest

from patients.models import Diagnosis, Event, Patient, Result
from uploads import actions
from uploads.models import UploadRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(shared_data):
    folder = shared_data / "mimic-iv-demo"
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))]


def test_every_row_is_accounted_for_a_second_time_adds_nothing_and_undo_takes_all(
    files, clinic, data_manager
):
    """One test: storing 10,000 results takes seconds."""
    uploads = actions.store(contents=files, clinic=clinic, by=data_manager)
    assert [(u.kind, u.read, u.new, u.waiting) for u in uploads] == [
        ("patients", 57, 57, 0),
        ("diagnoses", 54, 54, 0),
        ("events", 169, 169, 0),
        # 365 LDH, which is not kept, and one platelet count of 5 K/µL, which could be 5 lakh.
        ("labs", 10236, 9870, 366),
    ]
    reasons = UploadRow.objects.filter(outcome="waiting").values_list("reason", flat=True)
    assert Counter("LDH" in reason for reason in reasons) == {True: 365, False: 1}
    assert Result.objects.filter(status="superseded").count() == 4
    assert (Diagnosis.objects.count(), Event.objects.count()) == (48, 175)

    again = actions.store(contents=files, clinic=clinic, by=data_manager)
    assert [(upload.new, upload.changed, upload.refused) for upload in again] == [(0, 0, 0)] * 4
    assert all("This file was stored on" in upload.notes for upload in again)

    actions.undo(uploads=uploads, by=data_manager)
    assert not Patient.objects.current().exists()
    assert not Result.objects.exclude(status="withdrawn").exists()
