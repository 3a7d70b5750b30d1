"""The worklist by urgency: its order, its words, and rows that time alone has made untrue."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from interpretation.urgency import LEVELS
from patients.models import Assessment, Patient
from patients.presenters.worklist.rows import row
from patients.worklist import PLACES, URGENCIES, WorklistState, counts, page

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def add(clinic):
    """add("today", "critical"): a patient with the summary given, nothing computed."""

    def add(urgency="routine", grade="none", **fields) -> Assessment:
        number = Patient.objects.count()
        patient = Patient.objects.create(
            clinic=clinic,
            mrn=f"U-{number:03}",
            family_name=f"Family{number}",
            birth_date=date(1961, 4, 2),
            sex="F",
        )
        return Assessment.objects.create(
            patient=patient,
            clinic=clinic,
            sort_name=f"family{number}",
            grade=grade,
            grade_rank=PLACES.index(grade),
            base_grade=grade,
            urgency=urgency,
            urgency_rank=LEVELS.index(urgency),
            knowledge_version="test",
            **fields,
        )

    return add


def shown(clinic, **state) -> list[int]:
    return [one.pk for one in page(WorklistState(**state), [clinic], timezone.now()).rows]


def test_urgency_comes_before_grade_and_death_last(clinic, add):
    died = add("today", "critical")
    Assessment.objects.filter(pk=died.pk).update(urgency_rank=URGENCIES.index("died"))
    quiet = add("routine", "possible")
    unstable = add("today", "none")
    critical = add("24_to_48_h", "critical")
    worst = add("today", "critical")
    assert shown(clinic) == [one.pk for one in (worst, unstable, critical, quiet, died)]
    assert shown(clinic, reverse=True) == shown(clinic)[::-1]


def test_by_grade_urgency_breaks_the_tie(clinic, add):
    later, sooner = add("4_weeks", "possible"), add("24_to_48_h", "possible")
    worse = add("1_to_2_weeks", "critical")
    assert shown(clinic, sort="grade") == [worse.pk, sooner.pk, later.pk]


def test_a_level_filters_and_is_counted_beside_a_grade(clinic, add):
    one = add("today", "critical")
    add("today", "none")
    add("routine", "none")
    assert shown(clinic, urgency="today", grade="critical") == [one.pk]
    number = counts(WorklistState(urgency="today"), [clinic], timezone.now())
    assert (number["today"], number["routine"], number["shown"]) == (2, 1, 2)
    state = WorklistState.of({"urgency": "today"})
    assert state.urgency == "today" and "urgency=today" in state.to(sort="name")
    assert WorklistState.of({"urgency": "at once"}).urgency == ""


def test_a_row_says_when_and_why_in_words(client, clinician, add):
    add("today", "none", in_short="INR 2.6 rising, bilirubin 376")
    add("routine", "none", in_short="INR 1.1")
    client.force_login(clinician)
    text = " ".join(client.get("/").content.decode().split())
    assert "<span>Today</span>" in text and "INR 2.6 rising, bilirubin 376" in text
    assert "<span>Routine</span>" in text and "INR 1.1" not in text
    assert 'id="filter-today"' in text


def test_nothing_is_due_for_who_has_died(clinic, add):
    one = add("today", "critical")
    one.urgency_rank = URGENCIES.index("died")
    assert row(one, clinic, timezone.now()).level == ""


def test_what_was_worse_is_said_for_thirty_days(clinic, add):
    now = timezone.now()
    on = now.astimezone(clinic.zone).date()
    one = add("4_weeks", "possible", worst_before={"grade": ["critical", (on - 30 * DAY).isoformat()]})
    assert row(one, clinic, now).worse_before.startswith("critical on ")
    assert row(one, clinic, now + DAY).worse_before == ""


@pytest.fixture
def expired(established):
    """A row with an urgency that the record no longer gives."""
    past = timezone.now() - DAY
    Assessment.objects.filter(pk=established.pk).update(urgency="today", urgency_rank=0, valid_until=past)
    return established


def test_an_expired_row_is_read_again_before_it_is_shown(client, clinician, expired):
    client.force_login(clinician)
    text = client.get("/").content.decode()
    found = Assessment.objects.get(pk=expired.pk)
    assert found.urgency == "1_to_2_weeks" and found.valid_until > timezone.now()
    assert "being read again" not in text


def test_one_that_could_not_be_read_again_is_marked(clinic, expired):
    found = Assessment.objects.get(pk=expired.pk)
    assert row(found, clinic, timezone.now()).expired
    assert not row(found, clinic, found.valid_until - DAY).expired
