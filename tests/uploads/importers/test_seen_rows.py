"""Rows on a page are looks at patients: each patient once a page, in one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from patients.models import Patient
from tests.looks import seen
from tests.uploads.files import labs
from tests.uploads.pages.test_views import RESULT, address, drop

pytestmark = pytest.mark.django_db


def looks() -> list[tuple]:
    names = dict(User.objects.values_list("pk", "username"))
    mrns = dict(Patient.objects.values_list("pk", "mrn"))
    return sorted((names[user], mrns[patient], page) for user, patient, page in seen())


def test_a_preview_is_a_look_at_each_patient_whose_rows_it_shows(manager, people):
    drop(
        manager,
        labs(RESULT, "N-1,2025-01-02,Zonulin,40,U/L,,", "N-2,bad,ALT,40,U/L,,", "N-9,2025-01-01,ALT,4,U/L,,"),
    )
    assert looks() == [("datamanager", mrn, "upload-preview") for mrn in ("N-1", "N-2")]


def test_rows_that_are_not_shown_are_no_look(manager, people, put):
    put(labs(RESULT))
    drop(manager, labs(RESULT))
    assert looks() == []


def test_a_download_is_a_look_at_each_patient_in_it(manager, people):
    drop(manager, labs(RESULT, "N-2,2025-01-02,Zonulin,40,U/L,,"))
    manager.get(address("rows"))
    assert ("datamanager", "N-2", "upload-rows") in looks()
    assert ("datamanager", "N-1", "upload-rows") not in looks()


def test_more_rows_take_no_more_queries(manager, people):
    counts = []
    for days in (2, 20):
        drop(
            manager,
            labs(*(f"N-{day % 2 + 1},2025-01-{day:02},Zonulin {day},40,U/L,," for day in range(1, days))),
        )
        with CaptureQueriesContext(connection) as queries:
            manager.get(address("preview"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
