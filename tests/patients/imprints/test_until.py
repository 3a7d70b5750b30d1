"""A page is kept as long as it reads the same, and not a moment longer."""

import random
import re
from datetime import timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from patients.access import CHANGES
from patients.actions.people import add_event
from patients.demo.load import load
from patients.imprints.until import holds_until
from patients.models import NotedOrder, Patient
from patients.presenters.options import Options
from patients.presenters.page import page_context
from patients.report.panel import panel
from tests.patients.imprints.conftest import kept

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TRIED = 40
# The chart ends at the moment of the page; what else says which moment that was is asked of it alone.
MOVES = re.compile(r'<svg.*?</svg>|drawn=\w+|name="opened" value="[^"]*"', re.DOTALL)


def written(patient: Patient, at) -> tuple[str, object]:
    shown = panel(patient, at)
    context = page_context(shown, Options(tab="all"), now=at)
    context |= {"may_enter": True, "may_decide": True, "would_decide": True}
    return MOVES.sub("", render_to_string("patients/_body.html", context)), holds_until(shown)


def test_a_page_reads_the_same_until_its_end(db):
    """The demo's people at random moments of the months after it was loaded."""
    start = timezone.now()
    load(start)
    people = list(Patient.objects.select_related("clinic", "anticoagulant_said_by").annotate(**CHANGES))
    chance = random.Random(20261130)
    longest = timedelta(0)
    for _ in range(TRIED):
        patient = chance.choice(people)
        at = start + timedelta(minutes=chance.randrange(60 * 24 * chance.choice((1, 3, 14, 200))))
        text, until = written(patient, at)
        assert at < until <= at + DAY + HOUR
        assert written(patient, until - timedelta(seconds=1))[0] == text, (patient, at, until)
        longest = max(longest, until - at)
    # Not by ending each at once.
    assert longest > 3 * HOUR


def test_the_page_says_how_long_ago_by_the_hour(seen, at, clinician, patient, make_draw):
    now = timezone.now()
    make_draw(patient, now - 5 * HOUR, ALT=(120, 40), INR=(1.7, 1.2))
    for hours in (0, 0.25, 1, 3, 3.25):
        at(now + hours * HOUR)
        assert f"INR, {5 + int(hours)} h ago" in " ".join(seen(clinician).split())
    # A quarter of an hour later it was the same page.
    assert kept() == 1


def test_what_begins_later_shows_when_it_begins(seen, at, clinician, established):
    now = timezone.now()
    at(now)
    add_event(patient=established, by=clinician, kind="vitamin_k", started_at=now - HOUR, ended_at=None)
    make = seen(clinician)
    at(now + 8 * DAY)
    assert make != seen(clinician)


def test_what_was_noted_is_awaited_no_longer_than_it_is(seen, at, clinician, established):
    now = timezone.now()
    note = {"patient": established, "by": clinician, "order": "repeat", "said": "asked"}
    NotedOrder.objects.create(until=now + timedelta(minutes=7), **note)
    at(timezone.now())
    seen(clinician)
    at(now + timedelta(minutes=6))
    assert "Awaited" in seen(clinician)
    assert kept() == 1
    at(now + timedelta(minutes=7))
    assert "Awaited" not in seen(clinician)


def test_a_new_day_is_a_new_page(seen, at, clinician, overdue):
    now = timezone.now()
    at(now)
    before = seen(clinician)
    at(now + 200 * DAY)
    assert seen(clinician) != before
