"""What is put together once brings what the query of Django's brings, of that patient alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from patients.models import CauseReview, Diagnosis, Event, NotedOrder, Patient
from patients.presenters.screen.orders import NOTES
from patients.report import panel
from patients.report.panel import RESULT_FIELDS

QUERIES = {
    "draws": panel.DRAWS,
    "diagnoses": panel.DIAGNOSES,
    "events": panel.EVENTS,
    "reviews": panel.REVIEWS,
    "notes": NOTES,
}


@pytest.fixture
def record(clinic, clinician, make_draw) -> Patient:
    """Two people of whom everything is stored."""
    for mrn in ("W-1", "W-2"):
        told = {"family_name": mrn, "birth_date": date(1960, 1, 1), "sex": "M"}
        one = Patient.objects.create(clinic=clinic, mrn=mrn, **told)
        gone = {"withdrawn_at": timezone.now(), "withdrawn_by": clinician, "withdrawn_reason": "wrong"}
        for day in (1, 3, 2):
            make_draw(one, f"2025-07-0{day}T08:00", ALT=("<5", 40), INR=1.2)
        one.draws.filter(taken_at__day=2).update(**gone)
        for kind in ("cirrhosis", "pbc"):
            Diagnosis.objects.create(patient=one, kind=kind, codes=["K74", mrn])
        for more in ({}, gone):
            Event.objects.create(patient=one, kind="vka", started_at=datetime(2025, 1, 1, tzinfo=UTC), **more)
        CauseReview.objects.create(patient=one, cause="vka", verdict="contributing", by=clinician)
        until = timezone.now() + timedelta(days=1)
        NotedOrder.objects.create(patient=one, by=clinician, order="repeat", said="asked", until=until)
    return one


@pytest.mark.parametrize("name", QUERIES)
def test_the_same_rows_in_the_same_order(record, name, django_assert_num_queries):
    query = QUERIES[name]
    expected = list(query.query(record.pk))
    with django_assert_num_queries(1):
        found = query.rows(record.pk)
        people = [str(getattr(row, query.related)) for row in found if query.related]
    values = [[vars(row) | {"_state": None} for row in rows] for rows in (found, expected)]
    assert values[0] == values[1] and found
    assert people == [str(row.by) for row in expected if query.related]
    assert not any(row._state.adding for row in found)


def test_the_same_results(record):
    expected = [tuple(row) for row in panel.RESULTS.query(record.pk)]
    assert panel.RESULTS.tuples(record.pk) == expected
    assert len(expected) == 6 and len(expected[0]) == len(RESULT_FIELDS)


def test_nobody_has_nothing(record):
    assert [query.rows(record.pk + 1000) for query in QUERIES.values()] == [[]] * len(QUERIES)
