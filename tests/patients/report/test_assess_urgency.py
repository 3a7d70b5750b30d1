"""The summary's urgency: what it holds, what was worse before, and reading again when time alone changes it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from interpretation.knowledge import VERSION
from patients.actions.assess import assess, assess_expired
from patients.models import Assessment
from patients.tasks import reassess_expired
from patients.worklist import DIED_URGENCY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def failing(patient, make_draw):
    """ALT fell from 420 to 82 while INR rose from 1.6 to 2.6 in ten days, up to yesterday."""
    start = datetime.now(UTC) - timedelta(days=11)
    for days, alt, inr, bilirubin in [(0, 420, 1.6, 150), (5, 200, 2.1, 220), (10, 82, 2.6, 376)]:
        make_draw(
            patient, start + timedelta(days=days), ALT=(alt, 40), INR=(inr, 1.2), bilirubin_total=bilirubin
        )
    return patient


def summary(patient) -> Assessment:
    assess([patient.pk])
    return Assessment.objects.get(pk=patient.pk)


def said_before(patient, **fields) -> None:
    Assessment.objects.filter(pk=patient.pk).update(**{"assessed_at": timezone.now() - 2 * DAY} | fields)


def test_urgency_with_its_reason_and_its_end(failing):
    row = summary(failing)
    assert (row.urgency, row.urgency_rank) == ("today", 0)
    assert row.in_short == "INR 2.6 rising, bilirubin 376, ALT peak 420 U/L"
    assert timezone.now() < row.valid_until < timezone.now() + 14 * DAY
    assert row.worst_before == {}


def test_whoever_has_died_stands_after_all_others(failing):
    failing.died_on = date.today()
    failing.save()
    row = summary(failing)
    assert (row.urgency_rank, row.worst_before) == (DIED_URGENCY, {})


def test_a_result_too_old_says_call(failing):
    failing.draws.update(taken_at=F("taken_at") - 20 * DAY)
    row = summary(failing)
    assert row.urgency == "1_to_2_weeks"
    assert row.in_short.startswith("was today on ") and "no result since: call" in row.in_short


# --- what was worse ---


def test_what_was_worse_is_kept_with_its_day(established):
    summary(established)
    said_before(established, grade="critical", urgency="today")
    on = (timezone.now() - 2 * DAY).astimezone(established.clinic.zone).date().isoformat()
    assert summary(established).worst_before == {"grade": ["critical", on], "urgency": ["today", on]}
    # The next assessment keeps it: what stands between is no worse than now.
    assert summary(established).worst_before == {"grade": ["critical", on], "urgency": ["today", on]}


def test_the_worse_of_two_counts_and_of_equals_the_later(established):
    summary(established)
    earlier = (timezone.now() - 9 * DAY).date().isoformat()
    said_before(established, urgency="24_to_48_h", worst_before={"urgency": ["today", earlier]})
    assert summary(established).worst_before["urgency"] == ["today", earlier]
    said_before(established, urgency="today", worst_before={"urgency": ["today", earlier]})
    assert summary(established).worst_before["urgency"][1] > earlier


@pytest.mark.parametrize(
    "fields",
    [
        {"grade": "possible", "urgency": "4_weeks"},
        {"grade": "not_interpretable"},
        {"grade": "critical", "urgency": "today", "assessed_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"grade": "critical", "urgency": "today", "knowledge_version": "another"},
        {"worst_before": {"grade": ["critical", "2020-01-01"]}},
    ],
)
def test_nothing_better_or_older_or_of_another_rule(established, fields):
    assert summary(established).knowledge_version == VERSION
    said_before(established, **fields)
    assert summary(established).worst_before == {}


# --- time alone ---


def test_only_the_expired_are_read_again(failing):
    summary(failing)
    assert assess_expired(Assessment.objects.all(), limit=10) == 0
    Assessment.objects.update(urgency="routine", valid_until=timezone.now() - DAY)
    assert assess_expired(Assessment.objects.all(), limit=10) == 1
    assert Assessment.objects.get(pk=failing.pk).urgency == "today"
    assert assess_expired(Assessment.objects.all(), limit=10) == 0


def test_the_worker_reads_them_again_each_minute(failing):
    summary(failing)
    Assessment.objects.update(urgency="routine", valid_until=timezone.now() - DAY)
    reassess_expired(timestamp=0)
    assert Assessment.objects.get(pk=failing.pk).urgency == "today"


def test_a_row_without_an_end_is_left_alone(established):
    summary(established)
    Assessment.objects.update(urgency="today", valid_until=None)
    assert assess_expired(Assessment.objects.all(), limit=10) == 0
