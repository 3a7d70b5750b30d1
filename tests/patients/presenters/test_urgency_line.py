"""The line of the verdict that says when to act and what was worse before."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.models import Assessment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def verdict(client, clinician, established):
    """verdict(as_of="..."): the words of the verdict card."""
    client.force_login(clinician)

    def verdict(**query) -> str:
        address = reverse("patients:detail", args=[established.uuid])
        page = client.get(address, query).content.decode()
        card = page.split('aria-label="Verdict"')[1].split("</section>")[0]
        return " ".join(card.split())

    return verdict


def test_it_says_when_and_what(verdict):
    assert '<span class="k">Severity</span> 1 to 2 weeks' in verdict()
    assert "Was " not in verdict()


def test_what_was_worse_is_said_now_and_not_of_the_past(verdict, established):
    Assessment.objects.update(grade="critical", urgency="today", assessed_at=timezone.now() - 2 * DAY)
    assert "Was critical and “today” on " in verdict()
    assert "Was " not in verdict(as_of=(timezone.now() - DAY).date().isoformat())


def test_nothing_is_due_for_who_has_died(verdict, established):
    established.died_on = timezone.now().date() - DAY
    established.save()
    assert "Severity" not in verdict()
