"""Notes on the things to do: who may, what stands until when, and what the page then says."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from patients.actions.errors import Refused
from patients.actions.noted import note_order
from patients.follow_up.noted import standing_notes
from patients.models import NotedOrder

HOUR = timedelta(hours=1)


@pytest.fixture
def note(established, clinician):
    """note("review_pattern", "done"): by the clinician, on a patient whose pattern is established."""
    return lambda order, said, **more: note_order(
        patient=established, by=clinician, order=order, said=said, **more
    )


@pytest.fixture
def press(client, established, clinician):
    """press("repeat", "asked"): the button on the page; gives the page after it."""
    client.force_login(clinician)
    address = reverse("patients:detail", args=[established.uuid])

    def press(order: str, said: str, **more) -> str:
        response = client.post(f"{address}orders/{order}/", {"said": said, **more}, follow=True)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))

    return press


def test_what_is_asked_for_is_awaited_and_asked_again_after_its_date(note, established):
    until = timezone.now() + timedelta(days=3)
    given = note("repeat", "asked", until=until)
    for at, stands in ((until - HOUR, True), (until, False), (until + HOUR, False)):
        assert bool(standing_notes([given], None, at)) == stands


@pytest.mark.parametrize(("hours", "stands"), [(-1, True), (0, True), (1, False)])
def test_a_later_draw_asks_anew(note, hours, stands):
    given = note("review_pattern", "done")
    last = given.at + timedelta(hours=hours)
    assert bool(standing_notes([given], last, given.at + 9 * HOUR)) == stands


@pytest.mark.parametrize(("days", "stands"), [(27, True), (28, True), (28.1, False)])
def test_a_tick_holds_28_days_whatever_is_drawn(note, days, stands):
    given = note("precipitant", "done", item="infection")
    at = given.at + timedelta(days=days)
    assert bool(standing_notes([given], at, at)) == stands


def test_open_again_takes_it_back_and_twice_is_once(note, established):
    first, again = note("review_pattern", "done"), note("review_pattern", "done")
    assert first.pk == again.pk
    note("review_pattern", "open")
    assert not standing_notes(established.noted_orders.all(), None, timezone.now() + HOUR)
    assert NotedOrder.objects.count() == 2


@pytest.mark.parametrize(
    ("order", "said", "more"),
    [
        ("vitamin_k", "asked", {}),
        ("vitamin_k", "done", {}),
        ("anticoagulant", "done", {}),
        ("decompensation", "done", {}),
        ("review", "asked", {}),
        ("nothing", "done", {}),
        ("repeat", "sent", {}),
        ("precipitant", "done", {"item": "weather"}),
        ("review", "done", {"item": "infection"}),
    ],
)
def test_nothing_is_noted_of_a_drug_or_of_what_is_not_there(note, order, said, more):
    with pytest.raises(Refused):
        note(order, said, **more)
    assert not NotedOrder.objects.exists()


def test_what_is_asked_for_needs_a_date_and_nothing_else_has_one(established, clinician):
    later = timezone.now() + HOUR
    for said, until in (("asked", None), ("asked", timezone.now() - HOUR), ("done", later), ("sent", None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotedOrder.objects.create(
                patient=established, by=clinician, order="repeat", said=said, until=until
            )


def test_a_note_is_never_changed(note):
    given = note("review_pattern", "done")
    with pytest.raises(ProgrammingError), transaction.atomic():
        NotedOrder.objects.filter(pk=given.pk).update(said="open")


def test_the_page_shows_what_is_noted_and_by_whom(press, clinician):
    assert "Awaited until" in press("repeat", "asked")
    page = press("review_pattern", "done")
    assert "✓ Done" in page and str(clinician) in page and "Nothing is sent from here" in page


def test_what_is_no_longer_to_do_is_refused_in_words(press):
    page = press("precipitant", "done", item="infection")
    assert "This is no longer among the things to do" in page and not NotedOrder.objects.exists()
